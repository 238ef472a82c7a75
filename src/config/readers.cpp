// Conversions between a written value and a typed field. Pure.
#include "config/readers.hpp"

#include "config/yaml_scalar.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace switchyard::config {
namespace {

constexpr std::size_t k_shown = 60;

std::string describe_value(const Value& value) {
  if (value.is_null()) return "nothing";
  if (value.as_map()) return "a mapping";
  if (value.as_list()) return "a list";
  std::string text = to_json(value);
  if (text.size() > k_shown) text.replace(k_shown, std::string::npos, "...");
  return text;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The number inside a string such as an environment variable's; the value itself otherwise.
Value unquoted(const Value& value) {
  const std::string* text = value.as_string();
  if (!text) return value;
  std::string_view trimmed = *text;
  while (!trimmed.empty() && is_space(trimmed.front())) trimmed.remove_prefix(1);
  while (!trimmed.empty() && is_space(trimmed.back())) trimmed.remove_suffix(1);
  if (trimmed.empty() || trimmed.find_first_of(":_x") != std::string_view::npos) return value;
  if (const auto number = yaml_int(trimmed)) return Value(*number, value.place());
  if (const auto number = yaml_float(trimmed)) return Value(*number, value.place());
  return value;
}

/// RFC 9110's token: what a header name may hold.
bool is_token(std::string_view name) {
  constexpr std::string_view k_marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           k_marks.find(c) != std::string_view::npos;
  });
}

} // namespace

Problem expected(std::string_view what, const Value& got) {
  return "expected " + std::string(what) + ", got " + describe_value(got);
}

Problem read(const Value& value, bool& out) {
  if (const bool* flag = value.as_bool()) return out = *flag, Problem();
  if (const std::int64_t* number = value.as_int(); number && (*number == 0 || *number == 1))
    return out = *number == 1, Problem();
  const std::string* text = value.as_string();
  if (!text) return expected("true or false", value);
  const auto word = lower_case(*text);
  if (const auto flag = yaml_bool(word)) return out = *flag, Problem();
  if (word == "1" || word == "0") return out = word == "1", Problem();
  // LiteLLM's reference page writes the type where a value belongs; people copy the page.
  if (word == "boolean") return {};
  return expected("true or false", value);
}

Problem read(const Value& value, std::int64_t& out) {
  const Value number = unquoted(value);
  if (const std::int64_t* whole = number.as_int()) return out = *whole, Problem();
  double real = 0;
  constexpr double k_exact = 9007199254740992.0;
  if (!number.number(real) || std::trunc(real) != real || std::fabs(real) > k_exact)
    return expected("an integer", value);
  return out = static_cast<std::int64_t>(real), Problem();
}

Problem read(const Value& value, int& out) {
  std::int64_t wide = 0;
  Problem problem = read(value, wide);
  if (!problem.empty()) return problem;
  if (wide > std::numeric_limits<int>::max() || wide < std::numeric_limits<int>::min())
    return expected("a smaller number", value);
  return out = static_cast<int>(wide), problem;
}

Problem read(const Value& value, double& out) {
  double real = 0;
  if (!unquoted(value).number(real) || !std::isfinite(real)) return expected("a number", value);
  return out = real, Problem();
}

Problem read(const Value& value, std::string& out) {
  if (const std::string* text = value.as_string()) return out = *text, Problem();
  if (value.as_int()) return out = to_json(value), Problem();
  if (std::holds_alternative<double>(value.data())) return expected("a string (put it in quotes)", value);
  return expected(value.as_bool() ? "a string (put it in quotes)" : "a string", value);
}

Problem read(const Value& value, Secret& out) {
  std::string text;
  if (!read(value, text).empty()) return "expected a string";
  return out = Secret(std::move(text)), Problem();
}

Problem read(const Value& value, std::vector<std::string>& out) {
  std::vector<std::string> list;
  const ValueList single{value};
  const ValueList& items = value.as_list() ? *value.as_list() : single;
  for (const Value& item : items) {
    if (item.is_null()) continue; // an unset environment variable
    std::string text;
    if (!read(item, text).empty()) return expected("a list of strings", value.as_list() ? item : value);
    list.push_back(std::move(text));
  }
  return out = std::move(list), Problem();
}

Problem read_headers(const Value& value, std::vector<HeaderLine>& out, std::vector<std::string>& notes) {
  const ValueMap* map = value.as_map();
  if (!map) return "expected a mapping of header names to values";
  const auto breaks_line = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  for (const auto& [name, content] : *map) {
    if (content.is_null()) continue;
    if (content.as_map() || content.as_list()) return "header " + name + ": expected a string";
    std::string text = content.as_string() ? *content.as_string() : to_json(content);
    if (!is_token(name) || std::any_of(text.begin(), text.end(), breaks_line))
      notes.push_back("header \"" + name + "\" is not valid HTTP and is left out");
    else
      out.push_back({name, std::move(text)});
  }
  return {};
}

Problem read(const Value& value, std::vector<JsonParam>& out) {
  const ValueMap* map = value.as_map();
  if (!map) return expected("a mapping", value);
  for (const auto& [name, content] : *map) out.push_back({name, to_json(content)});
  return {};
}

Problem read(const Value& value, std::map<std::string, std::string>& out) {
  const ValueMap* map = value.as_map();
  if (!map) return expected("a mapping", value);
  for (const auto& [name, content] : *map)
    if (Problem problem = read(content, out[name]); !problem.empty()) return name + ": " + problem;
  return {};
}

Problem not_negative(const Value& value) {
  double number = 0;
  return read(value, number).empty() && number < 0 ? expected("0 or more", value) : Problem();
}

Problem at_least_one(const Value& value) {
  double number = 0;
  return read(value, number).empty() && number < 1 ? expected("1 or more", value) : Problem();
}

Problem valid_seconds(const Value& value) {
  constexpr double k_longest = 1e9;
  double number = 0;
  if (!read(value, number).empty()) return expected("a number of seconds", value);
  return number < 0 || number > k_longest ? expected("seconds between 0 and 1e9", value) : Problem();
}

} // namespace switchyard::config
