// hedged_requests: when a try is later than most, a second one starts at another row; the first to have an
// answer gives it, the other is cancelled. Shard code. Off by default; nothing here runs then.
#pragma once

#include "http/call_state.hpp"

#include <optional>

namespace switchyard::http {

/// When a try is late: the quickest row of the group would have answered. Nothing when it shall not be
/// hedged: no other row, or too little is known.
std::optional<Millis> hedge_delay(const CallState& call, const Hop& hop);

/// A try that may become two. Both leases are reported before this returns; `result` is the winner's, or the
/// first one's error.
aw<> try_hedged(CallState& call, Hop& hop, Lease& lease, Millis delay, AttemptResult& result);

} // namespace switchyard::http
