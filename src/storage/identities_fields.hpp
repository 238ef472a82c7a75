// One database row as typed fields, forgiving about what old versions and strangers wrote. Pure, any thread.
// It never throws and never lets a limit vanish unsaid: what cannot be read is logged with table, id, column.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/money.hpp>
#include <switchyard/store.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::storage::identities {

/// Where a value stands, for complaints. Views: lives no longer than its row.
struct Spot {
  std::string_view table, id;
};

/// Logs that a value could not be read (never the value: it may be a secret).
void complain(Spot spot, std::string_view column, std::string_view expected);

// -- single values; null (and nothing) is unset without a complaint

/// Whole numbers, also as float or text. Fractions are cut, what does not fit saturates.
std::optional<std::int64_t> whole_of(Spot spot, std::string_view column, const Value* value);
std::optional<Money> amount_of(Spot spot, std::string_view column, const Value* value);
/// Nothing also for an unreadable one, after a complaint: the caller decides what is safe then.
std::optional<WallTime> time_of(Spot spot, std::string_view column, const Value* value);
/// Texts of a list. What is not text stays in it as its JSON: a list that restricts must not become empty,
/// which would mean "everything".
std::vector<std::string> texts_of(Spot spot, std::string_view column, const Value* value);
/// "a" -> "b" pairs of an object.
std::vector<std::pair<std::string, std::string>> pairs_of(Spot spot, std::string_view column,
                                                          const Value* value);
/// The value, or the JSON inside when it is text that holds an object or a list.
Value unpacked(const Value* value);

/// A row with a name.
class Fields {
 public:
  Fields(std::string_view table, const Row& row, std::string_view id_column);

  Spot spot() const { return {table_, id_}; }
  const std::string& id() const noexcept { return id_; }
  const Value* find(std::string_view column) const noexcept;
  std::string text(std::string_view column) const;
  /// Unreadable counts as true: the flags that we read forbid something.
  bool flag(std::string_view column) const;
  Money money(std::string_view column) const; ///< 0 when there is none
  std::vector<std::string> texts(std::string_view column) const {
    return texts_of(spot(), column, find(column));
  }
  std::optional<WallTime> time(std::string_view column) const {
    return time_of(spot(), column, find(column));
  }
  /// An object; empty and missing ones are null, anything else is complained about.
  Value object(std::string_view column) const;

 private:
  std::string_view table_;
  const Row& row_;
  std::string id_;
};

} // namespace switchyard::storage::identities
