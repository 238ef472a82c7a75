// Pre-call check (spec router.md 2.5): rows whose provider would refuse the request's response_format.
#include "actors/roster.hpp"

namespace switchyard::actors::filters {

void takes_format(const Roster& roster, const PickQuery& query, Shortlist& list) {
  if (!query.wants || !query.wants->response_format) return;
  keep_if(list.order,
          [&](std::uint16_t seat) { return roster.seats[seat].deployment->takes_response_format; });
  if (list.order.empty() && list.why.which == Refusal::none) list.why.which = Refusal::response_format;
}

} // namespace switchyard::actors::filters
