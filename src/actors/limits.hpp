// Limits of one row: requests and tokens per minute, requests at a time. Pure functions over its view: the
// group asks them to leave rows out, the deployment actor to refuse, where they are exact.
#pragma once

#include <switchyard/graph.hpp>

#include <cstdint>
#include <optional>

namespace switchyard::actors {

struct LimitRule {
  std::optional<std::int64_t> rpm, tpm, itpm, otpm;
  std::uint32_t parallel = 0; ///< most requests at a time; 0 = any number
  bool enforce = false;       ///< rates bind the deployment actor, not only the choice of a row
  bool adaptive = false;      ///< adaptive_concurrency: a limit on parallel requests that follows the latency
};

/// Why a row does not take a request; nothing when it does.
struct Shortfall {
  Refusal which = Refusal::none;
  std::int64_t limit = 0, used = 0;
  Millis retry_after{0}; ///< until it may; 0 = not known
};

/// Whether a limit is one on what passes in a minute, which nobody tells the end of.
inline bool is_rate(Refusal which) noexcept { return which >= Refusal::rpm && which <= Refusal::otpm; }

/// rpm, tpm, itpm and otpm against the last minute. `hold` is what the request will count for at least.
Shortfall rate_shortfall(const LimitRule& rule, const DeploymentView& view, Instant now, const Hold& hold);

/// Parallel requests, adaptive limit included.
Shortfall room_shortfall(const DeploymentView& view);

/// Of two reasons the one that a client can do more with: a limit before a cooldown, then the shorter wait.
void keep_better(Shortfall& kept, const Shortfall& other);

/// Tokens that a grant reserves: the prompt, and as much output as fits beside it in an empty minute. `usual`
/// is the row's mean output, for requests that do not say how long their answer may be.
Hold make_hold(const LimitRule& rule, const PickQuery& query, std::uint32_t usual_output);

/// Replaces what `outcome.hold` reserved by what was used.
void settle(UsageWindow& window, const Outcome& outcome);

} // namespace switchyard::actors
