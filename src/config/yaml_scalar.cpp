// PyYAML's resolver for plain scalars, written out by hand because std::regex is slow and recursive. Pure.
#include "config/yaml_scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace switchyard::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string without_underscores(std::string_view text) {
  std::string out(text);
  out.erase(std::remove(out.begin(), out.end(), '_'), out.end());
  return out;
}

/// Digits of `base` after the sign and prefix; empty optional when `digits` holds anything else.
std::optional<Value::Data> integer(std::string_view digits, int base, bool negative) {
  const std::string clean = without_underscores(digits);
  if (clean.empty()) return std::nullopt;
  std::uint64_t magnitude = 0;
  const char* end = clean.data() + clean.size();
  const auto [stop, error] = std::from_chars(clean.data(), end, magnitude, base);
  if (stop != end) return std::nullopt;
  constexpr auto k_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (error == std::errc::result_out_of_range || magnitude > k_max) {
    if (base != 10) return std::nullopt;
    double big = 0;
    std::from_chars(clean.data(), end, big);
    return negative ? -big : big;
  }
  const auto value = static_cast<std::int64_t>(magnitude);
  return negative ? -value : value;
}

/// Base 60, "1:30" or "1:30.5". PyYAML reads unquoted times and ports like this; so must we.
std::optional<double> sexagesimal(std::string_view text) {
  double total = 0;
  bool first = true;
  while (true) {
    const auto colon = text.find(':');
    const std::string part = without_underscores(text.substr(0, colon));
    if (part.empty() || !is_digit(part.front())) return std::nullopt;
    if (!first && part.find('.') == std::string::npos && part.size() > 2) return std::nullopt;
    double value = 0;
    const char* end = part.data() + part.size();
    if (std::from_chars(part.data(), end, value, std::chars_format::fixed).ptr != end) return std::nullopt;
    if (!first && value >= 60) return std::nullopt;
    total = total * 60 + value;
    if (colon == std::string_view::npos) return total;
    if (part.find('.') != std::string::npos) return std::nullopt;
    text.remove_prefix(colon + 1), first = false;
  }
}

bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

/// digits [. digits] [e digits] with at least one digit, and a point or an exponent.
bool float_shape(std::string_view text) {
  std::size_t i = 0, digits = 0;
  bool point = false, exponent = false;
  for (; i < text.size() && (is_digit(text[i]) || text[i] == '_'); ++i) digits += text[i] != '_';
  if (i < text.size() && text[i] == '.')
    for (point = true, ++i; i < text.size() && (is_digit(text[i]) || text[i] == '_'); ++i)
      digits += text[i] != '_';
  if (digits == 0 || text.front() == '_') return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    const std::size_t start = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    exponent = i > start;
    if (!exponent) return false;
  }
  return i == text.size() && (point || exponent);
}

} // namespace

std::optional<bool> yaml_bool(std::string_view text) {
  if (one_of(text, {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})) return true;
  if (one_of(text, {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})) return false;
  return std::nullopt;
}

std::optional<Value::Data> yaml_int(std::string_view text) {
  const bool negative = take_sign(text);
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  if (text == "0") return std::int64_t{0};
  if (text.find(':') != std::string_view::npos && text.front() != '0') {
    const auto total = sexagesimal(text);
    if (!total || text.find('.') != std::string_view::npos || *total > 9e15) return std::nullopt;
    const auto value = static_cast<std::int64_t>(*total);
    return negative ? -value : value;
  }
  if (text.starts_with("0b")) return integer(text.substr(2), 2, negative);
  if (text.starts_with("0x")) return integer(text.substr(2), 16, negative);
  return integer(text, text.front() == '0' ? 8 : 10, negative);
}

std::optional<double> yaml_float(std::string_view text) {
  if (one_of(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
  const bool negative = take_sign(text);
  if (one_of(text, {".inf", ".Inf", ".INF"})) {
    constexpr double k_inf = std::numeric_limits<double>::infinity();
    return negative ? -k_inf : k_inf;
  }
  if (text.find(':') != std::string_view::npos && text.find('.') != std::string_view::npos) {
    const auto total = sexagesimal(text);
    if (!total) return std::nullopt;
    return negative ? -*total : *total;
  }
  if (text.empty() || !float_shape(text)) return std::nullopt;
  const std::string clean = without_underscores(text);
  double value = 0;
  const auto [stop, error] = std::from_chars(clean.data(), clean.data() + clean.size(), value);
  if (error != std::errc{} || stop != clean.data() + clean.size()) return std::nullopt;
  return negative ? -value : value;
}

bool yaml_null(std::string_view text) { return one_of(text, {"", "~", "null", "Null", "NULL"}); }

Value::Data resolve_plain(const std::string& text) {
  if (yaml_null(text)) return std::monostate{};
  if (const auto flag = yaml_bool(text)) return *flag;
  if (const auto number = yaml_int(text)) return *number;
  if (const auto number = yaml_float(text)) return *number;
  return text;
}

} // namespace switchyard::config
