// A shard on manual time, an edge with a scripted handler, and clients on real loopback sockets, all driven
// by the test's thread.
#pragma once

#include "http/edge.hpp"
#include "http/session.hpp"
#include "http/shard_stats.hpp"
#include "http/tls_server.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace switchyard::http::testing {

struct ScriptedHandler final : RequestHandler {
  std::function<aw<>(Exchange&)> script;
  aw<> handle(Exchange& exchange) override { return script(exchange); }
};

inline aw<> answer(Exchange& exchange, int status, std::string body) {
  const std::string_view slices[] = {body};
  co_await settled(exchange.respond(status, "Content-Type: text/plain\r\n", slices));
}

/// Answers with method, path and body of the request.
inline aw<> echo(Exchange& exchange) {
  auto body = co_await settled(exchange.read_body(1 << 20));
  auto text = std::string(exchange.head.method) + " " + std::string(exchange.head.path) + " ";
  if (body)
    text += *body;
  else
    text += body.error().message;
  co_await answer(exchange, body ? 200 : body.error().http_status(), text);
}

class Client {
 public:
  explicit Client(int fd) : fd_(fd) {}
  Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), received(std::move(other.received)) {}
  ~Client() { close(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void reset() {
    ::linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }
  int fd() const { return fd_; }
  std::size_t send(std::string_view text) {
    auto n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return n < 0 ? 0 : static_cast<std::size_t>(n);
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  /// Takes what has arrived.
  void take() {
    char buffer[65536];
    for (;;) {
      auto n = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
      if (n == 0) ended = true;
      if (n < 0 && errno == ECONNRESET) ended = was_reset = true;
      if (n <= 0) return;
      received.append(buffer, static_cast<std::size_t>(n));
    }
  }

 private:
  int fd_;

 public:
  std::string received;
  bool ended = false, was_reset = false;
};

struct EdgeFixture : ::testing::Test {
  ManualClock clock;
  ProcessLimits limits;
  Shard shard{0, clock, limits, 1};
  Edge edge{shard, EdgeOptions{}, nullptr};
  ScriptedHandler* handler = nullptr;
  int listening = -1;

  EdgeFixture() {
    auto made = std::make_unique<ScriptedHandler>();
    handler = made.get();
    handler->script = echo;
    edge.handler = std::move(made);
    listening = ::socket(AF_INET, SOCK_STREAM, 0);
    auto address = tcp::endpoint(asio::ip::address_v4::loopback(), 0);
    EXPECT_EQ(::bind(listening, address.data(), static_cast<socklen_t>(address.size())), 0);
    EXPECT_EQ(::listen(listening, 64), 0);
  }
  ~EdgeFixture() override {
    edge.stop_sessions();
    pump();
    EXPECT_EQ(shard.sessions, 0u) << "a session did not end";
    ::close(listening);
  }

  /// A connected client and its session (without the listener).
  Client connect(int receive_buffer = 0, Edge* through = nullptr) {
    sockaddr_storage to{};
    socklen_t size = sizeof to;
    ::getsockname(listening, reinterpret_cast<sockaddr*>(&to), &size);
    int client = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer) ::setsockopt(client, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    int on = 1; // the second of two small sends must not wait for an acknowledgement
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&to), size), 0);
    int accepted = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK);
    EXPECT_GE(accepted, 0);
    ++shard.sessions, ++limits.connections;
    (through ? *through : edge).adopt(accepted, tcp::endpoint(asio::ip::address_v4::loopback(), 1));
    pump();
    return Client(client);
  }

  /// Runs everything that is ready.
  void pump() {
    shard.context.restart();
    while (shard.context.poll() != 0) {
    }
  }
  void pass(Millis time) {
    clock.advance(time);
    shard.deadlines.run_due();
    pump();
  }
  std::string exchange(Client& client, std::string_view request) {
    client.send(request);
    return receive(client);
  }
  std::string receive(Client& client) {
    pump();
    client.take();
    return std::exchange(client.received, {});
  }
};

inline std::string body_of(const std::string& response) {
  auto at = response.find("\r\n\r\n");
  return at == std::string::npos ? "" : response.substr(at + 4);
}
inline std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
  return found;
}
inline bool contains(const std::string& text, std::string_view part) { return count(text, part) != 0; }

} // namespace switchyard::http::testing
