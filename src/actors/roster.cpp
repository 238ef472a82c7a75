// Questions that group and deployment actors put to a roster. Reads the views' atomics only.
#include "actors/roster.hpp"

#include <algorithm>

namespace switchyard::actors {

namespace {

/// Rows without a bad health mark, cooling ones included.
bool any_healthy(const Roster& roster, Instant now) {
  return std::any_of(roster.seats.begin(), roster.seats.end(),
                     [&](const Seat& seat) { return !seat.deployment->view->unhealthy(now); });
}

} // namespace

void healthy_seats(const Roster& roster, Instant now, Shortlist& list) {
  list.ignores_cooling = roster.health_routing && !any_healthy(roster, now);
  for (std::size_t i = 0; i < roster.seats.size(); ++i) {
    const auto& view = *roster.seats[i].deployment->view;
    const bool fit = !view.cooling(now) && !(roster.health_routing && view.unhealthy(now));
    if (fit || list.ignores_cooling) list.order.push_back(static_cast<std::uint16_t>(i));
  }
  list.healthy = static_cast<std::uint16_t>(list.order.size());
}

void refuse(const Roster& roster, Instant now, const Duty<PickAnswer>& duty, const Shortfall& why) {
  PickAnswer answer;
  answer.error = why.which == Refusal::context_window ? Errc::context_window_exceeded : Errc::no_deployments;
  answer.refusal = why.which != Refusal::none ? why.which : Refusal::cooling;
  answer.limit = why.limit, answer.used = why.used;
  answer.total = static_cast<std::uint16_t>(roster.seats.size());
  auto shortest = why.retry_after > Millis{0} ? why.retry_after : Millis::max();
  const auto now_ms = in_millis(now);
  for (const auto& seat : roster.seats) {
    const auto until = seat.deployment->view->cooldown_until_ms.load(std::memory_order_relaxed);
    if (until <= now_ms) {
      ++answer.healthy;
      continue;
    }
    shortest = std::min(shortest, Millis{until - now_ms});
    if (!answer.cooling_ids.empty()) answer.cooling_ids += ", ";
    answer.cooling_ids += seat.deployment->row.id;
  }
  if (shortest != Millis::max()) answer.retry_after = shortest;
  duty.answer(std::move(answer));
}

} // namespace switchyard::actors
