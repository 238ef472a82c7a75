// Cooldown rules beyond the default one, and the breaker of single-row groups (spec router.md 3.4, issue 3
// item 7).
#include "actors/cooldown.hpp"
#include "actors/graph_fixture.hpp"

namespace switchyard::actors {
namespace {

using std::chrono::seconds;

class RuleTest : public GraphTest {
 protected:
  void rows(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string id(1, static_cast<char>('a' + i));
      draft.row("m", "openai/" + id, id);
    }
  }
  RouterSettings& router() { return draft.config.router; }
  /// Whether the row cools after the last of `times` such failures.
  bool fails(int times, Errc error, int status, std::int32_t row = 0) {
    bool cooled = false;
    for (int i = 0; i < times; ++i)
      cooled = serve("m", failed(error, static_cast<std::uint16_t>(status)), row).cooled;
    return cooled;
  }
  void succeeds(int times, std::int32_t row = 0) {
    for (int i = 0; i < times; ++i) serve("m", succeeded(), row);
  }
  ConfigDraft draft;
};

// -- allowed_fails

TEST_F(RuleTest, AllowedFailsCoolsOnTheNextFailure) {
  rows(2);
  router().allowed_fails = 2;
  build(draft);
  EXPECT_FALSE(fails(2, Errc::rate_limit, 429)) << "a 429 does not cool at once under this rule";
  EXPECT_TRUE(fails(1, Errc::rate_limit, 429));
}

TEST_F(RuleTest, AllowedFailsOfThreeKeepsTheDefaultRule) {
  rows(2);
  router().allowed_fails = 3;
  build(draft);
  EXPECT_TRUE(fails(1, Errc::rate_limit, 429));
}

TEST_F(RuleTest, AllowedFailsOfZeroCoolsOnTheFirst) {
  rows(1);
  router().allowed_fails = 0;
  build(draft);
  EXPECT_TRUE(fails(1, Errc::internal_server, 500));
}

TEST_F(RuleTest, AllowedFailsForgetsAfterCooldownTimeOfQuiet) {
  rows(2);
  router().allowed_fails = 2;
  router().cooldown_time = 10;
  build(draft);
  EXPECT_FALSE(fails(2, Errc::internal_server, 500));
  clock.advance(seconds(9));
  succeeds(100);
  EXPECT_TRUE(fails(1, Errc::internal_server, 500))
      << "successes do not matter, each failure renews the ten seconds";
  clock.advance(seconds(30));
  EXPECT_FALSE(fails(2, Errc::internal_server, 500));
  clock.advance(seconds(10));
  EXPECT_FALSE(fails(1, Errc::internal_server, 500));
}

TEST_F(RuleTest, ClientErrorsDoNotCount) {
  rows(2);
  router().allowed_fails = 0;
  build(draft);
  EXPECT_FALSE(fails(10, Errc::bad_request, 400));
  EXPECT_TRUE(fails(1, Errc::authentication, 401));
}

TEST_F(RuleTest, ThePolicyHasANumberPerErrorClass) {
  rows(2);
  AllowedFailsPolicy policy;
  policy.rate_limit = 4, policy.timeout = 0, policy.content_policy = 1;
  router().allowed_fails_policy = policy;
  build(draft);
  EXPECT_FALSE(fails(4, Errc::rate_limit, 429, 0));
  EXPECT_TRUE(fails(1, Errc::rate_limit, 429, 0));
  EXPECT_TRUE(fails(1, Errc::timeout, 408, 1));
  clock.advance(seconds(60));
  EXPECT_FALSE(fails(1, Errc::content_policy_violation, 400, 1));
  EXPECT_TRUE(fails(1, Errc::content_policy_violation, 400, 1)) << "named in the policy, so a 400 counts";
  clock.advance(seconds(60));
  EXPECT_FALSE(fails(3, Errc::internal_server, 500, 0)) << "not named: allowed_fails, 3";
  EXPECT_TRUE(fails(1, Errc::internal_server, 500, 0));
}

TEST_F(RuleTest, EveryClassOfThePolicyIsReached) {
  const std::pair<Errc, std::optional<int> AllowedFailsPolicy::*> cases[] = {
      {Errc::bad_request, &AllowedFailsPolicy::bad_request},
      {Errc::context_window_exceeded, &AllowedFailsPolicy::bad_request},
      {Errc::authentication, &AllowedFailsPolicy::authentication},
      {Errc::timeout, &AllowedFailsPolicy::timeout},
      {Errc::gateway_timeout, &AllowedFailsPolicy::timeout},
      {Errc::rate_limit, &AllowedFailsPolicy::rate_limit},
      {Errc::content_policy_violation, &AllowedFailsPolicy::content_policy},
      {Errc::internal_server, &AllowedFailsPolicy::internal_server},
      {Errc::service_unavailable, &AllowedFailsPolicy::service_unavailable},
      {Errc::bad_gateway, &AllowedFailsPolicy::bad_gateway},
      {Errc::not_found, &AllowedFailsPolicy::not_found},
  };
  for (const auto& [error, entry] : cases) {
    CooldownRule rule;
    rule.counted = true, rule.allowed_fails = 1000;
    rule.policy.*entry = 7;
    auto failure = failed(error, describe(error).status);
    MinuteCount minute;
    minute.recent = 7;
    EXPECT_EQ(cooldown_after(rule, failure, minute), Millis{0}) << describe(error).name;
    minute.recent = 8;
    EXPECT_EQ(cooldown_after(rule, failure, minute), seconds(5)) << describe(error).name;
  }
}

TEST_F(RuleTest, ThresholdsAreSettings) {
  rows(2);
  router().thresholds.min_requests = 3;
  router().thresholds.failure_share = 0.9;
  build(draft);
  EXPECT_TRUE(fails(3, Errc::internal_server, 500, 0));
  succeeds(1, 1);
  EXPECT_FALSE(fails(9, Errc::internal_server, 500, 1)) << "nine of ten are not more than 90 %";
  EXPECT_TRUE(fails(1, Errc::internal_server, 500, 1));
}

// -- the breaker

class BreakerTest : public RuleTest {
 protected:
  BreakerTest() {
    rows(1);
    router().cooldown_time = 20;
  }
  void open() {
    build(draft);
    ASSERT_TRUE(fails(5, Errc::internal_server, 500));
    ASSERT_EQ(view("m", 0).breaker, Breaker::open);
  }
  PickAnswer probe() {
    auto grant = pick("m");
    EXPECT_EQ(grant.error, Errc::none);
    EXPECT_TRUE(grant.hold.probe);
    EXPECT_EQ(view("m", 0).breaker, Breaker::half_open);
    return grant;
  }
};

TEST_F(BreakerTest, ARowThatSucceedsNowAndThenIsLeftToTheRetries) {
  build(draft);
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(fails(4, Errc::internal_server, 500));
    succeeds(1);
  }
}

