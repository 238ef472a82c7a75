// The table of routing strategies. Immutable.
#include "actors/strategies/strategy.hpp"

#include <switchyard/strategies.hpp>

#include <algorithm>
#include <array>

namespace switchyard::actors {

namespace {

using namespace strategies;

/// Names by position, so that config/ and this table cannot disagree.
constexpr std::array<Strategy, k_strategy_names.size()> k_strategies = {{
    {k_strategy_names[0], simple_shuffle},
    {k_strategy_names[1], least_busy},
    {k_strategy_names[2], usage_based, LimitUse::filter},
    {k_strategy_names[3], usage_based, LimitUse::enforce},
    {k_strategy_names[4], latency_based, LimitUse::filter, true},
    {k_strategy_names[5], cost_based, LimitUse::filter},
    {k_strategy_names[6], power_of_two},
    {k_strategy_names[7], prefix_affinity},
}};

} // namespace

const Strategy* find_strategy(std::string_view name) {
  const auto found = std::find_if(k_strategies.begin(), k_strategies.end(),
                                  [&](const Strategy& strategy) { return strategy.name == name; });
  return found == k_strategies.end() ? nullptr : &*found;
}

const Strategy& default_strategy() { return k_strategies.front(); }

} // namespace switchyard::actors
