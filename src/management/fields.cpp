// Typed reading of management bodies by a table per endpoint, with FastAPI's 422 answers. Pure, any thread.
#include "management/fields.hpp"

#include "management/rows.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace switchyard::management {
namespace {

struct Problem {
  std::string_view type, message;
};
using Coerced = std::optional<Problem>; // nothing = fine

constexpr std::size_t k_echoed = 200; // longest wrong text that is shown again

template <class T>
bool parse_number(std::string_view text, T& out) {
  text = trim(text);
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  return problem == std::errc() && end == text.data() + text.size() && !text.empty();
}

Coerced to_number(Value& value) {
  double number = 0;
  if (auto* text = value.as_string()) {
    if (!parse_number(*text, number))
      return Problem{"float_parsing", "Input should be a valid number, unable to parse string as a number"};
    value = Value(number);
  } else if (auto* flag = value.as_bool()) {
    value = Value(std::int64_t(*flag));
  }
  if (!value.number(number)) return Problem{"float_type", "Input should be a valid number"};
  if (!std::isfinite(number)) return Problem{"finite_number", "Input should be a finite number"};
  return {};
}

Coerced to_integer(Value& value, std::int64_t most) {
  if (auto* text = value.as_string()) {
    std::int64_t parsed = 0;
    if (!parse_number(*text, parsed))
      return Problem{"int_parsing", "Input should be a valid integer, unable to parse string as an integer"};
    value = Value(parsed);
  } else if (auto* flag = value.as_bool()) {
    value = Value(std::int64_t(*flag));
  }
  if (double number = 0; !value.as_int() && value.number(number)) {
    if (number != std::floor(number))
      return Problem{"int_from_float",
                     "Input should be a valid integer, got a number with a fractional part"};
    if (std::abs(number) >= 9e18)
      return Problem{"int_parsing_size", "Input should be a valid integer, exceeded maximum size"};
    value = Value(static_cast<std::int64_t>(number));
  }
  auto* number = value.as_int();
  if (!number) return Problem{"int_type", "Input should be a valid integer"};
  if (*number < 0) return Problem{"greater_than_equal", "Input should be greater than or equal to 0"};
  if (*number > most)
    return Problem{"less_than_equal", most == std::numeric_limits<std::int32_t>::max()
                                          ? "Input should be less than or equal to 2147483647"
                                          : "Input should be a valid integer, exceeded maximum size"};
  return {};
}

Coerced to_flag(Value& value) {
  constexpr std::array<std::string_view, 6> k_yes{"true", "1", "yes", "on", "t", "y"};
  constexpr std::array<std::string_view, 6> k_no{"false", "0", "no", "off", "f", "n"};
  const auto is = [&](std::string_view word) { return same_text(*value.as_string(), word); };
  if (value.as_bool()) return {};
  if (double number = 0; value.number(number) && (number == 0 || number == 1)) {
    value = Value(number == 1);
    return {};
  }
  if (value.as_string()) {
    const bool yes = std::any_of(k_yes.begin(), k_yes.end(), is);
    if (yes || std::any_of(k_no.begin(), k_no.end(), is)) {
      value = Value(yes);
      return {};
    }
  }
  if (value.as_list() || value.as_map()) return Problem{"bool_type", "Input should be a valid boolean"};
  return Problem{"bool_parsing", "Input should be a valid boolean, unable to interpret input"};
}

Coerced coerce(Kind kind, Value& value) {
  switch (kind) {
  case Kind::text:
    if (!value.as_string()) return Problem{"string_type", "Input should be a valid string"};
    return {};
  case Kind::flag:
    return to_flag(value);
  case Kind::integer:
    return to_integer(value, std::numeric_limits<std::int64_t>::max());
  case Kind::small:
    return to_integer(value, std::numeric_limits<std::int32_t>::max());
  case Kind::number:
  case Kind::money:
    return to_number(value);
  case Kind::texts:
  case Kind::list:
    if (!value.as_list()) return Problem{"list_type", "Input should be a valid list"};
    return {};
  case Kind::object:
    if (!value.as_map()) return Problem{"dict_type", "Input should be a valid dictionary"};
    return {};
  case Kind::any:
    break;
  }
  return {};
}

/// Collects what is wrong with a body.
class Reader {
 public:
  explicit Reader(const ValueList& at) : at_(at) {}

  void read(const Field& field, Value value, Body& out) {
    if (field.kind == Kind::money && value.as_string() && trim(*value.as_string()).empty()) value = Value();
    if (value.is_null()) {
      if (field.required) return wrong(field, coerce(field.kind, value).value_or(missing()), value);
      return out.put(field.name, Value());
    }
    if (holds_nul(value))
      return wrong(field, Problem{"value_error", "Input should not hold NUL characters"}, Value());
    const Value given = value;
    if (auto problem = coerce(field.kind, value)) return wrong(field, *problem, given);
    if (field.kind == Kind::texts && !all_texts(field, value)) return;
    if (double number = 0; field.kind == Kind::money && value.number(number) && number < 0)
      negative_ = std::string(field.name) + " cannot be negative. Received: " + python_float(number);
    out.put(field.name, std::move(value));
  }
  void absent(const Field& field) { wrong(field, missing(), Value()); }

