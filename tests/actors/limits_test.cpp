// Limits per deployment (spec router.md 2.4): the window alone, then hints, filters and enforced limits
// through the actors on simulated time.
#include "actors/graph_fixture.hpp"

#include <deque>

namespace switchyard::actors {
namespace {

using std::chrono::seconds;

Amounts counted(std::uint64_t requests, std::uint64_t tokens) { return {{requests, tokens, 0, 0}}; }

TEST(UsageWindow, CountsSixtySecondsAndNotMuchMore) {
  UsageWindow window;
  window.add(100, counted(1, 10));
  window.add(130, counted(2, 20));
  EXPECT_EQ(window.used(160).requests, 3u);
  EXPECT_EQ(window.used(161).requests, 2u);
  EXPECT_EQ(window.used(161).tokens, 20u);
  EXPECT_EQ(window.used(191).requests, 0u);
  EXPECT_EQ(window.used(100000).tokens, 0u);
  window.add(161, counted(1, 1));
  EXPECT_EQ(window.used(161).requests, 3u);
}

TEST(UsageWindow, TakesBackOnlyWhatIsStillThere) {
  UsageWindow window;
  window.add(100, counted(1, 50));
  window.add(110, counted(1, 5));
  window.take_back(100, counted(1, 20));
  EXPECT_EQ(window.used(110).requests, 1u);
  EXPECT_EQ(window.used(110).tokens, 35u);
  window.take_back(100, counted(0, 1000));
  EXPECT_EQ(window.used(110).tokens, 5u);
  window.add(200, counted(1, 7));
  window.take_back(110, counted(1, 5)); // has left the window
  EXPECT_EQ(window.used(200).tokens, 7u);
}

TEST(UsageWindow, OlderSecondsCountAsThePresentOne) {
  UsageWindow window;
  window.add(100, counted(1, 0));
  window.add(98, counted(1, 0));
  EXPECT_EQ(window.used(160).requests, 2u);
}

TEST(UsageWindow, SaysWhenThereIsRoomAgain) {
  UsageWindow window;
  window.add(100, counted(3, 30));
  window.add(110, counted(1, 10));
  EXPECT_EQ(window.until_leave(120, 1, Unit::requests), 41);
  EXPECT_EQ(window.until_leave(120, 4, Unit::requests), 51);
  EXPECT_EQ(window.until_leave(120, 31, Unit::tokens), 51);
  EXPECT_EQ(window.until_leave(120, 999, Unit::tokens), 61) << "never: the whole reach";
}

TEST(UsageWindow, AgreesWithAListOfEventsOverRandomHistories) {
  struct Event {
    std::int64_t second;
    std::uint64_t requests, tokens;
  };
  Random random(5);
  UsageWindow window;
  std::deque<Event> events;
  std::int64_t now = 1000;
  for (int step = 0; step < 20000; ++step) {
    now += random.next() % 4 == 0 ? static_cast<std::int64_t>(random.next() % 40) : 0;
    if (random.next() % 3) {
      events.push_back({now, 1, random.next() % 100});
      window.add(now, counted(1, events.back().tokens));
    } else if (!events.empty()) {
      auto& event = events[random.next() % events.size()];
      window.take_back(event.second, counted(0, event.tokens));
      if (event.second >= now - 60) event.tokens = 0;
    }
    while (!events.empty() && events.front().second < now - 60) events.pop_front();
    std::uint64_t requests = 0, tokens = 0;
    for (const auto& event : events) requests += event.requests, tokens += event.tokens;
    ASSERT_EQ(window.used(now).requests, requests);
    ASSERT_EQ(window.used(now).tokens, tokens);
  }
}

class LimitTest : public GraphTest {
 protected:
  ModelRow& row(const std::string& id) { return draft.row("m", "openai/" + id, id); }
  void enforce() { draft.config.router.enforce_model_rate_limits = true; }
  PickQuery asking(std::uint32_t prompt, std::uint32_t output) {
    auto question = query();
    question.prompt_tokens = prompt, question.output_tokens = output;
    return question;
  }
  ConfigDraft draft;
};

TEST_F(LimitTest, RpmIsAHintForSimpleShuffle) {
  row("a").params.rpm = 1;
  build(draft);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(picked("m"), "a");
  EXPECT_EQ(view("m", 0).window.used(second_of(clock.now())).requests, 10u) << "counted all the same";
}

TEST_F(LimitTest, TwoHundredConcurrentPicksAgainstRpmFiftyLetFiftyThrough) {
  row("a").params.rpm = 50;
  enforce();
  build(draft);
  const auto to = group("m");
  std::vector<std::unique_ptr<Pending<PickAnswer>>> pending;
  auto* drain = std::exchange(run_actors_inline, nullptr); // all are sent before the first is answered
  for (int i = 0; i < 200; ++i)
    pending.push_back(std::make_unique<Pending<PickAnswer>>(to->pick, query(), home()));
  run_actors_inline = drain;
  run();
  std::vector<Lease> leases;
  int refused = 0;
  for (auto& one : pending) {
    ASSERT_TRUE(one->ready());
    auto answer = one->take();
    if (answer.error == Errc::none) {
      leases.emplace_back(std::move(answer));
      continue;
    }
    ++refused;
    EXPECT_EQ(answer.refusal, Refusal::rpm);
    EXPECT_EQ(answer.limit, 50);
    EXPECT_EQ(answer.used, 50);
    EXPECT_GT(answer.retry_after, seconds(59));
    EXPECT_LE(answer.retry_after, seconds(61));
  }
  EXPECT_EQ(leases.size(), 50u);
  EXPECT_EQ(refused, 150);
}

TEST_F(LimitTest, TheWindowSlides) {
  row("a").params.rpm = 2;
  enforce();
  build(draft);
  EXPECT_EQ(picked("m"), "a");
  clock.advance(seconds(30));
  EXPECT_EQ(picked("m"), "a");
  const auto refused = pick("m");
  EXPECT_EQ(refused.refusal, Refusal::rpm);
  clock.advance(refused.retry_after);
  EXPECT_EQ(picked("m"), "a") << "retry_after is enough";
  EXPECT_EQ(picked("m"), "(none)") << "and not too much";
}

TEST_F(LimitTest, EnforcedLimitsPassTheRequestOn) {
  row("a").params.rpm = 3;
  row("b").params.rpm = 4;
  enforce();
  build(draft);
  int granted = 0;
  for (int i = 0; i < 20; ++i) granted += picked("m") != "(none)";
  EXPECT_EQ(granted, 7);
}

TEST_F(LimitTest, UsageBasedV2EnforcesByItself) {
  row("a").params.rpm = 5;
  draft.config.router.routing_strategy = "usage-based-routing-v2";
  build(draft);
  int granted = 0;
  for (int i = 0; i < 20; ++i) granted += pick("m", 0).error == Errc::none;
  EXPECT_EQ(granted, 5) << "asked for by id: no filter looks, the row itself refuses";
}

TEST_F(LimitTest, TokensAreReservedAndSettled) {
  row("a").params.tpm = 1000;
  enforce();
  build(draft);
  Lease first(pick_with("m", asking(100, 500)));
  ASSERT_TRUE(first);
  EXPECT_EQ(pick_with("m", asking(100, 400)).refusal, Refusal::tpm) << "600 are taken";
  Lease second(pick_with("m", asking(100, 300)));
  ASSERT_TRUE(second);
  auto outcome = used(Micros{1}, 90, 10); // of 600
  outcome.now = clock.now();
  first.done(outcome);
  run();
  EXPECT_EQ(view("m", 0).window.used(second_of(clock.now())).tokens, 500u);
  EXPECT_EQ(picked("m", asking(100, 400)), "a");
}

TEST_F(LimitTest, WhatFailedOrWasCancelledGivesTokensBack) {
  row("a").params.tpm = 1000;
  enforce();
  build(draft);
  report(pick_with("m", asking(100, 900)), failed(Errc::bad_request, 400));
  EXPECT_EQ(view("m", 0).window.used(second_of(clock.now())).tokens, 0u);
  { Lease lease(pick_with("m", asking(100, 900))); }
  run();
  EXPECT_EQ(view("m", 0).window.used(second_of(clock.now())).tokens, 100u) << "its prompt was read";
}

TEST_F(LimitTest, AnAnswerLongerThanAMinuteIsNeverFreeButRoomIsLeftForPrompts) {
  row("a").params.tpm = 1000;
  enforce();
  build(draft);
  Lease lease(pick_with("m", asking(100, 100000)));
  ASSERT_TRUE(lease) << "max_tokens above tpm reserves the whole minute";
  EXPECT_EQ(view("m", 0).window.used(second_of(clock.now())).tokens, 1000u);
  EXPECT_EQ(pick_with("m", asking(1001, 1)).refusal, Refusal::tpm) << "a prompt above tpm never fits";
}

TEST_F(LimitTest, UnknownOutputReservesTheUsualOne) {
  row("a").params.tpm = 1000;
  enforce();
  build(draft);
  report(pick_with("m", asking(10, 0)), used(Micros{1}, 10, 300));
  Lease lease(pick_with("m", asking(10, 0)));
  EXPECT_EQ(lease.grant().hold.output_tokens, 300u);
}

TEST_F(LimitTest, TokensThatCameUnexpectedBlockTheNext) {
  row("a").params.tpm = 1000;
  enforce();
  build(draft);
  report(pick_with("m", asking(10, 1)), used(Micros{1}, 10, 2000));
  EXPECT_EQ(pick_with("m", asking(1, 1)).refusal, Refusal::tpm);
  clock.advance(seconds(61));
  EXPECT_EQ(picked("m", asking(1, 1)), "a");
}

TEST_F(LimitTest, MaxParallelRequestsGoToAnotherRowThenRefuse) {
  row("a").params.max_parallel_requests = 1;
  row("b");
  draft.config.router.default_max_parallel_requests = 2;
  build(draft);
  std::vector<Lease> leases;
  for (int i = 0; i < 3; ++i) leases.emplace_back(pick("m"));
  EXPECT_EQ(view("m", 0).in_flight, 1u);
  EXPECT_EQ(view("m", 1).in_flight, 2u);
  const auto refused = pick("m");
  EXPECT_EQ(refused.refusal, Refusal::parallel);
  EXPECT_EQ(refused.retry_after, seconds(1));
  leases.pop_back();
  run();
  EXPECT_NE(picked("m"), "(none)");
}

TEST_F(LimitTest, MaxParallelRequestsIsExactUnderConcurrency) {
  row("a").params.max_parallel_requests = 7;
  build(draft);
  const auto to = group("m");
  std::vector<std::unique_ptr<Pending<PickAnswer>>> pending;
  auto* drain = std::exchange(run_actors_inline, nullptr);
  for (int i = 0; i < 50; ++i)
    pending.push_back(std::make_unique<Pending<PickAnswer>>(to->pick, query(), home()));
  run_actors_inline = drain;
  run();
  EXPECT_EQ(view("m", 0).in_flight, 7u);
}

TEST_F(LimitTest, PreCallChecksLeaveOutRowsAtTheirRpm) {
  row("a").params.rpm = 1;
  row("b");
  draft.config.router.enable_pre_call_checks = true;
  build(draft);
  EXPECT_EQ(picked("m", query(0)), "a");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(picked("m"), "b");
}

} // namespace
} // namespace switchyard::actors
