// Who is moved off his row and for how long he stays where he went (deployment_affinity_ttl_seconds), marked
// prompts (prompt_caching) and the names that teams give their own rows; through the actors, on simulated
// time.
#include "actors/filter_fixture.hpp"
#include "actors/pins.hpp"

namespace switchyard::actors {
namespace {

using std::chrono::seconds;

class AffinityTest : public FilterTest {
 protected:
  std::string goes_to(std::uint64_t who) {
    auto question = query();
    question.affinity = who;
    return picked("m", question);
  }
  std::size_t seat_of(const std::string& id) {
    const auto rows = group("m")->deployments;
    for (std::size_t seat = 0; seat < rows.size(); ++seat)
      if (rows[seat]->row.id == id) return seat;
    return rows.size();
  }
  void cool(const std::string& id) {
    serve("m", failed(Errc::rate_limit, 429), static_cast<std::int32_t>(seat_of(id)));
  }
  /// Moves `who` off its row for a moment; the row it went to.
  std::string moved(std::uint64_t who, const std::string& home) {
    cool(home);
    const auto other = goes_to(who);
    clock.advance(seconds(6)); // past cooldown_time
    return other;
  }
};

TEST_F(AffinityTest, WhoWasMovedStaysUntilItHasNotAskedForTheTtl) {
  for (const char* id : {"a", "b", "c"}) row(id);
  router().affinity_ttl = 60;
  build(draft);
  const auto home = goes_to(7), other = moved(7, home);
  EXPECT_NE(other, home);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(goes_to(7), other) << "each request begins the time anew";
    clock.advance(seconds(59));
  }
  clock.advance(seconds(1));
  EXPECT_EQ(goes_to(7), home);
}

TEST_F(AffinityTest, WithoutATtlTheRowGetsItsAskersBackAtOnce) {
  for (const char* id : {"a", "b", "c"}) row(id);
  router().affinity_ttl = 0;
  build(draft);
  const auto home = goes_to(7);
  EXPECT_NE(moved(7, home), home);
  EXPECT_EQ(goes_to(7), home);
}

TEST_F(AffinityTest, APinnedRowThatCoolsIsIgnoredAndForgotten) {
  row("a"), row("b");
  build(draft);
  const auto home = goes_to(7), other = moved(7, home);
  cool(other);
  EXPECT_EQ(goes_to(7), home);
  clock.advance(seconds(6));
  EXPECT_EQ(goes_to(7), home) << "it is at home again";
}

TEST_F(AffinityTest, AReloadDoesNotMoveAnybody) {
  for (const char* id : {"a", "b", "c"}) row(id);
  build(draft);
  const auto other = moved(7, goes_to(7));
  std::swap(draft.config.models[0], draft.config.models[2]);
  build(draft);
  EXPECT_EQ(goes_to(7), other);
}

TEST_F(AffinityTest, AnEarlierOrderWinsOverAPin) {
  row("a").params.order = 1, row("b").params.order = 2;
  build(draft);
  EXPECT_EQ(moved(7, "a"), "b");
  EXPECT_EQ(goes_to(7), "a");
}

TEST_F(AffinityTest, NobodyIsRememberedWhileAllRowsAreWell) {
  for (const char* id : {"a", "b"}) row(id);
  build(draft);
  const auto roster = [&] {
    Roster all;
    all.affinity_ttl = Millis{1000};
    for (const auto& deployment : group("m")->deployments) {
      Seat seat;
      seat.deployment = deployment;
      seat.id_hash = std::hash<std::string>{}(deployment->row.id);
      all.seats.push_back(std::move(seat));
    }
    return all;
  }();
  Pins pins;
  const auto ask = [&](std::uint64_t who, Order order) {
    auto question = query();
    question.affinity = who;
    Shortlist list;
    list.order = std::move(order);
    pins.apply(roster, question, list);
  };
  for (std::uint64_t who = 1; who < 100; ++who) ask(who, {0, 1});
  EXPECT_EQ(pins.size(), 0u);
  for (std::uint64_t who = 1; who < 5 * Pins::k_kept; ++who) ask(who, {1});
  EXPECT_GT(pins.size(), 100u);
  EXPECT_LE(pins.size(), 2 * Pins::k_kept) << "clients name their sessions: bounded";
}

// -- prompt_caching

TEST_F(AffinityTest, MarkedPromptsStayOnOneRow) {
  for (const char* id : {"a", "b", "c", "d"}) row(id);
  router().prompt_caching = true;
  build(draft);
  EXPECT_TRUE(group("m")->needs.marked);
  Ids all;
  for (std::uint64_t prompt = 1; prompt <= 20; ++prompt) {
    auto question = query();
    question.prefix_hash = prompt * 0x9E3779B97F4A7C15ull;
    const auto ids = picked_ids(question);
    EXPECT_EQ(ids.size(), 1u);
    all.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(all.size(), 4u) << "prompts are spread";
  EXPECT_EQ(picked_ids().size(), 4u) << "a prompt without a mark goes anywhere";
}

TEST_F(AffinityTest, ASessionGoesBeforeAMarkedPrompt) {
  for (const char* id : {"a", "b", "c", "d"}) row(id);
  router().prompt_caching = true;
  build(draft);
  const auto home = goes_to(7);
  for (std::uint64_t prompt = 1; prompt <= 10; ++prompt) {
    auto question = query();
    question.affinity = 7, question.prefix_hash = prompt;
    EXPECT_EQ(picked("m", question), home);
  }
}

TEST_F(AffinityTest, WithoutTheCheckMarksAreNotLookedAt) {
  row("a"), row("b");
  build(draft);
  EXPECT_FALSE(group("m")->needs.marked);
  auto question = query();
  question.prefix_hash = 99;
  EXPECT_EQ(picked_ids(question).size(), 2u);
}

// -- team_public_model_name

class TeamNameTest : public FilterTest {
 protected:
  void build_teams() {
    auto& own = draft.row("internal-1", "openai/own", "own");
    own.team_id = "t1", own.team_public_name = "m";
    auto& other = draft.row("internal-2", "openai/other", "other");
    other.team_id = "t2", other.team_public_name = "theirs/*";
    row("all");
    build(draft);
  }
  Ids ids_of(const GroupPtr& group, const std::string& team) {
    Ids ids;
    auto wants = std::make_shared<PickWants>();
    wants->team = team;
    for (int i = 0; i < 60; ++i) {
      auto question = query();
      question.wants = wants;
      Lease lease(await(ask(group->pick, question, home())));
      if (lease) ids.insert(lease.deployment().row.id);
    }
    return ids;
  }
};

TEST_F(TeamNameTest, ATeamFindsItsOwnRowsBesideEverybodys) {
  build_teams();
  EXPECT_EQ(ids_of(routing->resolve_for("t1", "m").group, "t1"), (Ids{"own", "all"}));
  EXPECT_EQ(ids_of(routing->resolve_for("t2", "m").group, "t2"), Ids{"all"});
  EXPECT_EQ(ids_of(routing->resolve_for("", "m").group, ""), Ids{"all"});
  EXPECT_EQ(routing->resolve_for("t1", "m").group->name, "m");
  EXPECT_EQ(routing->team_names("t1"), std::vector<std::string>{"m"});
}

TEST_F(TeamNameTest, ATeamMayHavePatternsOfItsOwn) {
  build_teams();
  const auto found = routing->resolve_for("t2", "theirs/x");
  ASSERT_TRUE(found.group);
  EXPECT_EQ(found.stars, std::vector<std::string>{"x"});
  EXPECT_FALSE(routing->resolve_for("t1", "theirs/x").group);
  EXPECT_TRUE(routing->team_names("t2").empty()) << "patterns are not listed";
}

} // namespace
} // namespace switchyard::actors
