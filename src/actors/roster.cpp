// Questions that group and deployment actors put to a roster. Reads the views' atomics only.
#include "actors/roster.hpp"

#include <algorithm>

namespace switchyard::actors {

Order healthy_seats(const Roster& roster, Instant now) {
  Order order;
  for (std::size_t i = 0; i < roster.seats.size(); ++i)
    if (!roster.seats[i].deployment->view->cooling(now)) order.push_back(static_cast<std::uint16_t>(i));
  return order;
}

void refuse(const Roster& roster, Instant now, const Duty<PickAnswer>& duty) {
  const auto now_ms = std::chrono::duration_cast<Millis>(now.time_since_epoch());
  PickAnswer answer;
  answer.error = Errc::no_deployments;
  answer.total = static_cast<std::uint16_t>(roster.seats.size());
  auto shortest = Millis::max();
  for (const auto& seat : roster.seats) {
    const Millis until{seat.deployment->view->cooldown_until_ms.load(std::memory_order_relaxed)};
    if (until <= now_ms) {
      ++answer.healthy;
      continue;
    }
    shortest = std::min(shortest, until - now_ms);
    if (!answer.cooling_ids.empty()) answer.cooling_ids += ", ";
    answer.cooling_ids += seat.deployment->row.id;
  }
  if (shortest != Millis::max()) answer.retry_after = shortest;
  duty.answer(std::move(answer));
}

} // namespace switchyard::actors
