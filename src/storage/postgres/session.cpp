// A Postgres connection as a Session: reconnecting, retries that are safe, and rows by the types the server
// tells. Runs on store threads.
#include "storage/postgres/session.hpp"

#include "storage/sql/codec.hpp"

#include <string_view>

namespace switchyard::storage {
namespace {

constexpr int k_reconnect_seconds = 5;
constexpr std::size_t k_longest_word = 200;

struct TypeRow {
  Oid oid;
  std::string_view name; ///< udt_name
  Type type;
};
constexpr TypeRow k_types[] = {
    {16, "bool", Type::boolean},     {17, "bytea", Type::bytes},      {20, "int8", Type::int8},
    {21, "int2", Type::int4},        {23, "int4", Type::int4},        {114, "json", Type::json},
    {700, "float4", Type::float8},   {701, "float8", Type::float8},   {1009, "_text", Type::texts},
    {1015, "_varchar", Type::texts}, {1114, "timestamp", Type::time}, {1184, "timestamptz", Type::time},
    {1700, "numeric", Type::float8}, {3802, "jsonb", Type::json},     {0, "JobStatus", Type::job_status},
};

Type type_of(Oid oid) {
  for (auto& row : k_types)
    if (row.oid == oid) return row.type;
  return Type::text;
}

Type type_named(std::string_view name) {
  for (auto& row : k_types)
    if (row.name == name) return row.type;
  return Type::text;
}

Value read(const PGresult* result, int row, int column, Oid oid) {
  const auto type = type_of(oid);
  if (pq().PQgetisnull(result, row, column)) return type == Type::texts ? Value(ValueList{}) : Value();
  const std::string_view text(pq().PQgetvalue(result, row, column),
                              static_cast<std::size_t>(pq().PQgetlength(result, row, column)));
  constexpr Oid k_numeric = 1700; // sum() of integers
  const bool whole = oid == k_numeric && text.find_first_not_of("-0123456789") == std::string_view::npos;
  return decode(text, whole ? Type::int8 : type, Dialect::postgres);
}

Rows read_rows(const PGresult* result) {
  Rows rows;
  const int columns = pq().PQnfields(result);
  rows.reserve(static_cast<std::size_t>(pq().PQntuples(result)));
  for (int i = 0; i < pq().PQntuples(result); ++i) {
    Row row;
    row.reserve(static_cast<std::size_t>(columns));
    for (int c = 0; c < columns; ++c)
      row.emplace_back(pq().PQfname(result, c), read(result, i, c, pq().PQftype(result, c)));
    rows.push_back(std::move(row));
  }
  return rows;
}

bool succeeded(const PGresult* result) {
  const auto status = pq().PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

} // namespace

Result<void> PgSession::connect() {
  if (connection_.alive()) return {};
  forget_facts();
  const auto now = std::chrono::steady_clock::now();
  if (auto why = gate_.closed(now); !why.empty() && !patient_) return Error(Errc::unavailable, why);
  auto connected = connection_.connect(patient_ ? settings_.connect_timeout
                                                : std::min(settings_.connect_timeout, k_reconnect_seconds));
  if (connected) {
    gate_.reached();
    patient_ = false;
  } else {
    gate_.failed(std::chrono::steady_clock::now(), connected.error().message);
  }
  return connected;
}

/// Whether a failed statement may be sent again: nothing of it has happened, or it only reads.
bool PgSession::worth_another(const PGresult* result, Kind kind, int attempt) {
  constexpr int k_attempts = 3;
  if (!result) return kind == Kind::read && !in_transaction() && attempt == 0;
  const auto state = sql_state(result);
  const bool stale_plan = state == "0A000"; // a table was altered under a prepared SELECT *
  if (stale_plan && !in_transaction()) connection_.forget_statements();
  const bool again = stale_plan || state == "40P01" || state == "40001";
  return again && !in_transaction() && attempt + 1 < k_attempts;
}

Result<Executed> PgSession::execute(std::string_view sql, std::span<const Value> parameters, Kind kind,
                                    const TableFacts*) {
  for (int attempt = 0;; ++attempt) {
    if (!in_transaction())
      if (auto connected = connect(); !connected) return connected.error();
    auto result = connection_.execute(sql, parameters);
    if (result && succeeded(result.get())) {
      gate_.reached();
      const std::string_view done = pq().PQcmdStatus(result.get());
      if (kind == Kind::control && sql == "COMMIT" && done == "ROLLBACK")
        return Error(Errc::internal_server, "database: the transaction had failed and was rolled back");
      Executed executed{read_rows(result.get()), 0};
      executed.affected = std::atoll(pq().PQcmdTuples(result.get()));
      return executed;
    }
    if (!result) gate_.lost();
    if (worth_another(result.get(), kind, attempt)) continue;
    if (result) return error_of(result.get());
    return Error(Errc::unavailable, "the connection to the database was lost");
  }
}

Result<Facts> PgSession::read_facts() {
  auto rows = execute("SELECT table_name::text AS t, column_name::text AS c, udt_name::text AS d, "
                      "is_nullable = 'YES' AS n FROM information_schema.columns WHERE table_schema = "
                      "current_schema() AND (table_name LIKE 'LiteLLM\\_%' OR table_name LIKE "
                      "'Switchyard\\_%') ORDER BY table_name, ordinal_position",
                      {}, Kind::read, nullptr);
  if (!rows) return rows.error();
  Facts facts;
  for (auto& row : rows->rows) {
    auto& table = facts[*row[0].second.as_string()];
    table.name = *row[0].second.as_string();
    ColumnFact column;
    column.name = *row[1].second.as_string();
    column.type_name = *row[2].second.as_string();
    column.type = type_named(column.type_name);
    column.nullable = *row[3].second.as_bool();
    table.columns.push_back(std::move(column));
  }
  return facts;
}

Result<void> PgSession::notify(std::string_view text) {
  if (text.size() > k_longest_word) return Error(Errc::internal_server, "notify: the text is too long");
  const Value word{std::string(text)};
  auto sent = query("SELECT pg_notify('switchyard', $1)", {&word, 1});
  if (!sent) return sent.error();
  return {};
}

} // namespace switchyard::storage
