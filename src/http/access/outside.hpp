// Callers whom somebody else vouches for: JWTs, OAuth2 token introspection, the custom authentication hook.
// Shard code; only what needs the network makes a request wait.
#pragma once

#include "http/request.hpp"

#include <switchyard/error.hpp>

#include <string>
#include <string_view>

namespace switchyard::http::access {

/// Who decides about a presented key that is not the master key.
enum class Judge : std::uint8_t { records, jwt, oauth2, hook };
Judge judge_of(const RequestContext& context, std::string_view key);

/// A JWT whose public key is there. Sets context.key_unknown when it has to be fetched first.
Result<void> take_jwt(RequestContext& context, std::string_view token);
/// After fetching the keys.
aw<Result<void>> find_jwt(RequestContext& context, std::string token);

/// Asks OAUTH_TOKEN_INFO_ENDPOINT.
aw<Result<void>> find_oauth2(RequestContext& context, std::string token);

/// What the hook says: `key` = go on with this virtual key instead; "" = context.identity is set.
struct HookVerdict {
  std::string key;
};
/// Posts {method, path, query, client_ip, headers, api_key} to custom_auth_url. With mode auto a refusal
/// leaves the presented key as it is.
aw<Result<HookVerdict>> ask_hook(RequestContext& context, std::string key);

/// Whether the identity may be used, and here; then it is the request's. (authenticate.cpp)
Result<void> take_identity(RequestContext& context, std::unique_ptr<Identity> identity);

} // namespace switchyard::http::access
