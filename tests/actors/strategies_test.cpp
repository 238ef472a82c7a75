// Every strategy through the real actors on simulated time (spec router.md 2.2, 2.3): what it prefers, how it
// breaks ties, what makes it change its mind.
#include "actors/graph_fixture.hpp"
#include "actors/strategies/strategy.hpp"

#include <switchyard/strategies.hpp>

#include <map>
#include <set>

namespace switchyard::actors {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class StrategyTest : public GraphTest {
 protected:
  ModelRow& row(const std::string& id) { return draft.row("m", "openai/" + id, id); }
  void build_with(const char* strategy) {
    draft.config.router.routing_strategy = strategy;
    build(draft);
    EXPECT_TRUE(warnings.empty());
  }
  std::set<std::string> picked_ids(int picks = 100) {
    std::set<std::string> ids;
    for (int i = 0; i < picks; ++i) ids.insert(picked("m"));
    return ids;
  }
  using Ids = std::set<std::string>;
  ConfigDraft draft;
};

TEST(Strategies, EveryNameHasItsFunction) {
  for (const auto name : k_strategy_names) {
    ASSERT_NE(find_strategy(name), nullptr) << name;
    EXPECT_EQ(find_strategy(name)->name, name);
  }
  EXPECT_EQ(find_strategy("fastest"), nullptr);
}

// -- usage-based-routing

TEST_F(StrategyTest, UsageTakesTheFewestTokensOfTheLastMinute) {
  for (const char* strategy : {"usage-based-routing", "usage-based-routing-v2"}) {
    draft = {};
    row("a"), row("b");
    routing = nullptr;
    build_with(strategy);
    serve("m", used(Micros{1}, 100, 50), 0);
    EXPECT_EQ(picked_ids(), Ids{"b"}) << strategy;
    serve("m", used(Micros{1}, 200, 0), 1);
    EXPECT_EQ(picked_ids(), Ids{"a"}) << strategy;
    clock.advance(seconds(61));
    EXPECT_EQ(picked_ids(), (Ids{"a", "b"})) << strategy << ": the minute is over, and ties are random";
  }
}

TEST_F(StrategyTest, UsageLeavesOutRowsOverTheirLimits) {
  row("a").params.rpm = 2;
  row("b").params.tpm = 1000;
  build_with("usage-based-routing");
  serve("m", used(Micros{1}, 900, 0), 1);
  serve("m", succeeded(), 0), serve("m", succeeded(), 0);
  auto question = query();
  question.prompt_tokens = 100;
  EXPECT_EQ(picked("m", question), "b") << "900 + 100 fits";
  question.prompt_tokens = 101;
  const auto refused = pick_with("m", question);
  EXPECT_EQ(refused.error, Errc::no_deployments);
  EXPECT_EQ(refused.refusal, Refusal::rpm);
  EXPECT_EQ(refused.limit, 2);
  EXPECT_EQ(refused.used, 2);
  EXPECT_EQ(refused.healthy, 2) << "nobody cools";
  EXPECT_GT(refused.retry_after, seconds(59));
  EXPECT_LE(refused.retry_after, seconds(61));
}

// -- latency-based-routing

TEST_F(StrategyTest, LatencyTriesUnseenRowsFirstThenTakesTheFastest) {
  row("a"), row("b"), row("c");
  build_with("latency-based-routing");
  serve("m", succeeded(seconds(2)), 0);
  EXPECT_EQ(picked_ids(), (Ids{"b", "c"}));
  serve("m", succeeded(seconds(1)), 1);
  serve("m", succeeded(seconds(3)), 2);
  EXPECT_EQ(picked_ids(), Ids{"b"});
}

TEST_F(StrategyTest, LatencyCountsSecondsPerToken) {
  row("a"), row("b");
  build_with("latency-based-routing");
  serve("m", used(seconds(10), 5, 1000), 0); // 10 ms per token
  serve("m", used(seconds(1), 5, 10), 1);    // 100 ms per token
  EXPECT_EQ(picked_ids(), Ids{"a"});
}

TEST_F(StrategyTest, LatencyBufferMakesNearlyAsFastRowsEqual) {
  row("a"), row("b"), row("c");
  draft.config.router.routing_strategy_args.lowest_latency_buffer = 0.5;
  build_with("latency-based-routing");
  serve("m", succeeded(Millis{1000}), 0);
  serve("m", succeeded(Millis{1500}), 1);
  serve("m", succeeded(Millis{1501}), 2);
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"}));
}

TEST_F(StrategyTest, LatencyListDropsItsOldestSample) {
  row("a"), row("b");
  draft.config.router.routing_strategy_args.max_latency_list_size = 3;
  build_with("latency-based-routing");
  serve("m", succeeded(seconds(2)), 1);
  serve("m", succeeded(seconds(100)), 0);
  for (int i = 0; i < 2; ++i) serve("m", succeeded(seconds(1)), 0);
  EXPECT_EQ(picked_ids(), Ids{"b"}) << "the slow sample is still in the list";
  serve("m", succeeded(seconds(1)), 0);
  EXPECT_EQ(picked_ids(), Ids{"a"});
}

TEST_F(StrategyTest, LatencyOfStreamsIsTheTimeToTheFirstToken) {
  row("a"), row("b");
  build_with("latency-based-routing");
  auto outcome = succeeded(seconds(1));
  outcome.first_token = Millis{900};
  serve("m", outcome, 0);
  outcome = succeeded(seconds(9));
  outcome.first_token = Millis{100};
  serve("m", outcome, 1);
  EXPECT_EQ(picked_ids(), Ids{"a"});
  auto question = query();
  question.stream = true;
  EXPECT_EQ(picked("m", question), "b");
}

TEST_F(StrategyTest, ATimeoutCountsAThousandSeconds) {
  row("a"), row("b");
  build_with("latency-based-routing");
  serve("m", succeeded(Millis{10}), 0);
  serve("m", succeeded(seconds(50)), 1);
  serve("m", failed(Errc::timeout, 408), 0);
  EXPECT_EQ(picked_ids(), Ids{"b"});
  EXPECT_NEAR(view("m", 0).list_latency, 500, 1);
  serve("m", failed(Errc::internal_server, 500), 1);
  EXPECT_NEAR(view("m", 1).list_latency, 50, 0.1) << "other failures are no sample";
}

TEST_F(StrategyTest, LatencySamplesAreForgottenAfterTheirTtl) {
  row("a"), row("b");
  draft.config.router.routing_strategy_args.ttl = 60;
  build_with("latency-based-routing");
  serve("m", succeeded(seconds(5)), 0);
  clock.advance(seconds(30));
  serve("m", succeeded(seconds(1)), 1);
  EXPECT_EQ(picked_ids(), Ids{"b"});
  clock.advance(seconds(31));
  EXPECT_EQ(picked_ids(), Ids{"a"}) << "untried again";
}

TEST_F(StrategyTest, OnlyLatencyBasedRoutingKeepsLists) {
  row("a");
  build_with("simple-shuffle");
  serve("m", succeeded(seconds(1)));
  EXPECT_EQ(view("m", 0).list_latency, -1);
}

// -- cost-based-routing

TEST_F(StrategyTest, CostTakesTheCheapestRow) {
  auto& a = row("a").params;
  a.input_cost_per_token = 0.00001, a.output_cost_per_token = 0.00003;
  auto& b = row("b").params;
  b.input_cost_per_token = 0.00003, b.output_cost_per_token = 0.000005;
  row("c"); // no price: LiteLLM's default of 5 each
  build_with("cost-based-routing");
  EXPECT_EQ(picked_ids(), Ids{"b"});
}

TEST_F(StrategyTest, CostBreaksTiesAtRandomAndLeavesOutFullRows) {
  for (const char* id : {"a", "b"}) {
    auto& params = row(id).params;
    params.input_cost_per_token = 0, params.output_cost_per_token = 0;
    params.rpm = 1;
  }
  row("c");
  build_with("cost-based-routing");
  const auto first = picked("m");
  EXPECT_NE(first, "c");
  EXPECT_NE(picked("m"), first);
  EXPECT_EQ(picked("m"), "c") << "the free rows have had their request of the minute";
}

TEST_F(StrategyTest, HalfAPriceCountsFiveForTheOtherHalf) {
  row("a").params.input_cost_per_token = 0.1;
  auto& b = row("b").params;
  b.input_cost_per_token = 2, b.output_cost_per_token = 3;
  build_with("cost-based-routing");
  EXPECT_EQ(picked_ids(), Ids{"b"}) << "5 against 5.1";
}

// -- power-of-two

TEST_F(StrategyTest, PowerOfTwoPrefersFewerInFlight) {
  for (const char* id : {"a", "b", "c", "d"}) row(id);
  build_with("power-of-two");
  std::vector<Lease> busy;
  for (int i = 0; i < 5; ++i) busy.emplace_back(pick("m", 0));
  std::map<std::string, int> counts;
  for (int i = 0; i < 3000; ++i) ++counts[picked("m")];
  EXPECT_EQ(counts["a"], 0) << "whoever is drawn with it is less busy";
  for (const char* id : {"b", "c", "d"}) EXPECT_NEAR(counts[id], 1000, 150) << id;
}

TEST_F(StrategyTest, PowerOfTwoWeighsByLatency) {
  row("a"), row("b");
  build_with("power-of-two");
  serve("m", succeeded(seconds(1)), 0);
  serve("m", succeeded(seconds(10)), 1);
  std::vector<Lease> busy;
  for (int i = 0; i < 8; ++i) busy.emplace_back(pick("m", 0));
  EXPECT_EQ(picked_ids(), Ids{"a"}) << "9 x 1 s against 1 x 10 s";
  for (int i = 0; i < 2; ++i) busy.emplace_back(pick("m", 0));
  EXPECT_EQ(picked_ids(), Ids{"b"});
}

// -- prefix-affinity

class PrefixTest : public StrategyTest {
 protected:
  PrefixTest() {
    for (const char* id : {"a", "b", "c", "d", "e"}) row(id);
    build_with("prefix-affinity");
  }
  std::string picked_for(std::uint64_t prefix) {
    auto question = query();
    question.prefix_hash = prefix;
    return picked("m", question);
  }
};

TEST_F(PrefixTest, OnePrefixOneRowManyPrefixesAllRows) {
  std::map<std::string, int> counts;
  for (std::uint64_t prefix = 1; prefix <= 1000; ++prefix) {
    const auto home = picked_for(prefix);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(picked_for(prefix), home);
    ++counts[home];
  }
  for (const auto& [id, count] : counts) EXPECT_NEAR(count, 200, 60) << id;
  EXPECT_EQ(counts.size(), 5u);
}

TEST_F(PrefixTest, ACoolingRowMovesOnlyItsOwnPrefixes) {
  std::map<std::uint64_t, std::string> homes;
  for (std::uint64_t prefix = 1; prefix <= 200; ++prefix) homes[prefix] = picked_for(prefix);
  serve("m", failed(Errc::rate_limit, 429), 2);
  for (const auto& [prefix, id] : homes) {
    if (id == "c")
      EXPECT_NE(picked_for(prefix), "c");
    else
      EXPECT_EQ(picked_for(prefix), id);
  }
  clock.advance(seconds(5));
  for (const auto& [prefix, id] : homes) EXPECT_EQ(picked_for(prefix), id);
}

TEST_F(PrefixTest, APrefixThatEverybodySharesSpillsOver) {
  std::vector<Lease> leases;
  auto question = query();
  question.prefix_hash = 7;
  for (int i = 0; i < 200; ++i) leases.emplace_back(pick_with("m", question));
  std::map<std::string, int> counts;
  for (const auto& lease : leases) ++counts[lease.deployment().row.id];
  const auto most = std::max_element(counts.begin(), counts.end(), [](const auto& left, const auto& right) {
    return left.second < right.second;
  });
  EXPECT_LE(most->second, 2 * 200 / 5 + 5);
  EXPECT_GE(counts.size(), 3u);
}

TEST_F(PrefixTest, WithoutAPrefixItShuffles) { EXPECT_EQ(picked_ids(300).size(), 5u); }

// -- routing_groups

TEST_F(StrategyTest, RoutingGroupsHaveStrategiesOfTheirOwn) {
  row("a").params.output_cost_per_token = 0, draft.config.models.back().params.input_cost_per_token = 0;
  row("b");
  draft.row("other", "openai/x", "x"), draft.row("other", "openai/y", "y");
  RoutingGroup cheap;
  cheap.group_name = "cheap", cheap.models = {"m"}, cheap.routing_strategy = "cost-based-routing";
  draft.config.router.routing_groups = {cheap};
  build_with("simple-shuffle");
  EXPECT_EQ(picked_ids(), Ids{"a"});
  std::set<std::string> others;
  for (int i = 0; i < 50; ++i) others.insert(picked("other"));
  EXPECT_EQ(others, (Ids{"x", "y"}));
  EXPECT_EQ(group("m")->strategy, "cost-based-routing");
  EXPECT_EQ(group("other")->strategy, "simple-shuffle");
  EXPECT_EQ(picked("openai/a"), "a") << "groups by litellm model follow";
}

} // namespace
} // namespace switchyard::actors
