// A realtime session between a client and an upstream that have both switched to WebSocket. Shard code.
#pragma once

#include "http/relay.hpp"

namespace switchyard::http {

/// Passes frames on both ways until both sides are done. `result` gets the usage, and an error when the
/// upstream broke the session off.
aw<> relay_session(Attempt& attempt, upstream::Reply& upstream, AttemptResult& result);

} // namespace switchyard::http
