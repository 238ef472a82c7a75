// The ledgers actor behind its mailboxes: on one shard, on four threads, with askers that go away, and what a
// crash means.
#include "actors/graph_fixture.hpp"
#include "actors/ledger_fixture.hpp"
#include "actors/ledgers.hpp"
#include "actors/scheduler.hpp"
#include "actors/supervisor.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <array>
#include <atomic>
#include <future>
#include <thread>

namespace switchyard::actors {
namespace {

class LedgersTest : public GraphTest {
 protected:
  AdmitQuery question(const EntityPtr& entity, double worst = 0) const {
    AdmitQuery query;
    query.now = clock.now(), query.wall = clock.wall();
    query.who = {entity};
    query.worst = usd(worst);
    query.policy = BudgetPolicy::strict;
    return query;
  }
  AdmitAnswer admit(const EntityPtr& entity, double worst = 0) {
    return await(ask(ledgers.admit, question(entity, worst), home()));
  }
  bool admits(const EntityPtr& entity, double worst = 0) {
    return static_cast<bool>(Admission(admit(entity, worst)));
  }
  Ledgers ledgers = runtime->ledgers(LedgerOptions{});
  EntityPtr single = EntityDraft(EntityKind::key, "single").parallel(1).done();
};

TEST_F(LedgersTest, AnAdmissionSettlesOnceAndItsDeathGivesBack) {
  const auto key = EntityDraft(EntityKind::key, "h").budget(10).done();
  {
    Admission admission(admit(key, 10));
    ASSERT_TRUE(admission);
    EXPECT_FALSE(admits(key, 1));
  }
  Admission admission(admit(key, 10));
  ASSERT_TRUE(admission);
  Settle how;
  how.cost = usd(4);
  admission.settle(how);
  admission.settle(how);
  EXPECT_EQ(admit(key, 1).key_spend, usd(4));
}

TEST_F(LedgersTest, NothingIsHeldForAnAskerThatIsGone) {
  auto* slot = new detail::Slot<AdmitAnswer>(home());
  {
    Admit message{question(single), Duty<AdmitAnswer>(slot)};
    { detail::SlotGuard<AdmitAnswer> frame(slot); }
    ledgers.admit.send(std::move(message));
  }
  run();
  EXPECT_TRUE(admits(single));
}

TEST_F(LedgersTest, NothingIsHeldForAnAnswerThatNobodyTakes) {
  auto* slot = new detail::Slot<AdmitAnswer>(home());
  {
    detail::SlotGuard<AdmitAnswer> frame(slot);
    ledgers.admit.send(Admit{question(single), Duty<AdmitAnswer>(slot)});
    run();
    EXPECT_TRUE(slot->ready());
  }
  run();
  EXPECT_TRUE(admits(single));
}

TEST_F(LedgersTest, AReloadHandsOverNewOptionsAndKeepsTheBooks) {
  Admission running(admit(single));
  LedgerOptions options;
  options.proxy.parallel = 1;
  const auto again = runtime->ledgers(options);
  const auto other = EntityDraft(EntityKind::key, "other").done();
  Admission first(await(ask(again.admit, question(other), home())));
  EXPECT_TRUE(first);
  EXPECT_FALSE(admits(single)) << "still running";
  EXPECT_EQ(admit(other).error.code, Errc::limit_exceeded) << "one at a time in the whole proxy";
}

TEST_F(LedgersTest, ManyRowsComeInPieces) {
  constexpr int k_rows = 1000;
  LedgerNews news;
  for (int i = 0; i < k_rows; ++i) {
    EntityDraft draft(EntityKind::key, std::to_string(i));
    admits(draft.done());
    news.entities.push_back(draft.spent(i).done());
  }
  ledgers.news.send(std::move(news));
  run();
  for (int i = 0; i < k_rows; i += 37)
    EXPECT_EQ(admit(EntityDraft(EntityKind::key, std::to_string(i)).done()).key_spend, usd(i));
}

TEST_F(LedgersTest, BudgetWindowsAreTheCalendars) {
  EntityDraft draft(EntityKind::key, "h");
  draft.budget(1).spent(1);
  draft.limits.budget_duration = "1d";
  draft.limits.budget_reset_at = clock.wall() + std::chrono::hours(1);
  EXPECT_FALSE(admits(draft.done(), 1));
  clock.advance(std::chrono::hours(1));
  EXPECT_TRUE(admits(draft.done(), 1));
}

TEST_F(LedgersTest, AfterTheEndEverybodyIsToldSo) {
  Admission running(admit(single));
  runtime->stop();
  EXPECT_EQ(admit(single).error.code, Errc::unavailable);
  EXPECT_FALSE(runtime->ledgers(LedgerOptions{}).admit.operator bool() &&
               admit(single).error.code != Errc::unavailable);
}

TEST(LedgersCrash, IsFatalAndNotRestarted) {
  asio::io_context context{1};
  SystemConfig config{{&context}};
  config.shards[0]->attach();
  {
    caf::actor_system system(config);
    auto supervisor = system.spawn<Supervisor>();
    std::vector<std::string> reasons;
    const auto fatal = [&reasons](const std::string& reason) { reasons.push_back(reason); };
    auto address = start_ledgers(system, supervisor, rules_for_tests(), 1, fatal);
    context.poll();
    caf::anon_send_exit(address->handle(), caf::exit_reason::kill);
    context.restart(), context.poll();
    EXPECT_EQ(reasons.size(), 1u);
    config.main.attach();
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    config.settle();
    address->close();
    supervisor = nullptr;
  }
  Worker::detach();
}

/// Four shards with a thread each.
class FourShards {
 public:
  FourShards() {
    for (auto& context : contexts) all.push_back(&context);
    runtime = ActorRuntime::create(all);
    ledgers = runtime->ledgers(LedgerOptions{});
    for (std::size_t i = 0; i < contexts.size(); ++i)
      threads.emplace_back([this, i] {
        auto work = asio::make_work_guard(contexts[i]);
        runtime->attach_this_thread(i);
        contexts[i].run();
        runtime->detach_this_thread();
      });
  }
  ~FourShards() {
    for (auto& context : contexts) context.stop();
    for (auto& thread : threads) thread.join();
    runtime->stop();
  }
  /// Runs `count` copies of body(executor, number), spread over the shards, to their end.
  template <class Body>
  void run(int count, Body body) {
    std::vector<std::future<void>> over;
    for (int i = 0; i < count; ++i) {
      auto home = contexts[static_cast<std::size_t>(i) % contexts.size()].get_executor();
      auto one = body(home, i);
      over.push_back(asio::co_spawn(home, std::move(one), asio::use_future));
    }
    for (auto& each : over) each.get();
  }
  std::array<asio::io_context, 4> contexts;
  std::vector<asio::io_context*> all;
  std::unique_ptr<ActorRuntime> runtime;
  Ledgers ledgers;
  std::vector<std::thread> threads;
};

struct Tally {
  std::atomic<int> admitted{0}, running{0}, most_running{0};
  std::atomic<std::int64_t> cost{0};
};

AdmitQuery shared_question(const EntityPtr& entity, double worst) {
  AdmitQuery query;
  query.now = Instant(std::chrono::hours(1));
  query.who = {entity};
  query.worst = usd(worst);
  query.tokens = 10;
  query.policy = BudgetPolicy::strict;
  return query;
}

TEST(LedgersOnThreads, OfFiveHundredOnFourShardsStrictLetsExactlyTenThrough) {
  FourShards shards;
  const auto key = EntityDraft(EntityKind::key, "h").budget(10).done();
  Tally tally;
  std::array<std::vector<Admission>, 4> held;
  auto body = [&](exec_t home, int number) -> aw<> {
    auto asked = ask(shards.ledgers.admit, shared_question(key, 1), home);
    Admission admission(co_await std::move(asked));
    if (!admission) co_return;
    ++tally.admitted;
    held[static_cast<std::size_t>(number) % 4].push_back(std::move(admission));
  };
  shards.run(500, body);
  EXPECT_EQ(tally.admitted, 10);
}

TEST(LedgersOnThreads, TwoHundredOnFourShardsNeverPassTheTokens) {
  FourShards shards;
  const auto key = EntityDraft(EntityKind::key, "h").tpm(100).done();
  Tally tally;
  auto body = [&](exec_t home, int) -> aw<> {
    auto asked = ask(shards.ledgers.admit, shared_question(key, 0), home);
    Admission admission(co_await std::move(asked));
    if (!admission) co_return;
    ++tally.admitted;
    Settle how;
    how.now = Instant(std::chrono::hours(1)), how.tokens = 10;
    admission.settle(how);
  };
  shards.run(200, body);
  EXPECT_EQ(tally.admitted, 10);
}

aw<> admit_often(FourShards& shards, EntityPtr key, exec_t home, int number, Tally& tally) {
  Random random(static_cast<std::uint64_t>(number) + 1);
  for (int i = 0; i < 300; ++i) {
    auto asked = ask(shards.ledgers.admit, shared_question(key, 0.001), home);
    Admission admission(co_await std::move(asked));
    if (!admission) continue;
    const int running = ++tally.running;
    for (int most = tally.most_running; running > most;)
      if (tally.most_running.compare_exchange_weak(most, running)) break;
    if (random.next() % 2) {
      auto turn = asio::post(home, use_aw);
      co_await std::move(turn);
    }
    --tally.running;
    ++tally.admitted;
    if (random.next() % 4 == 0) continue; // aborted
    Settle how;
    how.cost = Money::nanos(static_cast<std::int64_t>(random.next() % 1'000'000));
    tally.cost += how.cost.nanos();
    admission.settle(how);
  }
}

TEST(LedgersOnThreads, NoCentIsLostAndParallelHolds) {
  FourShards shards;
  const auto key = EntityDraft(EntityKind::key, "h").budget(1000).parallel(5).done();
  Tally tally;
  shards.run(16, [&](exec_t home, int number) { return admit_often(shards, key, home, number, tally); });
  EXPECT_GT(tally.admitted, 0);
  EXPECT_LE(tally.most_running, 5);
  Money spent;
  bool whole = false;
  shards.run(1, [&](exec_t home, int) -> aw<> {
    auto asked = ask(shards.ledgers.admit, shared_question(key, 999), home);
    Admission admission(co_await std::move(asked));
    spent = admission.answer().key_spend, whole = static_cast<bool>(admission);
  });
  EXPECT_EQ(spent.nanos(), tally.cost);
  EXPECT_EQ(whole, Money::nanos(tally.cost) <= usd(1)) << "nothing is reserved any more";
}

} // namespace
} // namespace switchyard::actors
