// Keys and ids out of the system's generator, and a key's stored form. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::management {

std::string new_key();                      ///< "sk-" + base64url of 16 random bytes
std::string new_id();                       ///< random UUID
std::string hash_of(std::string_view text); ///< sha256, lowercase hex
bool is_hash(std::string_view text);        ///< 64 hex digits
/// The stored form of what a body gave: a hash stays, anything else is hashed.
std::string token_of(std::string_view key);
/// "sk-...abcd"; of short keys less.
std::string shown_key(std::string_view key);

} // namespace switchyard::management
