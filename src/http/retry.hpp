// When a failed try is worth another one, how many there may be, and how long to wait before it (spec
// router.md 3.1). Shard code that decides and does not wait.
#pragma once

#include "http/call_state.hpp"

namespace switchyard::http {

/// Retries allowed after this failure: request > row > the group's policy > the policy > router.
int retry_limit(const CallState& call, const Group& group, const Deployment& deployment, const Error& error);

/// spec router.md 3.1, the decision before a retry, in its order. An entry of a retry policy for this class
/// of error overrides it.
bool worth_retrying(const CallState& call, const Group& group, const Error& error);

/// Whether a retry policy has the say about this error: it has an entry, and nothing nearer sets a count.
bool policy_decides(const CallState& call, const Group& group, const Error& error);

/// Nothing when another row can take the retry at once; the only one left, and a pick that `no_row` took, is
/// given time.
Millis retry_delay(CallState& call, const Group& group, const Error& error, bool no_row);

} // namespace switchyard::http
