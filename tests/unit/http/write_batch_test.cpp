// WriteBatch: what leaves together, when a write goes alone, and writers that die or come back in the middle.
#include "http/write_batch.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

namespace switchyard::http {
namespace {

using Log = std::vector<int>;

struct Writer final : DelayedWrite {
  Writer(Log& into, int number) : log(into), id(number) {}
  void write_now() override {
    log.push_back(id);
    if (auto now = std::exchange(then, nullptr)) now();
  }
  Log& log;
  int id;
  std::function<void()> then;
};

struct WriteBatchTest : ::testing::Test {
  asio::io_context context{1};
  WriteBatch batch{context.get_executor()};
  Log log;
  std::vector<std::unique_ptr<Writer>> writers;

  /// `count` writers, numbered on.
  void make(int count) {
    for (int i = 0; i < count; ++i)
      writers.push_back(std::make_unique<Writer>(log, static_cast<int>(writers.size())));
  }
  void add(int first, int count) {
    for (int i = first; i < first + count; ++i) batch.add(*writers[static_cast<std::size_t>(i)]);
  }
  Log turn() {
    context.restart();
    context.poll();
    return std::exchange(log, {});
  }
  static Log numbers(int first, int count) {
    Log all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), first);
    return all;
  }
};

TEST_F(WriteBatchTest, WritersOfATurnLeaveTogetherAndInOrder) {
  make(5);
  EXPECT_TRUE(batch.collecting());
  add(0, 5);
  EXPECT_EQ(log, Log{});
  EXPECT_EQ(turn(), numbers(0, 5));
  EXPECT_EQ(turn(), Log{});
  EXPECT_TRUE(batch.collecting());
}

TEST_F(WriteBatchTest, AWriterThatIsAddedTwiceWritesOnce) {
  make(2);
  add(0, 2), add(0, 2);
  EXPECT_EQ(turn(), numbers(0, 2));
  add(0, 2);
  EXPECT_EQ(turn(), numbers(0, 2));
}

TEST_F(WriteBatchTest, AFullBatchDoesNotWaitForTheTurn) {
  make(18);
  add(0, 15);
  EXPECT_EQ(log, Log{});
  add(15, 1);
  EXPECT_EQ(std::exchange(log, {}), numbers(0, 16));
  add(16, 2);
  EXPECT_EQ(log, Log{});
  EXPECT_EQ(turn(), numbers(16, 2));
}

TEST_F(WriteBatchTest, AfterALoneOneSixteenGoAtOnce) {
  make(2);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(batch.collecting());
    add(0, 1);
    EXPECT_EQ(turn(), numbers(0, 1));
    for (int i = 0; i < 16; ++i) EXPECT_FALSE(batch.collecting()) << i;
  }
  EXPECT_TRUE(batch.collecting());
  add(0, 2);
  turn();
  EXPECT_TRUE(batch.collecting()) << "two were worth it";
}

TEST_F(WriteBatchTest, AWriterThatDiesWhileItWaitsIsForgotten) {
  make(3);
  add(0, 3);
  writers[1].reset();
  EXPECT_EQ(turn(), (Log{0, 2}));
}

TEST_F(WriteBatchTest, AnEmptiedBatchStillWakesForTheNext) {
  make(2);
  add(0, 1);
  writers[0].reset();
  add(1, 1);
  EXPECT_EQ(turn(), Log{1});
  add(1, 1);
  writers[1].reset();
  EXPECT_EQ(turn(), Log{});
}

TEST_F(WriteBatchTest, AWriteMayEndOthersOfItsBatch) {
  make(4);
  add(0, 4);
  writers[1]->then = [this] { writers[0].reset(), writers[2].reset(); };
  EXPECT_EQ(turn(), (Log{0, 1, 3}));
}

TEST_F(WriteBatchTest, AWriterThatComesBackWaitsForTheNextTurn) {
  make(2);
  add(0, 2);
  Log at_once;
  writers[0]->then = [&] {
    add(0, 2); // the second has not written yet, so it is there already
    at_once = log;
  };
  EXPECT_EQ(turn(), (Log{0, 1, 0}));
  EXPECT_EQ(at_once, Log{0});
}

TEST_F(WriteBatchTest, AFullBatchInsideAFlushLosesAndRepeatsNobody) {
  make(24);
  add(0, 3);
  writers[1]->then = [this] {
    writers[0].reset(); // has written: nothing may refer to it any more
    add(3, 17);
  };
  EXPECT_EQ(turn(), numbers(0, 20));
  add(20, 4);
  EXPECT_EQ(turn(), numbers(20, 4)) << "a wake-up was lost";
}

TEST_F(WriteBatchTest, AWriterMayOutliveItsBatch) {
  asio::io_context other{1};
  make(1);
  {
    WriteBatch early(other.get_executor());
    early.add(*writers[0]);
  }
  add(0, 1); // the context of the early one never runs again
  EXPECT_EQ(turn(), numbers(0, 1));
}

TEST_F(WriteBatchTest, BuffersComeBackEmptyWithinBounds) {
  EXPECT_EQ(batch.take_buffer(), "");
  for (int i = 0; i < 20; ++i) batch.give_back(std::string(1000, 'x'));
  int kept = 0;
  for (int i = 0; i < 20; ++i) {
    auto buffer = batch.take_buffer();
    EXPECT_EQ(buffer, "");
    kept += buffer.capacity() >= 1000;
  }
  EXPECT_EQ(kept, 16);
  batch.give_back(std::string(1 << 20, 'x'));
  EXPECT_LT(batch.take_buffer().capacity(), 1u << 20);
}

} // namespace
} // namespace switchyard::http
