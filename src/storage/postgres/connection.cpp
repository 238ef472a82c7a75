// One libpq connection. Blocks on the socket with poll() so that a server that hangs costs a bounded time.
#include "storage/postgres/connection.hpp"

#include "storage/schema/ddl.hpp"

#include <charconv>
#include <poll.h>

namespace switchyard::storage {
namespace {

constexpr std::chrono::seconds k_slowest_statement{120};
constexpr std::size_t k_most_statements = 256;

/// A parameter in Postgres's text form; `buffer` holds it when it is not text already.
const char* parameter_text(const Value& value, std::string& buffer) {
  if (value.is_null()) return nullptr;
  if (auto* text = value.as_string()) return text->c_str();
  if (auto* flag = value.as_bool()) return *flag ? "true" : "false";
  buffer = to_json(value);
  return buffer.c_str();
}

std::string first_line(const char* text) {
  std::string_view words = text ? text : "";
  while (words.ends_with('\n')) words.remove_suffix(1);
  std::string out(words.substr(0, 500));
  for (auto& c : out)
    if (c == '\n') c = ' ';
  return out;
}

struct State {
  std::string_view code, type;
};
constexpr State k_violations[] = {{"23505", "unique_violation"},
                                  {"23503", "foreign_key_violation"},
                                  {"23502", "not_null_violation"},
                                  {"23514", "check_violation"}};

} // namespace

std::string sql_state(const PGresult* result) {
  const char* state = pq().PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state ? state : "";
}

Error error_of(const PGresult* result) {
  const auto state = sql_state(result);
  const char* constraint = pq().PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
  const char* column = pq().PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
  // The detail line quotes values; the primary message names things.
  const auto words = "database: " + first_line(pq().PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  if (state.starts_with("08") || state.starts_with("57P") || state.starts_with("53") || state.empty())
    return Error(Errc::unavailable, words);
  Error error(state.starts_with("22") || state.starts_with("23") ? Errc::bad_request : Errc::internal_server,
              words);
  if (state.starts_with("22")) error.extra().type = "invalid_value";
  if (state == "40P01" || state == "40001") error.extra().type = "deadlock";
  for (auto& row : k_violations)
    if (state == row.code) error.extra().type = row.type;
  if (column || constraint) error.extra().param = column ? column : constraint;
  return error;
}

Result<void> PgConnection::connect(int timeout_seconds) {
  close();
  const auto timeout = std::to_string(timeout_seconds);
  std::vector<const char*> names, values;
  const auto add = [&](const char* name, const char* value) {
    names.push_back(name);
    values.push_back(value);
  };
  add("connect_timeout", timeout.c_str());
  add("client_encoding", "UTF8");
  add("fallback_application_name", "switchyard");
  add("keepalives_idle", "15");
  add("keepalives_interval", "5");
  add("keepalives_count", "3");
  add("tcp_user_timeout", "30000");
  for (auto& [name, value] : settings_.parameters)
    if (name != "connect_timeout") add(name.c_str(), value.c_str());
  names.push_back(nullptr), values.push_back(nullptr);
  connection_ = pq().PQconnectdbParams(names.data(), values.data(), 0);
  if (pq().PQstatus(connection_) == CONNECTION_OK) {
    pq().PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
    const auto setup =
        "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET search_path = " + quoted(settings_.schema);
    const PgResult done(pq().PQexec(connection_, setup.c_str()));
    if (pq().PQresultStatus(done.get()) == PGRES_COMMAND_OK) return {};
  }
  Error error(Errc::unavailable,
              "the database cannot be reached: " + first_line(pq().PQerrorMessage(connection_)));
  close();
  return error;
}

void PgConnection::close() {
  if (connection_) pq().PQfinish(connection_);
  connection_ = nullptr;
  statements_.clear();
}

bool PgConnection::alive() {
  if (!connection_ || pq().PQstatus(connection_) != CONNECTION_OK) return false;
  pollfd readable{pq().PQsocket(connection_), POLLIN, 0};
  while (::poll(&readable, 1, 0) > 0) // a last message, then the end
    if (pq().PQconsumeInput(connection_) == 0 || pq().PQstatus(connection_) != CONNECTION_OK) return false;
  return true;
}

PgResult PgConnection::result() {
  const auto end = std::chrono::steady_clock::now() + k_slowest_statement;
  PgResult last;
  for (;;) {
    while (pq().PQisBusy(connection_)) {
      const auto left = std::chrono::duration_cast<Millis>(end - std::chrono::steady_clock::now()).count();
      pollfd readable{pq().PQsocket(connection_), POLLIN, 0};
      const int ready = left > 0 ? ::poll(&readable, 1, static_cast<int>(left)) : 0;
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0 || pq().PQconsumeInput(connection_) == 0) return close(), nullptr;
    }
    PgResult next(pq().PQgetResult(connection_));
    if (!next) break;
    last = std::move(next);
  }
  if (pq().PQstatus(connection_) != CONNECTION_OK) return close(), nullptr;
  return last;
}

PgResult PgConnection::prepared(const std::string& sql, std::string& name) {
  if (auto it = statements_.find(sql); it != statements_.end()) return name = it->second, nullptr;
  if (statements_.size() >= k_most_statements) forget_statements();
  auto fresh = "s" + std::to_string(++names_);
  if (pq().PQsendPrepare(connection_, fresh.c_str(), sql.c_str(), 0, nullptr) == 0) return close(), nullptr;
  auto done = result();
  if (!done || pq().PQresultStatus(done.get()) != PGRES_COMMAND_OK) return done;
  statements_.emplace(sql, fresh);
  name = std::move(fresh);
  return nullptr;
}

PgResult PgConnection::execute(std::string_view text, std::span<const Value> parameters) {
  if (!connection_) return nullptr;
  const std::string sql(text);
  std::vector<std::string> buffers(parameters.size());
  std::vector<const char*> values;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    values.push_back(parameter_text(parameters[i], buffers[i]));
  const int count = static_cast<int>(values.size());
  int sent = 0;
  if (settings_.prepares && !parameters.empty()) {
    std::string name;
    if (auto failed = prepared(sql, name)) return failed;
    if (!connection_) return nullptr;
    sent = pq().PQsendQueryPrepared(connection_, name.c_str(), count, values.data(), nullptr, nullptr, 0);
  } else {
    sent =
        pq().PQsendQueryParams(connection_, sql.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0);
  }
  if (sent == 0) return close(), nullptr;
  return result();
}

void PgConnection::forget_statements() {
  statements_.clear();
  if (pq().PQsendQuery(connection_, "DEALLOCATE ALL") != 0) (void)result();
}

} // namespace switchyard::storage
