// router_sim: what each routing strategy and each reliability setting does to the same load in front of the
// same twenty simulated deployments. Tables go to standard output, a plot of the first one to the file that
// is named. usage: router_sim [PLOT.svg]
#include "plot.hpp"
#include "run.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace sim {
namespace {

using switchyard::LitellmParams;
using switchyard::RouterSettings;

Scenario with_strategy(const char* strategy, bool faults = true) {
  Scenario scenario;
  scenario.name = strategy;
  scenario.servers = twenty_servers(faults);
  scenario.settings = [strategy](RouterSettings& router) { router.routing_strategy = strategy; };
  return scenario;
}

void weigh_by_speed(const Server& server, LitellmParams& params) {
  params.weight = server.slots / server.per_token;
}

std::vector<Scenario> strategies() {
  std::vector<Scenario> all;
  for (const char* name : {"simple-shuffle", "least-busy", "usage-based-routing", "usage-based-routing-v2",
                           "latency-based-routing", "cost-based-routing", "power-of-two", "prefix-affinity"})
    all.push_back(with_strategy(name));
  for (auto& scenario : all) // shares of simple-shuffle would else be the rpm of the few rows that have one
    if (scenario.name == "simple-shuffle" || scenario.name == "prefix-affinity")
      scenario.row = [](const Server&, LitellmParams& params) { params.weight = 1; };
  auto weighted = with_strategy("simple-shuffle");
  weighted.name = "simple-shuffle, weights by capacity", weighted.row = weigh_by_speed;
  all.insert(all.begin() + 1, weighted);
  auto buffered = with_strategy("latency-based-routing");
  buffered.name = "latency-based-routing, buffer 1";
  buffered.settings = [](RouterSettings& router) {
    router.routing_strategy = "latency-based-routing";
    router.routing_strategy_args.lowest_latency_buffer = 1;
  };
  all.insert(all.begin() + 6, buffered);
  auto bounded = with_strategy("cost-based-routing");
  bounded.name = "cost-based-routing, max_parallel_requests";
  bounded.row = [](const Server& server, LitellmParams& params) {
    params.max_parallel_requests = server.slots;
  };
  all.insert(all.begin() + 8, bounded);
  return all;
}

void print_strategies(const std::vector<Scenario>& scenarios, const std::vector<Figures>& results) {
  std::printf("| strategy | served/s | p50 s | p95 s | p99 s | errors | attempts per request | prompt cache "
              "hits | cost per "
              "1000 |\n|---|---|---|---|---|---|---|---|---|\n");
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& f = results[i];
    const auto served = static_cast<double>(f.served), all = served + static_cast<double>(f.failed);
    std::printf("| %s | %.1f | %.2f | %.2f | %.2f | %.2f %% | %.3f | %.0f %% | $%.2f |\n",
                scenarios[i].name.c_str(), served / f.seconds, f.at(f.latencies, 0.5),
                f.at(f.latencies, 0.95), f.at(f.latencies, 0.99), 100 * static_cast<double>(f.failed) / all,
                static_cast<double>(f.attempts) / all, 100 * static_cast<double>(f.cached) / served,
                1000 * f.cost / served);
  }
}

/// Twice the load that the rows can serve in time.
std::vector<Scenario> overloads() {
  std::vector<Scenario> all(5);
  for (auto& scenario : all) {
    scenario.servers = twenty_servers(false);
    for (auto& server : scenario.servers) server.rpm = 0;
    scenario.rate = 320, scenario.seconds = 300, scenario.retries = 0;
  }
  const auto limits = [](const Server& server, LitellmParams& params) {
    params.max_parallel_requests = server.slots;
  };
  all[0].name = "no limits";
  all[1].name = "max_parallel_requests, refused at once", all[1].row = limits;
  all[2].name = "max_parallel_requests, waiting up to 5 s", all[2].row = limits, all[2].patience = 5;
  all[3].name = "adaptive_concurrency, refused at once";
  all[4].name = "adaptive_concurrency, waiting up to 5 s", all[4].patience = 5;
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i].settings = [adaptive = i >= 3](RouterSettings& router) {
      router.routing_strategy = "least-busy";
      router.adaptive_concurrency = adaptive;
      router.max_queued_requests = 2000;
    };
  return all;
}

void print_overloads() {
  std::printf(
      "\n| overload | answered within 10 s, per s | p50 s | p99 s | refused |\n|---|---|---|---|---|\n");
  for (const auto& scenario : overloads()) {
    const auto f = run(scenario);
    std::printf("| %s | %.0f | %.2f | %.2f | %.0f %% |\n", scenario.name.c_str(),
                static_cast<double>(f.in_time) / f.seconds, f.at(f.latencies, 0.5), f.at(f.latencies, 0.99),
                100 * static_cast<double>(f.refused) / static_cast<double>(f.served + f.failed));
  }
}

/// One row that hangs for a minute, with and without the breaker.
void print_breaker() {
  std::printf(
      "\n| single row, hangs for 60 s of 300 | answered within 10 s | errors | median wait for an error, s | "
      "attempts into the outage |\n|---|---|---|---|---|\n");
  for (const bool breaker : {true, false}) {
    Scenario scenario;
    scenario.servers = {twenty_servers(false)[0]};
    scenario.servers[0].outages = {{100, 160, Fault::hangs}};
    scenario.seconds = 300, scenario.rate = 5;
    scenario.settings = [breaker](RouterSettings& router) { router.single_deployment_breaker = breaker; };
    const auto f = run(scenario);
    std::printf("| %s | %llu | %llu | %.2f | %llu |\n", breaker ? "breaker (default)" : "LiteLLM's rule",
                static_cast<unsigned long long>(f.in_time), static_cast<unsigned long long>(f.failed),
                f.at(f.error_latencies, 0.5), static_cast<unsigned long long>(f.attempts - f.served));
  }
}

} // namespace
} // namespace sim

int main(int argc, char** argv) {
  const auto scenarios = sim::strategies();
  std::vector<sim::Figures> results;
  for (const auto& scenario : scenarios) results.push_back(sim::run(scenario));
  sim::print_strategies(scenarios, results);
  sim::print_overloads();
  sim::print_breaker();
  if (argc < 2) return EXIT_SUCCESS;
  std::vector<sim::Bars> bars;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& f = results[i];
    bars.push_back(
        {scenarios[i].name, f.at(f.latencies, 0.5), f.at(f.latencies, 0.95), f.at(f.latencies, 0.99)});
  }
  std::ofstream file(argv[1]);
  file << sim::plot(bars);
  return file.good() ? EXIT_SUCCESS : EXIT_FAILURE;
}
