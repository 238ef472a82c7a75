// What others wrote: found by polling, heard from other Switchyards.
#include "storage/key_ring_words.hpp"
#include "unit/storage/key_ring_fixture.hpp"

namespace switchyard::storage {
namespace {

class KeyRingWatch : public KeyRingTest {
 protected:
  void SetUp() override {
    KeyRingTest::SetUp();
    add("BudgetTable", R"({"budget_id":"b","max_budget":5,"created_by":"x","updated_by":"x"})");
    add("VerificationToken", R"({"token":"k","budget_id":"b"})");
    add("TeamTable", R"({"team_id":"t"})");
    insert("TeamMembership", *json(R"({"user_id":"u","team_id":"t","budget_id":"b"})").as_map());
    insert("EndUserTable", *json(R"({"user_id":"c","budget_id":"b"})").as_map());
    add("TagTable", R"({"tag_name":"x","budget_id":"b"})");
    clock.advance(std::chrono::hours(1));
    poll(); // loads
    poll(); // the first sweep reads every row that has no stamp
    published = 0;
    news.clear();
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, KeyRingWatch, testing::ValuesIn(backend_names()),
                         [](const auto& info) { return info.param; });

TEST_P(KeyRingWatch, NothingNewIsNothingToPublish) {
  poll(), poll();
  EXPECT_EQ(published, 0);
  EXPECT_EQ(core->stats().last_delay_ms, -1);
}

TEST_P(KeyRingWatch, AStampedChangeIsPublishedOnceWithItsDelay) {
  set("VerificationToken", "token", "k", "blocked", Value(true));
  poll();
  EXPECT_TRUE(shard.key("k")->blocked);
  EXPECT_EQ(core->stats().last_delay_ms, 10'000);
  EXPECT_EQ(published, 1);
  poll();
  EXPECT_EQ(published, 1);
}

TEST_P(KeyRingWatch, LateCommitsAndSlowClocksAreNoticed) {
  set("TeamTable", "team_id", "t", "blocked", Value(true)); // moves the mark
  poll();
  Row late = *json(R"({"token":"late"})").as_map();
  late.emplace_back("updated_at", text(wire_time(clock.wall() - std::chrono::seconds(50))));
  insert("VerificationToken", late);
  poll();
  EXPECT_TRUE(shard.key("late"));
}

TEST_P(KeyRingWatch, NewAndDeletedRows) {
  add_key("k2");
  remove("VerificationToken", "token", "k"); // the count stays the same
  poll();
  EXPECT_TRUE(shard.key("k2"));
  poll();
  EXPECT_FALSE(shard.key("k"));
  EXPECT_EQ(core->stats().keys, 1u);
  remove("TeamTable", "team_id", "t");
  poll();
  EXPECT_FALSE(shard.team("t"));
}

TEST_P(KeyRingWatch, RowsWithoutStamps) {
  set("TeamMembership", "user_id", "u", "spend", Value(1.5), false);
  set("EndUserTable", "user_id", "c", "blocked", Value(true), false);
  poll();
  EXPECT_EQ(shard.member("t:u")->entity->spend, Money::from_usd(1.5));
  EXPECT_TRUE(shard.customer("c")->blocked);
  published = 0;
  poll();
  EXPECT_EQ(published, 0);
  remove("TeamMembership", "user_id", "u");
  remove("EndUserTable", "user_id", "c");
  poll();
  EXPECT_FALSE(shard.member("t:u"));
  EXPECT_FALSE(shard.customer("c"));
  published = 0;
  poll();
  EXPECT_EQ(published, 0);
}

TEST_P(KeyRingWatch, BudgetsReachWhatRefersToThem) {
  set("BudgetTable", "budget_id", "b", "max_budget", Value(8.0));
  poll();
  const auto eight = Money::from_usd(8);
  EXPECT_EQ(shard.key("k")->entity->limits.max_budget, eight);
  EXPECT_EQ(shard.member("t:u")->entity->limits.max_budget, eight);
  EXPECT_EQ(shard.customer("c")->entity->limits.max_budget, eight);
  EXPECT_EQ(shard.tag("x")->entity->limits.max_budget, eight);
}

TEST_P(KeyRingWatch, ADeletedBudgetOrTag) {
  remove("TagTable", "tag_name", "x");
  poll();
  EXPECT_FALSE(shard.tag("x"));
  set("VerificationToken", "token", "k", "budget_id", Value(), false); // as the foreign key does
  remove("BudgetTable", "budget_id", "b");
  poll();
  EXPECT_FALSE(shard.key("k")->entity->limits.max_budget);
}

TEST_P(KeyRingWatch, TeamAliases) {
  auto aliases =
      insert("ModelTable", {{"aliases", json(R"({"a":"m"})")},
                            {"created_by", text("x")},
                            {"updated_by", text("x")},
                            {"updated_at", text(wire_time(clock.wall() - std::chrono::hours(2)))}});
  set("TeamTable", "team_id", "t", "model_id", at(aliases, "id"));
  poll();
  EXPECT_EQ(shard.team("t")->aliases.at(0).second, "m");
  const std::vector<Change> changes = {{"aliases", json(R"({"a":"n"})")},
                                       {"updated_at", text(wire_time(clock.wall()))}};
  const std::vector<Condition> where = {{"id", "=", at(aliases, "id")}};
  ASSERT_TRUE(session->update("ModelTable", changes, where));
  poll();
  EXPECT_EQ(shard.team("t")->aliases.at(0).second, "n");
}

TEST_P(KeyRingWatch, ModelsAndConfiguration) {
  poll();
  EXPECT_EQ(models, 0);
  insert("Config", *json(R"({"param_name":"router_settings","param_value":{"num_retries":1}})").as_map());
  poll();
  EXPECT_EQ(models, 1);
  poll();
  EXPECT_EQ(models, 1);
  add("ProxyModelTable",
      R"({"model_id":"1","model_name":"m","litellm_params":{},"created_by":"x","updated_by":"x"})");
  core->changed(*session, {{What::model, "1"}}, {});
  EXPECT_EQ(models, 2);
  poll();
  EXPECT_EQ(models, 2);
}

TEST_P(KeyRingWatch, OwnWritesAreNotCountedAsSeenLate) {
  set("VerificationToken", "token", "k", "blocked", Value(true));
  core->changed(*session, {{What::key, "k"}}, {});
  poll();
  EXPECT_EQ(core->stats().last_delay_ms, -1);
}

TEST_P(KeyRingWatch, WhatOthersSayIsReadAtOnce) {
  set("VerificationToken", "token", "k", "blocked", Value(true));
  const auto word = word_of("them", clock.wall(), {What::key, "k", true});
  clock.advance(Millis(40));
  core->hear(word), core->hear(word);
  EXPECT_EQ(jobs->jobs.size(), 1u);
  jobs->work(*session);
  EXPECT_TRUE(shard.key("k")->blocked);
  EXPECT_EQ(core->stats().last_delay_ms, 40);
  ASSERT_FALSE(news.empty());
  EXPECT_TRUE(news.front().spend_is_set);
}

TEST_P(KeyRingWatch, OwnWordsAreNoNews) {
  core->hear(word_of("us", clock.wall(), {What::key, "k"}));
  jobs->work(*session);
  EXPECT_EQ(published, 0);
}

TEST_P(KeyRingWatch, AReconnectedListenerLooksForItself) {
  set("VerificationToken", "token", "k", "blocked", Value(true));
  core->hear("");
  jobs->work(*session);
  EXPECT_TRUE(shard.key("k")->blocked);
}

TEST_P(KeyRingWatch, NothingIsForgottenWhileTheDatabaseIsAway) {
  auto broken = open();
  ASSERT_TRUE(broken->count("UserTable"));
  for (auto table : {"UserTable", "VerificationToken", "TeamTable"})
    ASSERT_TRUE(
        session->query(std::string("ALTER TABLE \"LiteLLM_") + table + "\" RENAME TO \"" + table + "\""));
  clock.advance(std::chrono::seconds(10));
  core->poll(*broken);
  int done = 0;
  core->changed(*broken, {{What::key, "k"}}, [&] { ++done; });
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(shard.key("k"));
  EXPECT_TRUE(shard.team("t"));
  for (auto table : {"UserTable", "VerificationToken", "TeamTable"})
    ASSERT_TRUE(
        session->query(std::string("ALTER TABLE \"") + table + "\" RENAME TO \"LiteLLM_" + table + "\""));
  set("VerificationToken", "token", "k", "blocked", Value(true), false);
  poll(); // what could not be read is read now
  EXPECT_TRUE(shard.key("k")->blocked);
}

TEST(KeyRingWords, ThereAndBack) {
  const WallTime when = *read_time("2026-01-01T00:00:00.125Z");
  const auto word = word_of("me", when, {Touched::What::access_group, "a:b/c", true});
  EXPECT_LE(word.size(), 200u);
  const Heard heard = heard_in(word);
  EXPECT_EQ(heard.sender, "me");
  EXPECT_EQ(heard.written, when);
  ASSERT_TRUE(heard.touched);
  EXPECT_EQ(heard.touched->what, Touched::What::access_group);
  EXPECT_EQ(heard.touched->id, "a:b/c");
  EXPECT_TRUE(heard.touched->spend_set);
}

TEST(KeyRingWords, WhatCannotBeSaidIsLookedFor) {
  for (auto id : {std::string("two words"), std::string(500, 'x'), std::string("\xc3\xa9"), std::string()})
    EXPECT_FALSE(heard_in(word_of("me", WallTime(), {Touched::What::tag, id})).touched) << id;
  for (auto word : {"", "key", ":", "key:", "nonsense:x", "a/b/c:d", "//:", "a/99999999999999999999/key:"})
    EXPECT_FALSE(heard_in(word).touched) << word;
  EXPECT_EQ(heard_in("key:abc").touched->id, "abc"); // from somebody else
  EXPECT_EQ(heard_in("config:").touched->what, Touched::What::config);
}

} // namespace
} // namespace switchyard::storage
