// Postgres behind the store's threads. Nothing connects before the first statement.
#include "storage/pooled_store.hpp"
#include "storage/postgres/listener.hpp"
#include "storage/postgres/session.hpp"

namespace switchyard::storage {
namespace {

class PostgresBackend final : public Backend {
 public:
  explicit PostgresBackend(PostgresSettings settings) : settings_(std::move(settings)) {}
  Dialect dialect() const override { return Dialect::postgres; }
  std::unique_ptr<SqlSession> make_session(bool patient) override {
    return std::make_unique<PgSession>(settings_, gate_, patient);
  }
  bool up() const noexcept override { return gate_.up(); }
  void listen(std::function<void(std::string_view)> heard) override {
    listeners_.push_back(std::make_unique<PgListener>(settings_, std::move(heard)));
  }
  void close() override { listeners_.clear(); }

 private:
  const PostgresSettings settings_;
  ConnectGate gate_;
  std::vector<std::unique_ptr<PgListener>> listeners_;
};

} // namespace

Result<std::unique_ptr<Backend>> make_postgres_backend(const StoreOptions& options, int& connections) {
  auto settings = read_postgres_url(options.url, options.connect_timeout);
  if (!settings) return settings.error();
  if (settings->connection_limit > 0) connections = settings->connection_limit;
  return Result<std::unique_ptr<Backend>>(std::make_unique<PostgresBackend>(std::move(*settings)));
}

} // namespace switchyard::storage
