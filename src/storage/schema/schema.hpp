// The tables of LiteLLM's database as data, and our own few. Immutable, any thread; knows no SQL dialect
// (ddl.hpp does).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::storage {

enum class Type : std::uint8_t {
  text,
  int4,
  int8,
  serial,
  float8,
  json,
  boolean,
  time,
  texts,
  bytes,
  job_status
};

struct Column {
  std::string name;
  Type type = Type::text;
  bool nullable = false;
  bool has_default = false;
  std::string default_value; ///< "now", else as written in the definition: 0, false, {}, [], text
};

struct Index {
  bool unique = false;
  std::vector<std::string> columns; ///< may end in " desc"
};

struct Table {
  std::string name; ///< as in the database: "LiteLLM_VerificationToken"
  std::vector<Column> columns;
  std::vector<std::string> key;
  std::vector<Index> indexes;
  const Column* find(std::string_view column) const noexcept;
};

/// "VerificationToken" -> "LiteLLM_VerificationToken"; our own tables start with "Switchyard_".
std::string full_name(std::string_view table);
/// All of them, in an order in which rows may be copied.
const std::vector<Table>& all_tables();
const Table* find_table(std::string_view full);

/// A definition as written in definitions*.cpp. Columns: "name T?=default, ...", types T text, I int4,
/// B int8, S serial, F float8, J jsonb, b bool, D timestamp(3), A text[], Y bytea, E enum "JobStatus"; "?" =
/// nullable; "@name" = a shared list. Keys: "pk a,b; unique c; index d,e desc".
struct Definition {
  std::string_view name, columns, keys;
};
extern const std::span<const Definition> k_identity_tables, k_configuration_tables, k_log_tables,
    k_object_tables;

} // namespace switchyard::storage
