// Children that crash answer again behind the same address; children that retire are left alone.
#include "actors/births.hpp"
#include "actors/deployment.hpp"
#include "actors/model_group.hpp"
#include "actors/scheduler.hpp"
#include "actors/supervisor.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

namespace switchyard::actors {
namespace {

int g_throws = 0;

void throwing_order(const Roster&, const PickQuery&, Candidates) {
  if (g_throws > 0) throw std::runtime_error(std::to_string(--g_throws) + " more to come");
}
constexpr Strategy k_throwing{"throwing", throwing_order};

class SupervisorTest : public ::testing::Test {
 protected:
  SupervisorTest() {
    config.shards[0]->attach();
    system.emplace(config);
    supervisor = system->spawn<Supervisor>();
    facts.view = std::make_shared<DeploymentView>();
    facts.id = "a";
    watch_deployment(supervisor, *system, row, facts, true);
    watch_group(supervisor, *system, group, "m");
    run();
    auto deployment = std::make_shared<Deployment>();
    deployment->view = facts.view;
    auto roster = std::make_shared<Roster>();
    roster->strategy = &k_throwing;
    roster->seats.push_back(Seat{deployment, row, {}});
    pick = Mailbox<Pick>(std::make_shared<GroupDoor>(group, roster));
  }
  ~SupervisorTest() override {
    config.main.attach();
    row->end_actor(), group->end_actor();
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    config.settle();
    row->close(), group->close();
    supervisor = nullptr;
    system.reset();
    Worker::detach();
  }
  void run() {
    context.restart();
    context.poll();
  }
  /// What the asker got; nothing when it still waits.
  std::optional<PickAnswer> ask_once() {
    auto* slot = new detail::Slot<PickAnswer>(context.get_executor());
    detail::SlotGuard<PickAnswer> frame(slot);
    Pick question{{}, Duty<PickAnswer>(slot)};
    pick.send(std::move(question));
    run();
    if (!slot->ready()) return std::nullopt;
    return frame.take();
  }
  asio::io_context context{1};
  SystemConfig config{{&context}};
  std::optional<caf::actor_system> system;
  SupervisorHandle supervisor;
  Facts facts;
  std::shared_ptr<DeploymentAddress> row = std::make_shared<DeploymentAddress>(1);
  std::shared_ptr<GroupAddress> group = std::make_shared<GroupAddress>(2);
  Mailbox<Pick> pick;
};

TEST_F(SupervisorTest, ACrashedGroupAnswersUnavailableOnceAndThenAgain) {
  g_throws = 1;
  auto lost = ask_once();
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->error, Errc::unavailable);
  auto granted = ask_once();
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->error, Errc::none);
  Lease lease(std::move(*granted));
}

TEST_F(SupervisorTest, ACrashedDeploymentGoesOnWithItsViewAndFacts) {
  Lease before(*ask_once());
  const auto old = row->handle()->id();
  caf::anon_send_exit(row->handle(), caf::exit_reason::kill);
  run();
  EXPECT_NE(row->handle()->id(), old);
  Lease after(*ask_once());
  EXPECT_TRUE(after);
  EXPECT_EQ(facts.view->in_flight, 2u);
  before = Lease(); // reports to the new life
  run();
  EXPECT_EQ(facts.view->in_flight, 1u);
}

TEST_F(SupervisorTest, ManyCrashesInARow) {
  g_throws = 100;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ask_once()->error, Errc::unavailable);
  EXPECT_EQ(Lease(*ask_once()).grant().error, Errc::none);
}

TEST_F(SupervisorTest, GivesUpOnAHopelessChildUntilAReload) {
  g_throws = static_cast<int>(Supervisor::k_max_restarts) + 1;
  while (g_throws > 0) EXPECT_EQ(ask_once()->error, Errc::unavailable);
  EXPECT_EQ(ask_once()->error, Errc::unavailable)
      << "nobody is there, and still the asker is not left waiting";
  auto deployments_life = row->handle()->id();
  caf::anon_send_exit(row->handle(), caf::exit_reason::kill);
  run();
  EXPECT_NE(row->handle()->id(), deployments_life) << "the limit is per child";
}

TEST_F(SupervisorTest, FactsOfAReloadSurviveACrash) {
  facts.cooldown.alone = false;
  watch_deployment(supervisor, *system, row, facts, false);
  run();
  caf::anon_send_exit(row->handle(), caf::exit_reason::kill);
  run();
  Outcome limited;
  limited.kind = OutcomeKind::failure;
  limited.error = Errc::rate_limit;
  limited.now = Instant(std::chrono::hours(1));
  Lease(*ask_once()).done(limited);
  run();
  EXPECT_TRUE(facts.view->cooling(limited.now));
}

TEST_F(SupervisorTest, ARetiredChildIsForgotten) {
  auto view = std::make_shared<DeploymentView>();
  std::weak_ptr<DeploymentView> held_by_actor = view;
  {
    auto brief = std::make_shared<DeploymentAddress>(3);
    watch_deployment(supervisor, *system, brief, Facts{"brief", std::move(view), {}}, true);
    run();
    EXPECT_FALSE(held_by_actor.expired());
  }
  run();
  EXPECT_TRUE(held_by_actor.expired()); // neither the actor nor the supervisor's spec is left
}

} // namespace
} // namespace switchyard::actors
