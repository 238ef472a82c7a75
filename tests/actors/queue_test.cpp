// Waiting for a row with room, priorities, and the adaptive limit, on simulated time (issue 3, items 2 and
// 8).
#include "actors/adaptive.hpp"
#include "actors/graph_fixture.hpp"

#include <switchyard/router_state.hpp>

namespace switchyard::actors {
namespace {

using std::chrono::seconds;

/// Picks that may wait, held until the test looks at them.
class QueueTest : public GraphTest {
 protected:
  QueueTest() {
    draft.row("m", "openai/a", "a").params.max_parallel_requests = 1;
    draft.row("m", "openai/b", "b").params.max_parallel_requests = 1;
  }
  ~QueueTest() override {
    held.clear();
    asked.clear();
  }
  using Asked = std::unique_ptr<Pending<PickAnswer>>;
  PickQuery waiting(std::int32_t priority = 0, seconds patience = seconds(60)) {
    auto question = query();
    question.priority = priority;
    question.give_up = clock.now() + patience;
    return question;
  }
  Pending<PickAnswer>& pick_waiting(PickQuery question) {
    asked.push_back(std::make_unique<Pending<PickAnswer>>(group("m")->pick, std::move(question), home()));
    run();
    return *asked.back();
  }
  void fill() {
    for (int i = 0; i < 2; ++i) held.emplace_back(pick("m"));
    ASSERT_TRUE(held[0] && held[1]);
  }
  /// Ends one held request.
  void release(std::size_t at = 0) {
    const auto& hold = held.at(at).grant().hold;
    auto outcome = used(seconds(1), hold.prompt_tokens, hold.output_tokens);
    outcome.now = clock.now();
    held.at(at).done(outcome);
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
    run();
  }
  /// Takes an answered pick; a grant is held on.
  PickAnswer take(Pending<PickAnswer>& pending) {
    EXPECT_TRUE(pending.ready());
    auto answer = pending.take();
    if (answer.error == Errc::none) held.emplace_back(answer);
    return answer;
  }
  void poke(std::uint64_t leave = 0) {
    Poke sent;
    sent.now = clock.now(), sent.leave = leave;
    group("m")->poke.send(sent);
    run();
  }
  std::uint32_t waiting_now() { return state_of(*group("m"), clock.now()).waiting; }
  ConfigDraft draft;
  std::vector<Lease> held;
  std::vector<Asked> asked;
};

TEST_F(QueueTest, WithoutPatienceAFullGroupRefusesAtOnce) {
  build(draft);
  fill();
  EXPECT_EQ(pick("m").refusal, Refusal::parallel);
}

TEST_F(QueueTest, WhoWaitsIsRefusedWhenTheRowsCool) {
  build(draft);
  fill();
  auto& waiter = pick_waiting(waiting());
  for (auto& lease : held) {
    auto outcome = failed(Errc::rate_limit, 429);
    outcome.now = clock.now();
    lease.done(outcome);
  }
  held.clear();
  run();
  ASSERT_TRUE(waiter.ready()) << "nobody would tell when the cooldown is over";
  const auto answer = take(waiter);
  EXPECT_EQ(answer.refusal, Refusal::cooling);
  EXPECT_GT(answer.retry_after.count(), 0);
  EXPECT_EQ(waiting_now(), 0u);
}

TEST_F(QueueTest, NobodyWaitsForALevelThatHasFailed) {
  for (auto& row : draft.config.models) row.params.order = 1;
  build(draft);
  fill();
  auto question = waiting();
  question.above_order = 1;
  auto& pending = pick_waiting(question);
  ASSERT_TRUE(pending.ready());
  EXPECT_EQ(take(pending).refusal, Refusal::order);
}

TEST_F(QueueTest, AHedgeNeitherWaitsNorOvertakes) {
  build(draft);
  fill();
  auto& waiter = pick_waiting(waiting());
  auto hedge = query();
  hedge.except = 0;
  EXPECT_EQ(pick_with("m", hedge).error, Errc::no_deployments);
  release(1);
  EXPECT_EQ(take(waiter).error, Errc::none);
}

TEST_F(QueueTest, AWaitingPickGetsTheFirstSlotThatIsFreed) {
  build(draft);
  fill();
  auto& first = pick_waiting(waiting());
  auto& second = pick_waiting(waiting());
  EXPECT_FALSE(first.ready());
  EXPECT_EQ(waiting_now(), 2u);
  const auto freed = held[1].deployment().row.id;
  release(1);
  EXPECT_EQ(take(first).deployment->row.id, freed);
  EXPECT_FALSE(second.ready());
  EXPECT_EQ(waiting_now(), 1u);
  release(0);
  EXPECT_EQ(take(second).error, Errc::none);
  EXPECT_EQ(waiting_now(), 0u);
}

TEST_F(QueueTest, NewPicksDoNotOvertake) {
  build(draft);
  fill();
  auto& first = pick_waiting(waiting());
  clock.advance(seconds(1));
  auto& late = pick_waiting(waiting());
  release();
  EXPECT_TRUE(first.ready());
  EXPECT_FALSE(late.ready());
}

TEST_F(QueueTest, ALowerPriorityNumberGoesFirst) {
  build(draft);
  fill();
  auto& low = pick_waiting(waiting(3));
  auto& high = pick_waiting(waiting(0));
  release();
  EXPECT_TRUE(high.ready());
  EXPECT_FALSE(low.ready());
}

TEST_F(QueueTest, WaitingMakesUpForPriority) {
  build(draft);
  fill();
  auto& low = pick_waiting(waiting(2));
  clock.advance(seconds(11));
  auto& high = pick_waiting(waiting(0));
  release();
  EXPECT_TRUE(low.ready()) << "two levels are worth ten seconds";
  EXPECT_FALSE(high.ready());
}

TEST_F(QueueTest, PatienceEndsWithAPoke) {
  build(draft);
  fill();
  auto& first = pick_waiting(waiting(0, seconds(5)));
  auto& second = pick_waiting(waiting(0, seconds(6)));
  clock.advance(seconds(5));
  poke();
  const auto refused = take(first);
  EXPECT_EQ(refused.error, Errc::no_deployments);
  EXPECT_EQ(refused.refusal, Refusal::queue_timeout);
  EXPECT_GT(refused.retry_after, Millis{0});
  EXPECT_FALSE(second.ready());
  EXPECT_EQ(waiting_now(), 1u);
}

TEST_F(QueueTest, APickCanLeave) {
  build(draft);
  fill();
  auto question = waiting();
  const auto ticket = question.random;
  auto& gone = pick_waiting(std::move(question));
  auto& stays = pick_waiting(waiting());
  poke(ticket);
  EXPECT_EQ(take(gone).refusal, Refusal::queue_timeout);
  EXPECT_FALSE(stays.ready());
}

TEST_F(QueueTest, TheWaitingRoomIsBoundedAndPriorityEvicts) {
  draft.config.router.max_queued_requests = 2;
  build(draft);
  fill();
  auto& one = pick_waiting(waiting(1));
  auto& two = pick_waiting(waiting(1));
  const auto refused = take(pick_waiting(waiting(1)));
  EXPECT_EQ(refused.refusal, Refusal::queue_full);
  EXPECT_GT(refused.retry_after, Millis{0});
  auto& urgent = pick_waiting(waiting(0));
  EXPECT_EQ(take(two).refusal, Refusal::queue_full);
  EXPECT_FALSE(one.ready() || urgent.ready());
  EXPECT_EQ(waiting_now(), 2u);
}

TEST_F(QueueTest, ZeroMeansNoWaiting) {
  draft.config.router.max_queued_requests = 0;
  build(draft);
  fill();
  EXPECT_EQ(take(pick_waiting(waiting())).refusal, Refusal::parallel);
}

TEST_F(QueueTest, AWaiterWhoseRowsAreFullDoesNotBlockOthers) {
  draft.config.router.enable_tag_filtering = true;
  draft.config.models[0].params.tags = {"x"};
  draft.config.models[1].params.tags = {"y"};
  build(draft);
  const auto tagged = [&](const char* tag) {
    auto question = waiting();
    auto wants = std::make_shared<PickWants>();
    wants->tags = {tag};
    question.wants = wants;
    return question;
  };
  EXPECT_EQ(take(pick_waiting(tagged("x"))).error, Errc::none);
  auto& blocked = pick_waiting(tagged("x"));
  EXPECT_FALSE(blocked.ready());
  EXPECT_EQ(take(pick_waiting(tagged("y"))).deployment->row.id, "b");
  EXPECT_FALSE(blocked.ready());
}

TEST_F(QueueTest, ARowAskedForByIdWaitsForThatRow) {
  build(draft);
  held.emplace_back(pick("m", 0));
  auto question = waiting();
  question.only = 0;
  auto& pinned = pick_waiting(std::move(question));
  EXPECT_FALSE(pinned.ready());
  release();
  EXPECT_EQ(take(pinned).deployment->row.id, "a");
}

TEST_F(QueueTest, WaitersWhoseAskerIsGoneFreeTheirPlace) {
  build(draft);
  fill();
  pick_waiting(waiting());
  asked.clear(); // the frame died
  auto& next = pick_waiting(waiting());
  release();
  EXPECT_TRUE(next.ready()) << "the grant that nobody took went on";
}

TEST_F(QueueTest, ALimitThatIsLiftedServesThoseWhoWait) {
  build(draft);
  fill();
  auto& first = pick_waiting(waiting());
  auto& second = pick_waiting(waiting());
  for (auto& model : draft.config.models) model.params.max_parallel_requests = 5;
  build(draft);
  EXPECT_TRUE(first.ready() && second.ready());
}

TEST_F(QueueTest, RateLimitsAreNotWaitedFor) {
  draft.config.router.enforce_model_rate_limits = true;
  for (auto& model : draft.config.models) model.params.tpm = 100;
  build(draft);
  auto question = waiting();
  question.prompt_tokens = 60, question.output_tokens = 40;
  for (int i = 0; i < 2; ++i) take(pick_waiting(question));
  release(), release();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(take(pick_waiting(question)).refusal, Refusal::tpm);
}

TEST_F(QueueTest, RandomTrafficServesEverybodyInBoundsWithoutLosingASlot) {
  for (auto& model : draft.config.models) model.params.max_parallel_requests = 3;
  build(draft);
  int refused = 0;
  for (int step = 0; step < 5000; ++step) {
    clock.advance(Millis{random.next() % 200});
    if (random.next() % 2) pick_waiting(waiting(static_cast<std::int32_t>(random.next() % 3), seconds(30)));
    if (!held.empty() && random.next() % 2) release(random.next() % held.size());
    if (random.next() % 50 == 0) poke();
    for (auto at = asked.begin(); at != asked.end();) {
      if (!(*at)->ready()) {
        ++at;
        continue;
      }
      refused += take(**at).error != Errc::none;
      at = asked.erase(at);
    }
    ASSERT_LE(view("m", 0).in_flight, 3u);
    ASSERT_LE(view("m", 1).in_flight, 3u);
    ASSERT_TRUE(asked.empty() || held.size() == 6) << "somebody waits beside a free slot";
    ASSERT_EQ(waiting_now(), asked.size());
  }
  while (!held.empty()) {
    release();
    for (auto& one : asked)
      if (one->ready()) take(*one);
    std::erase_if(asked, [](const Asked& one) { return one->ready(); });
  }
  EXPECT_TRUE(asked.empty()) << "nobody starves";
  EXPECT_LT(refused, 500) << "most were served";
}

// -- adaptive_concurrency

Outcome served(Micros latency) {
  Outcome outcome;
  outcome.kind = OutcomeKind::success;
  outcome.latency = latency;
  return outcome;
}

TEST(AdaptiveLimit, GrowsWhileLatencyIsSteadyAndTheLimitIsUsed) {
  AdaptiveLimit limit;
  for (int i = 0; i < 200; ++i) limit.learn(served(seconds(1)), 2);
  EXPECT_EQ(limit.limit(), AdaptiveLimit::k_first) << "two requests at a time say nothing about it";
  for (int i = 0; i < 200; ++i) limit.learn(served(seconds(1)), limit.limit());
  EXPECT_GT(limit.limit(), 100u);
}

TEST(AdaptiveLimit, FindsTheConcurrencyThatAServerTakes) {
  AdaptiveLimit limit;
  for (int i = 0; i < 5000; ++i) { // a server of 40 slots: beyond them requests share
    const auto busy = std::max(1.0, limit.limit() / 40.0);
    limit.learn(served(Micros(static_cast<std::int64_t>(1e6 * busy))), limit.limit());
  }
  EXPECT_GE(limit.limit(), 40u);
  EXPECT_LE(limit.limit(), 160u);
}

TEST(AdaptiveLimit, OverloadErrorsShrinkItAndItNeverReachesZero) {
  AdaptiveLimit limit;
  Outcome overload;
  overload.kind = OutcomeKind::failure, overload.error = Errc::rate_limit;
  limit.learn(overload, 20);
  EXPECT_EQ(limit.limit(), 18u);
  for (int i = 0; i < 500; ++i) limit.learn(overload, 20);
  EXPECT_EQ(limit.limit(), 1u);
  overload.error = Errc::bad_request;
  limit.learn(overload, 1);
  for (int i = 0; i < 100; ++i) limit.learn(served(seconds(1)), limit.limit());
  EXPECT_GT(limit.limit(), 10u) << "and it recovers";
}

TEST_F(QueueTest, TheAdaptiveLimitReachesTheRow) {
  draft.config.router.adaptive_concurrency = true;
  draft.config.models[1].params.max_parallel_requests.reset();
  build(draft);
  EXPECT_EQ(view("m", 0).parallel_limit, 1u) << "never above the configured one";
  EXPECT_EQ(view("m", 1).parallel_limit, AdaptiveLimit::k_first);
  serve("m", failed(Errc::service_unavailable, 503), 1);
  EXPECT_EQ(view("m", 1).parallel_limit, 18u);
  draft.config.router.adaptive_concurrency = false;
  build(draft);
  EXPECT_EQ(view("m", 1).parallel_limit, 0u);
}

} // namespace
} // namespace switchyard::actors
