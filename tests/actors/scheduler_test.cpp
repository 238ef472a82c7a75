// The scheduler module on real io_contexts and threads: where actors run, what other threads may send, and
// the ordered end with work in flight.
#include "actors/graph_fixture.hpp"
#include "actors/scheduler.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_future.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <future>
#include <thread>

namespace switchyard::actors {
namespace {

/// Shards with a thread each, as http::Server runs them.
class Shards {
 public:
  explicit Shards(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) contexts_.push_back(std::make_unique<asio::io_context>(1));
  }
  std::vector<asio::io_context*> contexts() const {
    std::vector<asio::io_context*> all;
    for (auto& context : contexts_) all.push_back(context.get());
    return all;
  }
  template <class Attach, class Detach>
  void start(Attach attach, Detach detach) {
    for (std::size_t i = 0; i < contexts_.size(); ++i)
      threads_.emplace_back([this, i, attach, detach] {
        auto work = asio::make_work_guard(*contexts_[i]);
        attach(i);
        contexts_[i]->run();
        detach();
      });
  }
  void join() {
    for (auto& context : contexts_) context->stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::unique_ptr<asio::io_context>> contexts_;
  std::vector<std::thread> threads_;
};

aw<> pick_and_report(RoutingPtr routing, exec_t home, std::uint64_t seed, int times,
                     std::atomic<int>& granted) {
  Random random(seed);
  for (int i = 0; i < times; ++i) {
    PickQuery query;
    query.random = random.next();
    const auto resolved = routing->resolve("m");
    auto asked = ask(resolved.group->pick, query, home);
    Lease lease(co_await std::move(asked));
    if (!lease) continue;
    ++granted;
    Outcome outcome;
    outcome.kind = OutcomeKind::success;
    if (i % 3 == 0) lease.done(outcome);
    if (i % 3 == 1) {
      auto ended = lease.done_and_wait(outcome, home);
      co_await std::move(ended);
    }
    if (i % 5 == 0) {
      auto turn = asio::post(home, use_aw);
      co_await std::move(turn);
    }
  }
}

RoutingPtr three_rows(ActorRuntime& runtime) {
  ConfigDraft draft;
  for (auto* id : {"a", "b", "c"}) draft.row("m", std::string("openai/") + id, id);
  std::vector<std::string> warnings;
  return runtime.build(draft.done(), providers_for_tests(), nullptr, warnings);
}

TEST(SchedulerOnThreads, TwoShardsShareOneGraphExactly) {
  constexpr int k_coroutines = 8, k_times = 1500;
  Shards shards(2);
  auto runtime = ActorRuntime::create(shards.contexts());
  auto routing = three_rows(*runtime); // before the shards run: the actors wait for them
  std::atomic<int> granted{0};
  std::vector<std::future<void>> over;
  shards.start([&](std::size_t shard) { runtime->attach_this_thread(shard); },
               [&] { runtime->detach_this_thread(); });
  for (int i = 0; i < k_coroutines; ++i) {
    auto home = shards.contexts()[static_cast<std::size_t>(i % 2)]->get_executor();
    auto body = pick_and_report(routing, home, static_cast<std::uint64_t>(i) + 1, k_times, granted);
    over.push_back(asio::co_spawn(home, std::move(body), asio::use_future));
  }
  for (auto& each : over) each.get();
  shards.join();
  runtime->stop();
  EXPECT_EQ(granted, k_coroutines * k_times);
  std::uint64_t successes = 0;
  for (const auto& row : routing->groups()[0]->deployments) {
    EXPECT_EQ(row->view->in_flight, 0u);
    successes += row->view->total_success;
  }
  EXPECT_EQ(successes, std::uint64_t{k_coroutines * k_times / 3 * 2});
}

/// One run from start to end that is cut off while coroutines wait and messages are queued.
void run_and_cut_off() {
  Shards shards(2);
  auto runtime = ActorRuntime::create(shards.contexts());
  auto routing = three_rows(*runtime);
  std::atomic<int> granted{0};
  shards.start([&](std::size_t shard) { runtime->attach_this_thread(shard); },
               [&] { runtime->detach_this_thread(); });
  for (int i = 0; i < 32; ++i) {
    auto home = shards.contexts()[static_cast<std::size_t>(i % 2)]->get_executor();
    auto body = pick_and_report(routing, home, static_cast<std::uint64_t>(i) + 1, 1 << 30, granted);
    asio::co_spawn(home, std::move(body), asio::detached);
  }
  while (granted < 2000) std::this_thread::yield();
  shards.join();
  // Asked after the shards ended: answered by main's worker, or by the death of its duty.
  auto* slot = new detail::Slot<PickAnswer>(shards.contexts()[0]->get_executor());
  detail::SlotGuard<PickAnswer> frame(slot);
  Pick late{{}, Duty<PickAnswer>(slot)};
  routing->resolve("m").group->pick.send(std::move(late));
  EXPECT_FALSE(slot->ready());
  runtime->stop();
  EXPECT_TRUE(slot->ready());
  runtime->stop(); // idempotent
  Pick too_late{{}, {}};
  routing->resolve("m").group->pick.send(std::move(too_late)); // dropped: mailboxes outlive the system
}

TEST(SchedulerOnThreads, EndsInOrderTwiceInOneProcessWithWorkInFlight) {
  run_and_cut_off();
  run_and_cut_off();
}

TEST(SchedulerOnThreads, StopsWithoutEverHavingRunAShard) {
  Shards shards(2);
  auto runtime = ActorRuntime::create(shards.contexts());
  auto routing = three_rows(*runtime);
  runtime = nullptr;
  EXPECT_EQ(routing->groups().size(), 1u);
}

/// A bare actor_system on the scheduler, for actors that the graph does not have yet.
class BareSystemTest : public ::testing::Test {
 protected:
  BareSystemTest() {
    shards.start([this](std::size_t i) { config.shards[i]->attach(); }, [] { Worker::detach(); });
  }
  ~BareSystemTest() override {
    shards.join();
    config.main.attach();
    config.settle();
    system.reset();
    Worker::detach();
  }
  /// Everything that was queued on the shards before this call has run, and its actors sleep again.
  void settle_shards() {
    for (auto* context : shards.contexts()) asio::post(*context, asio::use_future).get();
  }
  Shards shards{2};
  SystemConfig config{shards.contexts()};
  std::optional<caf::actor_system> system{std::in_place, config};
};

struct Step {
  std::promise<std::thread::id>* where;
};

} // namespace
} // namespace switchyard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::actors::Step)

