// How a group orders its healthy rows. A strategy is one pure function over the roster (it reads the rows'
// views), called by the model_group actor. To add one: its name in include/switchyard/strategies.hpp, a file
// here, a declaration and a row in table.cpp.
#pragma once

#include <switchyard/graph.hpp>

#include <span>
#include <string_view>

namespace switchyard::actors {

struct Roster;

/// The rows that a strategy orders: indices into the roster, in file order at first.
using Candidates = std::span<std::uint16_t>;

/// Reorders `order` (never empty) best first. All randomness from query.random.
using OrderFn = void (*)(const Roster& roster, const PickQuery& query, Candidates order);

/// What a row's rpm and tpm mean to a strategy (spec router.md 2.4).
enum class LimitUse : std::uint8_t {
  hint,    ///< shares, at most
  filter,  ///< rows over a limit are left out
  enforce, ///< and the deployment refuses
};

struct Strategy {
  std::string_view name; ///< router_settings.routing_strategy
  OrderFn order;
  LimitUse limits = LimitUse::hint;
  bool samples_latency = false;
};

/// Null for a name that is not in the table.
const Strategy* find_strategy(std::string_view name);
const Strategy& default_strategy();

/// Candidates past this position keep file order: a pick rarely gets that far, and large groups stay cheap.
inline constexpr std::size_t k_drawn = 8;

namespace strategies {
void simple_shuffle(const Roster& roster, const PickQuery& query, Candidates order);
void least_busy(const Roster& roster, const PickQuery& query, Candidates order);
void usage_based(const Roster& roster, const PickQuery& query, Candidates order);
void latency_based(const Roster& roster, const PickQuery& query, Candidates order);
void cost_based(const Roster& roster, const PickQuery& query, Candidates order);
void power_of_two(const Roster& roster, const PickQuery& query, Candidates order);
void prefix_affinity(const Roster& roster, const PickQuery& query, Candidates order);
} // namespace strategies

} // namespace switchyard::actors
