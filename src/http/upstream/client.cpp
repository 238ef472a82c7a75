// The client's front: picks a connection, retries a stale one once, hands out replies. Lives on a shard.
// Replies must end before their client.
#include "http/upstream/client.hpp"

#include "http/upstream/connection.hpp"
#include "http/upstream/failure.hpp"

namespace switchyard::http::upstream {

struct Client::Impl {
  Pools pools;
};

Client::Client(Shard& shard, ClientOptions options) : impl_(new Impl{{shard, std::move(options)}}) {}
Client::~Client() { shut_down(); }

aw<Result<Reply>> Client::send(const Request& request, CancelScope& cancel) {
  auto& pools = impl_->pools;
  if (!pools.proxies) co_return pools.proxies.error();
  auto& pool = pools.find(*request.origin);
  auto started = pools.shard.now();
  for (bool may_reuse = true;; may_reuse = false) {
    if (cancel.cancelled()) co_return cancelled(cancel.reason());
    auto connection = may_reuse ? pool.take() : nullptr;
    bool reused = connection != nullptr;
    if (!reused) {
      connection = std::make_unique<Connection>(pool);
      auto connected = co_await connection->connect(request, cancel);
      if (!connected) co_return connected.error();
    }
    auto exchanged = co_await connection->exchange(request, cancel, started, reused);
    if (exchanged) co_return Reply(std::move(connection));
    // Pooled connections go stale while nobody looks; without a byte of a reply the request may be sent
    // again.
    if (!reused || !connection->failed_unanswered() || cancel.cancelled()) co_return exchanged.error();
  }
}

void Client::shut_down() {
  impl_->pools.shutting_down = true;
  impl_->pools.close_idle();
}

std::size_t Client::idle_connections() const noexcept { return impl_->pools.idle(); }
std::uint64_t Client::connects() const noexcept { return impl_->pools.connects; }

Result<void> check(const ClientOptions& options) {
  auto proxies = Proxies::parse(options.http_proxy, options.https_proxy, options.no_proxy);
  if (!proxies) return proxies.error();
  auto tls = make_tls_context(options);
  if (!tls) return tls.error();
  return {};
}

Reply::Reply() = default;
Reply::Reply(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Reply::Reply(Reply&&) noexcept = default;
Reply& Reply::operator=(Reply&& other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}

Reply::~Reply() {
  if (!connection_ || !connection_->reusable()) return;
  auto& pool = connection_->home();
  pool.put(std::move(connection_));
}

int Reply::status() const noexcept { return connection_->head().status; }
std::string_view Reply::raw_headers() const noexcept { return connection_->head().raw_headers; }
std::string_view Reply::header(std::string_view name) const noexcept {
  return connection_->head().find(name);
}
std::optional<std::uint64_t> Reply::content_length() const noexcept {
  return connection_->head().content_length;
}
const Timings& Reply::timings() const noexcept { return connection_->timings(); }

void Reply::expires_at(Instant deadline) noexcept { connection_->expires_at(deadline); }

Soon<Result<std::string_view>> Reply::read(CancelScope& cancel) { return connection_->read(cancel); }
Soon<Result<std::string_view>> Reply::read_all(std::size_t cap, CancelScope& cancel) {
  return connection_->read_all(cap, cancel);
}

} // namespace switchyard::http::upstream
