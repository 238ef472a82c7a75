// SQL text and parameters of the typed calls of a Session, by dialect. Pure, any thread; executes nothing.
#include "storage/sql/statement.hpp"

#include "storage/schema/ddl.hpp"
#include "storage/sql/codec.hpp"

#include <switchyard/json.hpp>

#include <algorithm>
#include <array>

namespace switchyard::storage {
namespace {

constexpr std::array<std::string_view, 6> k_comparisons{"=", "!=", "<", "<=", ">", ">="};

bool is_stamp(std::string_view column) { return column == "created_at" || column == "updated_at"; }

const Value* find(const Row& row, std::string_view column) {
  for (auto& [name, value] : row)
    if (name == column) return &value;
  return nullptr;
}

/// Spend and the time of the last use are no edit of the row.
bool sets_something(std::span<const Change> changes) {
  return std::any_of(changes.begin(), changes.end(),
                     [](const Change& change) { return !change.add && change.column != "last_active"; });
}

bool names(std::span<const Change> changes, std::string_view column) {
  return std::any_of(changes.begin(), changes.end(),
                     [column](const Change& change) { return change.column == column; });
}

std::string_view array_cast(Type type) {
  if (type == Type::int4 || type == Type::int8 || type == Type::serial) return "::bigint[]";
  if (type == Type::float8) return "::float8[]";
  if (type == Type::boolean) return "::boolean[]";
  return type == Type::time ? "::timestamp[]" : "::text[]";
}

} // namespace

std::string Builder::now() const {
  return dialect_ == Dialect::sqlite ? "strftime('%Y-%m-%d %H:%M:%f','now')" : "CURRENT_TIMESTAMP";
}

void Builder::push(const Value& value, Type type, std::string_view column) {
  auto encoded = encode(value, type, dialect_, column);
  if (!encoded && problem_) problem_ = encoded.error();
  statement_.parameters.push_back(encoded ? std::move(*encoded) : Value());
}

void Builder::bind(const Value& value, Type type, std::string_view column) {
  push(value, type, column);
  statement_.sql += "$" + std::to_string(statement_.parameters.size());
}

void Builder::bind_rows(std::span<const Row> rows) {
  static const Value null;
  statement_.parameters.reserve(statement_.parameters.size() + rows.size() * inserted_.size());
  for (auto& row : rows)
    for (auto [column, place] : inserted_) {
      const bool there = place < row.size() && row[place].first == column->name;
      const auto* value = there ? &row[place].second : find(row, column->name);
      push(value ? *value : null, column->type, column->name);
    }
}

Builder& Builder::rebind(std::span<const Row> rows) {
  statement_.parameters.clear();
  bind_rows(rows);
  return *this;
}

Builder& Builder::select(const Select& what) {
  std::string columns;
  for (auto& column : what.columns)
    if (table_.find(column)) columns += (columns.empty() ? "" : ", ") + quoted(column);
  if (what.columns.empty() || columns.empty()) columns = "*";
  add("SELECT ").add(columns).add(" FROM ").add(quoted(table_.name));
  where(what.where);
  order_and_limit(what);
  return *this;
}

void Builder::order_and_limit(const Select& what) {
  std::string order;
  for (auto& by : what.order) {
    if (!table_.find(by.column)) continue;
    // NULL is the largest value in both dialects, as Postgres has it.
    order += (order.empty() ? " ORDER BY " : ", ") + quoted(by.column);
    order += by.descending ? " DESC" : "";
    if (dialect_ == Dialect::sqlite && table_.find(by.column)->nullable)
      order += by.descending ? " NULLS FIRST" : " NULLS LAST";
  }
  add(order);
  if (what.limit >= 0 || what.offset > 0) {
    add(" LIMIT ");
    if (what.limit < 0 && dialect_ == Dialect::postgres)
      add("ALL");
    else
      bind(Value(what.limit), Type::int8, "limit");
  }
  if (what.offset > 0) add(" OFFSET "), bind(Value(what.offset), Type::int8, "offset");
}

Builder& Builder::count() { return add("SELECT count(*) AS \"count\" FROM ").add(quoted(table_.name)); }

Builder& Builder::insert(std::span<const Row> rows) {
  // Every row has the columns of the first; stamps are set when the caller does not (Prisma's clients do so).
  auto& first_row = rows.front();
  std::string list;
  std::size_t stamps = 0;
  for (auto& fact : table_.columns) {
    const auto place = std::find_if(first_row.begin(), first_row.end(),
                                    [&fact](auto& member) { return member.first == fact.name; });
    if (place == first_row.end() || (!fact.nullable && place->second.is_null())) continue;
    inserted_.emplace_back(&fact, static_cast<std::size_t>(place - first_row.begin()));
    list += (list.empty() ? "" : ", ") + quoted(fact.name);
  }
  for (auto& fact : table_.columns)
    if (is_stamp(fact.name) && !find(first_row, fact.name))
      list += (list.empty() ? "" : ", ") + quoted(fact.name), ++stamps;
  add("INSERT INTO ").add(quoted(table_.name));
  if (list.empty()) return add(" DEFAULT VALUES");
  add(" (").add(list).add(") VALUES ");
  std::size_t number = statement_.parameters.size();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    add(row == 0 ? "(" : ", (");
    for (std::size_t i = 0; i < inserted_.size() + stamps; ++i) {
      add(i == 0 ? "" : ", ");
      add(i < inserted_.size() ? "$" + std::to_string(++number) : now());
    }
    add(")");
  }
  bind_rows(rows);
  return *this;
}