namespace switchyard::actors {
namespace {

caf::behavior reveals_its_thread(caf::event_based_actor* self) {
  return {[self](const Step& step) {
    step.where->set_value(std::this_thread::get_id());
    self->quit();
  }};
}

caf::behavior waits_for_a_step(caf::event_based_actor*) {
  return {[](const Step& step) { step.where->set_value(std::this_thread::get_id()); }};
}

TEST_F(BareSystemTest, AnActorResumesOnTheShardThatWokeIt) {
  auto actor = system->spawn(waits_for_a_step);
  for (auto* context : shards.contexts()) {
    settle_shards(); // an actor that is still awake runs on where it is
    std::promise<std::thread::id> shard, ran;
    asio::post(*context, [&] {
      shard.set_value(std::this_thread::get_id());
      caf::anon_send(actor, Step{&ran});
    });
    EXPECT_EQ(ran.get_future().get(), shard.get_future().get());
  }
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST_F(BareSystemTest, DetachedActorsReachTheShardsFromTheirOwnThreads) {
  std::promise<std::thread::id> ran, sender;
  auto on_shard = system->spawn(reveals_its_thread);
  system->spawn<caf::detached>([&, on_shard](caf::event_based_actor*) {
    sender.set_value(std::this_thread::get_id());
    caf::anon_send(on_shard, Step{&ran});
  });
  const auto detached = sender.get_future().get(), shard = ran.get_future().get();
  EXPECT_NE(shard, detached);
  EXPECT_NE(shard, std::this_thread::get_id());
}

TEST_F(BareSystemTest, HousekeepingMessagesComeFromTheClockThread) {
  std::promise<std::thread::id> ran;
  system->spawn([&ran](caf::event_based_actor* self) {
    self->delayed_send(self, std::chrono::milliseconds(1), Step{&ran});
    return reveals_its_thread(self);
  });
  EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
}

TEST_F(BareSystemTest, ThousandsOfActorsEndWithoutFillingTheClocksRing) {
  constexpr int k_actors = 3000;
  std::vector<std::promise<std::thread::id>> ran(k_actors);
  for (auto& each : ran) caf::anon_send(system->spawn(reveals_its_thread), Step{&each});
  for (auto& each : ran) each.get_future().get();
}

} // namespace
} // namespace switchyard::actors
