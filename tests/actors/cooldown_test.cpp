// The default cooldown rule (spec router.md 3.4): each clause alone, then through the actors.
#include "actors/cooldown.hpp"
#include "actors/graph_fixture.hpp"

namespace switchyard::actors {
namespace {

using std::chrono::seconds;

CooldownRule in_company() {
  CooldownRule rule;
  rule.alone = false;
  return rule;
}

Outcome failure(Errc error, int status) {
  Outcome outcome;
  outcome.kind = OutcomeKind::failure;
  outcome.error = error;
  outcome.status = static_cast<std::uint16_t>(status);
  return outcome;
}

MinuteCount counts(std::uint32_t success, std::uint32_t failures) {
  MinuteCount minute;
  minute.success = success;
  minute.failure = failures;
  return minute;
}

const MinuteCount k_one = counts(0, 1);

TEST(CooldownRule, RateLimitCoolsAtOnceInCompanyOnly) {
  EXPECT_EQ(cooldown_after(in_company(), failure(Errc::rate_limit, 429), k_one), seconds(5));
  EXPECT_EQ(cooldown_after({}, failure(Errc::rate_limit, 429), k_one), Millis{0});
}

TEST(CooldownRule, AuthenticationAndNotFoundCoolEvenASingleRow) {
  for (int status : {401, 404})
    EXPECT_EQ(cooldown_after({}, failure(Errc::api_error, status), k_one), seconds(5)) << status;
}

TEST(CooldownRule, OtherClientErrorsNeverCool) {
  for (int status : {400, 402, 403, 405, 409, 413, 422, 499})
    EXPECT_EQ(cooldown_after(in_company(), failure(Errc::api_error, status), counts(0, 5000)), Millis{0})
        << status;
}

TEST(CooldownRule, MoreThanHalfOfAtLeastFiveCools) {
  const auto bad = failure(Errc::internal_server, 500);
  EXPECT_EQ(cooldown_after(in_company(), bad, counts(0, 4)), Millis{0});
  EXPECT_EQ(cooldown_after(in_company(), bad, counts(0, 5)), seconds(5));
  EXPECT_EQ(cooldown_after(in_company(), bad, counts(2, 3)), seconds(5));
  EXPECT_EQ(cooldown_after(in_company(), bad, counts(3, 3)), Millis{0});
  EXPECT_EQ(cooldown_after({}, bad, counts(2, 3)), Millis{0}) << "a single row stays";
}

TEST(CooldownRule, ASingleRowCoolsWhenAThousandOfAThousandFail) {
  const auto bad = failure(Errc::internal_server, 500);
  EXPECT_EQ(cooldown_after({}, bad, counts(0, 999)), Millis{0});
  EXPECT_EQ(cooldown_after({}, bad, counts(0, 1000)), seconds(5));
  EXPECT_EQ(cooldown_after({}, bad, counts(1, 1000)), Millis{0});
}

TEST(CooldownRule, TimeoutsAndUnknownStatusesCountAsShare) {
  for (int status : {408, 500, 503, 529, 302})
    EXPECT_EQ(cooldown_after(in_company(), failure(Errc::api_error, status), counts(0, 5)), seconds(5))
        << status;
}

TEST(CooldownRule, WithoutAnUpstreamStatusTheErrorTableSpeaks) {
  EXPECT_EQ(cooldown_after(in_company(), failure(Errc::rate_limit, 0), k_one), seconds(5));
  EXPECT_EQ(cooldown_after(in_company(), failure(Errc::timeout, 0), k_one), Millis{0});
  EXPECT_EQ(cooldown_after(in_company(), failure(Errc::bad_request, 0), counts(0, 9)), Millis{0});
}

TEST(CooldownRule, SwitchedOffAndConnectionErrorsNeverCool) {
  auto off = in_company();
  off.off = true;
  EXPECT_EQ(cooldown_after(off, failure(Errc::authentication, 401), k_one), Millis{0});
  auto lost = failure(Errc::api_connection, 500);
  lost.connection_error = true;
  EXPECT_EQ(cooldown_after(in_company(), lost, counts(0, 5000)), Millis{0});
}

TEST(CooldownRule, LengthIsRowThenRetryAfterThenRouter) {
  auto rule = in_company();
  auto bad = failure(Errc::rate_limit, 429);
  rule.router = seconds(7);
  EXPECT_EQ(cooldown_after(rule, bad, k_one), seconds(7));
  bad.retry_after = seconds(20);
  EXPECT_EQ(cooldown_after(rule, bad, k_one), seconds(20));
  rule.row = seconds(3);
  EXPECT_EQ(cooldown_after(rule, bad, k_one), seconds(3));
  rule.row = Millis{0};
  EXPECT_EQ(cooldown_after(rule, bad, k_one), Millis{0});
}

class CooldownTest : public GraphTest {
 protected:
  CooldownTest() {
    draft.row("m", "openai/a", "a").params.weight = 1; // first while it is healthy
    draft.row("m", "openai/b", "b").params.weight = 0;
  }
  ConfigDraft draft;
};

TEST_F(CooldownTest, AckSaysThatTheRowCoolsAndTheNextPickAvoidsIt) {
  build(draft);
  EXPECT_TRUE(report(pick("m"), failed(Errc::rate_limit, 429)).cooled);
  EXPECT_EQ(view("m", 0).total_cooldowns, 1u);
  auto next = pick("m");
  EXPECT_EQ(next.deployment->row.id, "b");
  EXPECT_EQ(next.healthy, 1);
  EXPECT_FALSE(report(std::move(next), failed(Errc::internal_server, 500)).cooled);
}

TEST_F(CooldownTest, AllRowsCooledRefusesWithTheShortestRemainder) {
  build(draft);
  report(pick("m"), failed(Errc::rate_limit, 429, seconds(60)));
  clock.advance(seconds(10));
  report(pick("m"), failed(Errc::rate_limit, 429, seconds(30)));
  clock.advance(seconds(5));
  auto refused = pick("m");
  EXPECT_EQ(refused.error, Errc::no_deployments);
  EXPECT_EQ(refused.retry_after, seconds(25));
  EXPECT_EQ(refused.cooling_ids, "a, b");
  EXPECT_EQ(refused.healthy, 0);
  EXPECT_EQ(refused.total, 2);
  EXPECT_FALSE(refused.deployment);
  clock.advance(seconds(25));
  auto granted = pick("m");
  EXPECT_EQ(granted.error, Errc::none);
  EXPECT_EQ(granted.deployment->row.id, "b");
  Lease lease(std::move(granted));
}

TEST_F(CooldownTest, ARowAskedForByIdIgnoresItsCooldown) {
  build(draft);
  report(pick("m"), failed(Errc::rate_limit, 429));
  const auto resolved = routing->resolve("a");
  EXPECT_EQ(resolved.only, 0);
  auto grant = pick("m", resolved.only);
  EXPECT_EQ(grant.error, Errc::none);
  EXPECT_EQ(grant.deployment->row.id, "a");
  Lease lease(std::move(grant));
  EXPECT_EQ(pick("m", 7).error, Errc::no_deployments) << "no such row";
}

TEST_F(CooldownTest, ALaterShorterCooldownDoesNotCutTheFirst) {
  build(draft);
  auto first = pick("m", 0), second = pick("m", 0);
  report(std::move(first), failed(Errc::rate_limit, 429, seconds(60)));
  report(std::move(second), failed(Errc::rate_limit, 429));
  EXPECT_EQ(view("m", 0).total_cooldowns, 1u);
  clock.advance(seconds(59));
  EXPECT_TRUE(view("m", 0).cooling(clock.now()));
}

TEST_F(CooldownTest, SuccessDoesNotEndACooldown) {
  build(draft);
  auto first = pick("m", 0), second = pick("m", 0);
  report(std::move(first), failed(Errc::rate_limit, 429));
  EXPECT_FALSE(report(std::move(second), succeeded()).cooled);
  EXPECT_TRUE(view("m", 0).cooling(clock.now()));
}

TEST_F(CooldownTest, PatternRowsAndDisabledCooldownsStay) {
  draft.row("openai/*", "openai/*", "p1");
  draft.row("openai/*", "openai/*", "p2");
  build(draft);
  EXPECT_FALSE(report(pick("openai/x"), failed(Errc::authentication, 401)).cooled);
  draft.config.router.disable_cooldowns = true;
  build(draft);
  EXPECT_FALSE(report(pick("m"), failed(Errc::authentication, 401)).cooled);
}

TEST_F(CooldownTest, ConfiguredLengthsReachTheActor) {
  draft.config.models[0].params.cooldown_time = 0.5;
  draft.config.router.cooldown_time = 100;
  build(draft);
  report(pick("m", 0), failed(Errc::rate_limit, 429, seconds(60)));
  report(pick("m", 1), failed(Errc::rate_limit, 429));
  clock.advance(Millis{500});
  EXPECT_FALSE(view("m", 0).cooling(clock.now()));
  clock.advance(seconds(99));
  EXPECT_TRUE(view("m", 1).cooling(clock.now()));
}

} // namespace
} // namespace switchyard::actors