Builder& Builder::on_conflict(std::span<const std::string> key, std::span<const Change> changes) {
  std::string list;
  for (auto& column : key)
    if (table_.find(column)) list += (list.empty() ? "" : ", ") + quoted(column);
  const auto written = std::any_of(changes.begin(), changes.end(),
                                   [this](const Change& change) { return table_.find(change.column); });
  add(" ON CONFLICT (").add(list).add(written ? ") DO UPDATE SET " : ") DO NOTHING");
  if (written) assignments(changes);
  return *this;
}

void Builder::assignments(std::span<const Change> changes) {
  bool first = true;
  for (auto& change : changes) {
    auto* column = table_.find(change.column);
    if (!column) continue;
    add(first ? "" : ", ").add(quoted(change.column)).add(" = "), first = false;
    // Money is whole nano-dollars: without rounding a long sum of doubles would drift off them.
    const bool money = change.add && column->type == Type::float8;
    if (money) add("round((");
    if (change.add)
      add("COALESCE(").add(quoted(table_.name)).add(".").add(quoted(change.column)).add(", 0) + ");
    bind(change.value, column->type, change.column);
    if (money) add(") * 1000000000.0) / 1000000000.0");
  }
  // Additions (spend) are no edit of the row; everything else is.
  if (sets_something(changes) && table_.find("updated_at") && !names(changes, "updated_at"))
    add(first ? "" : ", ").add("\"updated_at\" = ").add(now());
}

Builder& Builder::update(std::span<const Change> changes) {
  add("UPDATE ").add(quoted(table_.name)).add(" SET ");
  assignments(changes);
  return *this;
}

Builder& Builder::remove() { return add("DELETE FROM ").add(quoted(table_.name)); }

Builder& Builder::where(std::span<const Condition> conditions) {
  bool first = true;
  for (auto& what : conditions) add(first ? " WHERE " : " AND "), first = false, condition(what);
  return *this;
}

void Builder::condition(const Condition& what) {
  auto* column = table_.find(what.column);
  const bool null = what.op == "is null" || (what.op == "=" && what.value.is_null());
  const bool not_null = what.op == "is not null" || (what.op == "!=" && what.value.is_null());
  if (!column) { // as if it were NULL
    add(null ? "TRUE" : "FALSE");
    return;
  }
  if (auto* text = what.value.as_string(); text && text->find('\0') != std::string::npos) {
    add("FALSE"); // no stored text holds NUL, and dropping it would find another row
    return;
  }
  if (null || not_null) {
    add(quoted(what.column)).add(null ? " IS NULL" : " IS NOT NULL");
  } else if (std::find(k_comparisons.begin(), k_comparisons.end(), what.op) != k_comparisons.end()) {
    add(quoted(what.column)).add(" ").add(what.op).add(" ");
    bind(what.value, column->type, what.column);
  } else if (what.op == "in" || what.op == "has") {
    element_of(*column, what);
  } else if (what.op == "like" || what.op == "ilike") {
    like(*column, what);
  } else if (problem_) {
    problem_ = Error(Errc::internal_server, "no such condition: " + what.op);
  }
}

/// in: the column is one of the list, bound as one JSON text so that the SQL stays the same for any length.
/// has: the column is a list and holds the text.
void Builder::element_of(const ColumnFact& column, const Condition& what) {
  const bool sqlite = dialect_ == Dialect::sqlite;
  const auto name = quoted(what.column);
  if (what.op == "has") {
    if (sqlite) add("EXISTS (SELECT 1 FROM json_each(").add(name).add(") WHERE value = ");
    bind(what.value, Type::text, what.column);
    add(sqlite ? ")" : " = ANY(" + name + ")");
    return;
  }
  ValueList list;
  if (auto* wanted = what.value.as_list())
    for (auto& one : *wanted) {
      auto encoded = encode(one, column.type, dialect_, what.column);
      if (!encoded && problem_) problem_ = encoded.error();
      if (encoded) list.push_back(std::move(*encoded));
    }
  add(name).add(sqlite ? " IN (SELECT value FROM json_each("
                       : " = ANY(ARRAY(SELECT jsonb_array_elements_text(");
  statement_.parameters.push_back(Value(to_json(Value(std::move(list))))); // made of clean texts
  add("$" + std::to_string(statement_.parameters.size()));
  add(sqlite ? "))" : "::jsonb))").add(sqlite ? "" : array_cast(column.type)).add(sqlite ? "" : ")");
}

void Builder::like(const ColumnFact&, const Condition& what) {
  const bool sqlite = dialect_ == Dialect::sqlite, any_case = what.op == "ilike";
  const auto name = quoted(what.column);
  if (!sqlite) {
    add(name).add(any_case ? " ILIKE " : " LIKE ");
    bind(what.value, Type::text, what.column);
    return;
  }
  add(any_case ? "lower(" + name + ") LIKE lower(" : name + " LIKE ");
  bind(what.value, Type::text, what.column);
  add(any_case ? ") ESCAPE '\\'" : " ESCAPE '\\'");
}

Result<const Statement*> Builder::ready() const {
  if (!problem_) return problem_.error();
  return &statement_;
}

} // namespace switchyard::storage
