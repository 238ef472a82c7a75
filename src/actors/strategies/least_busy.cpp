// least-busy (spec router.md 2.3): fewest requests in flight first, equal rows in random order. Pure.
#include "actors/roster.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::actors::strategies {

void least_busy(const Roster& roster, const PickQuery& query, Candidates order) {
  // One 64-bit key per row: in-flight, then a random rank, then the row. Read once, since the counts move.
  boost::container::small_vector<std::uint64_t, 16> keys;
  Random random(query.random);
  for (auto seat : order) {
    const std::uint64_t busy = roster.seats[seat].deployment->view->in_flight.load(std::memory_order_relaxed);
    keys.push_back(busy << 32 | (random.next() & 0xFFFF0000u) | seat);
  }
  const auto drawn = keys.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), k_drawn));
  std::partial_sort(keys.begin(), drawn, keys.end());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint16_t>(keys[i]);
}

} // namespace switchyard::actors::strategies
