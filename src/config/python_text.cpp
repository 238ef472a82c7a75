// Python's rendering of values, byte for byte. Pure.
#include "config/python_text.hpp"

#include "core/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace switchyard::config {
namespace {

void append_hex(std::string& out, const char* format, std::uint32_t code) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, format, static_cast<unsigned>(code));
  out += buffer;
}

/// repr(float): shortest digits, an exponent below 1e-4 and from 1e16 on, always a point or an exponent.
std::string python_float(double value, bool json) {
  if (std::isnan(value)) return json ? "NaN" : "nan";
  if (std::isinf(value)) return std::string(value < 0 ? "-" : "") + (json ? "Infinity" : "inf");
  char buffer[64];
  const double size = std::fabs(value);
  const bool exponent = size != 0 && (size < 1e-4 || size >= 1e16);
  const auto format = exponent ? std::chars_format::scientific : std::chars_format::fixed;
  std::string out(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
  if (!exponent && out.find('.') == std::string::npos) out += ".0";
  return out;
}

std::uint32_t decode(std::string_view text, std::size_t pos, std::size_t length) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[pos + i]); };
  if (length == 1) return byte(0);
  std::uint32_t code = byte(0) & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) code = code << 6 | (byte(i) & 0x3Fu);
  return code;
}

std::string repr_string(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\')
      out += '\\', out += c;
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      append_hex(out, "\\x%02x", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out += quote;
}

std::string json_ascii(std::string_view text) {
  constexpr std::string_view k_plain = "\"\\\n\r\t\b\f", k_letters = "\"\\nrtbf";
  std::string out = "\"";
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t length = std::max<std::size_t>(core::utf8_length(text, pos), 1);
    const std::uint32_t code = decode(text, pos, length);
    const auto letter = length == 1 ? k_plain.find(text[pos]) : std::string_view::npos;
    if (letter != std::string_view::npos)
      out += '\\', out += k_letters[letter];
    else if (code >= 0x20 && code < 0x7f)
      out += text[pos];
    else if (code < 0x10000)
      append_hex(out, "\\u%04x", code);
    else {
      append_hex(out, "\\u%04x", 0xD800 + ((code - 0x10000) >> 10));
      append_hex(out, "\\u%04x", 0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    pos += length;
  }
  return out += '"';
}

struct Style {
  bool json;
  std::string text(std::string_view s) const { return json ? json_ascii(s) : repr_string(s); }

  std::string operator()(std::monostate) const { return json ? "null" : "None"; }
  std::string operator()(bool b) const { return json ? (b ? "true" : "false") : (b ? "True" : "False"); }
  std::string operator()(std::int64_t i) const { return std::to_string(i); }
  std::string operator()(double d) const { return python_float(d, json); }
  std::string operator()(const std::string& s) const { return text(s); }
  std::string operator()(const ValueList& list) const {
    std::string out = "[";
    for (const Value& item : list) out += (&item == list.data() ? "" : ", ") + std::visit(*this, item.data());
    return out += "]";
  }
  std::string operator()(const ValueMap& map) const {
    std::string out = "{";
    for (const auto& member : map)
      out += (&member == map.data() ? "" : ", ") + text(member.first) + ": " +
             std::visit(*this, member.second.data());
    return out += "}";
  }
};

} // namespace

std::string python_str(const Value& value) {
  if (const std::string* text = value.as_string()) return *text;
  return std::visit(Style{false}, value.data());
}

std::string python_json(const Value& value) { return std::visit(Style{true}, value.data()); }

} // namespace switchyard::config
