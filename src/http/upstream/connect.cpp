// How an upstream connection comes to be: DNS, race of addresses, proxy tunnel, TLS. Lives on a shard;
// everything under one connect time-out.
#include "http/upstream/connection.hpp"
#include "http/upstream/failure.hpp"
#include "http/upstream/requests.hpp"

#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace switchyard::http::upstream {
namespace {

template <int Level, int Name>
using IntOption = asio::detail::socket_option::integer<Level, Name>;

/// Long waits for a reply must survive address translators, which forget silent connections after a minute or
/// more.
void set_options(tcp_socket& socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  socket.set_option(IntOption<IPPROTO_TCP, TCP_KEEPIDLE>(30), ignored);
  socket.set_option(IntOption<IPPROTO_TCP, TCP_KEEPINTVL>(15), ignored);
}

} // namespace

aw<Result<void>> Connection::connect(const Request& request, CancelScope& cancel) {
  Watch watch(*this, cancel);
  timings_.started = home_.pools.shard.now();
  total_deadline_ = request.deadline;
  expired_ = Phase::none;
  arm(Phase::connect, request.connect_timeout);
  ++home_.pools.connects;
  auto* proxy = home_.proxy;
  auto dialled =
      co_await dial(proxy ? proxy->host : home_.origin.host, proxy ? proxy->port : home_.origin.port);
  if (!dialled) co_return dialled.error();
  if (proxy && proxy->tls) {
    auto secured = co_await secure(proxy->host, proxy->host, home_.proxy_session);
    if (!secured) co_return secured.error();
  }
  if (proxy && home_.origin.tls) {
    auto open = co_await tunnel();
    if (!open) co_return open.error();
  }
  if (home_.origin.tls) {
    auto secured = co_await secure(home_.origin.host, home_.name, home_.session);
    if (!secured) co_return secured.error();
  }
  timings_.connected = home_.pools.shard.now();
  co_return Result<void>();
}

aw<Result<Names::AddressesPtr>> Connection::resolve(const std::string& host) {
  for (;;) {
    if (auto reason = stopped()) co_return *std::move(reason);
    auto found = home_.pools.names->find(host, *signal_);
    if (found.addresses) co_return std::move(found.addresses);
    if (!found.error.empty())
      co_return failure(Errc::api_connection, "cannot resolve ", host, ": ", found.error);
    co_await signal_->wait();
  }
}

aw<Result<void>> Connection::dial(const std::string& host, std::uint16_t port) {
  auto addresses = co_await resolve(host);
  if (!addresses) co_return addresses.error();
  auto& shard = home_.pools.shard;
  race_.reset(new Race(shard, *std::move(addresses), port, signal_));
  race_->start();
  while (!race_->ended() && !stopped()) co_await signal_->wait();
  auto race = std::move(race_);
  race->stop();
  if (auto reason = stopped()) co_return *std::move(reason);
  auto& socket = race->winner();
  if (!socket)
    co_return failure(Errc::api_connection, "cannot connect to ", authority(host, port), ": ",
                      race->error().message());
  set_options(*socket);
  link_.reset(new Link(*std::move(socket), shard.limits, signal_));
  co_return Result<void>();
}

aw<Result<void>> Connection::tunnel() {
  auto text = connect_request(home_);
  link_->queue(text);
  link_->write();
  to_head_ = true; // a CONNECT reply of 2xx has no body either
  auto got = head_at_hand();
  for (; !got; got = head_at_hand()) co_await signal_->wait();
  if (!*got) co_return got->error();
  if (head_.status >= 300 || link_->in.size() > 0)
    co_return failure(Errc::api_connection, "the proxy ", home_.proxy->host, " refused the tunnel to ",
                      home_.name, ": status ", std::to_string(head_.status));
  co_return Result<void>();
}

/// TLS over what there is: the socket, or a tunnel through the TLS of a proxy.
aw<Result<void>> Connection::secure(const std::string& host, const std::string& name, TlsSession& session) {
  auto context = home_.pools.tls();
  if (!context) co_return context.error();
  auto* ssl = link_->use_tls(**context);
  auto ready = prepare_tls(ssl, host, session);
  if (!ready) co_return ready.error();
  link_->handshake();
  while (!link_->secured() && !link_->handshake_error()) co_await signal_->wait();
  if (auto reason = stopped()) co_return *std::move(reason);
  if (link_->handshake_error())
    co_return failure(Errc::api_connection, "TLS to ", name, ": ",
                      handshake_reason(ssl, link_->handshake_error()));
  co_return Result<void>();
}

} // namespace switchyard::http::upstream
