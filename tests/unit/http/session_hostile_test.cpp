// Sessions against hostile and unlucky clients: smuggling, caps, slowness, departure, back-pressure.
#include "edge_fixture.hpp"

#include <zlib.h>

namespace switchyard::http {
namespace {

using namespace testing;
using HostileTest = EdgeFixture;

constexpr std::string_view k_get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(HostileTest, SmugglingVectorsAreRefusedAndTheConnectionEnds) {
  for (std::string_view head :
       {"Transfer-Encoding: xchunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 5", "Transfer-Encoding: chunked, identity", "Transfer-Encoding : chunked",
        "X: y\r\n Transfer-Encoding: chunked", "Host: other", "Content-Length: +5", "X: a\rb"}) {
    auto client = connect();
    auto response = exchange(client, "POST / HTTP/1.1\r\nHost: h\r\n" + std::string(head) +
                                         "\r\n\r\n0\r\n\r\n" + std::string(k_get));
    EXPECT_TRUE(response.starts_with("HTTP/1.1 400 Bad Request\r\n")) << head << "\n" << response;
    EXPECT_EQ(count(response, "HTTP/1.1 "), 1u) << head;
    EXPECT_TRUE(contains(response, "Connection: close\r\n"));
    EXPECT_TRUE(contains(body_of(response), "\"error\"")) << response;
    EXPECT_TRUE(client.ended) << head;
    EXPECT_FALSE(client.was_reset) << head;
  }
  EXPECT_EQ(shard.stats->requests.get(), 0u);
  EXPECT_EQ(shard.stats->malformed.get(), 11u);
}

TEST_F(HostileTest, MalformedChunksAreRefused) {
  auto client = connect();
  auto response =
      exchange(client, "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello");
  EXPECT_TRUE(response.starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(contains(response, "Connection: close\r\n"));
  EXPECT_TRUE(client.ended);
}

TEST_F(HostileTest, OversizeHeadsAre431) {
  auto client = connect();
  std::string line = "X: " + std::string(1000, 'x') + "\r\n", request = "GET / HTTP/1.1\r\nHost: h\r\n";
  std::string response;
  for (int i = 0; i < 80 && response.empty(); ++i)
    response = exchange(client, std::exchange(request, {}) + line);
  EXPECT_TRUE(response.starts_with("HTTP/1.1 431 ")) << response;
  EXPECT_TRUE(client.ended);
}

TEST_F(HostileTest, OversizeBodiesAre413AtTheLength) {
  auto client = connect();
  auto response = exchange(
      client, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_TRUE(response.starts_with("HTTP/1.1 413 ")) << response;
  EXPECT_TRUE(contains(response, "Connection: close\r\n"));
}

TEST_F(HostileTest, OversizeChunkedBodiesAre413) {
  handler->script = [](Exchange& exchange) -> aw<> {
    auto body = co_await settled(exchange.read_body(10));
    co_await answer(exchange, body ? 200 : body.error().http_status(), "");
  };
  auto client = connect();
  auto response = exchange(client, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                                   "6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n");
  EXPECT_TRUE(response.starts_with("HTTP/1.1 413 ")) << response;
}

TEST_F(HostileTest, BodiesBeyondTheProcessCapAre503) {
  limits.max_buffered_bytes = 100'000;
  auto client = connect();
  std::string request =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" + std::string(150'000, 'x');
  std::string response;
  for (std::size_t sent = 0; sent < request.size() && response.empty();) {
    sent += client.send(std::string_view(request).substr(sent));
    response += receive(client);
  }
  EXPECT_TRUE(response.starts_with("HTTP/1.1 503 ")) << response;
  client.close();
  pump();
  EXPECT_EQ(limits.buffered_bytes, 0u);
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(HostileTest, EncodedBodiesAreDecodedUnderTheCap) {
  auto post = [](const std::string& body, std::string_view coding) {
    return "POST /p HTTP/1.1\r\nHost: h\r\nContent-Encoding: " + std::string(coding) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  auto client = connect();
  EXPECT_EQ(body_of(exchange(client, post(gzip("packed"), "gzip"))), "POST /p packed");
  EXPECT_EQ(body_of(exchange(client, post("plain", "identity"))), "POST /p plain");
  EXPECT_TRUE(exchange(client, post("x", "rot13")).starts_with("HTTP/1.1 415 "));
  EXPECT_TRUE(exchange(client, post("not gzip", "gzip")).starts_with("HTTP/1.1 400 "));
  auto bomb = gzip(std::string(8u << 20, 'b'));
  EXPECT_TRUE(exchange(client, post(bomb, "gzip")).starts_with("HTTP/1.1 413 "));
}

TEST_F(HostileTest, SlowHeadGets408) {
  auto client = connect();
  for (int i = 0; i < 14; ++i) { // one byte per second does not extend the time
    client.send(k_get.substr(static_cast<std::size_t>(i), 1));
    pass(Millis{1000});
  }
  EXPECT_EQ(receive(client), "");
  pass(Millis{2100});
  EXPECT_TRUE(receive(client).starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(client.ended);
}

TEST_F(HostileTest, SilentAndIdleConnectionsAreClosedWithoutAWord) {
  auto silent = connect(), idle = connect();
  exchange(idle, k_get);
  pass(Millis{15'100});
  EXPECT_EQ(receive(silent), "");
  EXPECT_TRUE(silent.ended);
  idle.take();
  EXPECT_FALSE(idle.ended);
  pass(Millis{62'000});
  EXPECT_EQ(receive(idle), "");
  EXPECT_TRUE(idle.ended);
}

TEST_F(HostileTest, BodyMustMakeProgress) {
  auto client = connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    pump();
    pass(Millis{29'000});
    client.send("x");
  }
  pump();
  EXPECT_EQ(receive(client), "");
  pass(Millis{30'100});
  EXPECT_TRUE(receive(client).starts_with("HTTP/1.1 408 "));
}

/// Waits in the handler until the exchange is cancelled.
struct CancelWatch {
  explicit CancelWatch(EdgeFixture& owner) : fixture(owner) {
    fixture.handler->script = [this](Exchange& exchange) { return watch(exchange); };
  }
  ~CancelWatch() { // the waiting coroutine refers to this object
    fixture.edge.stop_sessions();
    fixture.pump();
  }
  aw<> watch(Exchange& exchange) {
    if (read_body_first) (void)co_await settled(exchange.read_body(1 << 20));
    steady_timer timer(fixture.shard.executor(), std::chrono::hours(1));
    CancelScope::Waiter waiter(
        exchange.cancel, [](void* waiting) { static_cast<steady_timer*>(waiting)->cancel(); }, &timer);
    started = true;
    if (!exchange.cancel.cancelled()) co_await timer.async_wait(tuple_aw);
    reason = exchange.cancel.reason();
  }
  EdgeFixture& fixture;
  bool read_body_first = true, started = false;
  CancelReason reason = CancelReason::none;
};

TEST_F(HostileTest, DepartureCancelsAtOnce) {
  enum class Way { close, reset, half_close };
  for (auto way : {Way::close, Way::reset, Way::half_close}) {
    CancelWatch watch(*this);
    auto client = connect();
    client.send(k_get);
    pump();
    ASSERT_TRUE(watch.started);
    ASSERT_EQ(watch.reason, CancelReason::none);
    if (way == Way::close) client.close();
    if (way == Way::reset) client.reset();
    if (way == Way::half_close) client.half_close();
    pump();
    EXPECT_EQ(watch.reason, CancelReason::client_gone);
    EXPECT_EQ(shard.sessions, 0u);
  }
  EXPECT_EQ(shard.stats->clients_gone.get(), 3u);
}

TEST_F(HostileTest, DepartureTogetherWithTheRequestIsSeen) {
  CancelWatch watch(*this);
  auto client = connect();
  client.send(k_get);
  client.close(); // data and FIN are both there before the session reads
  pump();
  EXPECT_EQ(watch.reason, CancelReason::client_gone);
}

TEST_F(HostileTest, DepartureIsSeenBehindABigBodyAndReadAhead) {
  CancelWatch watch(*this);
  auto client = connect();
  std::string request =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'x');
  for (std::size_t sent = 0; sent < request.size();) {
    sent += client.send(std::string_view(request).substr(sent));
    pump();
  }
  ASSERT_TRUE(watch.started);
  client.send(k_get);
  pump();
  EXPECT_EQ(watch.reason, CancelReason::none);
  client.close();
  pump();
  EXPECT_EQ(watch.reason, CancelReason::client_gone);
}

TEST_F(HostileTest, DepartureIsSeenWhateverTheRequestLeavesOfTheBuffer) {
  for (std::size_t size = 8192 - 3; size <= 8192 + 3; ++size) {
    CancelWatch watch(*this);
    auto client = connect();
    std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ";
    auto body = size - head.size() - 8;
    client.send(head + std::to_string(body) + "\r\n\r\n" + std::string(body, 'x'));
    pump();
    ASSERT_TRUE(watch.started) << size;
    client.close();
    pump();
    EXPECT_EQ(watch.reason, CancelReason::client_gone) << size;
  }
}

TEST_F(HostileTest, DepartureInTheMiddleOfABody) {
  CancelReason reason = CancelReason::none;
  Errc error = Errc::none;
  handler->script = [&](Exchange& exchange) -> aw<> {
    auto body = co_await settled(exchange.read_body(1 << 20));
    error = body ? Errc::none : body.error().code;
    reason = exchange.cancel.reason();
  };
  auto client = connect();
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
  pump();
  client.close();
  pump();
  EXPECT_EQ(reason, CancelReason::client_gone);
  EXPECT_EQ(error, Errc::cancelled);
}

TEST_F(HostileTest, HalfClosedClientStillGetsAPromptAnswer) {
  auto client = connect();
  client.send(k_get);
  client.half_close();
  EXPECT_EQ(body_of(receive(client)), "GET /a ");
}

TEST_F(HostileTest, ReadAheadIsBounded) {
  CancelWatch watch(*this);
  auto client = connect();
  client.send(k_get);
  pump();
  std::string flood(1 << 20, 'G');
  std::size_t sent = 0;
  for (int quiet = 0; quiet < 3;) {
    auto n = client.send(flood);
    pump();
    sent += n;
    quiet = n == 0 ? quiet + 1 : 0;
    ASSERT_LT(sent, 64u << 20) << "the server takes everything";
  }
  EXPECT_EQ(watch.reason, CancelReason::none);
}

TEST_F(HostileTest, SlowReaderHoldsTheWriterBack) {
  std::size_t written = 0;
  bool done = false;
  std::string piece(64 * 1024, 'p');
  handler->script = [&](Exchange& exchange) -> aw<> {
    exchange.start_stream(200, "");
    const std::string_view slices[] = {piece};
    for (int i = 0; i < 400; ++i) {
      if (!co_await settled(exchange.write(slices))) break;
      written += piece.size();
    }
    co_await settled(exchange.finish());
    done = true;
  };
  auto client = connect(32 * 1024);
  client.send(k_get);
  pump();
  EXPECT_FALSE(done);
  auto before = written;
  pump();
  EXPECT_EQ(written, before);
  for (int i = 0; i < 100'000 && !done; ++i) client.take(), pump();
  EXPECT_TRUE(done);
  for (int i = 0; i < 1000 && !client.received.ends_with("0\r\n\r\n"); ++i) client.take(), pump();
  EXPECT_EQ(count(client.received, "p"), 400 * piece.size());
}

TEST_F(HostileTest, StalledReaderIsCutOff) {
  bool ok = true;
  std::string big(64u << 20, 'b');
  handler->script = [&](Exchange& exchange) -> aw<> {
    const std::string_view slices[] = {big};
    ok = co_await settled(exchange.respond(200, "", slices));
  };
  auto client = connect(32 * 1024);
  client.send(k_get);
  pump();
  pass(Millis{59'000});
  EXPECT_TRUE(ok);
  pass(Millis{1'100});
  EXPECT_FALSE(ok);
  EXPECT_EQ(shard.sessions, 0u);
}

TEST_F(HostileTest, DrainClosesIdleOnesAndLetsRunningOnesFinish) {
  auto idle = connect(), running = connect();
  exchange(idle, k_get);
  steady_timer release(shard.executor(), std::chrono::hours(1));
  handler->script = [&](Exchange& exchange) -> aw<> {
    co_await release.async_wait(tuple_aw);
    co_await answer(exchange, 200, "late");
  };
  running.send(k_get);
  pump();
  bool empty = false;
  edge.drain([&] { empty = true; });
  receive(idle);
  EXPECT_TRUE(idle.ended);
  EXPECT_FALSE(empty);
  release.cancel();
  auto response = receive(running);
  EXPECT_TRUE(contains(response, "Connection: close\r\n"));
  EXPECT_EQ(body_of(response), "late");
  EXPECT_TRUE(empty);
}

TEST_F(HostileTest, EndOfDrainCancelsTheRest) {
  CancelWatch watch(*this);
  auto client = connect();
  client.send(k_get);
  pump();
  bool empty = false;
  edge.drain([&] { empty = true; });
  pump();
  EXPECT_FALSE(empty);
  edge.stop_sessions();
  pump();
  EXPECT_EQ(watch.reason, CancelReason::draining);
  EXPECT_TRUE(empty);
}

} // namespace
} // namespace switchyard::http
