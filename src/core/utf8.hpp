// UTF-8 by the byte: for error offsets and repairs, where simdjson only says yes or no. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::core {

/// Length of the well-formed sequence at `pos`; 0 when there is none (overlong, surrogate, cut off, stray
/// byte).
std::size_t utf8_length(std::string_view text, std::size_t pos) noexcept;
/// Offset of the first byte that starts no well-formed sequence; npos when all is valid.
std::size_t find_invalid_utf8(std::string_view text) noexcept;
/// Appends one code point; surrogates get their three-byte form, which no valid text contains.
void append_utf8(std::string& out, std::uint32_t code);

} // namespace switchyard::core
