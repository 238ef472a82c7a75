// Refusals of ledgers in LiteLLM's words (spec management.md 1.6, 6.1). Pure; only refused requests pay for
// it.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/identity.hpp>

#include <string>
#include <string_view>

namespace switchyard::actors {

/// A budget that has no room for a request.
struct OverBudget {
  std::string_view window; ///< its duration when it is one of several, else empty
  Money cost, most;
};

/// A rate or parallel limit that has no room for a request.
struct OverLimit {
  std::string_view type; ///< requests | tokens | max_parallel_requests
  std::int64_t limit = 0, left = 0;
  Millis wait{0}; ///< until it is worth trying again
};

/// Whether a budget is used up when the spend is equal to it: LiteLLM compares some kinds with >=, others
/// with >.
bool full_at_cap(EntityKind kind) noexcept;
/// Whether it is about one model of its owner.
bool per_model(EntityKind kind) noexcept;

Error budget_error(const Entity& entity, const OverBudget& over, int status);
Error limit_error(const Entity& entity, const OverLimit& over, WallTime now);
/// "rate_limit_type: requests\r\nreset_at: 2026-01-01 00:00:00 UTC\r\n"
std::string limit_headers(const OverLimit& over, WallTime now);

} // namespace switchyard::actors
