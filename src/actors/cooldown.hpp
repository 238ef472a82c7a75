// When a failed attempt takes its row out of rotation, and for how long. Pure functions; the deployment actor
// calls them. Other policies (allowed_fails, allowed_fails_policy) belong here.
#pragma once

#include <switchyard/graph.hpp>

#include <cstdint>
#include <optional>

namespace switchyard::actors {

/// What a row's cooldowns depend on besides the failure itself.
struct CooldownRule {
  std::optional<Millis> row; ///< litellm_params.cooldown_time
  Millis router{5000};       ///< router_settings.cooldown_time
  bool off = false;          ///< disable_cooldowns, or a pattern row
  bool alone = true;         ///< the only row of its group
};

/// Attempts of a row in the present minute, the failed one included.
struct MinuteCount {
  std::uint32_t success = 0, failure = 0;
};

/// LiteLLM's thresholds (DEFAULT_FAILURE_THRESHOLD_PERCENT and its neighbours).
inline constexpr double k_failure_share = 0.5;
inline constexpr std::uint32_t k_min_requests = 5;
inline constexpr std::uint32_t k_lone_min_requests = 1000;

/// How long the row cools after this failure; 0 = it stays (spec router.md 3.4, default rule).
Millis cooldown_after(const CooldownRule& rule, const Outcome& failure, MinuteCount minute);

} // namespace switchyard::actors
