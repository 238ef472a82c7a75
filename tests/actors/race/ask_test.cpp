// The slot between a coroutine and an actor: every order of asking, answering, dying and being cancelled.
// CAF-free; also compiled with ThreadSanitizer.
#include <switchyard/ask.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace switchyard {
namespace {

constexpr int k_unavailable = -1;

struct Reply {
  int value = k_unavailable;
  std::atomic<int>* discarded = nullptr;
  static Reply unavailable() { return {}; }
  static void discard(Reply reply) {
    if (reply.discarded) ++*reply.discarded;
  }
};
using Question = Ask<int, Reply>;

/// Keeps questions until the test answers them.
struct Inbox final : Mailbox<Question>::Sink {
  void send(Question question) const override {
    std::lock_guard lock(mutex);
    questions.push_back(std::move(question));
  }
  bool take(Question& out) const {
    std::lock_guard lock(mutex);
    if (questions.empty()) return false;
    out = std::move(questions.front());
    questions.pop_front();
    return true;
  }
  mutable std::mutex mutex;
  mutable std::deque<Question> questions;
};

/// Answers within send(), as an actor does that runs inline.
struct Prompt final : Mailbox<Question>::Sink {
  void send(Question question) const override { question.duty.answer(Reply{question.query * 2}); }
};

struct Dropping final : Mailbox<Question>::Sink {
  void send(Question) const override {}
};

aw<> ask_into(Mailbox<Question> to, int query, exec_t home, std::vector<int>& out) {
  auto reply = co_await ask(to, query, home);
  out.push_back(reply.value);
}

class AskTest : public ::testing::Test {
 protected:
  void start(const Mailbox<Question>& to, int query = 21) {
    asio::co_spawn(context, ask_into(to, query, context.get_executor(), replies), asio::detached);
  }
  void run() {
    context.restart();
    context.poll();
  }
  asio::io_context context{1};
  std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();
  std::vector<int> replies;
};

TEST_F(AskTest, ReadyBeforeWaitDoesNotSuspend) {
  start(Mailbox<Question>(std::make_shared<Prompt>()));
  context.run_one(); // the spawn itself: there is no second handler for the answer
  EXPECT_EQ(replies, std::vector{42});
}

TEST_F(AskTest, WaitBeforeReadyIsResumedByAPostOnly) {
  start(Mailbox<Question>(inbox));
  run();
  Question question;
  ASSERT_TRUE(inbox->take(question));
  EXPECT_TRUE(question.duty.answer(Reply{7}));
  EXPECT_TRUE(replies.empty()); // an actor never resumes a coroutine
  run();
  EXPECT_EQ(replies, std::vector{7});
}

TEST_F(AskTest, FirstAnswerCounts) {
  start(Mailbox<Question>(inbox));
  run();
  Question question;
  ASSERT_TRUE(inbox->take(question));
  EXPECT_TRUE(question.duty.answer(Reply{1}));
  EXPECT_FALSE(question.duty.answer(Reply{2}));
  run();
  EXPECT_EQ(replies, std::vector{1});
}

TEST_F(AskTest, LastCopyOfTheDutyAnswersUnavailable) {
  start(Mailbox<Question>(inbox));
  run();
  Question question;
  ASSERT_TRUE(inbox->take(question));
  auto copy = std::make_unique<Question>(question);
  Question moved = std::move(question);
  moved.duty = {};
  run();
  EXPECT_TRUE(replies.empty());
  copy.reset();
  run();
  EXPECT_EQ(replies, std::vector{k_unavailable});
}

TEST_F(AskTest, ClosedMailboxAnswersUnavailable) {
  start(Mailbox<Question>(std::make_shared<Dropping>()));
  start(Mailbox<Question>());
  run();
  EXPECT_EQ(replies, (std::vector{k_unavailable, k_unavailable}));
}

TEST_F(AskTest, EmptyDutyTakesNoAnswer) {
  Duty<Reply> nobody;
  EXPECT_FALSE(nobody);
  EXPECT_FALSE(nobody.answer(Reply{1}));
}

TEST_F(AskTest, AnswerToAnAbandonedSlotIsHandedBack) {
  auto* slot = new detail::Slot<Reply>(context.get_executor());
  Duty<Reply> duty(slot);
  { detail::SlotGuard<Reply> frame(slot); }
  Reply back;
  EXPECT_FALSE(duty.answer(Reply{5}, &back));
  EXPECT_EQ(back.value, 5);
}

TEST_F(AskTest, AnswerThatNobodyTakesIsDiscarded) {
  std::atomic<int> discarded{0};
  auto* slot = new detail::Slot<Reply>(context.get_executor());
  Duty<Reply> duty(slot);
  {
    detail::SlotGuard<Reply> frame(slot);
    EXPECT_TRUE(duty.answer(Reply{5, &discarded}));
  }
  EXPECT_EQ(discarded, 1);
}

TEST_F(AskTest, WaitingFrameDiesWithItsContext) {
  std::atomic<int> discarded{0};
  auto alive = std::make_shared<int>(0);
  {
    asio::io_context doomed{1};
    auto body = [](Mailbox<Question> to, exec_t home, std::shared_ptr<int>) -> aw<> {
      auto reply = co_await ask(to, 1, home);
      ADD_FAILURE() << "resumed with " << reply.value;
    };
    asio::co_spawn(doomed, body(Mailbox<Question>(inbox), doomed.get_executor(), alive), asio::detached);
    doomed.poll();
    Question question;
    ASSERT_TRUE(inbox->take(question));
    EXPECT_TRUE(question.duty.answer(Reply{1, &discarded})); // posts a wake that never runs
    EXPECT_EQ(alive.use_count(), 2);
  }
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_EQ(discarded, 1);
}

TEST_F(AskTest, CancellationDoesNotLoseTheAnswer) {
  asio::cancellation_signal cancel;
  std::exception_ptr thrown;
  asio::co_spawn(
      context, ask_into(Mailbox<Question>(inbox), 1, context.get_executor(), replies),
      asio::bind_cancellation_slot(cancel.slot(), [&thrown](std::exception_ptr e) { thrown = e; }));
  run();
  cancel.emit(asio::cancellation_type::terminal);
  run();
  EXPECT_TRUE(replies.empty());
  Question question;
  ASSERT_TRUE(inbox->take(question));
  EXPECT_TRUE(question.duty.answer(Reply{9}));
  run();
  EXPECT_EQ(replies, std::vector{9});
  EXPECT_FALSE(thrown);
}

aw<> ask_often(Mailbox<Question> to, int times, exec_t home, std::atomic<int>& right) {
  for (int i = 0; i < times; ++i) {
    auto reply = co_await ask(to, i, home);
    if (reply.value == i || reply.value == k_unavailable) ++right;
  }
}

TEST_F(AskTest, AnswersFromOtherThreadsArriveOnce) {
  constexpr int k_frames = 16, k_times = 500, k_threads = 3;
  std::atomic<int> right{0};
  std::atomic<bool> over{false};
  for (int i = 0; i < k_frames; ++i)
    asio::co_spawn(context, ask_often(Mailbox<Question>(inbox), k_times, context.get_executor(), right),
                   asio::detached);
  std::vector<std::thread> actors;
  for (int t = 0; t < k_threads; ++t)
    actors.emplace_back([this, &over] {
      while (!over) {
        Question question;
        if (!inbox->take(question)) {
          std::this_thread::yield();
          continue;
        }
        if (question.query % 7 != 0) question.duty.answer(Reply{question.query}); // else the duty dies
      }
    });
  auto work = asio::make_work_guard(context);
  while (right != k_frames * k_times) context.run_one();
  over = true;
  for (auto& actor : actors) actor.join();
  EXPECT_EQ(right, k_frames * k_times);
}

TEST_F(AskTest, CopiesDyingOnManyThreadsAnswerOnce) {
  constexpr int k_rounds = 300;
  auto work = asio::make_work_guard(context);
  for (int round = 0; round < k_rounds; ++round) {
    start(Mailbox<Question>(inbox), round);
    Question question;
    while (!inbox->take(question)) context.run_one();
    std::vector<std::thread> holders;
    for (int t = 0; t < 3; ++t)
      holders.emplace_back([copy = question, t] {
        if (t == 1) copy.duty.answer(Reply{copy.query});
      });
    question = {};
    while (replies.size() != static_cast<std::size_t>(round) + 1) context.run_one();
    for (auto& holder : holders) holder.join();
    EXPECT_EQ(replies.back(), round);
  }
}

} // namespace
} // namespace switchyard