TEST_F(BreakerTest, OpensOnTheFifthFailureInARowAndAnswersAtOnce) {
  build(draft);
  EXPECT_FALSE(fails(4, Errc::internal_server, 500));
  EXPECT_TRUE(fails(1, Errc::internal_server, 500));
  clock.advance(seconds(5));
  const auto refused = pick("m");
  EXPECT_EQ(refused.error, Errc::no_deployments);
  EXPECT_EQ(refused.refusal, Refusal::cooling);
  EXPECT_EQ(refused.retry_after, seconds(15));
}

TEST_F(BreakerTest, LostConnectionsOpenItToo) {
  build(draft);
  auto lost = failed(Errc::api_connection, 500);
  lost.connection_error = true;
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(serve("m", lost).cooled);
  EXPECT_TRUE(serve("m", lost).cooled);
}

TEST_F(BreakerTest, ARateLimitOpensItForAsLongAsTheProviderSays) {
  build(draft);
  for (int i = 0; i < 5; ++i) serve("m", failed(Errc::rate_limit, 429, seconds(42)));
  EXPECT_EQ(pick("m").retry_after, seconds(42));
}

TEST_F(BreakerTest, LiteLlmsRuleIsASetting) {
  router().single_deployment_breaker = false;
  build(draft);
  EXPECT_FALSE(fails(999, Errc::internal_server, 500));
  EXPECT_TRUE(fails(1, Errc::internal_server, 500));
  EXPECT_EQ(view("m", 0).breaker, Breaker::closed);
  clock.advance(seconds(20));
  EXPECT_FALSE(pick("m", -1).hold.probe);
}

