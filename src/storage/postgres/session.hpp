// A Postgres connection as a Session. One store thread at a time.
#pragma once

#include "storage/postgres/connection.hpp"
#include "storage/postgres/gate.hpp"
#include "storage/sql/sql_session.hpp"

namespace switchyard::storage {

class PgSession final : public SqlSession {
 public:
  /// `patient`: the first connect() may take the whole timeout and does not wait for its turn.
  PgSession(const PostgresSettings& settings, ConnectGate& gate, bool patient)
      : settings_(settings), gate_(gate), connection_(settings), patient_(patient) {}
  Dialect dialect() const override { return Dialect::postgres; }
  Result<void> notify(std::string_view text) override;
  Result<void> connect() override;

 protected:
  Result<Executed> execute(std::string_view sql, std::span<const Value> parameters, Kind kind,
                           const TableFacts* table) override;
  Result<Facts> read_facts() override;
  std::string_view begin_sql() const override { return "BEGIN"; }

 private:
  bool worth_another(const PGresult* result, Kind kind, int attempt);
  const PostgresSettings& settings_;
  ConnectGate& gate_;
  PgConnection connection_;
  bool patient_;
};

} // namespace switchyard::storage
