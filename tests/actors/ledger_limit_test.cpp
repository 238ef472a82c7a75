// Requests and tokens per window, requests at a time, and what refusals and headers say about them.
#include "actors/ledger_fixture.hpp"

namespace switchyard::actors {
namespace {

using namespace std::chrono_literals;

TEST_F(LedgerTest, RequestsPerWindowCountFromTheFirst) {
  const auto key = EntityDraft(k_key, "h").rpm(2).done();
  EXPECT_TRUE(admitted(admit({key})));
  clock.advance(59s);
  EXPECT_TRUE(admitted(admit({key})));
  EXPECT_FALSE(admitted(admit({key})));
  clock.advance(1s);
  EXPECT_TRUE(admitted(admit({key})));
}

TEST_F(LedgerTest, TwoHundredAtATimeNeverPassTheTokens) {
  const auto key = EntityDraft(k_key, "h").tpm(100).done();
  std::vector<AdmitAnswer> open;
  for (int i = 0; i < 200; ++i)
    if (auto answer = admit(tokens({key}, 15)); admitted(answer)) open.push_back(std::move(answer));
  EXPECT_EQ(open.size(), 6u);
  for (auto& answer : open) settle(answer, 0, 10);
  EXPECT_EQ(book.find(k_key, "h")->tokens(), 60u);
  EXPECT_TRUE(admitted(admit(tokens({key}, 40)))) << "what was not used is free again";
  EXPECT_FALSE(admitted(admit(tokens({key}, 0)))) << "the window is full";
}

TEST_F(LedgerTest, ARequestLargerThanTheLimitRunsAloneInItsWindow) {
  const auto key = EntityDraft(k_key, "h").tpm(100).done();
  const auto large = admit(tokens({key}, 500));
  EXPECT_TRUE(admitted(large));
  EXPECT_FALSE(admitted(admit(tokens({key}, 1))));
  settle(large, 0, 30);
  EXPECT_FALSE(admitted(admit(tokens({key}, 500))));
  EXPECT_TRUE(admitted(admit(tokens({key}, 70))));
}

TEST_F(LedgerTest, TokensOfAnOldWindowAreNotTakenFromTheNew) {
  const auto key = EntityDraft(k_key, "h").tpm(100).done();
  const auto slow = admit(tokens({key}, 60));
  const auto longer = admit(tokens({key}, 40));
  clock.advance(60s);
  const auto next = admit(tokens({key}, 50));
  settle(slow, 0, 20);
  EXPECT_EQ(book.find(k_key, "h")->tokens(), 50u);
  settle(longer, 0, 55); // fifteen that nobody expected
  EXPECT_EQ(book.find(k_key, "h")->tokens(), 65u);
  settle(next, 0, 0);
  EXPECT_EQ(book.find(k_key, "h")->tokens(), 15u);
}

TEST_F(LedgerTest, WhatNeverRanDoesNotCount) {
  const auto key = EntityDraft(k_key, "h").rpm(1).done();
  settle(admit({key}), 0, 0, false);
  const auto ran = admit({key});
  EXPECT_TRUE(admitted(ran));
  settle(ran, 0);
  EXPECT_FALSE(admitted(admit({key})));
}

TEST_F(LedgerTest, RequestsAtATime) {
  const auto key = EntityDraft(k_key, "h").parallel(2).done();
  const auto first = admit({key}), second = admit({key});
  EXPECT_FALSE(admitted(admit({key})));
  clock.advance(1h);
  EXPECT_FALSE(admitted(admit({key}))) << "reservations never end by time";
  settle(first, 0);
  EXPECT_TRUE(admitted(admit({key})));
}

TEST_F(LedgerTest, ZeroBlocksEverything) {
  EXPECT_FALSE(admitted(admit({EntityDraft(k_key, "a").rpm(0).done()})));
  EXPECT_FALSE(admitted(admit(tokens({EntityDraft(k_key, "b").tpm(0).done()}, 5))));
  EXPECT_FALSE(admitted(admit({EntityDraft(k_key, "c").parallel(0).done()})));
  EXPECT_FALSE(admitted(admit({EntityDraft(k_key, "d").rpm(-1).done()})));
}

TEST_F(LedgerTest, BestEffortCountsAndDoesNotRefuse) {
  auto draft = EntityDraft(k_key, "h").rpm(1);
  draft.limits.best_effort = true;
  const auto key = draft.done();
  EXPECT_TRUE(admitted(admit({key})));
  const auto second = admit({key});
  EXPECT_TRUE(admitted(second));
  EXPECT_EQ(second.limits[0].rpm_left, 0);
}

TEST_F(LedgerTest, ARefusalInLiteLLMsWords) {
  const auto key = EntityDraft(k_key, "hash").rpm(1).done();
  EXPECT_TRUE(admitted(admit({key})));
  clock.advance(15s);
  const auto answer = admit({key});
  EXPECT_EQ(to_json(answer.error),
            R"({"error":{"message":"Rate limit exceeded for api_key: hash. Limit type: requests. )"
            R"(Current limit: 1, Remaining: 0. Limit resets at: 2019-12-20 00:01:00 UTC",)"
            R"("type":"None","param":"None","code":"429"}})");
  EXPECT_EQ(answer.error.retry_after, 45s);
  EXPECT_EQ(answer.headers, "rate_limit_type: requests\r\nreset_at: 2019-12-20 00:01:00 UTC\r\n");
  EXPECT_EQ(answer.id, 0u);
}