TEST_F(BreakerTest, HalfOpenLetsOneProbeThrough) {
  open();
  clock.advance(seconds(20));
  Lease lease(probe());
  const auto refused = pick("m");
  EXPECT_EQ(refused.error, Errc::no_deployments);
  EXPECT_EQ(refused.retry_after, seconds(20)) << "then there would be another probe";
}

TEST_F(BreakerTest, AProbeThatSucceedsClosesIt) {
  open();
  clock.advance(seconds(20));
  report(probe(), succeeded());
  EXPECT_EQ(view("m", 0).breaker, Breaker::closed);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(picked("m"), "a");
  EXPECT_FALSE(fails(1, Errc::internal_server, 500)) << "the failures of before are forgotten";
}

TEST_F(BreakerTest, AProbeThatFailsOpensItAgain) {
  open();
  clock.advance(seconds(20));
  EXPECT_TRUE(report(probe(), failed(Errc::internal_server, 500, seconds(7))).cooled);
  EXPECT_EQ(view("m", 0).breaker, Breaker::open);
  EXPECT_EQ(pick("m").retry_after, seconds(7));
  EXPECT_EQ(view("m", 0).total_cooldowns, 2u);
  clock.advance(seconds(7));
  report(probe(), succeeded());
  EXPECT_EQ(view("m", 0).breaker, Breaker::closed);
}

TEST_F(BreakerTest, AProbeOfABadRequestShowsThatTheRowAnswers) {
  open();
  clock.advance(seconds(20));
  report(probe(), failed(Errc::bad_request, 400));
  EXPECT_EQ(view("m", 0).breaker, Breaker::closed);
}

TEST_F(BreakerTest, ACancelledProbeLeavesThePlaceToTheNext) {
  open();
  clock.advance(seconds(20));
  { Lease lease(probe()); }
  run();
  EXPECT_EQ(view("m", 0).breaker, Breaker::open);
  report(probe(), succeeded());
  EXPECT_EQ(view("m", 0).breaker, Breaker::closed);
}

TEST_F(BreakerTest, ALongProbeDoesNotKeepItClosedToOthers) {
  open();
  clock.advance(seconds(20));
  Lease stream(probe());
  clock.advance(seconds(20));
  report(probe(), succeeded());
  EXPECT_EQ(view("m", 0).breaker, Breaker::closed);
}

TEST_F(BreakerTest, RequestsOfBeforeDoNotDecide) {
  build(draft);
  auto good = pick("m"), bad = pick("m");
  fails(5, Errc::internal_server, 500);
  clock.advance(seconds(20));
  Lease lease(probe());
  report(std::move(good), succeeded());
  EXPECT_EQ(view("m", 0).breaker, Breaker::half_open);
  report(std::move(bad), failed(Errc::authentication, 401));
  EXPECT_EQ(view("m", 0).breaker, Breaker::half_open);
}

TEST_F(BreakerTest, ARowAskedForByIdIsNoProbe) {
  open();
  auto grant = pick("m", 0);
  EXPECT_EQ(grant.error, Errc::none);
  EXPECT_FALSE(grant.hold.probe);
  report(std::move(grant), succeeded());
  EXPECT_EQ(view("m", 0).breaker, Breaker::open);
}

TEST_F(BreakerTest, AGroupThatGrewKeepsNoProbeForever) {
  open();
  rows(1); // a second model of that name: the row "a" is repeated, so give it another id
  draft.config.models.back().id = "b";
  build(draft);
  EXPECT_EQ(picked("m"), "b");
  clock.advance(seconds(20));
  report(pick_with("m",
                   [&] {
                     auto q = query();
                     q.prefer = 0;
                     return q;
                   }()),
         succeeded());
  EXPECT_EQ(view("m", 0).breaker, Breaker::closed);
}

TEST_F(BreakerTest, DisabledCooldownsDisableIt) {
  router().disable_cooldowns = true;
  build(draft);
  EXPECT_FALSE(fails(2000, Errc::internal_server, 500));
}

} // namespace
} // namespace switchyard::actors
