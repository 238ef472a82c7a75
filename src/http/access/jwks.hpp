// Public keys of a JWKS document (RFC 7517). Immutable once parsed; shared by requests of one shard.
#pragma once

#include <switchyard/error.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st; // OpenSSL's EVP_PKEY

namespace switchyard::http::access {

enum class KeyType : std::uint8_t { rsa, p256, p384, p521, ed25519, ed448 };

struct Jwk {
  std::string id;  ///< kid; "" = none
  std::string alg; ///< "" = any that fits the type
  KeyType type = KeyType::rsa;
  std::shared_ptr<evp_pkey_st> key;
};

using JwkSet = std::vector<Jwk>;

/// Keys of types that we do not know, or for encryption, are left out. Errors: not JSON, no `keys`.
Result<JwkSet> parse_jwks(std::string_view json);

/// Strict: no padding, no other alphabet. False when it is not base64url.
bool from_base64url(std::string_view text, std::string& out);

} // namespace switchyard::http::access
