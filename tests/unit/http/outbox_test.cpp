// Outbox: what is held, how it leaves when the peer takes little, and how it ends.
#include "http/outbox.hpp"
#include "scripted_transport.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace switchyard::http {
namespace {

using namespace testing;

constexpr std::size_t k_largest = 4096; // what may be held at once

struct OutboxTest : ::testing::Test {
  asio::io_context context{1};
  WriteBatch batch{context.get_executor()};
  std::shared_ptr<Wire> wire = std::make_shared<Wire>(context.get_executor());
  ScriptedTransport transport{wire};
  std::optional<Outbox> outbox;
  std::size_t done_bytes = 0;
  int done_calls = 0;
  error_code last;

  OutboxTest() { outbox.emplace(transport, batch, &OutboxTest::on_done, this); }
  static void on_done(void* self, error_code ec, std::size_t n) {
    auto& test = *static_cast<OutboxTest*>(self);
    test.done_bytes += n, ++test.done_calls, test.last = ec;
  }
  bool hold(std::string_view first, std::string_view second = {}) {
    const asio::const_buffer parts[] = {asio::buffer(first), asio::buffer(second)};
    return outbox->hold(parts);
  }
  void turn() {
    context.restart();
    context.poll();
  }
  /// Runs a wait of the outbox beside the test; the flag says that it is over.
  std::shared_ptr<bool> watch(aw<> wait) {
    auto over = std::make_shared<bool>(false);
    asio::co_spawn(context, std::move(wait), [over](std::exception_ptr) { *over = true; });
    turn();
    return over;
  }
};

TEST_F(OutboxTest, HeldBytesAreCopiesAndLeaveTogetherAtTheEndOfTheTurn) {
  std::string text = "one,";
  EXPECT_TRUE(hold(text, "two,"));
  text = "XXXX";
  EXPECT_TRUE(hold("three"));
  EXPECT_EQ(wire->sent, "");
  EXPECT_FALSE(outbox->empty());
  EXPECT_FALSE(outbox->busy());
  turn();
  EXPECT_EQ(wire->sent, "one,two,three");
  EXPECT_EQ(wire->writes, 1);
  EXPECT_EQ(done_calls, 1);
  EXPECT_EQ(done_bytes, 13u);
  EXPECT_TRUE(outbox->empty());
}

TEST_F(OutboxTest, LargeOnesAreRefusedUntouched) {
  std::string largest(k_largest, 'x'), larger(k_largest + 1, 'x');
  EXPECT_FALSE(hold(larger));
  EXPECT_FALSE(hold(largest, "x"));
  EXPECT_TRUE(outbox->empty());
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(hold(largest)) << i;
  EXPECT_FALSE(hold("x")) << "all together are bounded too";
  turn();
  EXPECT_EQ(wire->sent.size(), 4 * k_largest);
  EXPECT_EQ(done_bytes, 4 * k_largest);
}

TEST_F(OutboxTest, ALoneOneMakesTheNextSixteenGoDirectly) {
  ASSERT_TRUE(hold("a"));
  turn();
  for (int i = 0; i < 16; ++i) EXPECT_FALSE(hold("b"));
  EXPECT_TRUE(hold("c"));
  turn();
  EXPECT_EQ(wire->sent, "ac");
}

TEST_F(OutboxTest, HoldsNothingForATransportThatCannot) {
  wire->can_delay = false;
  EXPECT_FALSE(hold("a"));
  wire->can_delay = true;
  EXPECT_TRUE(hold("a")) << "the refusal was no lone write";
}

TEST_F(OutboxTest, PushSendsAtOnceAndOnlyOnce) {
  ASSERT_TRUE(hold("now"));
  outbox->push();
  EXPECT_EQ(wire->sent, "now");
  outbox->push();
  turn();
  EXPECT_EQ(wire->sent, "now");
  EXPECT_EQ(done_calls, 1);
}

TEST_F(OutboxTest, HeldAgainAfterAPushOfTheSameTurn) {
  ASSERT_TRUE(hold("a"));
  outbox->push();
  ASSERT_TRUE(hold("b"));
  EXPECT_EQ(wire->sent, "a");
  turn();
  EXPECT_EQ(wire->sent, "ab");
}

TEST_F(OutboxTest, ContinuesInTheBackgroundWhatThePeerDidNotTake) {
  wire->window = 3;
  ASSERT_TRUE(hold("0123456789"));
  turn();
  EXPECT_EQ(wire->sent, "012");
  EXPECT_TRUE(outbox->busy());
  EXPECT_FALSE(hold("later")) << "the bytes under way may not move";
  outbox->push();
  turn();
  for (int i = 0; i < 6; ++i) {
    wire->grant(1);
    turn();
    EXPECT_TRUE(outbox->busy());
  }
  EXPECT_EQ(wire->sent, "012345678");
  wire->grant(100);
  turn();
  EXPECT_EQ(wire->sent, "0123456789");
  EXPECT_EQ(done_bytes, 10u);
  EXPECT_FALSE(outbox->busy());
  EXPECT_TRUE(outbox->empty());
}

TEST_F(OutboxTest, AFullSocketDelaysEverything) {
  wire->window = 0;
  ASSERT_TRUE(hold("abc"));
  turn();
  EXPECT_TRUE(outbox->busy());
  EXPECT_EQ(done_bytes, 0u);
  wire->grant(3);
  turn();
  EXPECT_EQ(wire->sent, "abc");
  EXPECT_FALSE(outbox->busy());
}

TEST_F(OutboxTest, AFailedWriteIsToldOnceAndDropsTheBytes) {
  ASSERT_TRUE(hold("lost"));
  wire->fail_writes();
  turn();
  EXPECT_EQ(last, asio::error::connection_reset);
  EXPECT_EQ(done_calls, 1);
  EXPECT_TRUE(outbox->empty());
  EXPECT_FALSE(outbox->busy());
  turn();
  EXPECT_EQ(done_calls, 1);
}

TEST_F(OutboxTest, AFailureInTheBackgroundEndsTheWait) {
  wire->window = 1;
  ASSERT_TRUE(hold("abc"));
  turn();
  auto over = watch(outbox->progress());
  EXPECT_FALSE(*over);
  wire->fail_writes();
  turn();
  EXPECT_TRUE(*over);
  EXPECT_EQ(last, asio::error::connection_reset);
  EXPECT_EQ(done_bytes, 1u);
  EXPECT_TRUE(outbox->empty());
}

TEST_F(OutboxTest, ProgressReturnsAfterEachWriteOfTheRest) {
  wire->window = 1;
  ASSERT_TRUE(hold("abc"));
  turn();
  auto first = watch(outbox->progress());
  wire->grant(1);
  turn();
  EXPECT_TRUE(*first);
  EXPECT_TRUE(outbox->busy());
  auto second = watch(outbox->progress());
  EXPECT_FALSE(*second);
  wire->grant(1);
  turn();
  EXPECT_TRUE(*second);
  EXPECT_FALSE(outbox->busy());
}

TEST_F(OutboxTest, SettleWaitsForTheWriteThatCloseEnds) {
  wire->window = 1;
  ASSERT_TRUE(hold("abc"));
  turn();
  auto over = watch(outbox->settle());
  EXPECT_FALSE(*over);
  transport.close();
  EXPECT_FALSE(*over) << "the operation still refers to the bytes";
  turn();
  EXPECT_TRUE(*over);
  EXPECT_TRUE(last);
  EXPECT_TRUE(*watch(outbox->settle())) << "nothing to wait for";
}

TEST_F(OutboxTest, DestroyedWhileItWaitsForTheTurn) {
  ASSERT_TRUE(hold("never"));
  outbox.reset();
  turn();
  EXPECT_EQ(wire->sent, "");
  EXPECT_EQ(done_calls, 0);
}

} // namespace
} // namespace switchyard::http
