// prefix-affinity (not in LiteLLM): prompts that begin alike go to the same row while it is healthy, so that
// the provider's prompt cache is hit. Rendezvous hashing by weight: a row that comes or goes moves only its
// own prompts. A row far busier than the others passes its prompts on, since everybody may share one system
// prompt. Pure.
#include "actors/rendezvous.hpp"
#include "actors/strategies/ranking.hpp"

namespace switchyard::actors::strategies {

namespace {

/// A row may have this many times the mean of requests in flight, and a few more when there are hardly any.
constexpr double k_busy_factor = 2, k_busy_slack = 4;

double in_flight(const Roster& roster, std::uint16_t seat) {
  return roster.seats[seat].deployment->view->in_flight.load(std::memory_order_relaxed);
}

} // namespace

void prefix_affinity(const Roster& roster, const PickQuery& query, Candidates order) {
  if (query.prefix_hash == 0) return simple_shuffle(roster, query, order);
  double busy = 0;
  for (auto seat : order) busy += in_flight(roster, seat);
  const double most = k_busy_factor * busy / static_cast<double>(order.size()) + k_busy_slack;
  rank(query, order, 0, [&](std::uint16_t seat) {
    const auto& row = roster.seats[seat];
    const auto score = rendezvous(query.prefix_hash, row.id_hash, row.shares[0].value_or(1));
    return in_flight(roster, seat) > most ? score + 2 * k_last_score
                                          : score; // behind all that are not too busy
  });
}

} // namespace switchyard::actors::strategies
