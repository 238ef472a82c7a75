// Rows over their rpm or tpm, and rows that have as many requests as they take (spec router.md 2.4). What the
// views say may be a moment old; the deployment actors decide exactly where limits are enforced.
#include "actors/roster.hpp"

namespace switchyard::actors::filters {

void within_limits(const Roster& roster, const PickQuery& query, Shortlist& list) {
  Hold least;
  least.prompt_tokens = query.prompt_tokens;
  keep_if(list.order, [&](std::uint16_t seat) {
    const auto& row = roster.seats[seat];
    const auto short_of = rate_shortfall(row.limits, *row.deployment->view, query.now, least);
    keep_better(list.why, short_of);
    return short_of.which == Refusal::none;
  });
}

void with_room(const Roster& roster, const PickQuery&, Shortlist& list) {
  keep_if(list.order, [&](std::uint16_t seat) {
    const auto short_of = room_shortfall(*roster.seats[seat].deployment->view);
    keep_better(list.why, short_of);
    if (short_of.which != Refusal::none) list.met_full_row = true;
    return short_of.which == Refusal::none;
  });
}

} // namespace switchyard::actors::filters
