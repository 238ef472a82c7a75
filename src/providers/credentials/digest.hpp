// Digests and signatures for credentials, by OpenSSL. Pure, any thread.
#pragma once

#include <switchyard/error.hpp>

#include <string>
#include <string_view>

namespace switchyard::providers {

std::string sha256(std::string_view bytes); ///< 32 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);
std::string to_hex(std::string_view bytes);       ///< lower case
std::string to_base64(std::string_view bytes);    ///< with padding
std::string to_base64url(std::string_view bytes); ///< without padding
/// RSASSA-PKCS1-v1_5 with SHA-256, raw bytes. `pem` is an unencrypted RSA private key (PKCS #8 or #1).
/// Errors: config, without any of the key.
Result<std::string> sign_rs256(std::string_view pem, std::string_view text);

} // namespace switchyard::providers
