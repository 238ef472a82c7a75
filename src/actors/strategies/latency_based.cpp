// latency-based-routing (spec router.md 2.3): lowest mean of the newest samples, per token where they are
// known; streams go by the time to the first token. A row without samples counts 0, so that it is tried.
// Pure.
#include "actors/strategies/ranking.hpp"

namespace switchyard::actors::strategies {

namespace {

double mean_seconds(const DeploymentView& view, const PickQuery& query) {
  if (view.list_until_ms.load(std::memory_order_relaxed) <= in_millis(query.now)) return 0;
  const auto first_token = view.list_first_token.load(std::memory_order_relaxed);
  if (query.stream && first_token >= 0) return first_token;
  return std::max(view.list_latency.load(std::memory_order_relaxed), 0.0f);
}

} // namespace

void latency_based(const Roster& roster, const PickQuery& query, Candidates order) {
  rank(query, order, roster.args.lowest_latency_buffer,
       [&](std::uint16_t seat) { return mean_seconds(*roster.seats[seat].deployment->view, query); });
}

} // namespace switchyard::actors::strategies
