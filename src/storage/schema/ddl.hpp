// SQL that makes tables and columns, by dialect. Pure, any thread.
#pragma once

#include "storage/schema/schema.hpp"

#include <switchyard/store.hpp>

#include <string>
#include <vector>

namespace switchyard::storage {

/// Type name in CREATE TABLE. SQLite's are ours: they decide how a column is read (sqlite/connection.cpp).
std::string_view sql_type(Type type, Dialect dialect);
/// CREATE TABLE and its CREATE INDEX statements.
std::vector<std::string> create_table(const Table& table, Dialect dialect);
/// ALTER TABLE ... ADD COLUMN: instant, so NOT NULL only with a constant default.
std::string add_column(const Table& table, const Column& column, Dialect dialect);
/// "name", quotes doubled.
std::string quoted(std::string_view name);

} // namespace switchyard::storage
