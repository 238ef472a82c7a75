// What a request pays for the actor graph, on one thread: ask alone, a pick (two hops), a pick with its
// report. Runs on the benchmark's thread as shard 0; nothing here sleeps.
#include <switchyard/actor_runtime.hpp>
#include <switchyard/provider.hpp>

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <memory>
#include <string>
#include <vector>

namespace switchyard {
namespace {

class Graph {
 public:
  explicit Graph(int rows, const char* strategy) {
    runtime->attach_this_thread(0);
    Config config;
    config.router.routing_strategy = strategy;
    for (int i = 0; i < rows; ++i) {
      ModelRow row;
      row.model_name = "m";
      row.id = "row-" + std::to_string(i);
      row.params.model = "openai/m";
      row.params.weight = 1 + i % 3;
      config.models.push_back(std::move(row));
    }
    ProviderCalls providers;
    providers.prepare = [](const ModelRow&) -> Result<ProviderCalls::TargetPtr> {
      return ProviderCalls::TargetPtr(std::make_shared<providers::Target>());
    };
    std::vector<std::string> warnings;
    routing = runtime->build(std::make_shared<const Config>(std::move(config)), providers, nullptr, warnings);
    context.poll();
  }
  ~Graph() {
    routing = nullptr;
    runtime->stop();
  }
  template <class Body>
  void run(Body body) {
    asio::co_spawn(context, body(), asio::detached);
    context.restart();
    context.run();
  }
  exec_t home() { return context.get_executor(); }

  asio::io_context context{1};
  std::unique_ptr<ActorRuntime> runtime = ActorRuntime::create({&context});
  RoutingPtr routing;
};

/// Asks per turn of the event loop, as a busy shard serves several sessions per turn.
constexpr int k_per_turn = 16;

aw<> picks(Graph& graph, bool with_report) {
  Random random(7);
  for (int i = 0; i < k_per_turn; ++i) {
    PickQuery query;
    query.random = random.next();
    const auto resolved = graph.routing->resolve("m");
    auto asked = ask(resolved.group->pick, query, graph.home());
    Lease lease(co_await std::move(asked));
    if (!lease) std::abort();
    if (!with_report) continue; // its destructor reports `cancelled`
    Outcome outcome;
    outcome.kind = OutcomeKind::success;
    outcome.latency = Micros{1000};
    lease.done(outcome);
  }
}

void pick_and_cancel(benchmark::State& state) {
  Graph graph(static_cast<int>(state.range(0)), "simple-shuffle");
  auto turn = [&graph] { return picks(graph, false); };
  for (auto _ : state) graph.run(turn);
  state.SetItemsProcessed(state.iterations() * k_per_turn);
}
BENCHMARK(pick_and_cancel)->Arg(1)->Arg(4)->Arg(16)->Arg(64);

void pick_and_report(benchmark::State& state) {
  Graph graph(static_cast<int>(state.range(0)), "least-busy");
  auto turn = [&graph] { return picks(graph, true); };
  for (auto _ : state) graph.run(turn);
  state.SetItemsProcessed(state.iterations() * k_per_turn);
}
BENCHMARK(pick_and_report)->Arg(1)->Arg(4)->Arg(16);

/// What a billable request pays for its limits: a key, a team and a user with all of them.
aw<> admissions(const Ledgers& ledgers, const std::vector<EntityPtr>& who, exec_t home) {
  for (int i = 0; i < k_per_turn; ++i) {
    AdmitQuery query;
    query.who = who;
    query.worst = Money::nanos(1'000'000);
    query.tokens = 1000;
    auto asked = ask(ledgers.admit, std::move(query), home);
    Admission admission(co_await std::move(asked));
    if (!admission) std::abort();
    Settle how;
    how.cost = Money::nanos(1), how.tokens = 1;
    admission.settle(how);
  }
}

void admit_and_settle(benchmark::State& state) {
  Graph graph(1, "simple-shuffle");
  const auto ledgers = graph.runtime->ledgers(LedgerOptions{});
  std::vector<EntityPtr> who;
  for (const auto kind : {EntityKind::key, EntityKind::team, EntityKind::user}) {
    auto entity = std::make_shared<Entity>();
    entity->kind = kind;
    entity->id = std::string(64, 'a');
    entity->limits.rpm = entity->limits.tpm = entity->limits.parallel = INT64_MAX;
    entity->limits.max_budget = Money::most();
    who.push_back(std::move(entity));
  }
  auto turn = [&] { return admissions(ledgers, who, graph.home()); };
  for (auto _ : state) graph.run(turn);
  state.SetItemsProcessed(state.iterations() * k_per_turn);
}
BENCHMARK(admit_and_settle);

struct Echo final : Mailbox<Pick>::Sink {
  void send(Pick pick) const override { pick.duty.answer(PickAnswer{}); }
};

/// The slot and the coroutine alone: what is left when there are no actors.
void ask_without_actors(benchmark::State& state) {
  asio::io_context context{1};
  const Mailbox<Pick> echo(std::make_shared<Echo>());
  auto turn = [](Mailbox<Pick> to, exec_t home) -> aw<> {
    for (int i = 0; i < k_per_turn; ++i) {
      PickQuery query;
      auto asked = ask(to, query, home);
      benchmark::DoNotOptimize(co_await std::move(asked));
    }
  };
  for (auto _ : state) {
    asio::co_spawn(context, turn(echo, context.get_executor()), asio::detached);
    context.restart();
    context.run();
  }
  state.SetItemsProcessed(state.iterations() * k_per_turn);
}
BENCHMARK(ask_without_actors);

void resolve_exact_name(benchmark::State& state) {
  Graph graph(4, "simple-shuffle");
  for (auto _ : state) benchmark::DoNotOptimize(graph.routing->resolve("m"));
}
BENCHMARK(resolve_exact_name);

} // namespace
} // namespace switchyard
