// SQL text and parameters of the typed calls of a Session, by dialect. Pure, any thread; executes nothing.
#pragma once

#include "storage/sql/facts.hpp"

#include <switchyard/store.hpp>

#include <span>
#include <string>
#include <vector>

namespace switchyard::storage {

struct Statement {
  std::string sql;
  std::vector<Value> parameters; ///< encoded
};

/// One statement in the making. Columns that the table lacks are NULL in conditions and left out of writes.
/// The first problem is kept and returned by take().
class Builder {
 public:
  Builder(const TableFacts& table, Dialect dialect) : table_(table), dialect_(dialect) {}

  Builder& select(const Select& what);
  Builder& count();
  Builder& insert(std::span<const Row> rows); ///< the columns of the first row, at least one row
  Builder& on_conflict(std::span<const std::string> key, std::span<const Change> changes);
  Builder& update(std::span<const Change> changes);
  Builder& remove();
  Builder& where(std::span<const Condition> conditions);
  /// The same insert() for as many other rows.
  Builder& rebind(std::span<const Row> rows);
  Builder& add(std::string_view sql) { return statement_.sql += sql, *this; }
  /// Valid until the builder changes.
  Result<const Statement*> ready() const;

 private:
  void bind(const Value& value, Type type, std::string_view column); ///< appends "$n"
  void bind_rows(std::span<const Row> rows);
  void push(const Value& value, Type type, std::string_view column);
  void condition(const Condition& what);
  void element_of(const ColumnFact& column, const Condition& what);
  void like(const ColumnFact& column, const Condition& what);
  void assignments(std::span<const Change> changes);
  void order_and_limit(const Select& what);
  std::string now() const;

  const TableFacts& table_;
  Dialect dialect_;
  Statement statement_;
  std::vector<std::pair<const ColumnFact*, std::size_t>> inserted_; ///< and their place in the first row
  Result<void> problem_ = boost::system::in_place_value;
};

} // namespace switchyard::storage
