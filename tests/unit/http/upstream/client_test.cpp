// Pooling, retry, writing and interruption of the upstream client against scripted loopback servers.
#include "unit/http/upstream/fixture.hpp"

#include <algorithm>
#include <array>

namespace switchyard::http::upstream {
namespace {

class UpstreamClientTest : public UpstreamTest {
 protected:
  /// Serves one connection: each request gets the next reply; then closes.
  aw<> serve(std::vector<std::string> replies) {
    auto peer = co_await accept();
    for (auto& reply : replies) {
      auto request = co_await peer.request();
      if (request.empty()) co_return;
      co_await peer.send(reply);
    }
  }
};

TEST_F(UpstreamClientTest, KeepsOneConnectionForManyRequests) {
  start(serve({ok("one"), ok("two"), ok("three")}));
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "200 one");
    EXPECT_EQ(client->idle_connections(), 1u);
    EXPECT_EQ(co_await fetch(), "200 two");
    EXPECT_EQ(co_await fetch(), "200 three");
    EXPECT_EQ(client->connects(), 1u);
  };
  run(test());
}

TEST_F(UpstreamClientTest, ReportsTimingsAndHeaders) {
  start(serve({"HTTP/1.1 201 Created\r\ncontent-type: text/x\r\nContent-Length: 2\r\n\r\nab", ok("")}));
  auto test = [&]() -> aw<> {
    auto request = get();
    auto reply = co_await client->send(request, cancel);
    EXPECT_EQ(reply->status(), 201);
    EXPECT_EQ(reply->header("Content-Type"), "text/x");
    EXPECT_EQ(reply->raw_headers(), "content-type: text/x\r\nContent-Length: 2\r\n");
    EXPECT_EQ(reply->content_length(), 2u);
    EXPECT_FALSE(reply->timings().reused);
    EXPECT_NE(reply->timings().connected, Instant{});
    (void)co_await settled(reply->read_all(10, cancel));
    *reply = Reply();
    auto second = co_await client->send(request, cancel);
    EXPECT_TRUE(second->timings().reused);
    EXPECT_NE(second->timings().first_byte, Instant{});
  };
  run(test());
}

TEST_F(UpstreamClientTest, DropsAnIdleConnectionThatTheUpstreamCloses) {
  start(serve({ok("one")}));
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "200 one");
    while (client->idle_connections() > 0) co_await turns(1);
    start(serve({ok("two")}));
    EXPECT_EQ(co_await fetch(), "200 two");
    EXPECT_EQ(client->connects(), 2u);
  };
  run(test());
}

TEST_F(UpstreamClientTest, RetriesAStaleConnectionOnceOnAFreshOne) {
  auto server = [&]() -> aw<> {
    auto first = co_await accept();
    co_await first.request();
    co_await first.send(ok("one"));
    co_await first.request();
    first.close();
    auto second = co_await accept();
    co_await second.request();
    co_await second.send(ok("two"));
  };
  start(server());
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "200 one");
    EXPECT_EQ(co_await fetch(), "200 two");
    EXPECT_EQ(client->connects(), 2u);
  };
  run(test());
}

TEST_F(UpstreamClientTest, DoesNotRetryTwice) {
  auto server = [&]() -> aw<> {
    auto first = co_await accept();
    co_await first.request();
    co_await first.send(ok("one"));
    co_await first.request();
    first.reset();
    auto second = co_await accept();
    co_await second.request();
    second.close();
  };
  start(server());
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "200 one");
    EXPECT_EQ(co_await fetch(), origin.host + ":" + std::to_string(origin.port) +
                                    ": the connection was closed before the reply");
    EXPECT_EQ(client->connects(), 2u);
  };
  run(test());
}

TEST_F(UpstreamClientTest, DoesNotRetryAfterAByteOfTheReply) {
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    co_await peer.send(ok("one"));
    co_await peer.request();
    co_await peer.send("H");
  };
  start(server());
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "200 one");
    EXPECT_THAT(co_await fetch(), ::testing::HasSubstr("closed before the reply"));
    EXPECT_EQ(client->connects(), 1u);
  };
  run(test());
}

TEST_F(UpstreamClientTest, FailsPlainlyWhenNobodyListens) {
  origin.port = 1;
  auto test = [&]() -> aw<> {
    auto request = get();
    auto reply = co_await client->send(request, cancel);
    EXPECT_EQ(reply.error().code, Errc::api_connection);
    EXPECT_EQ(reply.error().message, "cannot connect to 127.0.0.1:1: Connection refused");
  };
  run(test());
}

