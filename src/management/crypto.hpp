// Hashes, encodings, passwords and session tokens of the management plane. Any thread that may take its time:
// a password costs tens of milliseconds, so never a shard.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/secret.hpp>
#include <switchyard/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard::management {

/// From the system's generator.
std::string random_bytes(std::size_t count);
/// 32 bytes.
std::string sha256(std::string_view bytes);

std::string to_base64(std::string_view bytes);
std::string to_base64url(std::string_view bytes, bool padded);
/// Both alphabets, padding optional; nothing when a character is of neither.
std::optional<std::string> from_base64(std::string_view text);

/// "scrypt:" + base64(salt ‖ key) as LiteLLM stores passwords.
std::string hash_password(std::string_view password);
/// Also bare SHA-256 hex and nothing else: a stored plain text never matches.
bool password_matches(std::string_view password, std::string_view stored);
/// Stored in a form that is written anew after a successful login.
bool password_is_outdated(std::string_view stored);

/// A compact JWT over the claims, HS256.
std::string sign_token(const Value& claims, const Secret& key);
/// Its claims, when the signature is right. Expiry is the caller's to check.
Result<Value> read_token(std::string_view token, const Secret& key);

} // namespace switchyard::management
