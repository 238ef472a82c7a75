// The key ring's own writes, loading, and the questions of shards.
#include "unit/storage/key_ring_fixture.hpp"

#include <future>

namespace switchyard::storage {
namespace {

class KeyRingSteps : public KeyRingTest {};
INSTANTIATE_TEST_SUITE_P(Backends, KeyRingSteps, testing::ValuesIn(backend_names()),
                         [](const auto& info) { return info.param; });

TEST_P(KeyRingSteps, TheFirstPollLoadsEverything) {
  add_key("k");
  EXPECT_FALSE(shard.complete());
  core->poll(*session);
  EXPECT_TRUE(shard.complete());
  ASSERT_TRUE(shard.key("k"));
  EXPECT_EQ(shard.key("k")->entity->version, 5u);
  EXPECT_EQ(core->stats().keys, 1u);
  EXPECT_EQ(core->stats().reloads, 1u);
}

TEST_P(KeyRingSteps, AChangeIsPublishedBeforeItsAnswer) {
  add_key("k");
  core->poll(*session);
  set("VerificationToken", "token", "k", "blocked", Value(true));
  bool done = false;
  core->changed(*session, {{What::key, "k"}}, [&] { done = shard.key("k")->blocked; });
  EXPECT_TRUE(done);
  ASSERT_FALSE(news.empty());
  EXPECT_EQ(news.back().entities.at(0)->id, "k");
  EXPECT_FALSE(news.back().spend_is_set);
  EXPECT_EQ(news.back().version, 5u);
}

TEST_P(KeyRingSteps, ADeletedKeyIsForgotten) {
  add_key("k");
  core->poll(*session);
  remove("VerificationToken", "token", "k");
  int done = 0;
  core->changed(*session, {{What::key, "k"}}, [&] { ++done; });
  EXPECT_EQ(done, 1);
  EXPECT_FALSE(shard.key("k"));
  ASSERT_EQ(news.back().forget.size(), 1u);
  EXPECT_EQ(news.back().forget[0].id, "k");
  EXPECT_EQ(core->stats().keys, 0u);
}

TEST_P(KeyRingSteps, ResetsReachTheLedgersAsTheyAre) {
  add_key("k"), add_key("l");
  core->poll(*session);
  int done = 0;
  core->changed(*session, {{What::key, "k", true}, {What::key, "l", false}}, [&] { ++done; });
  EXPECT_EQ(done, 1);
  ASSERT_EQ(news.size(), 2u);
  EXPECT_EQ(news[0].entities.at(0)->id, "l");
  EXPECT_TRUE(news[1].spend_is_set);
  EXPECT_EQ(news[1].entities.at(0)->id, "k");
}

TEST_P(KeyRingSteps, TheAnswerComesEvenWhenNothingCanBePublished) {
  int done = 0;
  core->changed(*session, {}, [&] { ++done; });
  core->changed(*session, {{What::model, "m"}}, [&] { ++done; });
  core->stop();
  core->changed(*session, {{What::key, "k"}}, [&] { ++done; });
  EXPECT_EQ(done, 3);
  EXPECT_EQ(published, 0);
}

TEST_P(KeyRingSteps, ARenamedAccessGroupLosesItsOldName) {
  add("AccessGroupTable", R"({"access_group_id":"g","access_group_name":"old"})");
  core->poll(*session);
  ASSERT_TRUE(shard.access_group("old"));
  set("AccessGroupTable", "access_group_id", "g", "access_group_name", text("new"));
  core->changed(*session, {{What::access_group, "g"}}, {});
  EXPECT_FALSE(shard.access_group("old"));
  EXPECT_TRUE(shard.access_group("new"));
  remove("AccessGroupTable", "access_group_id", "g");
  core->changed(*session, {{What::access_group, "g"}}, {});
  EXPECT_FALSE(shard.access_group("new"));
}

TEST_P(KeyRingSteps, ABigOverlayBecomesABase) {
  core->poll(*session);
  EXPECT_EQ(bases, 1);
  std::vector<Touched> touched;
  Rows rows;
  for (int i = 0; i < 1001; ++i) {
    touched.push_back({What::key, "k" + std::to_string(i)});
    rows.push_back({{"token", text(touched.back().id)}});
  }
  ASSERT_TRUE(session->insert_all_new("VerificationToken", rows));
  core->changed(*session, touched, {});
  EXPECT_EQ(bases, 2);
  EXPECT_TRUE(shard.key("k1000"));
  EXPECT_TRUE(shard.complete());
}

TEST_P(KeyRingSteps, AnUnknownKeyIsAskedForAndBringsItsSurroundings) {
  core->poll(*session);
  add("OrganizationTable",
      R"({"organization_id":"o","organization_alias":"O","budget_id":"","created_by":"x","updated_by":"x"})");
  add("TeamTable", R"({"team_id":"t","organization_id":"o"})");
  add("UserTable", R"({"user_id":"u"})");
  insert("TeamMembership", *json(R"({"user_id":"u","team_id":"t"})").as_map());
  add("VerificationToken", R"({"token":"k","team_id":"t","user_id":"u"})");
  const FoundKey found = ask_key("k");
  EXPECT_EQ(found.error, Errc::none);
  ASSERT_TRUE(found.key);
  EXPECT_EQ(shard.key("k"), found.key.get());
  EXPECT_TRUE(shard.team("t"));
  EXPECT_TRUE(shard.user("u"));
  EXPECT_TRUE(shard.member("t:u"));
  EXPECT_TRUE(shard.organization("o"));
}

TEST_P(KeyRingSteps, ManyShardsAskTheDatabaseOnce) {
  core->poll(*session);
  add_key("k");
  asio::io_context loop;
  const FindKey query{"k", clock.now()};
  Pending<FoundKey> one(mailbox<FindKey, FoundKey>(), query, loop.get_executor());
  Pending<FoundKey> two(mailbox<FindKey, FoundKey>(), query, loop.get_executor());
  EXPECT_EQ(jobs->jobs.size(), 1u);
  jobs->work(*session);
  ASSERT_TRUE(one.ready() && two.ready());
  EXPECT_EQ(one.take().key, two.take().key);
}

TEST_P(KeyRingSteps, AMissingKeyIsRememberedForSeconds) {
  core->poll(*session);
  EXPECT_EQ(ask_key("k").error, Errc::wrong_key);
  add_key("k");
  EXPECT_EQ(ask_key("k").error, Errc::wrong_key); // not asked again
  EXPECT_EQ(core->stats().misses, 2u);
  clock.advance(Absent::k_for);
  EXPECT_EQ(ask_key("k").error, Errc::none);
}

TEST_P(KeyRingSteps, ANewKeyIsNotTakenForMissing) {
  core->poll(*session);
  EXPECT_EQ(ask_key("k").error, Errc::wrong_key);
  add_key("k");
  core->changed(*session, {{What::key, "k"}}, {});
  EXPECT_EQ(ask_key("k").error, Errc::none);
}

TEST_P(KeyRingSteps, ARotatedKeyIsFoundByItsOldHash) {
  core->poll(*session);
  add_key("new");
  const auto grace = wire_time(clock.wall() + std::chrono::hours(1));
  insert("DeprecatedVerificationToken", {{"id", text("1")},
                                         {"token", text("old")},
                                         {"active_token_id", text("new")},
                                         {"revoke_at", text(grace)}});
  const FoundKey found = ask_key("old");
  ASSERT_TRUE(found.key);
  EXPECT_EQ(found.key->hash, "new");
  EXPECT_EQ(core->stats().keys, 1u);
  clock.advance(std::chrono::hours(2));
  core->changed(*session, {{What::key, "old"}}, {});
  EXPECT_FALSE(shard.key("old"));
}

TEST_P(KeyRingSteps, CustomersAreReadOrMadeFromTheDefaults) {
  EXPECT_EQ(ask_customer("new").error, Errc::none);
  EXPECT_FALSE(ask_customer("new").customer);
  insert("EndUserTable", *json(R"({"user_id":"c","blocked":true})").as_map());
  EXPECT_TRUE(ask_customer("c").customer->blocked);
  settings.max_end_user_budget = Money::from_usd(2);
  core = make_core("us");
  auto by_default = ask_customer("new").customer;
  ASSERT_TRUE(by_default);
  EXPECT_EQ(by_default->entity->limits.max_budget, Money::from_usd(2));
  EXPECT_EQ(published, 0); // names come from clients: shards keep them themselves
}

TEST_P(KeyRingSteps, ADeadStoreAnswersUnavailable) {
  core->poll(*session);
  jobs->close();
  EXPECT_EQ(ask_key("k").error, Errc::unavailable);
  EXPECT_EQ(ask_customer("c").error, Errc::unavailable);
  core->stop();
  EXPECT_EQ(ask_key("k").error, Errc::unavailable);
}

TEST(KeyRingQuestions, OneAtATimePerId) {
  Questions<FoundKey> questions;
  using Turn = Questions<FoundKey>::Turn;
  EXPECT_EQ(questions.join("a", {}), Turn::first);
  EXPECT_EQ(questions.join("a", {}), Turn::waits);
  EXPECT_EQ(questions.join("b", {}), Turn::first);
  EXPECT_EQ(questions.take("a").size(), 2u);
  EXPECT_EQ(questions.take("a").size(), 0u);
  EXPECT_EQ(questions.join("a", {}), Turn::first);
  for (int i = 0; i < 4094; ++i) EXPECT_EQ(questions.join(std::to_string(i), {}), Turn::first);
  EXPECT_EQ(questions.join("one too many", {}), Turn::full);
  EXPECT_EQ(questions.join("a", {}), Turn::waits);
}

TEST(KeyRingQuestions, TheMemoryOfMissingKeysIsBounded) {
  Absent absent;
  const Instant now{std::chrono::hours(1)};
  for (std::size_t i = 0; i < 2 * Absent::k_most; ++i) absent.add(std::to_string(i), now);
  EXPECT_EQ(absent.size(), Absent::k_most);
  EXPECT_FALSE(absent.has("0", now));
  const auto last = std::to_string(2 * Absent::k_most - 1);
  EXPECT_TRUE(absent.has(last, now));
  EXPECT_FALSE(absent.has(last, now + Absent::k_for));
  absent.remove(last);
  EXPECT_FALSE(absent.has(last, now));
}

TEST(KeyRing, StartsLoadsAndStops) {
  auto store = open_or_fail(new_database("sqlite"));
  ASSERT_TRUE(store);
  auto session = store->open();
  ASSERT_TRUE(session);
  ASSERT_TRUE(migrate(**session, false));
  std::promise<bool> complete;
  KeyRingHooks hooks;
  hooks.publish = [&](IdentityDelta delta, std::function<void()> done) {
    if (delta.base) complete.set_value(delta.complete);
    if (done) done();
  };
  SystemClock clock;
  auto ring = KeyRing::create(*store, PlaneSettings(), clock, hooks);
  ring->start();
  EXPECT_TRUE(complete.get_future().get());
  ring->stop();
  ring->stop();
  session->reset();
  store->close();
}

} // namespace
} // namespace switchyard::storage
