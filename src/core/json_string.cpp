// JSON string tokens: unescaping and escaping. Pure, any thread.
#include "core/json_string.hpp"

#include "core/json_blocks.hpp"
#include "core/utf8.hpp"

#include <switchyard/json_scan.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace switchyard {
namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD"; // U+FFFD
constexpr char k_hex[] = "0123456789abcdef";

std::uint32_t hex_digit(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= '9' ? byte - '0' : (byte | 0x20u) - 'a' + 10;
}

std::uint32_t hex4(std::string_view text, std::size_t pos) {
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < 4; ++i) code = code << 4 | hex_digit(text[pos + i]);
  return code;
}

bool is_hex4(std::string_view text, std::size_t pos) {
  constexpr std::string_view digits = "0123456789abcdefABCDEF";
  return text.size() - pos >= 4 && text.substr(pos, 4).find_first_not_of(digits) == text.npos;
}

bool is_high(std::uint32_t code) { return code - 0xD800 < 0x400; }
bool is_low(std::uint32_t code) { return code - 0xDC00 < 0x400; }

// The code point of the \u escape whose digits start at `pos`; moves `pos` behind it and its low half.
std::uint32_t take_unicode(std::string_view body, std::size_t& pos) {
  const std::uint32_t high = hex4(body, pos);
  pos += 4;
  if (!is_high(high) || body.size() - pos < 6 || body[pos] != '\\' || body[pos + 1] != 'u' ||
      !is_hex4(body, pos + 2))
    return high;
  const std::uint32_t low = hex4(body, pos + 2);
  if (!is_low(low)) return high;
  pos += 6;
  return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

char simple_escape(char c) {
  switch (c) {
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return c;
  }
}

// Two bytes that follow the backslash in the short form, or 0.
constexpr auto k_short = [] {
  std::array<char, 256> table{};
  table['"'] = '"', table['\\'] = '\\', table['\b'] = 'b', table['\f'] = 'f';
  table['\n'] = 'n', table['\r'] = 'r', table['\t'] = 't';
  return table;
}();

// Appends what stands at text[pos] and cannot be copied as it is; returns how many bytes it took.
std::size_t append_special(std::string& out, std::string_view text, std::size_t pos) {
  const auto byte = static_cast<unsigned char>(text[pos]);
  if (k_short[byte] != 0) {
    out += '\\', out += k_short[byte];
  } else if (byte < 0x20) {
    out.append("\\u00"), out += k_hex[byte >> 4], out += k_hex[byte & 15];
  } else if (const std::size_t length = core::utf8_length(text, pos); length != 0) {
    out.append(text, pos, length);
    return length;
  } else {
    out.append(k_replacement);
  }
  return 1;
}

} // namespace

bool core::append_unescaped(std::string& out, std::string_view body) {
  bool good = true;
  for (std::size_t pos = 0; pos < body.size();) {
    const std::size_t slash = std::min(body.find('\\', pos), body.size());
    out.append(body, pos, slash - pos);
    if (body.size() - slash < 2) return good && slash == body.size();
    pos = slash + 2;
    if (body[slash + 1] != 'u') {
      out += simple_escape(body[slash + 1]);
      continue;
    }
    if (!is_hex4(body, pos)) return false;
    const std::uint32_t code = take_unicode(body, pos);
    good = good && !is_high(code) && !is_low(code);
    append_utf8(out, code);
  }
  return good;
}

Result<std::string> unescape(std::string_view token) {
  std::string out;
  const bool quoted = token.size() >= 2 && token.front() == '"' && token.back() == '"';
  if (!quoted) return Error{Errc::invalid_request, "expected a JSON string"};
  if (!core::append_unescaped(out, token.substr(1, token.size() - 2)))
    return Error{Errc::invalid_request, "lone surrogate or bad escape in a JSON string"};
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  const char* const end = text.data() + text.size();
  const char* at = core::find_not_plain(text.data(), end);
  out += '"';
  out.append(text.data(), static_cast<std::size_t>(at - text.data()));
  while (at != end) {
    at += append_special(out, text, static_cast<std::size_t>(at - text.data()));
    const char* const next = core::find_not_plain(at, end);
    out.append(at, static_cast<std::size_t>(next - at));
    at = next;
  }
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

} // namespace switchyard
