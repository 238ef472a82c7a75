// Asking a group for a row: what the request tells it, waiting while all rows are full, and what a refusal
// becomes for the client. Shard code; the group's actor decides.
#pragma once

#include "http/call_state.hpp"

namespace switchyard::http {

/// Only what the group's rows look at is computed, once per call.
PickQuery make_query(CallState& call, const Hop& hop);

/// Until the group has answered. It answers in time: this tells it when the query's give_up has passed, and
/// when the client is gone.
aw<> wait_for_row(CallState& call, const Group& group, const PickQuery& query, Pending<PickAnswer>& pending);

/// Of an answer without a row.
Error refusal_error(const CallState& call, const Hop& hop, const PickAnswer& refused);

} // namespace switchyard::http
