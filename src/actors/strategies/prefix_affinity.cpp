// prefix-affinity (not in LiteLLM): prompts that begin alike go to the same row while it is healthy, so that
// the provider's prompt cache is hit. Rendezvous hashing by weight: a row that comes or goes moves only its
// own prompts. A row far busier than the others passes its prompts on, since everybody may share one system
// prompt. Pure.
#include "actors/strategies/ranking.hpp"

#include <cmath>

namespace switchyard::actors::strategies {

namespace {

/// A row may have this many times the mean of requests in flight, and a few more when there are hardly any.
constexpr double k_busy_factor = 2, k_busy_slack = 4;

/// Uniform in (0, 1], from both hashes (splitmix64's finish).
double draw(std::uint64_t prefix, std::uint64_t row) {
  auto x = prefix ^ (row * 0x9E3779B97F4A7C15ull);
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  x ^= x >> 31;
  return (static_cast<double>(x >> 11) + 1) * 0x1.0p-53;
}

double in_flight(const Roster& roster, std::uint16_t seat) {
  return roster.seats[seat].deployment->view->in_flight.load(std::memory_order_relaxed);
}

} // namespace

void prefix_affinity(const Roster& roster, const PickQuery& query, Candidates order) {
  if (query.prefix_hash == 0) return simple_shuffle(roster, query, order);
  double busy = 0;
  for (auto seat : order) busy += in_flight(roster, seat);
  const double most = k_busy_factor * busy / static_cast<double>(order.size()) + k_busy_slack;
  constexpr double k_last = 1e9; // behind every row that is not too busy
  rank(query, order, 0, [&](std::uint16_t seat) {
    const auto weight = roster.seats[seat].shares[0].value_or(1);
    const auto score =
        weight > 0 ? -std::log(draw(query.prefix_hash, roster.seats[seat].id_hash)) / weight : k_last;
    return in_flight(roster, seat) > most ? score + 2 * k_last : score;
  });
}

} // namespace switchyard::actors::strategies
