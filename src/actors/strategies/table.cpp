// The table of routing strategies. Immutable.
#include "actors/strategies/strategy.hpp"

#include <array>

namespace switchyard::actors {

namespace {
constexpr std::array k_strategies = {
    Strategy{"simple-shuffle", strategies::simple_shuffle}, // the first row is the default
    Strategy{"least-busy", strategies::least_busy},
};
} // namespace

const Strategy* find_strategy(std::string_view name) {
  for (const auto& strategy : k_strategies)
    if (strategy.name == name) return &strategy;
  return nullptr;
}

const Strategy& default_strategy() { return k_strategies.front(); }

} // namespace switchyard::actors
