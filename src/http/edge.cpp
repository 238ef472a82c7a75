// Edge: adopts accepted sockets and counts sessions out. Runs on its shard.
#include "http/edge.hpp"

#include "http/session.hpp"
#include "http/shard_stats.hpp"
#include "http/tls_server.hpp"

#include <switchyard/log.hpp>

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <utility>

namespace switchyard::http {
namespace {

std::string text_of(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

void log_escaped(std::exception_ptr failure) {
  if (failure) log::error("session_escaped", {{"error", "exception outside of a session"}});
}

} // namespace

Edge::Edge(Shard& on, EdgeOptions chosen, std::shared_ptr<const TlsContext> tls)
    : shard(on), options(chosen), tls_(std::move(tls)) {}

Edge::~Edge() = default;

void Edge::adopt(int fd, const tcp::endpoint& peer) {
  tcp_socket socket(shard.executor());
  error_code ec;
  socket.assign(peer.protocol(), fd, ec);
  shard.stats->connections_accepted.add();
  shard.stats->connections_open.add();
  if (ec) {
    ::close(fd);
    return left();
  }
  socket.set_option(tcp::no_delay(true), ec); // a failure means that the peer is gone already
  auto transport =
      tls_ ? make_tls_transport(std::move(socket), *tls_) : make_tcp_transport(std::move(socket));
  asio::co_spawn(shard.executor(), serve_connection(*this, std::move(transport), text_of(peer.address())),
                 log_escaped);
}

void Edge::left() {
  shard.stats->connections_open.sub();
  shard.limits.connections.fetch_sub(1, std::memory_order_relaxed);
  if (shard.sessions.fetch_sub(1, std::memory_order_relaxed) == 1 && on_empty_)
    std::exchange(on_empty_, nullptr)();
}

void Edge::drain(std::function<void()> on_empty) {
  shard.draining = true;
  for (auto at = sessions_.begin(); at != sessions_.end();) (at++)->drain();
  if (shard.sessions.load(std::memory_order_relaxed) == 0) return on_empty();
  on_empty_ = std::move(on_empty);
}

void Edge::stop_sessions() {
  for (auto at = sessions_.begin(); at != sessions_.end();) (at++)->stop();
}

} // namespace switchyard::http