TEST_F(UpstreamClientTest, SendsTenMegabytesInSlicesToASlowReader) {
  std::string body(10 << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i * 7 % 26);
  std::string received;
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    received = co_await peer.request();
    co_await peer.send(ok("done"));
  };
  start(server());
  auto test = [&]() -> aw<> {
    auto head = "POST /x HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    std::vector<std::string_view> slices;
    for (std::size_t at = 0; at < body.size(); at += 70'001)
      slices.push_back(std::string_view(body).substr(at, 70'001));
    auto request = get();
    request.head = head;
    request.body = slices;
    auto reply = co_await client->send(request, cancel);
    EXPECT_EQ(reply->status(), 200);
    EXPECT_TRUE(received == head + body);
    (void)co_await settled(reply->read_all(10, cancel));
  };
  run(test());
  EXPECT_EQ(client->idle_connections(), 1u);
}

TEST_F(UpstreamClientTest, TakesAReplyThatComesWhileTheRequestIsBeingWritten) {
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
    EXPECT_FALSE(co_await peer.closed()); // request bytes are there
    peer.close();
  };
  start(server());
  auto test = [&]() -> aw<> {
    std::string body(30 << 20, 'x');
    std::array<std::string_view, 1> slices{body};
    auto request = get();
    request.head = "POST /x HTTP/1.1\r\nContent-Length: 31457280\r\n\r\n";
    request.body = slices;
    auto reply = co_await client->send(request, cancel);
    EXPECT_EQ(reply->status(), 413);
    auto text = co_await settled(reply->read_all(100, cancel));
    EXPECT_EQ(*text, "big");
  };
  run(test());
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(UpstreamClientTest, DoesNotReuseAConnectionWithBytesBeyondTheReply) {
  start(serve({ok("one") + "HTTP/1.1 200 OK\r\n"}));
  auto test = [&]() -> aw<> { EXPECT_EQ(co_await fetch(), "200 one"); };
  run(test());
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(UpstreamClientTest, DoesNotReuseAConnectionWhoseBodyWasNotRead) {
  start(serve({ok("unread")}));
  auto test = [&]() -> aw<> {
    auto request = get();
    auto reply = co_await client->send(request, cancel);
    EXPECT_EQ(reply->status(), 200);
  };
  run(test());
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(UpstreamClientTest, ClosesConnectionsThatWereIdleTooLong) {
  bool closed = false;
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    co_await peer.send(ok("one"));
    closed = co_await peer.closed();
  };
  start(server());
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "200 one");
    pass(Millis(59'000));
    EXPECT_EQ(client->idle_connections(), 1u);
    pass(Millis(1'001));
    EXPECT_EQ(client->idle_connections(), 0u);
    while (!closed) co_await turns(1);
  };
  run(test());
}

TEST_F(UpstreamClientTest, TakesTheNewestIdleConnectionAndKeepsNoMoreThanTheCap) {
  ClientOptions options;
  options.max_idle_per_origin = 2;
  make_client(options);
  for (auto text : {"a", "b", "c"}) start(serve({ok(text), ok(std::string(text) + "2")}));
  auto test = [&]() -> aw<> {
    auto request = get();
    std::vector<Reply> replies;
    for (int i = 0; i < 3; ++i) {
      auto reply = co_await client->send(request, cancel);
      (void)co_await settled(reply->read_all(10, cancel));
      replies.push_back(std::move(*reply));
    }
    for (auto& reply : replies) reply = Reply();
    EXPECT_EQ(client->idle_connections(), 2u);
    EXPECT_EQ(co_await fetch(), "200 b2");
    EXPECT_EQ(client->connects(), 3u);
  };
  run(test());
}

TEST_F(UpstreamClientTest, ClosesIdleConnectionsOnShutDownAndKeepsNoNewOnes) {
  start(serve({ok("one")}));
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "200 one");
    client->shut_down();
    EXPECT_EQ(client->idle_connections(), 0u);
    start(serve({ok("two")}));
    EXPECT_EQ(co_await fetch(), "200 two");
    EXPECT_EQ(client->idle_connections(), 0u);
  };
  run(test());
}

TEST_F(UpstreamClientTest, CancelClosesTheUpstreamSocket) {
  bool closed = false;
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    cancel.cancel(CancelReason::client_gone);
    closed = co_await peer.closed();
  };
  start(server());
  auto test = [&]() -> aw<> {
    auto request = get();
    auto reply = co_await client->send(request, cancel);
    EXPECT_EQ(reply.error().code, Errc::cancelled);
    co_await turns(2);
    EXPECT_TRUE(closed);
    auto again = co_await client->send(request, cancel);
    EXPECT_EQ(again.error().code, Errc::cancelled);
  };
  run(test());
}

TEST_F(UpstreamClientTest, CancelInTheMiddleOfTheBodyClosesTheUpstreamSocket) {
  bool closed = false;
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
    closed = co_await peer.closed();
  };
  start(server());
  auto test = [&]() -> aw<> {
    auto request = get();
    auto reply = co_await client->send(request, cancel);
    auto part = co_await settled(reply->read(cancel));
    EXPECT_EQ(*part, "part");
    asio::post(shard.executor(), [this] { cancel.cancel(CancelReason::client_gone); });
    auto rest = co_await settled(reply->read(cancel));
    EXPECT_EQ(rest.error().code, Errc::cancelled);
    while (!closed) co_await turns(1);
  };
  run(test());
}

TEST_F(UpstreamClientTest, StopsReadingWhenTheCallerDoes) {
  std::size_t sent = 0;
  bool blocked = false;
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    peer.stream().set_option(asio::socket_base::send_buffer_size(64 * 1024));
    co_await peer.send("HTTP/1.1 200 OK\r\n\r\n");
    peer.stream().non_blocking(true);
    std::string piece(64 * 1024, 'x');
    for (error_code ec; !ec;) sent += peer.stream().write_some(asio::buffer(piece), ec);
    blocked = true;
    auto before = sent;
    co_await turns(20);
    error_code ec;
    peer.stream().write_some(asio::buffer(piece), ec);
    EXPECT_EQ(ec, asio::error::would_block) << "the client went on reading after " << before;
    peer.stream().non_blocking(false);
  };
  start(server());
  auto test = [&]() -> aw<> {
    auto request = get();
    auto reply = co_await client->send(request, cancel);
    auto part = co_await settled(reply->read(cancel));
    EXPECT_LE(part->size(), 16u * 1024);
    while (!blocked) co_await turns(1);
    co_await turns(30);
    std::size_t read = part->size();
    while (read < sent) read += (co_await settled(reply->read(cancel)))->size();
    EXPECT_EQ(read, sent);
  };
  run(test());
}

} // namespace
} // namespace switchyard::http::upstream
