// Credentials that must be fetched before a call (OAuth, STS, metadata servers), as pure state machines: the
// network, files and the clock are the caller's. One desk per process runs them (http), one at a time for
// each plan, and again before they expire.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/error.hpp>
#include <switchyard/provider.hpp>
#include <switchyard/secret.hpp>

#include <memory>
#include <string>
#include <variant>

namespace switchyard::providers {

/// What a plan yields. Immutable, shared by all shards.
struct Token {
  Secret bearer;          ///< OAuth access token; empty for AWS
  std::string access_key; ///< AWS
  Secret secret_key, session_token;
  std::string project; ///< Google: of the credentials, when the row names none
  WallTime expires =
      WallTime::max(); ///< of the token itself; the desk fetches the next one some minutes before
};

/// The next thing that the flow needs: an HTTP exchange, a file, or nothing more.
struct TokenRequest {
  Origin origin;
  std::string head; ///< complete HTTP/1.1 head with Content-Length
  std::string body;
  Millis timeout{10'000};
};
struct TokenFile {
  std::string path;
};
using TokenStep = std::variant<TokenRequest, TokenFile, Token>;

/// One acquisition. Not shared.
class TokenFlow {
 public:
  virtual ~TokenFlow() = default;
  /// `answer` is null at first, then the answer of the step before: of a request its status, headers and
  /// body; of a file status 200 and its bytes, or 404; status 0 and the reason as body when the server was
  /// not reached. Errors are authentication errors that say what failed and what to check, without any
  /// secret.
  virtual Result<TokenStep> next(WallTime now, const UpstreamAnswer* answer) = 0;
};

/// How a target gets its token. Immutable.
class TokenPlan {
 public:
  virtual ~TokenPlan() = default;
  std::string id; ///< plans of the same id yield the same token (a digest: it holds no secret)
  virtual std::unique_ptr<TokenFlow> start() const = 0;
};

} // namespace switchyard::providers
