// Rows over their provider's or their own budget are left out, until the window ends; what users read then.
#include "actors/filter_fixture.hpp"

#include <thread>

namespace switchyard::actors {
namespace {

using namespace std::chrono_literals;
using Row = RouteBudgets::Row;

class RouteBudgetsTest : public FilterTest {
 protected:
  RouteBudgetsTest() {
    providers.prepare = [](const ModelRow& row) -> Result<ProviderCalls::TargetPtr> {
      auto target = std::make_shared<providers::Target>();
      target->provider = row.params.model.substr(0, row.params.model.find('/'));
      return ProviderCalls::TargetPtr(std::move(target));
    };
  }
  void build_with(std::vector<Row> rows) {
    budgets = std::make_shared<const RouteBudgets>(rows, budgets.get());
    providers.budgets = budgets;
    build(draft);
  }
  static Row of(Row::Scope scope, std::string name, double most) {
    return {scope, std::move(name), Money::from_usd(most), Millis(1h)};
  }
  void spend(std::size_t seat, double dollars) {
    budgets->add(*group("m")->deployments.at(seat), Money::from_usd(dollars), clock.now());
  }
  RouteBudgetsPtr budgets;
};

TEST_F(RouteBudgetsTest, ARowOverItsBudgetIsLeftOutUntilTheWindowEnds) {
  draft.row("m", "openai/a", "a"), draft.row("m", "azure/b", "b");
  build_with({of(Row::Scope::deployment, "a", 1)});
  spend(0, 0.999);
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"}));
  spend(0, 0.001);
  EXPECT_EQ(picked_ids(), Ids{"b"});
  clock.advance(1h);
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"}));
  spend(0, 0.5);
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"}));
}

TEST_F(RouteBudgetsTest, AProvidersBudgetIsAllItsRows) {
  draft.row("m", "openai/a", "a"), draft.row("m", "openai/b", "b"), draft.row("m", "azure/c", "c");
  build_with({of(Row::Scope::provider, "openai", 1)});
  spend(0, 0.5), spend(1, 0.5), spend(2, 100);
  EXPECT_EQ(picked_ids(), Ids{"c"});
}

TEST_F(RouteBudgetsTest, WhenNoneIsLeftTheWordsAreLiteLLMs) {
  draft.row("m", "openai/a", "a"), draft.row("m", "openai/b", "b");
  build_with({of(Row::Scope::provider, "openai", 1e-9), of(Row::Scope::deployment, "a", 5)});
  EXPECT_EQ(budgets->refusal(group("m")->deployments, clock.now()), "");
  spend(0, 0.00073);
  EXPECT_EQ(picked("m"), "(none)");
  EXPECT_EQ(budgets->refusal(group("m")->deployments, clock.now()),
            "No deployments available - crossed budget for provider: Exceeded budget for provider openai: "
            "0.00073 >= 1e-09");
}

TEST_F(RouteBudgetsTest, TheWordsOfARowsBudget) {
  draft.row("m", "openai/a", "a");
  build_with({of(Row::Scope::deployment, "a", 5)});
  spend(0, 5);
  EXPECT_EQ(budgets->refusal(group("m")->deployments, clock.now()),
            "No deployments available - crossed budget: Exceeded budget for deployment model_name: m, "
            "litellm_params.model: openai/a, model_id: a: 5.0 >= 5.0");
}

TEST_F(RouteBudgetsTest, AReloadKeepsTheSumsAndTakesTheNewLimit) {
  draft.row("m", "openai/a", "a");
  build_with({of(Row::Scope::deployment, "a", 1)});
  spend(0, 1);
  EXPECT_EQ(picked("m"), "(none)");
  build_with({of(Row::Scope::deployment, "a", 2)});
  EXPECT_EQ(picked("m"), "a");
  spend(0, 1);
  EXPECT_EQ(picked("m"), "(none)");
}

TEST(RouteBudget, ManyWritersLoseNothing) {
  const RouteBudget budget(Money::most(), Millis(1h));
  const Instant now(std::chrono::hours(5));
  std::vector<std::thread> shards;
  for (int t = 0; t < 4; ++t)
    shards.emplace_back([&] {
      for (int i = 0; i < 10000; ++i) budget.add(Money::nanos(3), now);
    });
  for (auto& shard : shards) shard.join();
  EXPECT_EQ(budget.spent(now), Money::nanos(120000));
  EXPECT_EQ(budget.resets_in(now), Millis(1h));
}

} // namespace
} // namespace switchyard::actors
