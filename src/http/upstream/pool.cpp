// The pool's rules: last in, first out; a cap per origin; idle connections closed before the upstream would.
// On a shard.
#include "http/upstream/pool.hpp"

#include "http/upstream/connection.hpp"

#include <algorithm>
#include <functional>

namespace switchyard::http::upstream {
namespace {

constexpr std::size_t k_max_origins = 256;

} // namespace

Pool::Pool(Pools& owner, const Origin& where)
    : pools(owner), origin(where), name(authority(where.host, where.port)), absolute("http://" + name) {
  if (owner.proxies) proxy = owner.proxies->choose(where);
}

Pool::~Pool() = default;

std::unique_ptr<Connection> Pool::take() noexcept {
  if (idle.empty()) return nullptr;
  auto connection = std::move(idle.back());
  idle.pop_back();
  return connection;
}

void Pool::put(std::unique_ptr<Connection> connection) {
  if (pools.shutting_down || idle.size() >= pools.options.max_idle_per_origin) return;
  connection->rest();
  idle.push_back(std::move(connection));
  if (!pools.sweep_.armed()) pools.sweep_.expires_in(pools.options.idle_timeout);
}

void Pool::drop(Connection& connection) noexcept {
  std::erase_if(idle, [&connection](const auto& other) { return other.get() == &connection; });
}

Pools::Pools(Shard& home, ClientOptions given)
    : shard(home), options(std::move(given)),
      names(std::make_shared<Names>(home.executor(), home.clock,
                                    options.resolver ? options.resolver : std::make_shared<Resolver>(),
                                    options.dns_ttl)),
      proxies(Proxies::parse(options.http_proxy, options.https_proxy, options.no_proxy)),
      sweep_(
          home.deadlines, [](void* self) { static_cast<Pools*>(self)->sweep(); }, this) {}

Pools::~Pools() = default;

Pool& Pools::find(const Origin& origin) {
  if (auto known = pools_.find(origin); known != pools_.end()) return known->second;
  make_space();
  return pools_.try_emplace(origin, *this, origin).first->second;
}

std::size_t Pools::idle() const noexcept {
  std::size_t count = 0;
  for (auto& [origin, pool] : pools_) count += pool.idle.size();
  return count;
}

void Pools::close_idle() noexcept {
  for (auto& [origin, pool] : pools_) pool.idle.clear();
}

Result<asio::ssl::context*> Pools::tls() {
  if (!tls_) {
    auto made = make_tls_context(options);
    if (!made) return made.error();
    tls_ = std::move(*made);
  }
  return tls_.get();
}

void Pools::sweep() {
  auto now = shard.now();
  auto next = Instant::max();
  for (auto& [origin, pool] : pools_) {
    auto& idle = pool.idle;
    auto fresh = std::find_if(idle.begin(), idle.end(), [&](const auto& connection) {
      return connection->resting_since() + options.idle_timeout > now;
    });
    idle.erase(idle.begin(), fresh);
    if (!idle.empty()) next = std::min(next, idle.front()->resting_since() + options.idle_timeout);
  }
  if (next != Instant::max()) sweep_.expires_at(next);
}

/// Origins come from the configuration, but client-side credentials may bring any: their number is bounded.
void Pools::make_space() {
  if (pools_.size() >= k_max_origins)
    std::erase_if(pools_, [](const auto& item) { return item.second.open == 0; });
}

std::size_t Pools::OriginHash::operator()(const Origin& origin) const noexcept {
  return std::hash<std::string>()(origin.host) ^ (std::size_t{origin.port} << 1 | (origin.tls ? 1 : 0));
}

} // namespace switchyard::http::upstream
