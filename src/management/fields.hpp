// Typed reading of management bodies by a table per endpoint, with FastAPI's 422 answers. Pure, any thread.
#pragma once

#include "management/answer.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::management {

/// What a field may hold; converted as pydantic does ("5" is an integer, 1.0 too, "yes" is true).
enum class Kind : std::uint8_t {
  text,
  flag,
  integer, ///< int8, not negative
  small,   ///< int4, not negative
  number,
  money, ///< finite; "" is null; a negative one is 400 in LiteLLM's words
  texts, ///< list of texts
  object,
  list, ///< of anything
  any
};

/// Where a field lives: a column of its name, a member of the column `metadata`, or only in the handler.
enum class Home : std::uint8_t { column, metadata, input };

struct Field {
  std::string_view name;
  Kind kind = Kind::text;
  Home home = Home::column;
  bool required = false;
};

/// What a body gave: absent, null and value are told apart.
class Body {
 public:
  bool given(std::string_view name) const { return find_any(name) != nullptr; } ///< null counts
  bool has(std::string_view name) const { return find(name) != nullptr; }       ///< null does not
  const Value* find(std::string_view name) const;                               ///< null when absent or null
  std::string text(std::string_view name, std::string_view fallback = {}) const;
  std::optional<double> number(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;
  bool flag(std::string_view name, bool fallback = false) const;
  std::vector<std::string> texts(std::string_view name) const;
  ValueMap object(std::string_view name) const; ///< empty when absent
  void put(std::string_view name, Value value) { set(values_, name, std::move(value)); }
  void drop(std::string_view name) { erase(values_, name); }
  const ValueMap& all() const { return values_; }

 private:
  const Value* find_any(std::string_view name) const;
  ValueMap values_;
};

/// Fields of the table that the object has; others are ignored as pydantic does. False + reply: 422 that
/// names every wrong field by its path (`at` + name), or 400 for negative money.
bool read_fields(const Value& object, std::span<const Field> table, Body& out, Reply& reply,
                 const ValueList& at = {Value(std::string("body"))});
/// The call's body by a table.
bool read_body(const Call& call, std::span<const Field> table, Body& out, Reply& reply);

/// What null means for a column: [] for lists of texts, {} for objects, false for flags, else NULL.
Value empty_value(Kind kind);
/// Given fields that live in columns, by column name; null becomes empty_value().
ValueMap columns_of(const Body& body, std::span<const Field> table);
/// Lays given fields that live in metadata over it; null removes. True when something changed.
bool lay_metadata(const Body& body, std::span<const Field> table, ValueMap& metadata);

/// True when a text or name anywhere inside holds a NUL, which Postgres cannot store.
bool holds_nul(const Value& value);

} // namespace switchyard::management
