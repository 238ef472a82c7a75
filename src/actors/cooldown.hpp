// When a failed attempt takes its row out of rotation, and for how long (spec router.md 3.4). Pure functions
// over what is counted; cooling.* does the counting.
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
  bool breaker = false;      ///< single_deployment_breaker, for a row that is alone
  bool counted = false;      ///< allowed_fails or allowed_fails_policy instead of the default rule
  int allowed_fails = 3;
  AllowedFailsPolicy policy;
  CooldownThresholds thresholds;
};

/// Attempts of a row in the present minute, the failed one included.
struct MinuteCount {
  std::uint32_t success = 0, failure = 0;
  int recent = 0;   ///< failures without a cooldown_time of quiet between them, for allowed_fails
  int in_a_row = 0; ///< failures without a success between them, for the breaker
};

/// False for failures that say nothing about the row: the client's own mistakes, and lost connections, which
/// LiteLLM leaves out too. A breaker does count lost connections: nobody else can take the request.
bool blames_row(const CooldownRule& rule, const Outcome& failure);

/// How long a row cools once it does.
Millis cooldown_length(const CooldownRule& rule, const Outcome& failure);

/// The same after this failure; 0 = the row stays.
Millis cooldown_after(const CooldownRule& rule, const Outcome& failure, MinuteCount minute);

} // namespace switchyard::actors
