// Token flows as chains of small functions: each step looks at the answer of the one before and says what is
// needed next and who continues. Pure; steps are immutable and may be started any number of times.
#pragma once

#include <switchyard/credentials.hpp>

#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>

namespace switchyard::providers {

struct Next;
/// The first step of a flow gets an empty answer. Errc::not_found = "these credentials are not here", for
/// or_else; flow() makes an authentication error of one that nobody took.
using Step = std::function<Result<Next>(WallTime now, const UpstreamAnswer& answer)>;
struct Next {
  TokenStep step;
  Step then; ///< null behind a Token
};

inline Result<Next> done(Token token) { return Next{std::move(token), nullptr}; }
inline Result<Next> read_file(std::string path, Step then) {
  return Next{TokenFile{std::move(path)}, std::move(then)};
}
/// Sends a request that was made, or fails with why it was not.
inline Result<Next> ask(Result<TokenRequest> request, Step then) {
  if (!request) return request.error();
  return Next{std::move(*request), std::move(then)};
}

/// A flow that is one token, known already.
Step always(Token token);
/// Runs `source` to its token and goes on with it.
using UseToken = std::function<Result<Next>(WallTime now, const Token& token)>;
Step and_then(Step source, UseToken use);
/// Runs `other` when `source` fails with Errc::not_found.
Step or_else(Step source, Step other);

/// `parts` are all that the token depends on, secrets included: the id is their digest.
std::shared_ptr<const TokenPlan> make_plan(std::initializer_list<std::string_view> parts, Step first);

} // namespace switchyard::providers
