// Whom rows belong to and who stays on which: teams, affinity, rows already tried (spec router.md 1.6, 2.7),
// through the actors.
#include "actors/filter_fixture.hpp"

namespace switchyard::actors {
namespace {

// -- teams

TEST_F(FilterTest, RowsOfATeamAreForItAlone) {
  row("all"), row("ours").team_id = "t1";
  build(draft);
  EXPECT_EQ(picked_ids(), Ids{"all"});
  auto wants = std::make_shared<PickWants>();
  wants->team = "t1";
  auto question = query();
  question.wants = wants;
  EXPECT_EQ(picked_ids(question), (Ids{"all", "ours"}));
  draft.config.models.erase(draft.config.models.begin());
  build(draft);
  EXPECT_EQ(pick_with("m", query()).refusal, Refusal::team);
}

TEST_F(FilterTest, AnotherTeamsRowIsNotThereByIdEither) {
  row("all"), row("theirs").team_id = "t1";
  build(draft);
  auto question = query();
  question.only = 1;
  EXPECT_EQ(pick_with("m", question).refusal, Refusal::team);
}

TEST_F(FilterTest, ACoolingRowOfAllIsCoolingNotMissing) {
  row("all"), row("theirs").team_id = "t1";
  build(draft);
  serve("m", failed(Errc::rate_limit, 429), 0);
  EXPECT_EQ(pick_with("m", query()).refusal, Refusal::cooling);
}

// -- rows that a request has tried

TEST_F(FilterTest, TriedRowsAreLeftForLast) {
  row("a"), row("b"), row("c");
  build(draft);
  auto question = query();
  question.tried = 0b011;
  EXPECT_EQ(picked_ids(question), Ids{"c"});
  question.tried = 0b111;
  EXPECT_EQ(picked_ids(question), (Ids{"a", "b", "c"})) << "all tried: any of them";
}

TEST_F(FilterTest, TriedRowsOfALevelComeBeforeTheNextLevel) {
  row("a").params.order = 1, row("b").params.order = 2;
  build(draft);
  auto question = query();
  question.tried = 0b01;
  EXPECT_EQ(picked_ids(question), Ids{"a"});
}

// -- affinity

TEST_F(FilterTest, APreferredRowGoesFirstWhileItMayBePicked) {
  for (const char* id : {"a", "b", "c"}) row(id);
  build(draft);
  auto question = query();
  question.prefer = 1;
  EXPECT_EQ(picked_ids(question), Ids{"b"});
  serve("m", failed(Errc::rate_limit, 429), 1);
  EXPECT_EQ(picked_ids(question), (Ids{"a", "c"})) << "an unhealthy row is ignored";
  question.prefer = 77;
  EXPECT_EQ(picked_ids(question), (Ids{"a", "c"}));
}

TEST_F(FilterTest, AffinityKeepsOneRowPerAsker) {
  for (const char* id : {"a", "b", "c", "d"}) row(id);
  build(draft);
  Ids all;
  for (std::uint64_t who = 1; who <= 20; ++who) {
    auto question = query();
    question.affinity = who * 0x9E3779B97F4A7C15ull;
    const auto ids = picked_ids(question);
    EXPECT_EQ(ids.size(), 1u);
    all.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(all.size(), 4u) << "askers are spread";
}

TEST_F(FilterTest, AffinityStaysInTheFirstLevelAndOffRowsWithoutWeight) {
  row("a").params.order = 1, row("z").params.order = 1, row("b").params.order = 2;
  draft.config.models[0].params.weight = 1, draft.config.models[1].params.weight = 0;
  build(draft);
  for (std::uint64_t who = 1; who <= 20; ++who) {
    auto question = query();
    question.affinity = who * 0x9E3779B97F4A7C15ull;
    EXPECT_EQ(picked_ids(question), Ids{"a"});
  }
}

TEST_F(FilterTest, AffinityGivesWayOnARetry) {
  row("a"), row("b");
  build(draft);
  auto question = query();
  question.affinity = 1;
  const auto first = picked_ids(question);
  question.tried = first == Ids{"a"} ? 0b01 : 0b10;
  EXPECT_NE(picked_ids(question), first);
}

TEST_F(FilterTest, OneRowMayBeExcepted) {
  row("a"), row("b");
  build(draft);
  auto question = query();
  question.except = 0;
  EXPECT_EQ(picked_ids(question), Ids{"b"});
}

} // namespace
} // namespace switchyard::actors
