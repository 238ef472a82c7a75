// Idle upstream connections of one shard, per origin, newest first out. One deadline sweeps them; it is off
// while none is idle. Also holds what all connections of a client share.
#pragma once

#include "http/shard.hpp"
#include "http/upstream/client.hpp"
#include "http/upstream/names.hpp"
#include "http/upstream/proxy.hpp"
#include "http/upstream/tls.hpp"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchyard::http::upstream {

class Pools;

/// One origin: its idle connections, its proxy, its TLS session. The address is stable while used or idle.
struct Pool {
  Pool(Pools& owner, const Origin& where);
  ~Pool();
  /// The most recently used idle connection, or nullptr.
  std::unique_ptr<Connection> take() noexcept;
  /// Keeps a reusable connection, or closes it when there are enough.
  void put(std::unique_ptr<Connection> connection);
  /// An idle connection ended: closes it.
  void drop(Connection& connection) noexcept;

  Pools& pools;
  Origin origin;
  std::string name;     ///< "host:port" for messages
  std::string absolute; ///< "http://host:port", put before the path for HTTP proxies
  const Proxy* proxy = nullptr;
  TlsSession session, proxy_session;
  std::vector<std::unique_ptr<Connection>> idle; ///< oldest first
  std::size_t open = 0;                          ///< connections alive, idle ones included
};

class Pools {
 public:
  Pools(Shard& shard, ClientOptions options);
  ~Pools();
  Pools(const Pools&) = delete;
  Pools& operator=(const Pools&) = delete;

  Pool& find(const Origin& origin);
  std::size_t idle() const noexcept;
  void close_idle() noexcept;
  /// The TLS context, made at first use.
  Result<asio::ssl::context*> tls();

  Shard& shard;
  const ClientOptions options;
  std::shared_ptr<Names> names;
  Result<Proxies> proxies; ///< an error fails every request, with its text
  std::uint64_t connects = 0;
  bool shutting_down = false;

 private:
  friend struct Pool;
  struct OriginHash {
    std::size_t operator()(const Origin& origin) const noexcept;
  };
  void sweep();
  void make_space();

  std::unique_ptr<asio::ssl::context> tls_;
  std::unordered_map<Origin, Pool, OriginHash> pools_;
  Deadline sweep_;
};

} // namespace switchyard::http::upstream
