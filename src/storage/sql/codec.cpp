// Values to what a statement binds and back, by column type. Pure, any thread; knows no connection.
#include "storage/sql/codec.hpp"

#include "core/json_check.hpp"
#include "core/utf8.hpp"

#include <switchyard/json.hpp>

#include <charconv>
#include <cmath>

namespace switchyard::storage {
namespace {

Error wrong_type(std::string_view column, std::string_view wanted) {
  Error error(Errc::bad_request, std::string(column) + ": expected " + std::string(wanted));
  error.extra().type = "invalid_value";
  error.extra().param = column;
  return error;
}

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

/// Without NUL, and valid UTF-8.
std::string clean(std::string_view text) {
  if (!has_nul(text) && core::find_invalid_utf8(text) == std::string_view::npos) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = core::utf8_length(text, at);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else if (text[at] != '\0')
      out.append(text, at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

Value cleaned(const Value& value) {
  if (auto* text = value.as_string()) return Value(clean(*text));
  if (auto* list = value.as_list()) {
    ValueList out;
    for (auto& part : *list) out.push_back(cleaned(part));
    return Value(std::move(out));
  }
  auto* map = value.as_map();
  if (!map) return value;
  ValueMap out;
  for (auto& member : *map) out.emplace_back(clean(member.first), cleaned(member.second));
  return Value(std::move(out));
}

/// An object or array inside a text, as some writers of LiteLLM's tables leave it; else nothing.
Result<Value> nested(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || (text[start] != '{' && text[start] != '['))
    return Error(Errc::invalid_request, "no object");
  return parse_json(text);
}

Result<Value> encode_json(const Value& value) {
  if (auto* text = value.as_string()) {
    // Without an escape there is nothing to clean in it: it only has to be JSON.
    const bool plain = text->find('\\') == std::string::npos && !text->empty();
    if (plain && (text->front() == '{' || text->front() == '[') && core::is_json(*text)) return value;
    if (auto inside = nested(*text)) return Value(to_json(cleaned(*inside)));
  }
  return Value(to_json(cleaned(value)));
}

Result<Value> encode_int(const Value& value, Type type, std::string_view column) {
  constexpr double k_most4 = 2147483647, k_most8 = 9.2e18;
  double number = 0;
  if (!value.number(number) || std::trunc(number) != number) return wrong_type(column, "an integer");
  if (type != Type::int8 && std::fabs(number) > k_most4)
    return wrong_type(column, "an integer of at most 2147483647");
  if (value.as_int()) return value;
  if (std::fabs(number) > k_most8) return wrong_type(column, "a smaller integer");
  return Value(static_cast<std::int64_t>(number));
}

Result<Value> encode_time(const Value& value, std::string_view column) {
  auto* text = value.as_string();
  if (!text) return wrong_type(column, "a date");
  auto when = read_time(*text);
  if (!when) return wrong_type(column, "a date");
  return Value(stored_time(*when));
}

Result<Value> encode_list(const Value& value, Dialect dialect, std::string_view column) {
  auto* list = value.as_list();
  if (!list) return wrong_type(column, "a list of strings");
  for (auto& part : *list)
    if (!part.as_string()) return wrong_type(column, "a list of strings");
  const auto clean_list = cleaned(value);
  return Value(dialect == Dialect::sqlite ? to_json(clean_list) : array_literal(*clean_list.as_list()));
}

Result<Value> encode_text(const Value& value) {
  if (auto* text = value.as_string()) return Value(clean(*text));
  return Value(to_json(cleaned(value))); // numbers, booleans, lists: their JSON text
}

Value decode_json(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed) return Value(std::string(text));
  if (auto* inside = parsed->as_string())
    if (auto object = nested(*inside)) return std::move(*object);
  return std::move(*parsed);
}

template <class T>
Value decode_number(std::string_view text) {
  T number{};
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return Value(std::string(text));
  return Value(number);
}

} // namespace

std::string stored_time(WallTime when) {
  auto text = wire_time(std::chrono::floor<Millis>(when)); // ...:16.454000Z
  text[10] = ' ';
  text.resize(23);
  return text;
}

Result<Value> encode(const Value& value, Type type, Dialect dialect, std::string_view column) {
  if (value.is_null()) return type == Type::json ? Value() : value;
  switch (type) {
  case Type::text:
  case Type::job_status:
    return encode_text(value);
  case Type::int4:
  case Type::int8:
  case Type::serial:
    return encode_int(value, type, column);
  case Type::float8: {
    double number = 0;
    if (!value.number(number)) return wrong_type(column, "a number");
    return std::isfinite(number) ? Value(number) : Value();
  }
  case Type::json:
    return encode_json(value);
  case Type::boolean:
    return value.as_bool() ? Result<Value>(value) : wrong_type(column, "true or false");
  case Type::time:
    return encode_time(value, column);
  case Type::texts:
    return encode_list(value, dialect, column);
  case Type::bytes:
    if (!value.as_string()) return wrong_type(column, "base64 text");
    return dialect == Dialect::sqlite ? value : Value(hex_of_base64(*value.as_string()));
  }
  return value;
}

Result<Value> encode_raw(const Value& value, Dialect dialect) {
  if (value.as_list() || value.as_map()) return Value(to_json(cleaned(value)));
  auto* text = value.as_string();
  if (!text) return value;
  if (text->find('\0') != std::string::npos || core::find_invalid_utf8(*text) != std::string::npos)
    return wrong_type("parameter", "text without NUL, in UTF-8");
  if (dialect != Dialect::sqlite || text->size() != 27 || text->back() != 'Z' || (*text)[10] != 'T')
    return value;
  auto when = read_time(*text);
  return when ? Value(stored_time(*when)) : value;
}

Value decode(std::string_view text, Type type, Dialect dialect) {
  switch (type) {
  case Type::text:
  case Type::job_status:
    break;
  case Type::int4:
  case Type::int8:
  case Type::serial:
    return decode_number<std::int64_t>(text);
  case Type::float8:
    return decode_number<double>(text);
  case Type::json:
    return decode_json(text);
  case Type::boolean:
    return Value(text == "t" || text == "1" || text == "true");
  case Type::time: {
    auto when = read_time(text);
    return Value(when ? wire_time(*when) : std::string(text));
  }
  case Type::texts:
    return dialect == Dialect::sqlite ? decode_json(text) : read_array(text);
  case Type::bytes:
    return Value(dialect == Dialect::sqlite ? std::string(text) : base64_of_hex(text));
  }
  return Value(std::string(text));
}

} // namespace switchyard::storage
