// Postgres's text forms of arrays and bytes. Pure, any thread.
#include "storage/sql/codec.hpp"

namespace switchyard::storage {
namespace {

constexpr std::string_view k_base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view k_hex = "0123456789abcdef";

/// One quoted or bare element from `pos` on; moves behind it.
Value read_element(std::string_view text, std::size_t& pos) {
  std::string out;
  const bool in_quotes = text[pos] == '"';
  if (in_quotes) ++pos;
  for (; pos < text.size(); ++pos) {
    const char c = text[pos];
    if (in_quotes ? c == '"' : (c == ',' || c == '}')) break;
    if (c == '\\' && pos + 1 < text.size()) ++pos;
    out += text[pos];
  }
  if (in_quotes) ++pos;
  return !in_quotes && out == "NULL" ? Value() : Value(std::move(out));
}

} // namespace

std::string array_literal(const ValueList& list) {
  std::string out = "{";
  for (auto& part : list) {
    if (out.size() > 1) out += ',';
    out += '"';
    for (char c : *part.as_string()) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out += '}';
}

Value read_array(std::string_view text) {
  ValueList list;
  if (!text.starts_with('{')) return Value(std::move(list));
  for (std::size_t pos = 1; pos < text.size() && text[pos] != '}';) {
    if (text[pos] == ',') {
      ++pos;
      continue;
    }
    auto element = read_element(text, pos);
    if (!element.is_null()) list.push_back(std::move(element));
  }
  return Value(std::move(list));
}

std::string hex_of_base64(std::string_view text) {
  std::string out = "\\x";
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    const auto six = k_base64.find(c);
    if (six == std::string_view::npos) continue;
    bits = (bits << 6 | static_cast<std::uint32_t>(six)) & 0xffff;
    if ((count += 6) < 8) continue;
    count -= 8;
    const auto byte = (bits >> count) & 0xff;
    out += k_hex[byte >> 4], out += k_hex[byte & 15];
  }
  return out;
}

std::string base64_of_hex(std::string_view text) {
  std::string out;
  if (text.starts_with("\\x")) text.remove_prefix(2);
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    bits = (bits << 4 | static_cast<std::uint32_t>(k_hex.find(c) & 15)) & 0xffff;
    if ((count += 4) < 6) continue;
    count -= 6;
    out += k_base64[(bits >> count) & 63];
  }
  if (count > 0) out += k_base64[(bits << (6 - count)) & 63];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

} // namespace switchyard::storage
