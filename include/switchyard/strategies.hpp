// Names of the routing strategies: config/ checks what a user writes against them, actors/ has one function
// for each, in the same order. Immutable.
#pragma once

#include <array>
#include <string_view>

namespace switchyard {

/// The first one is the default.
inline constexpr std::array<std::string_view, 8> k_strategy_names = {
    "simple-shuffle",        "least-busy",         "usage-based-routing", "usage-based-routing-v2",
    "latency-based-routing", "cost-based-routing", "power-of-two",        "prefix-affinity"};

} // namespace switchyard
