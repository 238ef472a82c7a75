// The rules of the run queue (architecture.md 2), one test each. CAF-free; also compiled with
// ThreadSanitizer.
#include "actors/run_queue.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace switchyard::actors {
namespace {

/// A job is a function that says whether it wants another turn.
struct Job {
  std::function<bool()> body;
};
struct RunJob {
  bool operator()(Job* job) const { return job->body(); }
};
using Queue = RunQueue<Job*, RunJob>;

class RunQueueTest : public ::testing::Test {
 protected:
  Job* job(std::function<bool()> body) {
    jobs.push_back(std::make_unique<Job>(Job{std::move(body)}));
    return jobs.back().get();
  }
  Job* counting() {
    return job([this] { return ++ran, false; });
  }
  asio::io_context context{1};
  Queue queue{context, RunJob{}};
  std::vector<std::unique_ptr<Job>> jobs;
  int ran = 0;
};

TEST_F(RunQueueTest, PushLeavesOneDrainPosted) {
  queue.push(counting());
  queue.push(counting());
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(context.poll(), 1u);
  EXPECT_EQ(ran, 2);
}

TEST_F(RunQueueTest, InlineDrainRunsAtOnceAndThePostedOneFindsNothing) {
  queue.push(counting());
  queue.drain();
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(context.poll(), 1u);
  EXPECT_EQ(ran, 1);
}

TEST_F(RunQueueTest, PushBetweenInlineDrainAndPostedDrainIsRun) {
  queue.push(counting());
  queue.drain();
  queue.push(counting()); // the drain that is still posted is for this one
  context.poll();
  EXPECT_EQ(ran, 2);
}

TEST_F(RunQueueTest, BurstEndsAfter64AndRepostsTheRest) {
  for (int i = 0; i < 100; ++i) queue.push(counting());
  context.poll_one();
  EXPECT_EQ(ran, Queue::k_burst);
  context.poll_one();
  EXPECT_EQ(ran, 100);
}

TEST_F(RunQueueTest, SocketsGetTheirTurnBetweenBursts) {
  int ran_before_socket = -1;
  for (int i = 0; i < 100; ++i) queue.push(counting());
  asio::post(context, [&] { ran_before_socket = ran; });
  context.poll();
  EXPECT_EQ(ran_before_socket, Queue::k_burst);
  EXPECT_EQ(ran, 100);
}

TEST_F(RunQueueTest, AJobThatWantsMoreGoesToTheBack) {
  std::vector<char> order;
  int turns = 0;
  queue.push(job([&] { return order.push_back('a'), ++turns < 2; }));
  queue.push(job([&] { return order.push_back('b'), false; }));
  context.poll();
  EXPECT_EQ(order, (std::vector{'a', 'b', 'a'}));
}

TEST_F(RunQueueTest, DrainInsideADrainDoesNothing) {
  int depth = 0, deepest = 0;
  auto* inner = job([&] { return deepest = std::max(deepest, ++depth), --depth, ++ran, false; });
  queue.push(job([&] {
    ++depth;
    queue.push(inner);
    queue.drain();
    EXPECT_EQ(ran, 0);
    return --depth, false;
  }));
  queue.drain();
  EXPECT_EQ(deepest, 1);
  EXPECT_EQ(ran, 1); // pushed inside a drain: run by that drain
}

TEST_F(RunQueueTest, PushInsideTheLastJobOfABurstIsNotLost) {
  for (int i = 0; i < Queue::k_burst - 1; ++i) queue.push(counting());
  queue.push(job([this] { return queue.push(counting()), false; }));
  queue.drain();
  EXPECT_EQ(ran, Queue::k_burst - 1);
  context.poll();
  EXPECT_EQ(ran, Queue::k_burst);
}

TEST_F(RunQueueTest, ForeignJobsShareOnePost) {
  std::thread([this] {
    for (int i = 0; i < 10; ++i) queue.push_foreign(counting());
  }).join();
  EXPECT_EQ(context.poll(), 1u);
  EXPECT_EQ(ran, 10);
}

TEST_F(RunQueueTest, ForeignAndLocalJobsAllRunOnTheHomeThread) {
  constexpr int k_threads = 3, k_each = 2000;
  const auto home = std::this_thread::get_id();
  int wrong = 0;
  Job foreign{[&] { return wrong += std::this_thread::get_id() != home, ++ran, false; }};
  Job local{[&] { return ++ran, false; }};
  std::vector<std::thread> threads;
  for (int t = 0; t < k_threads; ++t)
    threads.emplace_back([this, &foreign] {
      for (int i = 0; i < k_each; ++i) queue.push_foreign(&foreign);
    });
  auto work = asio::make_work_guard(context);
  for (int i = 0; i < k_each; ++i) queue.push(&local), queue.drain();
  while (ran < (k_threads + 1) * k_each) context.run_one();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ran, (k_threads + 1) * k_each);
  EXPECT_EQ(wrong, 0);
}

TEST_F(RunQueueTest, HandOverTakesLocalAndForeignJobs) {
  asio::io_context unrun{1};
  Queue main(unrun, RunJob{});
  queue.push(counting());
  queue.push_foreign(counting());
  EXPECT_TRUE(queue.hand_over(main));
  EXPECT_FALSE(queue.hand_over(main));
  main.drain();
  EXPECT_EQ(ran, 2);
  EXPECT_TRUE(main.empty());
  context.poll(); // the old drains find nothing
  EXPECT_EQ(ran, 2);
}

} // namespace
} // namespace switchyard::actors
