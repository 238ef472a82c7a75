// One try at a granted row, from the grant to the report of its end. Shard code.
#pragma once

#include "http/call_state.hpp"

namespace switchyard::http {

/// Two tries at one request (hedge.hpp): the one of them that this is.
struct Lane {
  Race* race = nullptr;
  CancelScope* cancel = nullptr;
  StreamProgress* progress = nullptr;
};

/// Runs the try; its end is reported before this returns. The lease is spent.
aw<> try_once(CallState& call, Hop& hop, Lease& lease, AttemptResult& result, Lane lane = {});

/// PickQuery::tried of one row.
inline std::uint64_t tried_bit(std::size_t row) noexcept { return row < 64 ? std::uint64_t{1} << row : 0; }

/// What the decisions after a failure need to know about the row.
void remember_row(CallState& call, Hop& hop, const Deployment& deployment);
/// Position of a row in its group.
std::size_t row_index(const Group& group, const Deployment& deployment);

} // namespace switchyard::http