TEST_F(LedgerTest, RefusalsOfEachType) {
  const auto model = EntityDraft(EntityKind::key_model, "hash:gpt-4").tpm(100).done();
  settle(admit(tokens({model}, 70)), 0, 70);
  EXPECT_NE(
      admit(tokens({model}, 40))
          .error.message.find(
              "Rate limit exceeded for model_per_key: hash:gpt-4. Limit type: tokens. Current limit: 100, "
              "Remaining: 30."),
      std::string::npos);
  const auto member = EntityDraft(EntityKind::member, "t:u").parallel(1).done();
  const auto running = admit({member});
  const auto refused = admit({member});
  EXPECT_NE(
      refused.error.message.find("team_member: t:u. Limit type: max_parallel_requests. Current limit: 1"),
      std::string::npos);
  EXPECT_EQ(refused.error.retry_after, 1s);
}

/// A session's bill is renewed after each answer; nobody may slip in between.
TEST_F(LedgerTest, ARenewalKeepsItsPlace) {
  const auto key = EntityDraft(k_key, "h").parallel(1).budget(10).rpm(2).done();
  const auto first = admit({key}, 1);
  auto again = query({key}, 1);
  again.renews.id = first.id, again.renews.now = clock.now(), again.renews.wall = clock.wall();
  again.renews.cost = usd(2), again.renews.ran = false;
  const auto second = admit(again);
  ASSERT_TRUE(admitted(second));
  EXPECT_NE(second.id, first.id);
  EXPECT_FALSE(admitted(admit({key}))) << "one place, and it is taken";
  EXPECT_EQ(spent(key), usd(2));
  EXPECT_EQ(reserved(key), usd(1));
  settle(first, 5); // settled before: nothing happens
  EXPECT_EQ(spent(key), usd(2));
  settle(second, 1);
  EXPECT_EQ(reserved(key), usd(0));
  EXPECT_TRUE(admitted(admit({key}))) << "both renewals were one request";
}

TEST_F(LedgerTest, StatesOfAllLimitedEntitiesForTheHeaders) {
  const auto key = EntityDraft(k_key, "h").rpm(10).tpm(1000).spent(3).done();
  const auto team = EntityDraft(EntityKind::team, "t").tpm(500).done();
  const auto user = EntityDraft(EntityKind::user, "u").budget(5).done();
  const auto answer = admit(tokens({key, user, team}, 100));
  ASSERT_EQ(answer.limits.size(), 2u);
  EXPECT_EQ(answer.limits[0].rpm_limit, 10);
  EXPECT_EQ(answer.limits[0].rpm_left, 9);
  EXPECT_EQ(answer.limits[0].tpm_left, 900);
  EXPECT_EQ(answer.limits[0].reset, 60s);
  EXPECT_EQ(answer.limits[1].kind, EntityKind::team);
  EXPECT_EQ(answer.limits[1].rpm_limit, -1);
  EXPECT_EQ(answer.limits[1].tpm_left, 400);
  EXPECT_EQ(answer.key_spend, usd(3));
}

TEST_F(LedgerTest, TheWindowsLengthIsASetting) {
  auto rules = rules_for_tests();
  rules.rate_window = Millis{5000};
  book.set_rules(rules);
  const auto key = EntityDraft(k_key, "h").rpm(1).done();
  EXPECT_TRUE(admitted(admit({key})));
  EXPECT_FALSE(admitted(admit({key})));
  clock.advance(5s);
  EXPECT_TRUE(admitted(admit({key})));
}

} // namespace
} // namespace switchyard::actors
