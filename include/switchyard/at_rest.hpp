// Strings as LiteLLM keeps them in its database: encrypted under the salt key (spec management.md 8.6). Pure
// but for nonces from the system's generator; any thread, never per request (key derivation costs).
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/secret.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::at_rest {

enum class Format : std::uint8_t {
  xsalsa20_poly1305, ///< no prefix; every LiteLLM reads it
  aes_256_gcm,       ///< "v3:gcm:"; LiteLLM from 2026 on
};

/// What general_settings.encryption_algorithm asks for; anything unknown is the one that everybody reads.
Format format_of(std::string_view encryption_algorithm) noexcept;

/// The salt key, else the master key. Empty when there is neither: nothing can be encrypted then.
Secret key_material(const PlaneSettings& settings, const Secret& master_key);

/// Reads all formats. Errors name the cause and never the value: `bad_request` = this is no ciphertext at all
/// (a text that somebody wrote in plain), `authentication` = the key is another one or the bytes are damaged.
Result<std::string> decrypt(std::string_view stored, const Secret& material);
Result<std::string> encrypt(std::string_view text, const Secret& material, Format format);

} // namespace switchyard::at_rest
