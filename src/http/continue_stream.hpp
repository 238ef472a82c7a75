// Streams that outlive their upstream: when one breaks off after content, its group's fallbacks are asked to
// go on with the same stream (spec router.md 3.3). Shard code; which row of a group serves is not its matter.
#pragma once

#include "http/call_state.hpp"

namespace switchyard::http {

/// The state a try's stream keeps its progress in, set up for a try in `group`.
StreamProgress* prepare_progress(CallState& call, std::string_view group);

/// Whether there will be time to go on with the client's open stream; always true without one.
bool in_time(const CallState& call, Millis later = Millis{0});

/// Tries the rows of one group; none = call.answer says how it ended.
using RunGroup = aw<Error> (*)(CallState& call, Hop& hop);

/// Brings a stream that was left open to its end, which is [DONE] or one error frame; call.answer is then
/// that of the whole stream.
aw<> continue_stream(CallState& call, RunGroup run_group);

} // namespace switchyard::http
