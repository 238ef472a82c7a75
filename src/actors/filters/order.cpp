// `order` (spec router.md 2.8): the lowest level of the rows that remain goes first; rows without a level go
// last.
#include "actors/roster.hpp"

#include <algorithm>

namespace switchyard::actors::filters {

namespace {

std::int64_t level_of(const Roster& roster, std::uint16_t seat) {
  return roster.seats[seat].deployment->row.params.order.value_or(INT64_MAX);
}

} // namespace

void by_order(const Roster& roster, const PickQuery& query, Shortlist& list) {
  if (query.above_order != PickQuery::k_any_order)
    keep_if(list.order, [&](std::uint16_t seat) { return level_of(roster, seat) > query.above_order; });
  if (list.order.empty()) {
    if (list.why.which == Refusal::none) list.why.which = Refusal::order;
    return;
  }
  auto lowest = INT64_MAX;
  for (auto seat : list.order) lowest = std::min<std::int64_t>(lowest, level_of(roster, seat));
  keep_if(list.order, [&](std::uint16_t seat) {
    const bool now = level_of(roster, seat) == lowest;
    if (!now) list.later.push_back(seat);
    return now;
  });
  std::stable_sort(list.later.begin(), list.later.end(),
                   [&](auto left, auto right) { return level_of(roster, left) < level_of(roster, right); });
}

} // namespace switchyard::actors::filters
