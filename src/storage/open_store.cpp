// Which backend a database URL means. Start-up; the URL's password must not get into messages.
#include "storage/pooled_store.hpp"

#include <algorithm>

namespace switchyard::storage {
namespace {

constexpr int k_most_sqlite_threads = 4; // one writer at a time anyway

Result<std::unique_ptr<Store>> make_store(Result<std::unique_ptr<Backend>> backend, int threads) {
  if (!backend) return backend.error();
  return Result<std::unique_ptr<Store>>(std::make_unique<PooledStore>(std::move(*backend), threads));
}

} // namespace

Result<std::unique_ptr<Store>> open_store(const StoreOptions& options) {
  constexpr std::string_view k_sqlite = "sqlite://";
  const auto url = options.url.reveal();
  int connections = std::max(options.connections, 1);
  if (url.starts_with(k_sqlite) && url.size() > k_sqlite.size())
    return make_store(make_sqlite_backend(std::string(url.substr(k_sqlite.size()))),
                      std::min(connections, k_most_sqlite_threads));
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    auto backend = make_postgres_backend(options, connections);
    return make_store(std::move(backend), connections);
  }
  return Error(Errc::config,
               "database_url: expected postgresql://..., sqlite:///path or sqlite://:memory:, got a URL with "
               "scheme '" +
                   std::string(url.substr(0, std::min(url.find(':'), std::size_t{32}))) + "'");
}

} // namespace switchyard::storage
