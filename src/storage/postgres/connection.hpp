// One libpq connection: connecting, statements with a deadline, and how errors are told. One thread at a
// time, never a shard.
#pragma once

#include "storage/postgres/libpq.hpp"
#include "storage/postgres/settings.hpp"

#include <switchyard/clock.hpp>
#include <switchyard/value.hpp>

#include <memory>
#include <span>
#include <string>
#include <unordered_map>

namespace switchyard::storage {

struct FreeResult {
  void operator()(PGresult* result) const { pq().PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, FreeResult>;

class PgConnection {
 public:
  explicit PgConnection(const PostgresSettings& settings) : settings_(settings) {}
  ~PgConnection() { close(); }
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  Result<void> connect(int timeout_seconds);
  void close();
  /// Connected as far as can be seen without sending: notices that the server has closed an idle connection.
  bool alive();
  /// One statement, prepared when it is worth it. Null = the connection is lost.
  PgResult execute(std::string_view sql, std::span<const Value> parameters);
  void forget_statements();
  PGconn* raw() const noexcept { return connection_; }

 private:
  PgResult result(); ///< of what was sent; waits at most k_slowest_statement
  PgResult prepared(const std::string& sql, std::string& name);

  const PostgresSettings& settings_;
  PGconn* connection_ = nullptr;
  std::unordered_map<std::string, std::string> statements_; ///< SQL -> name
  std::uint64_t names_ = 0;
};

/// The error of a failed result; its message has no parameter values.
Error error_of(const PGresult* result);
std::string sql_state(const PGresult* result);

} // namespace switchyard::storage
