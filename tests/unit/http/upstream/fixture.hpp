// What the upstream client's tests share: a shard on manual time and scripted servers on the same event loop.
// Servers bind port 0; nothing sleeps.
#pragma once

#include "http/shard.hpp"
#include "http/shard_stats.hpp"
#include "http/upstream/client.hpp"
#include "http/upstream/resolver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace switchyard::http::upstream {

/// One accepted connection of a scripted server. Stream is tcp_socket or a TLS stream around one.
template <class Stream>
class BasicPeer {
 public:
  explicit BasicPeer(Stream stream) : stream_(std::move(stream)) {}

  /// Head and Content-Length body of the next request, or "" when the client closed.
  aw<std::string> request() {
    for (;;) {
      if (auto size = complete()) {
        auto text = bytes_.substr(0, size);
        bytes_.erase(0, size);
        co_return text;
      }
      char chunk[4096];
      auto [ec, count] = co_await stream_.async_read_some(asio::buffer(chunk), tuple_aw);
      if (ec) co_return std::string();
      bytes_.append(chunk, count);
    }
  }
  aw<> send(std::string text) { co_await asio::async_write(stream_, asio::buffer(text), tuple_aw); }
  /// True when the client closes without sending more.
  aw<bool> closed() {
    char byte;
    auto [ec, count] = co_await stream_.async_read_some(asio::buffer(&byte, 1), tuple_aw);
    co_return ec&& count == 0;
  }
  void close() {
    error_code ignored;
    stream_.lowest_layer().close(ignored);
  }
  /// Closes with a reset instead of an orderly end.
  void reset() {
    error_code ignored;
    stream_.lowest_layer().set_option(asio::socket_base::linger(true, 0), ignored);
    close();
  }
  Stream& stream() { return stream_; }

 private:
  std::size_t complete() const {
    auto end = bytes_.find("\r\n\r\n");
    if (end == bytes_.npos) return 0;
    std::size_t length = 0;
    if (auto at = bytes_.find("Content-Length: "); at < end)
      std::from_chars(bytes_.data() + at + 16, bytes_.data() + end, length);
    return bytes_.size() >= end + 4 + length ? end + 4 + length : 0;
  }
  Stream stream_;
  std::string bytes_;
};
using Peer = BasicPeer<tcp_socket>;

class UpstreamTest : public ::testing::Test {
 protected:
  UpstreamTest() : acceptor_(shard.context, {asio::ip::address_v4::loopback(), 0}) {
    origin.tls = false;
    origin.host = "127.0.0.1";
    origin.port = acceptor_.local_endpoint().port();
    make_client({});
  }
  ~UpstreamTest() override {
    client.reset();
    acceptor_.close();
  }

  void make_client(ClientOptions options) { client = std::make_unique<Client>(shard, std::move(options)); }

  aw<Peer> accept() {
    auto socket = co_await acceptor_.async_accept(use_aw);
    Peer peer{std::move(socket)};
    co_return peer;
  }
  /// Starts a coroutine that runs beside the test (a server's script).
  void start(aw<> script) { asio::co_spawn(shard.context, std::move(script), rethrow); }
  /// Runs the loop until `test` ends.
  void run(aw<> test) {
    bool done = false;
    asio::co_spawn(shard.context, std::move(test), [&done](std::exception_ptr error) {
      rethrow(error);
      done = true;
    });
    while (!done) shard.context.run_one();
  }
  /// Lets manual time pass and runs what is due.
  void pass(Millis time) {
    clock.advance(time);
    shard.deadlines.run_due();
  }
  /// Handles what is ready, without waiting.
  aw<> turns(int count) {
    for (int i = 0; i < count; ++i) co_await asio::post(shard.executor(), use_aw);
  }

  Request get() {
    Request request;
    request.origin = &origin;
    request.head = "GET /x HTTP/1.1\r\nHost: upstream\r\n\r\n";
    return request;
  }
  /// Sends a GET and returns "status body", or the error's message.
  aw<std::string> fetch() {
    auto request = get();
    auto reply = co_await client->send(request, cancel);
    if (!reply) co_return reply.error().message;
    auto body = co_await settled(reply->read_all(1 << 20, cancel));
    if (!body) co_return body.error().message;
    co_return std::to_string(reply->status()) + " " + std::string(*body);
  }
  static std::string ok(std::string_view body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
  }
  static void rethrow(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  }

  ManualClock clock;
  ProcessLimits limits;
  Shard shard{0, clock, limits, 1};
  Origin origin;
  CancelScope cancel;
  std::unique_ptr<Client> client;

 private:
  tcp_acceptor acceptor_;
};

} // namespace switchyard::http::upstream
