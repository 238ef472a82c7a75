// Reading single columns of identity rows. Pure, any thread.
#include "identities_fields.hpp"

#include <switchyard/json.hpp>
#include <switchyard/log.hpp>

#include <charconv>
#include <cmath>

namespace switchyard::storage::identities {
namespace {

/// A finite number: int, float, or either as text.
std::optional<double> number_of(const Value& value) {
  double out = 0;
  if (value.number(out)) return std::isfinite(out) ? std::optional(out) : std::nullopt;
  auto text = value.as_string();
  if (!text || text->empty()) return {};
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (problem != std::errc() || end != text->data() + text->size() || !std::isfinite(out)) return {};
  return out;
}

bool is_unset(const Value* value) {
  if (!value || value->is_null()) return true;
  auto text = value->as_string();
  return text && text->empty(); // "" is how the UI clears a limit
}

std::string text_of(const Value& value) {
  auto text = value.as_string();
  return text ? *text : to_json(value);
}

} // namespace

void complain(Spot spot, std::string_view column, std::string_view expected) {
  log::warning("unreadable_column",
               {{"table", spot.table}, {"id", spot.id}, {"column", column}, {"expected", expected}});
}

std::optional<std::int64_t> whole_of(Spot spot, std::string_view column, const Value* value) {
  if (is_unset(value)) return {};
  if (auto exact = value->as_int()) return *exact;
  const auto number = number_of(*value);
  if (!number) return complain(spot, column, "a number"), std::nullopt;
  constexpr double k_limit = 9.2e18;
  if (*number >= k_limit) return INT64_MAX;
  if (*number <= -k_limit) return INT64_MIN;
  return static_cast<std::int64_t>(*number);
}

std::optional<Money> amount_of(Spot spot, std::string_view column, const Value* value) {
  if (is_unset(value)) return {};
  const auto number = number_of(*value);
  if (!number) return complain(spot, column, "an amount of money"), std::nullopt;
  return Money::from_usd(*number);
}

std::optional<WallTime> time_of(Spot spot, std::string_view column, const Value* value) {
  if (is_unset(value)) return {};
  if (auto text = value->as_string())
    if (auto when = read_time(*text)) return *when;
  complain(spot, column, "a date");
  return {};
}

Value unpacked(const Value* value) {
  if (!value) return {};
  auto text = value->as_string();
  if (!text) return *value;
  const auto first = text->find_first_not_of(" \t\r\n");
  if (first == std::string::npos || ((*text)[first] != '{' && (*text)[first] != '[')) return *value;
  auto inner = parse_json(*text);
  return inner ? std::move(*inner) : *value;
}

std::vector<std::string> texts_of(Spot spot, std::string_view column, const Value* value) {
  std::vector<std::string> out;
  if (is_unset(value)) return out;
  const Value plain = unpacked(value);
  auto list = plain.as_list();
  if (!list) {
    // LiteLLM writes {} where it means an empty list.
    if (auto map = plain.as_map(); map && map->empty()) return out;
    complain(spot, column, "a list");
    return {text_of(plain)};
  }
  out.reserve(list->size());
  for (auto& element : *list) {
    if (!element.as_string()) complain(spot, column, "a list of texts");
    out.push_back(text_of(element));
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> pairs_of(Spot spot, std::string_view column,
                                                          const Value* value) {
  std::vector<std::pair<std::string, std::string>> out;
  if (is_unset(value)) return out;
  const Value plain = unpacked(value);
  auto map = plain.as_map();
  if (!map) {
    if (auto list = plain.as_list(); !list || !list->empty()) complain(spot, column, "an object");
    return out;
  }
  for (auto& [from, to] : *map) {
    if (auto text = to.as_string())
      out.emplace_back(from, *text);
    else
      complain(spot, column, "an object of texts");
  }
  return out;
}

Fields::Fields(std::string_view table, const Row& row, std::string_view id_column)
    : table_(table), row_(row) {
  id_ = text(id_column);
}

const Value* Fields::find(std::string_view column) const noexcept {
  for (auto& [name, value] : row_)
    if (name == column) return &value;
  return nullptr;
}

std::string Fields::text(std::string_view column) const {
  auto value = find(column);
  return value && !value->is_null() ? text_of(*value) : std::string();
}

bool Fields::flag(std::string_view column) const {
  auto value = find(column);
  if (is_unset(value)) return false;
  if (auto yes = value->as_bool()) return *yes;
  if (auto number = number_of(*value)) return *number != 0;
  const std::string word = text(column);
  if (word == "false" || word == "f") return false;
  if (word != "true" && word != "t") complain(spot(), column, "true or false");
  return true;
}

Money Fields::money(std::string_view column) const {
  return amount_of(spot(), column, find(column)).value_or(Money());
}

Value Fields::object(std::string_view column) const {
  auto value = find(column);
  if (is_unset(value)) return {};
  Value plain = unpacked(value);
  if (auto map = plain.as_map()) return map->empty() ? Value() : plain;
  if (auto list = plain.as_list(); !list || !list->empty()) complain(spot(), column, "an object");
  return {};
}

} // namespace switchyard::storage::identities
