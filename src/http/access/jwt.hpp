// JSON Web Tokens: signature and times. Pure; nothing of a token is believed before its signature is.
#pragma once

#include "http/access/jwks.hpp"

#include <switchyard/clock.hpp>
#include <switchyard/value.hpp>

#include <string>
#include <string_view>

namespace switchyard::http::access {

/// Three parts with dots between them, the first of which may be a JSON object.
bool looks_like_jwt(std::string_view token) noexcept;

struct JwtHeader {
  std::string alg, kid;
};
/// Of a token that is not verified yet: good for finding its key. Errors: 401.
Result<JwtHeader> read_jwt_header(std::string_view token);

/// Whether a key of the set may have signed it.
bool has_key(const JwkSet& keys, const JwtHeader& header);

struct JwtChecks {
  std::string issuer, audience; ///< "" = not looked at
  WallTime now{};
};

/// Times, issuer and audience of claims whose signature was found right before.
Result<void> check_claims(const Value& claims, const JwtChecks& checks);

/// The claims, when the signature and the times are right. RS, PS and ES with SHA-2, EdDSA; nothing
/// symmetric, never "none". Errors: 401 with the reason.
Result<Value> verify_jwt(std::string_view token, const JwkSet& keys, const JwtChecks& checks);

} // namespace switchyard::http::access
