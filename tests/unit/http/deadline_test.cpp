// DeadlineHeap on manual time; one test lets the real timer run.
#include "http/deadline.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace switchyard::http {
namespace {

struct Fixture : ::testing::Test {
  asio::io_context context{1};
  ManualClock clock;
  DeadlineHeap heap{context, clock};
  std::vector<int> fired;

  struct Probe {
    Probe(Fixture& owner, int id)
        : fixture(owner), number(id),
          deadline(
              owner.heap, [](void* self) { static_cast<Probe*>(self)->fire(); }, this) {}
    void fire() { fixture.fired.push_back(number); }
    Fixture& fixture;
    int number;
    Deadline deadline;
  };
  void pass(Millis time) {
    clock.advance(time);
    heap.run_due();
  }
};
using DeadlineTest = Fixture;

TEST_F(DeadlineTest, FiresInOrderOfTime) {
  std::vector<std::unique_ptr<Probe>> probes;
  for (int i = 0; i < 20; ++i) {
    probes.push_back(std::make_unique<Probe>(*this, i));
    probes.back()->deadline.expires_in(Millis{(i * 7) % 20 * 100 + 100});
  }
  pass(Millis{1000});
  EXPECT_EQ(fired.size(), 10u);
  pass(Millis{1100});
  ASSERT_EQ(fired.size(), 20u);
  for (std::size_t i = 1; i < fired.size(); ++i) EXPECT_LT(fired[i - 1] * 7 % 20, fired[i] * 7 % 20);
  EXPECT_EQ(heap.size(), 0u);
}

TEST_F(DeadlineTest, NeverFiresEarly) {
  Probe probe(*this, 1);
  probe.deadline.expires_in(Millis{50});
  pass(Millis{49});
  EXPECT_TRUE(fired.empty());
  pass(Millis{1});
  EXPECT_EQ(fired.size(), 1u);
}

TEST_F(DeadlineTest, MovingLaterKeepsTheEntryAndCorrectsIt) {
  Probe probe(*this, 1);
  probe.deadline.expires_in(Millis{100});
  probe.deadline.expires_in(Millis{500});
  pass(Millis{200});
  EXPECT_TRUE(fired.empty());
  EXPECT_EQ(heap.size(), 1u);
  pass(Millis{300});
  EXPECT_EQ(fired, std::vector{1});
}

TEST_F(DeadlineTest, MovingEarlierCounts) {
  Probe first(*this, 1), second(*this, 2);
  first.deadline.expires_in(Millis{300});
  second.deadline.expires_in(Millis{500});
  second.deadline.expires_in(Millis{100});
  pass(Millis{100});
  EXPECT_EQ(fired, std::vector{2});
}

TEST_F(DeadlineTest, DisarmedOnesStaySilent) {
  Probe lazily(*this, 1), at_once(*this, 2);
  lazily.deadline.expires_in(Millis{100});
  at_once.deadline.expires_in(Millis{100});
  lazily.deadline.disarm_lazily();
  at_once.deadline.disarm();
  EXPECT_FALSE(lazily.deadline.armed());
  EXPECT_EQ(heap.size(), 1u);
  pass(Millis{200});
  EXPECT_TRUE(fired.empty());
  EXPECT_EQ(heap.size(), 0u);
}

TEST_F(DeadlineTest, CanBeArmedAgainAfterLazyDisarm) {
  Probe probe(*this, 1);
  probe.deadline.expires_in(Millis{100});
  probe.deadline.disarm_lazily();
  probe.deadline.expires_in(Millis{50});
  pass(Millis{50});
  EXPECT_EQ(fired, std::vector{1});
}

TEST_F(DeadlineTest, OwnerMayDieOrArmAgainInsideFire) {
  struct Again {
    Again(DeadlineHeap& heap, int& count, std::unique_ptr<Deadline>& victim)
        : times(count), other(victim),
          deadline(
              heap, [](void* self) { static_cast<Again*>(self)->fire(); }, this) {}
    void fire() {
      other.reset();
      if (++times < 3) deadline.expires_in(Millis{10});
    }
    int& times;
    std::unique_ptr<Deadline>& other;
    Deadline deadline;
  };
  int times = 0;
  auto victim = std::make_unique<Deadline>(
      heap, [](void* self) { ++*static_cast<int*>(self); }, &times);
  Again again(heap, times, victim);
  again.deadline.expires_in(Millis{10});
  victim->expires_in(Millis{15});
  pass(Millis{20});
  pass(Millis{10});
  pass(Millis{10});
  EXPECT_EQ(times, 3);
  EXPECT_EQ(heap.size(), 0u);
}

TEST(DeadlineTimer, WakesTheLoopAndIsOffWhenEmpty) {
  asio::io_context context{1};
  SystemClock clock;
  DeadlineHeap heap(context, clock);
  int fired = 0;
  auto count = [](void* argument) { ++*static_cast<int*>(argument); };
  Deadline soon(heap, count, &fired), dropped(heap, count, &fired);
  soon.expires_in(Millis{1});
  dropped.expires_in(Millis{60'000});
  dropped.disarm();
  context.run(); // returns only because no timer is left
  EXPECT_EQ(fired, 1);
}

} // namespace
} // namespace switchyard::http
