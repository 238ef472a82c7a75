// usage-based-routing and its v2 (spec router.md 2.3): fewest tokens in the last minute, ties at random. Rows
// over their rpm or tpm are gone before; v2's rows refuse by themselves too. Pure.
#include "actors/strategies/ranking.hpp"

namespace switchyard::actors::strategies {

void usage_based(const Roster& roster, const PickQuery& query, Candidates order) {
  const auto second = second_of(query.now);
  rank(query, order, 0, [&](std::uint16_t seat) {
    return static_cast<double>(roster.seats[seat].deployment->view->window.used(second).tokens);
  });
}

} // namespace switchyard::actors::strategies
