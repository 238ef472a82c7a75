// Sessions and their held responses, over a scripted peer: order, slow readers, drain, abort, failure.
#include "edge_fixture.hpp"
#include "scripted_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <charconv>
#include <exception>

namespace switchyard::http {
namespace {

using namespace testing;

std::string get(int number, std::string_view headers = {}) {
  return "GET /" + std::to_string(number) + " HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}
std::string gets(int first, int count) {
  std::string all;
  for (int i = first; i < first + count; ++i) all += get(i);
  return all;
}
int number_of(const Exchange& exchange) {
  int number = 0;
  auto path = exchange.head.path;
  std::from_chars(path.data() + 1, path.data() + path.size(), number);
  return number;
}
std::string named(int number, std::size_t padding) {
  return "[" + std::to_string(number) + "]" + std::string(padding, '.');
}

/// Small ones, ones of up to 8 KB, and streams with chunks of both kinds.
aw<> mixed(Exchange& exchange) {
  auto number = number_of(exchange);
  auto text = named(number, static_cast<std::size_t>(number) * 977 % (number % 3 == 0 ? 8000 : 300));
  if (number % 5 != 4) co_return co_await answer(exchange, 200, text);
  exchange.start_stream(200, "");
  const std::string_view first[] = {text}, second[] = {"second"};
  co_await settled(exchange.write(first));
  co_await settled(exchange.write(second));
  co_await settled(exchange.finish());
}

struct SessionOutboxTest : EdgeFixture {
  std::vector<std::shared_ptr<Wire>> wires;

  SessionOutboxTest() {
    handler->script = [](Exchange& exchange) { return answer(exchange, 200, named(number_of(exchange), 0)); };
  }
  std::shared_ptr<Wire> open(std::size_t window = Wire::k_no_limit) {
    auto wire = std::make_shared<Wire>(shard.executor());
    wire->window = window;
    ++shard.sessions, ++limits.connections;
    std::unique_ptr<Transport> transport = std::make_unique<ScriptedTransport>(wire);
    asio::co_spawn(shard.context, serve_connection(edge, std::move(transport), "peer"),
                   [](std::exception_ptr error) { EXPECT_FALSE(error); });
    pump();
    wires.push_back(wire);
    return wire;
  }
  void feed(Wire& wire, std::string_view bytes) {
    wire.feed(bytes);
    pump();
  }
  void grant(Wire& wire, std::size_t bytes) {
    wire.grant(bytes);
    pump();
  }
  /// The next small write is held, whatever was sent alone before.
  void collect() {
    while (!shard.writes.collecting()) {
    }
  }
  /// The numbers of the answers, as they came.
  static std::vector<int> answers(std::string_view text) {
    std::vector<int> found;
    for (auto at = text.find('['); at != text.npos; at = text.find('[', at + 1)) {
      found.emplace_back();
      std::from_chars(text.data() + at + 1, text.data() + text.size(), found.back());
    }
    return found;
  }
  static std::vector<int> numbers(int count) {
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(i);
    return all;
  }
};

TEST_F(SessionOutboxTest, PipelinedAnswersLeaveInOneWriteOrAlone) {
  auto wire = open();
  int together = 0, alone = 0;
  for (int round = 0; round < 40; ++round) {
    wire->sent.clear(), wire->writes = 0;
    feed(*wire, gets(0, 2));
    ASSERT_EQ(answers(wire->sent), numbers(2));
    ++(wire->writes == 1 ? together : alone);
  }
  EXPECT_EQ(together, 5); // one round collects, the next eight send their two at once
  EXPECT_EQ(alone, 35);
}

TEST_F(SessionOutboxTest, ALargeAnswerBehindAHeldOneKeepsOrder) {
  handler->script = [](Exchange& exchange) {
    auto number = number_of(exchange);
    return answer(exchange, 200, named(number, number % 2 == 0 ? 0 : 9000));
  };
  for (int i = 0; i < 20; ++i) { // in both modes of the batch
    auto wire = open();
    feed(*wire, gets(0, 4));
    ASSERT_EQ(answers(wire->sent), numbers(4));
    ASSERT_EQ(count(wire->sent, ".") - count(wire->sent, "HTTP/1.1"), 18000u);
  }
}

TEST_F(SessionOutboxTest, ManySessionsOfOneTurnAreAllAnswered) {
  for (int i = 0; i < 40; ++i) open();
  for (int round = 0; round < 5; ++round) {
    for (auto& wire : wires) wire->sent.clear(), wire->feed(gets(0, 3));
    pump();
    for (auto& wire : wires) ASSERT_EQ(answers(wire->sent), numbers(3));
  }
  EXPECT_EQ(shard.stats->responses[2].get(), 600u);
}

TEST_F(SessionOutboxTest, AConnectionCloseAnswerLeavesBehindHeldOnes) {
  for (std::size_t window : {std::size_t{50}, Wire::k_no_limit}) {
    auto wire = open(window);
    feed(*wire, gets(0, 3) + get(3, "Connection: close\r\n") + get(4));
    for (int i = 0; i < 100 && !wire->closed; ++i) grant(*wire, 50);
    EXPECT_EQ(answers(wire->sent), numbers(4));
    EXPECT_EQ(count(wire->sent, "Connection: close"), 1u);
    EXPECT_TRUE(wire->output_ended);
    EXPECT_EQ(shard.sessions, 0u);
  }
}

TEST_F(SessionOutboxTest, ARefusalLeavesBehindHeldOnes) {
  auto wire = open(40);
  feed(*wire, gets(0, 2) + "BAD\r\n\r\n");
  for (int i = 0; i < 100 && !wire->output_ended; ++i) grant(*wire, 40);
  EXPECT_EQ(answers(wire->sent), numbers(2));
  EXPECT_LT(wire->sent.find("[1]"), wire->sent.find("HTTP/1.1 400"));
  EXPECT_TRUE(wire->sent.ends_with("}"));
}

TEST_F(SessionOutboxTest, APeerThatTakesLittleGetsTheSameBytes) {
  handler->script = mixed;
  constexpr int k_requests = 120;
  auto reference = open();
  feed(*reference, gets(0, k_requests));
  ASSERT_EQ(answers(reference->sent), numbers(k_requests));
  for (std::size_t step : {97u, 1500u, 4096u, 20000u}) {
    auto before = shard.stats->bytes_out.get();
    auto wire = open(step);
    feed(*wire, gets(0, k_requests));
    EXPECT_LT(wire->sent.size(), reference->sent.size());
    for (int i = 0; i < 100'000 && wire->sent.size() < reference->sent.size(); ++i) grant(*wire, step);
    ASSERT_TRUE(wire->sent == reference->sent) << step;
    EXPECT_EQ(shard.stats->bytes_out.get() - before, reference->sent.size());
    feed(*wire, get(7));
    grant(*wire, 10'000);
    EXPECT_TRUE(contains(wire->sent.substr(reference->sent.size()), "[7]")) << "the session goes on";
  }
}

TEST_F(SessionOutboxTest, HeldChunksAndTheEndOfAStreamKeepOrder) {
  std::string large(9000, 'L');
  handler->script = [&](Exchange& exchange) -> aw<> {
    exchange.start_stream(200, "");
    const std::string_view one[] = {"one"}, two[] = {large}, three[] = {"three"};
    co_await settled(exchange.write(one));
    co_await settled(exchange.write(two));
    co_await settled(exchange.write(three));
    co_await settled(exchange.finish());
  };
  auto body = "3\r\none\r\n2328\r\n" + large + "\r\n5\r\nthree\r\n0\r\n\r\n";
  auto wire = open();
  for (int i = 0; i < 20; ++i) {
    wire->sent.clear();
    feed(*wire, get(0));
    ASSERT_EQ(body_of(wire->sent), body);
  }
}

TEST_F(SessionOutboxTest, AnAbortLeavesBehindHeldBytes) {
  bool thrown = false;
  handler->script = [&](Exchange& exchange) -> aw<> {
    if (number_of(exchange) == 0) co_return co_await answer(exchange, 200, "[0]");
    exchange.start_stream(200, "");
    const std::string_view chunk[] = {"[1]"};
    co_await settled(exchange.write(chunk));
    if (thrown) throw std::runtime_error("in the middle");
    co_await settled(exchange.finish(true));
  };
  for (bool way : {false, true}) {
    thrown = way;
    collect();
    auto wire = open();
    feed(*wire, gets(0, 2));
    EXPECT_EQ(answers(wire->sent), numbers(2)) << "thrown: " << way;
    EXPECT_FALSE(contains(wire->sent, "0\r\n\r\n"));
    EXPECT_TRUE(wire->aborted);
    EXPECT_EQ(shard.sessions, 0u);
  }
}

TEST_F(SessionOutboxTest, DrainAndStopSendWhatIsHeld) {
  bool stop = false, empty = false;
  handler->script = [&](Exchange& exchange) -> aw<> {
    asio::post(shard.executor(), [&] { // runs before the batch, when the session is idle again
      EXPECT_EQ(wires.back()->sent, "");
      if (stop)
        edge.stop_sessions();
      else
        edge.drain([&] { empty = true; });
    });
    co_await answer(exchange, 200, "[0]");
  };
  for (bool way : {true, false}) {
    stop = way;
    collect();
    auto wire = open();
    feed(*wire, get(0));
    EXPECT_EQ(answers(wire->sent), numbers(1)) << "stop: " << way;
    EXPECT_EQ(shard.sessions, 0u);
  }
  EXPECT_TRUE(empty);
}

TEST_F(SessionOutboxTest, DrainWaitsForAnAnswerUnderWay) {
  auto wire = open(20);
  feed(*wire, get(0));
  bool empty = false;
  edge.drain([&] { empty = true; });
  pass(Millis{300});
  EXPECT_FALSE(empty);
  for (int i = 0; i < 20; ++i) grant(*wire, 20);
  EXPECT_EQ(answers(wire->sent), numbers(1));
  EXPECT_TRUE(empty);
  EXPECT_TRUE(wire->output_ended);
}

TEST_F(SessionOutboxTest, AHalfClosedPeerThatReadsSlowlyGetsItsAnswer) {
  auto wire = open(20);
  feed(*wire, get(0));
  wire->end_input();
  pump();
  for (int i = 0; i < 20 && shard.sessions != 0; ++i) grant(*wire, 20);
  EXPECT_EQ(answers(wire->sent), numbers(1));
  EXPECT_EQ(shard.sessions, 0u);
}

TEST_F(SessionOutboxTest, AnUnansweredRequestDoesNotCutTheAnswerBeforeIt) {
  handler->script = [](Exchange& exchange) -> aw<> {
    auto body = co_await settled(exchange.read_body(100));
    if (body) co_await answer(exchange, 200, "[0]");
  };
  auto wire = open(20);
  feed(*wire, get(0) + "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\npart");
  wire->end_input();
  pump();
  for (int i = 0; i < 20 && shard.sessions != 0; ++i) grant(*wire, 20);
  EXPECT_EQ(answers(wire->sent), numbers(1));
  EXPECT_EQ(shard.sessions, 0u);
}

TEST_F(SessionOutboxTest, TheWriteDeadlineEndsAPeerThatNeverReads) {
  auto wire = open(20);
  feed(*wire, gets(0, 50)); // the first ones are held, a later one has to wait for them
  pass(Millis{59'000});
  EXPECT_FALSE(wire->closed);
  grant(*wire, 5); // progress
  pass(Millis{59'000});
  EXPECT_FALSE(wire->closed);
  pass(Millis{1'100});
  EXPECT_TRUE(wire->closed);
  EXPECT_EQ(shard.sessions, 0u);
  EXPECT_EQ(shard.stats->client_timeouts.get(), 1u);
}

TEST_F(SessionOutboxTest, APeerThatNeitherReadsNorAsksIsEndedToo) {
  auto wire = open(20);
  feed(*wire, get(0));
  pass(Millis{76'000}); // no request
  EXPECT_FALSE(wire->closed) << "the answer gets its time";
  pass(Millis{60'100});
  EXPECT_TRUE(wire->closed);
  EXPECT_EQ(shard.sessions, 0u);
  EXPECT_EQ(shard.stats->client_timeouts.get(), 1u);
}

TEST_F(SessionOutboxTest, AFailedWriteEndsTheSessionBeforeTheNextRequest) {
  int handled = 0;
  handler->script = [&](Exchange& exchange) -> aw<> {
    ++handled;
    co_await answer(exchange, 200, "[0]");
  };
  auto wire = open();
  wire->feed(get(0));
  wire->write_error = asio::error::connection_reset;
  pump();
  feed(*wire, get(1));
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(shard.sessions, 0u);
  EXPECT_EQ(shard.stats->bytes_out.get(), 0u);
}

TEST_F(SessionOutboxTest, AFailedWriteCancelsTheRequestThatRuns) {
  CancelReason reason = CancelReason::none;
  steady_timer timer(shard.executor(), std::chrono::hours(1));
  handler->script = [&](Exchange& exchange) -> aw<> {
    if (number_of(exchange) == 0) co_return co_await answer(exchange, 200, "[0]");
    CancelScope::Waiter waiter(
        exchange.cancel, [](void* waiting) { static_cast<steady_timer*>(waiting)->cancel(); }, &timer);
    co_await timer.async_wait(tuple_aw);
    reason = exchange.cancel.reason();
  };
  auto wire = open(20);
  feed(*wire, gets(0, 2));
  EXPECT_EQ(reason, CancelReason::none);
  wire->fail_writes();
  pump();
  EXPECT_EQ(reason, CancelReason::client_gone);
  EXPECT_EQ(shard.stats->clients_gone.get(), 1u);
  EXPECT_EQ(shard.sessions, 0u);
}

/// The same over a real socket with a tiny receive window.
TEST_F(SessionOutboxTest, ARealClientThatStopsReadingLosesNothing) {
  handler->script = mixed;
  auto client = connect(32 * 1024);
  constexpr int k_requests = 4001;
  auto requests = gets(0, k_requests), last = named(4000, 200);
  std::size_t sent = 0;
  for (int quiet = 0; quiet < 3;) {
    auto n = client.send(std::string_view(requests).substr(sent));
    pump();
    sent += n;
    quiet = n == 0 ? quiet + 1 : 0;
  }
  EXPECT_LT(shard.stats->responses[2].get(), static_cast<std::uint64_t>(k_requests))
      << "it never had to wait";
  for (int i = 0; i < 1'000'000 && !client.received.ends_with(last); ++i) {
    sent += client.send(std::string_view(requests).substr(sent));
    pump();
    client.take();
  }
  EXPECT_EQ(answers(client.received), numbers(k_requests));
}

} // namespace
} // namespace switchyard::http
