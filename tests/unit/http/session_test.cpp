// Sessions: requests, framing and keep-alive over loopback sockets.
#include "edge_fixture.hpp"

namespace switchyard::http {
namespace {

using namespace testing;
using SessionTest = EdgeFixture;

constexpr std::string_view k_get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(SessionTest, KeepsTheConnectionAlive) {
  auto client = connect();
  for (int i = 0; i < 100; ++i) {
    auto response = exchange(client, k_get);
    ASSERT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << response;
    EXPECT_FALSE(contains(response, "Connection:"));
    EXPECT_FALSE(contains(response, "Server:"));
    EXPECT_EQ(body_of(response), "GET /a ");
  }
  EXPECT_EQ(shard.stats->requests.get(), 100u);
  EXPECT_EQ(shard.stats->connections_accepted.get(), 1u);
}

TEST_F(SessionTest, RequestAtEverySplit) {
  std::string request = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  auto client = connect();
  for (std::size_t split = 0; split <= request.size(); ++split) {
    client.send(std::string_view(request).substr(0, split));
    pump();
    auto response = exchange(client, std::string_view(request).substr(split));
    ASSERT_EQ(body_of(response), "POST /p hello") << split;
  }
}

TEST_F(SessionTest, ChunkedBodyAtEverySplit) {
  std::string request = "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: x\r\n\r\n";
  auto client = connect();
  for (std::size_t split = 0; split <= request.size(); ++split) {
    client.send(std::string_view(request).substr(0, split));
    pump();
    auto response = exchange(client, std::string_view(request).substr(split));
    ASSERT_EQ(body_of(response), "POST /p hello world") << split;
  }
}

TEST_F(SessionTest, PipelinedRequestsAreAnsweredInOrder) {
  auto client = connect();
  std::string requests;
  for (int i = 0; i < 10; ++i)
    requests += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n" +
                std::to_string(i);
  auto responses = exchange(client, requests);
  EXPECT_EQ(count(responses, "HTTP/1.1 200 OK"), 10u);
  std::size_t at = 0;
  for (int i = 0; i < 10; ++i) {
    auto expected = "POST /" + std::to_string(i) + " " + std::to_string(i);
    at = responses.find(expected, at);
    ASSERT_NE(at, std::string::npos) << expected;
  }
}

TEST_F(SessionTest, ManyPipelinedRequestsOverABoundedBuffer) {
  auto client = connect();
  std::string requests;
  for (int i = 0; i < 2000; ++i) requests += k_get;
  std::size_t sent = 0;
  std::string responses;
  while (sent < requests.size() || count(responses, "HTTP/1.1 200 OK") < 2000) {
    auto n = client.send(std::string_view(requests).substr(sent));
    sent += n;
    auto more = receive(client);
    ASSERT_TRUE(n > 0 || !more.empty());
    responses += more;
  }
  EXPECT_EQ(count(responses, "GET /a "), 2000u);
}

TEST_F(SessionTest, BigBodiesArriveWholeAndTheirMemoryIsGivenBack) {
  auto client = connect();
  std::string body(900'000, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  std::size_t seen = 0, charged = 0;
  bool same = false;
  handler->script = [&](Exchange& exchange) -> aw<> {
    auto got = co_await settled(exchange.read_body(1 << 20));
    seen = got ? got->size() : 0;
    same = got && *got == body;
    charged = limits.buffered_bytes;
    co_await answer(exchange, 200, "ok");
  };
  std::string head =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  for (int round = 0; round < 2; ++round) {
    auto request = head + body;
    for (std::size_t sent = 0; sent < request.size();) {
      sent += client.send(std::string_view(request).substr(sent));
      pump();
    }
    EXPECT_EQ(body_of(receive(client)), "ok");
    EXPECT_EQ(seen, body.size());
    EXPECT_TRUE(same);
    EXPECT_GE(charged, body.size());
    EXPECT_EQ(limits.buffered_bytes, 0u);
  }
}

TEST_F(SessionTest, BigHeadsGrowTheBuffer) {
  auto client = connect();
  std::string request = "POST /p HTTP/1.1\r\nHost: h\r\nX-Big: " + std::string(40'000, 'b') +
                        "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(body_of(exchange(client, request)), "POST /p hello");
  EXPECT_EQ(body_of(exchange(client, k_get)), "GET /a ");
}

TEST_F(SessionTest, BodiesOfEverySizeAroundTheBuffer) {
  auto client = connect();
  for (std::size_t size = 7900; size < 8300; size += 7)
    for (bool chunked : {false, true}) {
      std::string body(size, 'b'), head = "POST /p HTTP/1.1\r\nHost: h\r\n";
      char digits[16];
      std::snprintf(digits, sizeof digits, "%zx\r\n", size);
      auto request = chunked ? head + "Transfer-Encoding: chunked\r\n\r\n" + digits + body + "\r\n0\r\n\r\n"
                             : head + "Content-Length: " + std::to_string(size) + "\r\n\r\n" + body;
      auto responses = exchange(client, request + std::string(k_get));
      ASSERT_EQ(count(responses, "HTTP/1.1 200 OK"), 2u) << size << chunked;
      ASSERT_TRUE(contains(responses, "POST /p " + body)) << size << chunked;
      ASSERT_TRUE(responses.ends_with("GET /a ")) << size << chunked;
    }
}

TEST_F(SessionTest, ContinueIsSentOnlyWhenTheBodyIsRead) {
  auto client = connect();
  std::string head = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  EXPECT_EQ(exchange(client, head), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(body_of(exchange(client, "hello")), "POST /p hello");
  handler->script = [](Exchange& exchange) -> aw<> { co_await answer(exchange, 401, "no"); };
  auto response = exchange(client, head);
  EXPECT_TRUE(response.starts_with("HTTP/1.1 401 "));
  EXPECT_TRUE(contains(response, "Connection: close\r\n"));
}

TEST_F(SessionTest, HeadGetsLengthsAndNoBody) {
  auto client = connect();
  auto response = exchange(client, "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(contains(response, "Content-Length: 8\r\n"));
  EXPECT_EQ(body_of(response), "");
  EXPECT_EQ(body_of(exchange(client, k_get)), "GET /a ");
}

TEST_F(SessionTest, OldClientsAreClosedUnlessTheyAsk) {
  auto client = connect();
  auto kept = exchange(client, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(contains(kept, "Connection: keep-alive\r\n"));
  auto last = exchange(client, "GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(contains(last, "Connection: close\r\n"));
  EXPECT_EQ(body_of(last), "GET / ");
  client.take();
  EXPECT_TRUE(client.ended);
  EXPECT_FALSE(client.was_reset);
}

TEST_F(SessionTest, ConnectionCloseIsHonoured) {
  auto client = connect();
  auto response = exchange(client, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(contains(response, "Connection: close\r\n"));
  EXPECT_TRUE(client.ended);
  EXPECT_EQ(shard.sessions, 0u);
}

TEST_F(SessionTest, UnreadBodyInTheBufferIsSkipped) {
  handler->script = [](Exchange& exchange) -> aw<> { co_await answer(exchange, 404, "none"); };
  auto client = connect();
  std::string request = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  EXPECT_EQ(body_of(exchange(client, request)), "none");
  EXPECT_EQ(body_of(exchange(client, request)), "none");
}

struct UnreadBodyTest : SessionTest {
  Client client = connect();
  std::string part = std::string(32 * 1024, 'x');
  std::size_t sent = 0;
  void SetUp() override {
    handler->script = [](Exchange& exchange) -> aw<> { co_await answer(exchange, 404, "none"); };
    auto response = exchange(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900000000\r\n\r\nhello");
    EXPECT_TRUE(contains(response, "Connection: close\r\n"));
    EXPECT_EQ(body_of(response), "none");
  }
  void send_part() {
    sent += client.send(part);
    receive(client);
  }
};

TEST_F(UnreadBodyTest, IsTakenForAWhileSoThatTheAnswerIsNotLost) {
  for (int i = 0; i < 32; ++i) send_part();
  EXPECT_EQ(sent, 32 * part.size());
  EXPECT_FALSE(client.was_reset);
  EXPECT_EQ(shard.sessions, 1u);
}

TEST_F(UnreadBodyTest, IsBoundedInBytes) {
  constexpr std::size_t k_limit = 16u << 20;
  while (shard.sessions != 0 && sent < 2 * k_limit) send_part();
  EXPECT_EQ(shard.sessions, 0u);
  EXPECT_GE(sent, k_limit - part.size());
  EXPECT_LE(sent, k_limit + part.size());
}

TEST_F(UnreadBodyTest, IsBoundedInTime) {
  for (int i = 0; i < 3; ++i) { // what still comes does not extend the time
    send_part();
    pass(Millis{600});
  }
  EXPECT_EQ(shard.sessions, 1u);
  send_part();
  pass(Millis{300});
  EXPECT_EQ(shard.sessions, 0u);
}

TEST_F(SessionTest, StreamsAreChunked) {
  handler->script = [](Exchange& exchange) -> aw<> {
    exchange.start_stream(200, "Content-Type: text/event-stream\r\n");
    const std::string_view first[] = {"data: ", "one\n\n"};
    co_await settled(exchange.write(first));
    co_await settled(exchange.write({}));
    const std::string_view second[] = {"data: two\n\n"};
    co_await settled(exchange.write(second));
    co_await settled(exchange.finish());
  };
  auto client = connect();
  for (int i = 0; i < 2; ++i) {
    auto response = exchange(client, k_get);
    EXPECT_TRUE(contains(response, "Transfer-Encoding: chunked\r\n"));
    EXPECT_EQ(body_of(response), "b\r\ndata: one\n\n\r\nb\r\ndata: two\n\n\r\n0\r\n\r\n");
  }
  auto head = exchange(client, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(contains(head, "Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(body_of(head), "");
  auto old = exchange(client, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(body_of(old), "data: one\n\ndata: two\n\n");
  EXPECT_TRUE(contains(old, "Connection: close\r\n"));
  EXPECT_TRUE(client.ended);
}

TEST_F(SessionTest, EmptyStreamAndAbortedStream) {
  bool abort = false;
  handler->script = [&](Exchange& exchange) -> aw<> {
    exchange.start_stream(200, "");
    const std::string_view part[] = {"part"};
    if (abort) co_await settled(exchange.write(part));
    co_await settled(exchange.finish(abort));
  };
  auto client = connect();
  EXPECT_EQ(body_of(exchange(client, k_get)), "0\r\n\r\n");
  abort = true;
  auto response = exchange(client, k_get);
  EXPECT_FALSE(contains(response, "0\r\n\r\n"));
  EXPECT_TRUE(client.ended);
}

TEST_F(SessionTest, HandlerFailuresBecome500) {
  auto client = connect();
  handler->script = [](Exchange&) -> aw<> {
    throw std::runtime_error("secret detail");
    co_return;
  };
  auto thrown = exchange(client, k_get);
  EXPECT_TRUE(thrown.starts_with("HTTP/1.1 500 "));
  EXPECT_FALSE(contains(thrown, "secret"));
  EXPECT_TRUE(client.ended);
  auto silent = connect();
  handler->script = [](Exchange&) -> aw<> { co_return; };
  EXPECT_TRUE(exchange(silent, k_get).starts_with("HTTP/1.1 500 "));
  auto streaming = connect();
  handler->script = [](Exchange& exchange) -> aw<> {
    exchange.start_stream(200, "");
    throw std::runtime_error("before the first byte");
    co_return;
  };
  EXPECT_TRUE(exchange(streaming, k_get).starts_with("HTTP/1.1 500 "));
}

TEST_F(SessionTest, ExtraHeadersBelongToOneExchange) {
  bool first = true;
  handler->script = [&](Exchange& exchange) -> aw<> {
    if (std::exchange(first, false)) exchange.extra_headers = "x-once: 1\r\n";
    co_await answer(exchange, 200, exchange.client_ip);
  };
  auto client = connect();
  auto one = exchange(client, k_get);
  EXPECT_TRUE(contains(one, "x-once: 1\r\n"));
  EXPECT_EQ(body_of(one), "127.0.0.1");
  EXPECT_FALSE(contains(exchange(client, k_get), "x-once"));
}

} // namespace
} // namespace switchyard::http
