// Team models (spec router.md 1.6): rows with model_info.team_id are there for that team only.
#include "actors/roster.hpp"

#include <algorithm>

namespace switchyard::actors::filters {

bool may_use(const Seat& seat, const PickQuery& query) {
  const auto& owner = seat.deployment->row.team_id;
  return owner.empty() || (query.wants && query.wants->team == owner);
}

void of_team(const Roster& roster, const PickQuery& query, Shortlist& list) {
  keep_if(list.order, [&](std::uint16_t seat) { return may_use(roster.seats[seat], query); });
  const auto ours = [&](const Seat& seat) { return may_use(seat, query); };
  if (std::none_of(roster.seats.begin(), roster.seats.end(), ours)) list.why.which = Refusal::team;
}

} // namespace switchyard::actors::filters
