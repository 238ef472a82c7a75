// UTF-8 by the byte: for error offsets and repairs, where simdjson only says yes or no. Pure.
#include "core/utf8.hpp"

#include <cstring>

namespace switchyard::core {
namespace {

// The ranges of RFC 3629's table: lead bytes, then what the second byte may be. Later bytes are 80..BF.
struct Lead {
  unsigned char first, last, length, second_from, second_to;
};
constexpr Lead k_leads[] = {
    {0x00, 0x7F, 1, 0x80, 0xBF}, {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
    {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
    {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
};

bool matches(const Lead& lead, std::string_view text, std::size_t pos) noexcept {
  if (lead.length > text.size() - pos) return false;
  for (std::size_t i = 1; i < lead.length; ++i) {
    const auto byte = static_cast<unsigned char>(text[pos + i]);
    if (byte < (i == 1 ? lead.second_from : 0x80) || byte > (i == 1 ? lead.second_to : 0xBF)) return false;
  }
  return true;
}

} // namespace

std::size_t utf8_length(std::string_view text, std::size_t pos) noexcept {
  const auto byte = static_cast<unsigned char>(text[pos]);
  for (const Lead& lead : k_leads)
    if (byte >= lead.first && byte <= lead.last) return matches(lead, text, pos) ? lead.length : 0;
  return 0;
}

std::size_t find_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t pos = 0; pos < text.size();) {
    if (std::uint64_t word = 0; text.size() - pos >= sizeof word) { // most text is ASCII
      std::memcpy(&word, text.data() + pos, sizeof word);
      if ((word & 0x8080808080808080u) == 0) {
        pos += sizeof word;
        continue;
      }
    }
    if (static_cast<unsigned char>(text[pos]) < 0x80) {
      ++pos;
      continue;
    }
    const std::size_t length = utf8_length(text, pos);
    if (length == 0) return pos;
    pos += length;
  }
  return std::string_view::npos;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6)), tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12)), tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0 | (code >> 18)), tail(12), tail(6), tail(0);
  }
}

} // namespace switchyard::core
