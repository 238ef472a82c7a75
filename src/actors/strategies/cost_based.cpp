// cost-based-routing (spec router.md 2.3): the cheapest row, input and output price of a token added; ties at
// random. Pure.
#include "actors/strategies/ranking.hpp"

namespace switchyard::actors::strategies {

void cost_based(const Roster& roster, const PickQuery& query, Candidates order) {
  rank(query, order, 0, [&](std::uint16_t seat) { return roster.seats[seat].price; });
}

} // namespace switchyard::actors::strategies
