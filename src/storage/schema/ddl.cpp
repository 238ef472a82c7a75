// SQL that makes tables and columns, by dialect. Pure, any thread; executes nothing.
#include "storage/schema/ddl.hpp"

#include <algorithm>
#include <array>

namespace switchyard::storage {
namespace {

struct TypeNames {
  std::string_view postgres, sqlite;
};
// In the order of Type. SQLite's affinity follows from the name: TEXT wins over the rest of it.
constexpr std::array<TypeNames, 11> k_types{{{"TEXT", "TEXT"},
                                             {"INTEGER", "INTEGER"},
                                             {"BIGINT", "BIGINT"},
                                             {"SERIAL", "INTEGER"},
                                             {"DOUBLE PRECISION", "DOUBLE"},
                                             {"JSONB", "JSON_TEXT"},
                                             {"BOOLEAN", "BOOLEAN"},
                                             {"TIMESTAMP(3)", "TIME_TEXT"},
                                             {"TEXT[]", "LIST_TEXT"},
                                             {"BYTEA", "BYTES_TEXT"},
                                             {"\"JobStatus\"", "TEXT"}}};
constexpr std::size_t k_longest_name = 63; // Postgres cuts longer ones itself, with a notice

std::string literal(std::string_view text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out += "'";
}

std::string default_of(const Column& column, Dialect dialect) {
  const bool sqlite = dialect == Dialect::sqlite;
  if (column.type == Type::texts) return sqlite ? " DEFAULT '[]'" : " DEFAULT ARRAY[]::TEXT[]";
  if (!column.has_default) return {};
  if (column.default_value == "now")
    return sqlite ? " DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now'))" : " DEFAULT CURRENT_TIMESTAMP";
  const bool plain = column.type == Type::int4 || column.type == Type::int8 || column.type == Type::float8 ||
                     column.type == Type::boolean;
  return " DEFAULT " + (plain ? column.default_value : literal(column.default_value));
}

std::string column_sql(const Column& column, const std::string& default_sql, bool nullable, Dialect dialect) {
  std::string sql = quoted(column.name) + " " + std::string(sql_type(column.type, dialect)) + default_sql;
  // Lists stay nullable, as in the databases that LiteLLM makes.
  if (!nullable && column.type != Type::texts) sql += " NOT NULL";
  return sql;
}

std::string column_list(const std::vector<std::string>& columns) {
  std::string out;
  for (auto& column : columns) {
    const bool descending = column.ends_with(" desc");
    if (!out.empty()) out += ", ";
    out += quoted(std::string_view(column).substr(0, column.size() - (descending ? 5 : 0)));
    if (descending) out += " DESC";
  }
  return out;
}

/// Named as Prisma names them.
std::string index_sql(const Table& table, const Index& index) {
  std::string name = table.name;
  for (auto& column : index.columns) name += "_" + column.substr(0, column.find(' '));
  name = name.substr(0, k_longest_name - 4) + (index.unique ? "_key" : "_idx");
  return std::string(index.unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") + quoted(name) + " ON " +
         quoted(table.name) + " (" + column_list(index.columns) + ")";
}

} // namespace

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out += "\"";
}

std::string_view sql_type(Type type, Dialect dialect) {
  auto& names = k_types[static_cast<std::size_t>(type)];
  return dialect == Dialect::sqlite ? names.sqlite : names.postgres;
}

std::vector<std::string> create_table(const Table& table, Dialect dialect) {
  std::string sql = "CREATE TABLE " + quoted(table.name) + " (";
  for (auto& column : table.columns)
    sql += column_sql(column, default_of(column, dialect), column.nullable, dialect) + ", ";
  std::vector<std::string> out{sql + "PRIMARY KEY (" + column_list(table.key) + "))"};
  for (auto& index : table.indexes) out.push_back(index_sql(table, index));
  return out;
}

std::string add_column(const Table& table, const Column& column, Dialect dialect) {
  auto default_sql = default_of(column, dialect);
  // SQLite adds no column with a computed default.
  if (dialect == Dialect::sqlite && column.default_value == "now") default_sql.clear();
  return "ALTER TABLE " + quoted(table.name) + " ADD COLUMN " +
         column_sql(column, default_sql, column.nullable || default_sql.empty(), dialect);
}

} // namespace switchyard::storage