  bool done(Reply& reply) const {
    if (!problems_.empty()) {
      reply = Reply();
      reply.status = 422;
      reply.body = to_json(Value(ValueMap{{"detail", Value(problems_)}}));
    } else if (!negative_.empty()) {
      reply = refuse_detail(400, negative_);
    }
    return problems_.empty() && negative_.empty();
  }

 private:
  static Problem missing() { return {"missing", "Field required"}; }

  bool all_texts(const Field& field, const Value& value) {
    std::int64_t index = 0;
    bool fine = true;
    for (auto& part : *value.as_list()) {
      if (!part.as_string())
        wrong(field, Problem{"string_type", "Input should be a valid string"}, part, index), fine = false;
      ++index;
    }
    return fine;
  }
  void wrong(const Field& field, const Problem& problem, const Value& input, std::int64_t index = -1) {
    constexpr std::size_t k_most = 50;
    if (problems_.size() >= k_most) return;
    ValueList where = at_;
    where.push_back(text_value(field.name));
    if (index >= 0) where.emplace_back(index);
    const bool huge =
        input.as_list() || input.as_map() || (input.as_string() && input.as_string()->size() > k_echoed);
    problems_.emplace_back(ValueMap{{"type", text_value(problem.type)},
                                    {"loc", Value(std::move(where))},
                                    {"msg", text_value(problem.message)},
                                    {"input", huge ? Value() : input}});
  }

  const ValueList& at_;
  ValueList problems_;
  std::string negative_;
};

} // namespace

bool holds_nul(const Value& value) {
  const auto bad = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  if (auto* text = value.as_string()) return bad(*text);
  if (auto* list = value.as_list()) return std::any_of(list->begin(), list->end(), holds_nul);
  if (auto* map = value.as_map())
    return std::any_of(map->begin(), map->end(),
                       [&](auto& member) { return bad(member.first) || holds_nul(member.second); });
  return false;
}

const Value* Body::find_any(std::string_view name) const {
  for (auto& member : values_)
    if (member.first == name) return &member.second;
  return nullptr;
}

const Value* Body::find(std::string_view name) const {
  auto* value = find_any(name);
  return value && !value->is_null() ? value : nullptr;
}

std::string Body::text(std::string_view name, std::string_view fallback) const {
  auto* value = find(name);
  return value && value->as_string() ? *value->as_string() : std::string(fallback);
}

std::optional<double> Body::number(std::string_view name) const {
  double number = 0;
  auto* value = find(name);
  if (!value || !value->number(number)) return {};
  return number;
}

std::optional<std::int64_t> Body::integer(std::string_view name) const {
  auto* value = find(name);
  if (!value || !value->as_int()) return {};
  return *value->as_int();
}

bool Body::flag(std::string_view name, bool fallback) const {
  auto* value = find(name);
  return value && value->as_bool() ? *value->as_bool() : fallback;
}

std::vector<std::string> Body::texts(std::string_view name) const { return texts_of(find(name)); }

ValueMap Body::object(std::string_view name) const {
  auto* value = find(name);
  return value && value->as_map() ? *value->as_map() : ValueMap{};
}

bool read_fields(const Value& object, std::span<const Field> table, Body& out, Reply& reply,
                 const ValueList& at) {
  Reader reader(at);
  for (auto& field : table) {
    if (auto* value = object.find(field.name))
      reader.read(field, *value, out);
    else if (field.required)
      reader.absent(field);
  }
  return reader.done(reply);
}

bool read_body(const Call& call, std::span<const Field> table, Body& out, Reply& reply) {
  Value object;
  return read_object(call, object, reply) && read_fields(object, table, out, reply);
}

Value empty_value(Kind kind) {
  if (kind == Kind::texts) return Value(ValueList{});
  if (kind == Kind::object) return Value(ValueMap{});
  if (kind == Kind::flag) return Value(false);
  return {};
}

ValueMap columns_of(const Body& body, std::span<const Field> table) {
  ValueMap out;
  for (auto& field : table) {
    if (field.home != Home::column || !body.given(field.name)) continue;
    auto* value = body.find(field.name);
    out.emplace_back(std::string(field.name), value ? *value : empty_value(field.kind));
  }
  return out;
}

bool lay_metadata(const Body& body, std::span<const Field> table, ValueMap& metadata) {
  bool changed = false;
  for (auto& field : table) {
    if (field.home != Home::metadata || !body.given(field.name)) continue;
    auto* value = body.find(field.name);
    if (value) set(metadata, field.name, *value);
    changed = value || erase(metadata, field.name) || changed;
  }
  return changed;
}

} // namespace switchyard::management
