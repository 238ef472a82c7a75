// A SQLite connection as a Session. Runs on store threads; times are text, JSON and lists are JSON text, and
// the declared type of a column says how it is read.
#include "storage/sqlite/session.hpp"

#include "storage/schema/ddl.hpp"
#include "storage/sql/codec.hpp"

#include <charconv>
#include <sqlite3.h>

namespace switchyard::storage {
namespace {

constexpr std::size_t k_most_statements = 256;
constexpr int k_wait_for_lock_ms = 10'000;
// Acknowledged writes survive a power cut: synchronous=FULL. LIKE as in Postgres.
constexpr const char* k_settings =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; "
    "PRAGMA case_sensitive_like=ON; PRAGMA temp_store=MEMORY";

Type type_named(const char* name) {
  constexpr Type k_types[] = {Type::text,    Type::int4, Type::int8,  Type::float8, Type::json,
                              Type::boolean, Type::time, Type::texts, Type::bytes};
  for (auto type : k_types)
    if (name && sql_type(type, Dialect::sqlite) == name) return type;
  return Type::text;
}

/// Texts are not copied: execute() unbinds them before its caller's values can go.
void bind(sqlite3_stmt* statement, int at, const Value& value) {
  if (auto* text = value.as_string())
    sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  else if (auto* number = value.as_int())
    sqlite3_bind_int64(statement, at, *number);
  else if (auto* flag = value.as_bool())
    sqlite3_bind_int(statement, at, *flag ? 1 : 0);
  else if (double real = 0; value.number(real))
    sqlite3_bind_double(statement, at, real);
  else
    sqlite3_bind_null(statement, at);
}

std::string_view text_of(sqlite3_stmt* statement, int column) {
  auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return {text ? text : "", static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

/// A value of a computed column: as SQLite holds it.
Value plain(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
  case SQLITE_INTEGER:
    return Value(static_cast<std::int64_t>(sqlite3_column_int64(statement, column)));
  case SQLITE_FLOAT:
    return Value(sqlite3_column_double(statement, column));
  case SQLITE_NULL:
    return {};
  default:
    return Value(std::string(text_of(statement, column)));
  }
}

Value read(sqlite3_stmt* statement, int column, Type type) {
  if (sqlite3_column_type(statement, column) == SQLITE_NULL)
    return type == Type::texts ? Value(ValueList{}) : Value();
  if (type == Type::float8) return Value(sqlite3_column_double(statement, column));
  return decode(text_of(statement, column), type, Dialect::sqlite);
}

struct ResultColumn {
  std::string name;
  bool computed = false;
  Type type = Type::text;
};

std::vector<ResultColumn> result_columns(sqlite3_stmt* statement, const TableFacts* table) {
  std::vector<ResultColumn> columns;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    ResultColumn column;
    column.name = sqlite3_column_name(statement, i);
    const char* declared = sqlite3_column_decltype(statement, i);
    auto* fact = table ? table->find(column.name) : nullptr; // RETURNING tells no types
    column.computed = !declared && !fact;
    column.type = fact ? fact->type : type_named(declared);
    columns.push_back(std::move(column));
  }
  return columns;
}

} // namespace

std::string memory_uri() {
  static std::atomic<std::uint64_t> count{0};
  return "file:/switchyard-" + std::to_string(count.fetch_add(1)) + "?vfs=memdb";
}

SqliteSession::~SqliteSession() { close(); }

void SqliteSession::close() {
  for (auto& known : statements_) sqlite3_finalize(known.second);
  statements_.clear();
  sqlite3_close(database_);
  database_ = nullptr;
}

Error SqliteSession::failure(int code) {
  const int primary = code & 0xff;
  const std::string words = database_ ? sqlite3_errmsg(database_) : sqlite3_errstr(code);
  const bool unreachable = primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR || primary == SQLITE_BUSY ||
                           primary == SQLITE_LOCKED || primary == SQLITE_FULL || primary == SQLITE_CORRUPT ||
                           primary == SQLITE_NOTADB || primary == SQLITE_READONLY;
  if (unreachable) {
    up_ = primary == SQLITE_BUSY || primary == SQLITE_LOCKED;
    return Error(Errc::unavailable, "the database file: " + words);
  }
  if (primary != SQLITE_CONSTRAINT) return Error(Errc::internal_server, "database: " + words);
  Error error(Errc::bad_request, "database: " + words); // "UNIQUE constraint failed: Table.column"
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
    error.extra().type = "unique_violation";
  else
    error.extra().type = code == SQLITE_CONSTRAINT_NOTNULL ? "not_null_violation" : "constraint_violation";
  return error;
}

Result<void> SqliteSession::connect() {
  if (database_) return {};
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
  int code = sqlite3_open_v2(path_.c_str(), &database_, flags, nullptr);
  if (code == SQLITE_OK) {
    sqlite3_extended_result_codes(database_, 1);
    sqlite3_busy_timeout(database_, k_wait_for_lock_ms);
    code = sqlite3_exec(database_, k_settings, nullptr, nullptr, nullptr);
  }
  up_ = code == SQLITE_OK;
  if (code == SQLITE_OK) return {};
  auto error = failure(code);
  error.message += " (" + path_ + ")";
  close();
  return error;
}

namespace {

/// $3 -> ?3: SQLite keeps the names of parameters in a list that it walks for every one of them.
std::string with_numbers(std::string_view sql) {
  std::string out(sql);
  bool quoted = false;
  for (std::size_t i = 0; i + 1 < out.size(); ++i) {
    if (out[i] == '\'') quoted = !quoted;
    if (!quoted && out[i] == '$' && out[i + 1] >= '0' && out[i + 1] <= '9') out[i] = '?';
  }
  return out;
}

} // namespace

Result<sqlite3_stmt*> SqliteSession::prepare(std::string_view sql) {
  auto it = statements_.find(sql);
  if (it != statements_.end()) return it->second;
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const std::string numbered = with_numbers(sql);
  const int code = sqlite3_prepare_v3(database_, numbered.data(), static_cast<int>(numbered.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, &rest);
  if (code != SQLITE_OK) return failure(code);
  if (!statement ||
      std::string_view(rest, numbered.data() + numbered.size()).find_first_not_of(" ;\n") != sql.npos) {
    sqlite3_finalize(statement);
    return Error(Errc::internal_server, "database: not one statement");
  }
  if (statements_.size() >= k_most_statements) {
    for (auto& known : statements_) sqlite3_finalize(known.second);
    statements_.clear();
  }
  statements_.emplace(sql, statement);
  return statement;
}

Result<Executed> SqliteSession::execute(std::string_view sql, std::span<const Value> parameters, Kind,
                                        const TableFacts* table) {
  if (auto connected = connect(); !connected) return connected.error();
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  const int wanted = sqlite3_bind_parameter_count(*statement);
  if (static_cast<std::size_t>(wanted) > parameters.size())
    return Error(Errc::internal_server,
                 "database: a statement without its parameter " + std::to_string(wanted));
  for (int i = 1; i <= wanted; ++i) bind(*statement, i, parameters[static_cast<std::size_t>(i) - 1]);
  auto done = step(*statement, table);
  sqlite3_reset(*statement);
  sqlite3_clear_bindings(*statement);
  if (done) up_ = true;
  return done;
}

Result<Executed> SqliteSession::step(sqlite3_stmt* statement, const TableFacts* table) {
  Executed done;
  std::vector<ResultColumn> columns;
  int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) columns = result_columns(statement, table);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    Row row;
    row.reserve(columns.size());
    for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
      auto& column = columns[static_cast<std::size_t>(i)];
      row.emplace_back(column.name, column.computed ? plain(statement, i) : read(statement, i, column.type));
    }
    done.rows.push_back(std::move(row));
  }
  if (code != SQLITE_DONE) return failure(code);
  if (sqlite3_stmt_readonly(statement) == 0) done.affected = sqlite3_changes64(database_);
  return done;
}

Result<Facts> SqliteSession::read_facts() {
  auto rows =
      execute("SELECT m.name AS t, p.name AS c, p.type AS d, p.\"notnull\" AS n FROM sqlite_master m, "
              "pragma_table_info(m.name) p WHERE m.type = 'table'",
              {}, Kind::read, nullptr);
  if (!rows) return rows.error();
  Facts facts;
  for (auto& row : rows->rows) {
    auto& table = facts[*row[0].second.as_string()];
    table.name = *row[0].second.as_string();
    ColumnFact column;
    column.name = *row[1].second.as_string();
    column.type_name = *row[2].second.as_string();
    column.type = type_named(column.type_name.c_str());
    column.nullable = *row[3].second.as_int() == 0;
    table.columns.push_back(std::move(column));
  }
  return facts;
}

Result<void> SqliteSession::notify(std::string_view) { return {}; }

} // namespace switchyard::storage
