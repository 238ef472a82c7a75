// One try at a realtime session: the upgrade at the upstream, then at the client, then frames both ways.
// Shard code.
#pragma once

#include "http/relay.hpp"

namespace switchyard::http {

/// The row can have such a session at all.
Result<void> check_realtime(const Attempt& attempt);
/// Fills `result`. Before the client's 101 a failure is like any other and may be retried; afterwards it is
/// told to the client by a Close frame.
aw<> run_realtime(Attempt& attempt, AttemptResult& result);

} // namespace switchyard::http
