// Listener: accept4 in a loop behind one readiness wait, so that a burst costs one wake-up. Runs on its
// shard.
#include "http/listener.hpp"

#include "http/shard_stats.hpp"

#include <switchyard/log.hpp>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

namespace switchyard::http {
namespace {

constexpr int k_backlog = 4096;
constexpr int k_burst = 64; // accepts before the shard's other work gets its turn
constexpr Millis k_pause{100};
constexpr std::string_view k_full =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n"
    "Content-Type: application/json\r\nContent-Length: 103\r\n\r\n"
    R"({"error":{"message":"Too many connections","type":"service_unavailable_error","param":null,"code":503}})";

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

Error cannot_listen(const tcp::endpoint& address, const error_code& ec) {
  Error error{Errc::config};
  auto where = address.address().to_string();
  error.message =
      ec == asio::error::address_in_use
          ? "port " + std::to_string(address.port()) + " on " + where + " is already in use"
          : "cannot listen on " + where + " port " + std::to_string(address.port()) + ": " + ec.message();
  return error;
}

template <class Acceptor>
error_code open_and_bind(Acceptor& acceptor, const tcp::endpoint& address, bool shared) {
  error_code ec;
  acceptor.open(address.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec && shared) acceptor.set_option(ReusePort(true), ec);
  // "::" takes both kinds; an address of its own only its kind.
  if (!ec && address.address().is_v6())
    acceptor.set_option(asio::ip::v6_only(!address.address().is_unspecified()), ec);
  if (!ec) acceptor.bind(address, ec);
  if (!ec) acceptor.listen(k_backlog, ec);
  return ec;
}

/// The machine has the address at all, whatever listens there.
bool can_listen(const asio::ip::address& address) {
  asio::io_context context;
  tcp_acceptor probe(context.get_executor());
  return !open_and_bind(probe, tcp::endpoint(address, 0), false);
}

} // namespace

Result<std::vector<tcp::endpoint>> listen_addresses(const std::string& host, std::uint16_t port) {
  error_code ec;
  auto address = asio::ip::make_address(host, ec);
  if (!ec) return std::vector<tcp::endpoint>{tcp::endpoint(address, port)};
  asio::io_context context;
  auto found = tcp::resolver(context).resolve(host, std::to_string(port), tcp::resolver::passive, ec);
  if (ec || found.empty()) return Error{Errc::config, "cannot resolve host '" + host + "': " + ec.message()};
  std::vector<tcp::endpoint> out;
  for (auto& entry : found)
    if (std::find(out.begin(), out.end(), entry.endpoint()) == out.end()) out.push_back(entry.endpoint());
  // "localhost" has an address of each kind, but not on every machine: the others are enough then.
  const auto first = out.front();
  std::erase_if(out, [](const tcp::endpoint& place) {
    return place.address().is_v6() && !can_listen(place.address());
  });
  if (out.empty()) out.push_back(first);
  return out;
}

Result<void> probe_address(const tcp::endpoint& address) {
  asio::io_context context;
  tcp_acceptor probe(context.get_executor());
  if (auto ec = open_and_bind(probe, address, false)) return cannot_listen(address, ec);
  return {};
}

Listener::Listener(Edge& edge, const std::vector<std::unique_ptr<Edge>>& all)
    : edge_(edge), all_(all), acceptor_(edge.shard.executor()),
      resume_(
          edge.shard.deadlines, [](void* self) { static_cast<Listener*>(self)->accept_all(); }, this) {}

Result<void> Listener::bind(tcp::endpoint& address) {
  error_code ec = open_and_bind(acceptor_, address, true);
  if (!ec) acceptor_.native_non_blocking(true, ec);
  if (ec) return cannot_listen(address, ec);
  address = acceptor_.local_endpoint();
  return {};
}

void Listener::start() { accept_all(); }

void Listener::stop() {
  resume_.disarm();
  if (!acceptor_.is_open()) return;
  while (accept_one() == Accepted::one) {
  }
  error_code ignored;
  acceptor_.close(ignored);
}

void Listener::wait() {
  acceptor_.async_wait(tcp_acceptor::wait_read, [this](error_code ec) {
    if (!ec) accept_all();
  });
}

/// The reactor is edge triggered: it is only waited for after the queue was seen empty.
void Listener::accept_all() {
  if (!acceptor_.is_open()) return;
  for (int i = 0; i < k_burst; ++i) {
    switch (accept_one()) {
    case Accepted::one:
      continue;
    case Accepted::none:
      return wait();
    case Accepted::no_descriptors:
      return pause();
    }
  }
  asio::post(edge_.shard.executor(), [this] { accept_all(); });
}

void Listener::pause() {
  if (!std::exchange(starved_, true))
    log::warning("accept_paused",
                 {{"shard", edge_.shard.number}, {"reason", "out of file descriptors or memory"}});
  resume_.expires_in(k_pause);
}

Listener::Accepted Listener::accept_one() {
  for (;;) {
    tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    int fd = ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      peer.resize(size);
      place(fd, peer);
      return Accepted::one;
    }
    if (errno == EAGAIN) return starved_ = false, Accepted::none;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
      return Accepted::no_descriptors;
    if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK) return Accepted::none;
    // Anything else (ECONNABORTED, network errors) belongs to that one connection.
  }
}

void Listener::place(int fd, const tcp::endpoint& peer) {
  auto& limits = edge_.shard.limits;
  if (limits.connections.fetch_add(1, std::memory_order_relaxed) >= limits.max_connections) {
    limits.connections.fetch_sub(1, std::memory_order_relaxed);
    return refuse(fd);
  }
  auto& chosen = choose();
  chosen.shard.sessions.fetch_add(1, std::memory_order_relaxed);
  if (&chosen == &edge_) return edge_.adopt(fd, peer);
  edge_.shard.stats->connections_handed_off.add();
  asio::post(chosen.shard.context, [&chosen, fd, peer] { chosen.adopt(fd, peer); });
}

/// This shard, unless it has more than two connections above the mean.
Edge& Listener::choose() {
  if (all_.size() == 1 || edge_.shard.draining) return edge_;
  std::size_t sum = 0;
  Edge* least = &edge_;
  for (auto& other : all_) {
    auto count = other->shard.sessions.load(std::memory_order_relaxed);
    sum += count;
    if (count < least->shard.sessions.load(std::memory_order_relaxed)) least = other.get();
  }
  auto mine = edge_.shard.sessions.load(std::memory_order_relaxed);
  return mine > sum / all_.size() + 2 ? *least : edge_;
}

/// Over the connection cap: one answer into the empty send buffer, no session.
void Listener::refuse(int fd) {
  edge_.shard.stats->connections_refused.add();
  char unread[4096]; // what is left unread at close() would turn the answer into a reset
  (void)!::recv(fd, unread, sizeof unread, MSG_DONTWAIT);
  (void)!::send(fd, k_full.data(), k_full.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(fd, SHUT_WR);
  (void)!::recv(fd, unread, sizeof unread, MSG_DONTWAIT);
  ::close(fd);
}

} // namespace switchyard::http
