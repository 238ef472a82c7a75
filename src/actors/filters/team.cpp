// Team models (spec router.md 1.6): rows with model_info.team_id are there for that team only.
#include "actors/roster.hpp"

namespace switchyard::actors::filters {

void of_team(const Roster& roster, const PickQuery& query, Shortlist& list) {
  const std::string_view team = query.wants ? std::string_view(query.wants->team) : std::string_view{};
  keep_if(list.order, [&](std::uint16_t seat) {
    const auto& owner = roster.seats[seat].deployment->row.team_id;
    return owner.empty() || owner == team;
  });
  if (list.order.empty() && list.why.which == Refusal::none) list.why.which = Refusal::team;
}

} // namespace switchyard::actors::filters
