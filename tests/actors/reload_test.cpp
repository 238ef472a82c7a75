// Reload: what keeps its identity keeps its actor and its statistics; what is gone ends after its last lease.
#include "actors/graph_fixture.hpp"

namespace switchyard::actors {
namespace {

using std::chrono::seconds;

class ReloadTest : public GraphTest {
 protected:
  ReloadTest() {
    before.row("m", "openai/a", "a");
    before.row("m", "openai/b", "b");
    build(before);
  }
  ConfigDraft before;
};

TEST_F(ReloadTest, KeepsInFlightStatisticsAndCooldown) {
  Lease open(pick("m", 0));
  report(pick("m", 0), succeeded(Micros{700}));
  report(pick("m", 1), failed(Errc::rate_limit, 429, seconds(60)));
  const auto* view_a = &view("m", 0);
  ConfigDraft after;
  after.row("m", "openai/a2", "a"); // same identity, another upstream
  after.row("m", "openai/b", "b");
  after.row("m", "openai/c", "c");
  build(after);
  EXPECT_EQ(&view("m", 0), view_a);
  EXPECT_EQ(view_a->in_flight, 1u);
  EXPECT_EQ(view_a->latency_us, 700u);
  EXPECT_TRUE(view("m", 1).cooling(clock.now()));
  EXPECT_EQ(group("m")->deployments[0]->row.params.model, "openai/a2");
  open.done(succeeded());
  run();
  EXPECT_EQ(view_a->in_flight, 0u);
  EXPECT_EQ(view_a->total_success, 2u);
}

TEST_F(ReloadTest, KeptActorsGetTheNewFacts) {
  ConfigDraft after;
  after.config.router.cooldown_time = 100;
  after.row("m", "openai/a", "a");
  build(after);
  EXPECT_FALSE(report(pick("m"), failed(Errc::rate_limit, 429)).cooled) << "the row is alone now";
  EXPECT_TRUE(report(pick("m"), failed(Errc::authentication, 401)).cooled);
  clock.advance(seconds(99));
  EXPECT_TRUE(view("m", 0).cooling(clock.now()));
}

TEST_F(ReloadTest, RunningRequestsStayOnTheirSnapshot) {
  const auto old = group("m");
  ConfigDraft after;
  after.row("m", "openai/c", "c");
  after.row("m", "openai/a", "a");
  build(after);
  auto grant = await(ask(old->pick, query(0), home()));
  EXPECT_EQ(grant.deployment->row.id, "a") << "index 0 of the snapshot that was asked";
  EXPECT_EQ(grant.total, 2);
  Lease lease(std::move(grant));
}

TEST_F(ReloadTest, RemovedRowsRetireAfterTheLastLease) {
  std::weak_ptr<DeploymentView> view_b = group("m")->deployments[1]->view; // its actor holds it too
  Lease first(pick("m", 1)), second(pick("m", 1));
  ConfigDraft after;
  after.row("m", "openai/a", "a");
  build(after); // lets go of the old snapshot
  EXPECT_EQ(view_b.lock()->in_flight, 2u);
  first.done(succeeded());
  first = Lease();
  run();
  ASSERT_FALSE(view_b.expired());
  EXPECT_EQ(view_b.lock()->in_flight, 1u);
  EXPECT_EQ(view_b.lock()->total_success, 1u);
  second.done(succeeded());
  second = Lease();
  run();
  EXPECT_TRUE(view_b.expired());
}

TEST_F(ReloadTest, RemovedGroupsAnswerWhileTheirSnapshotLives) {
  auto old = group("m");
  std::weak_ptr<DeploymentView> view_a = old->deployments[0]->view;
  ConfigDraft after;
  after.row("other", "openai/x", "x");
  build(after);
  EXPECT_FALSE(group("m"));
  auto grant = await(ask(old->pick, query(), home()));
  EXPECT_EQ(grant.error, Errc::none);
  { Lease lease(std::move(grant)); }
  old = nullptr;
  run();
  EXPECT_TRUE(view_a.expired());
}

TEST_F(ReloadTest, ARowThatComesBackStartsFresh) {
  report(pick("m", 1), succeeded());
  ConfigDraft without;
  without.row("m", "openai/a", "a");
  build(without);
  build(before);
  EXPECT_EQ(view("m", 1).total_success, 0u);
  EXPECT_EQ(pick("m", 1).error, Errc::none);
}

TEST_F(ReloadTest, ManyReloadsLeaveOneActorPerRow) {
  std::weak_ptr<DeploymentView> view_a = group("m")->deployments[0]->view;
  for (int i = 0; i < 200; ++i) build(before);
  EXPECT_EQ(view_a.lock().get(), &view("m", 0));
  Lease lease(pick("m", 0));
  EXPECT_EQ(view("m", 0).in_flight, 1u);
}

} // namespace
} // namespace switchyard::actors
