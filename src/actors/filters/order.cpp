// `order` (spec router.md 2.8): the lowest level of the rows that remain goes first; rows without a level go
// last.
#include "actors/roster.hpp"

#include <algorithm>

namespace switchyard::actors::filters {

std::int64_t level_of(const Roster& roster, std::uint16_t seat) {
  return roster.seats[seat].deployment->row.params.order.value_or(INT64_MAX);
}

void by_order(const Roster& roster, const PickQuery&, Shortlist& list) {
  std::stable_sort(list.order.begin(), list.order.end(),
                   [&](auto left, auto right) { return level_of(roster, left) < level_of(roster, right); });
  const auto lowest = level_of(roster, list.order.front());
  const auto next = std::find_if(list.order.begin(), list.order.end(),
                                 [&](auto seat) { return level_of(roster, seat) != lowest; });
  list.level = static_cast<std::uint16_t>(next - list.order.begin());
}

} // namespace switchyard::actors::filters
