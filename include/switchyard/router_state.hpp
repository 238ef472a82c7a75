// What the router knows about its rows at one moment, as plain data for an admin endpoint and the log. Read
// from the views that the actors publish: no message, no wait. Any thread.
#pragma once

#include <switchyard/graph.hpp>

#include <algorithm>
#include <array>

namespace switchyard {

struct DeploymentState {
  std::string id, model;
  std::uint32_t in_flight = 0, parallel_limit = 0;                        ///< 0 = no limit
  std::uint64_t rpm_used = 0, tpm_used = 0, itpm_used = 0, otpm_used = 0; ///< of the last minute
  std::optional<std::int64_t> rpm_limit, tpm_limit, itpm_limit, otpm_limit;
  Micros latency_mean{0}, latency_p50{0}, latency_p95{0}, first_token_mean{0};
  std::uint32_t minute_success = 0, minute_failure = 0;
  std::uint64_t total_success = 0, total_failure = 0, total_tokens = 0, total_cooldowns = 0;
  Millis cooldown_left{0};
  Breaker breaker = Breaker::closed;
  bool healthy = true; ///< as the health checks see it
};

struct GroupState {
  std::string name;
  std::string_view strategy;
  std::uint32_t waiting = 0;
  std::uint64_t total_waited = 0, total_turned_away = 0;
  std::vector<DeploymentState> deployments;
};

/// The latency that this share of the newest requests stayed below; 0 = none was served.
inline Micros latency_percentile(const DeploymentView& view, double share) {
  std::array<std::uint32_t, DeploymentView::k_recent> sorted;
  const auto count = std::min<std::size_t>(view.recent_count.load(std::memory_order_relaxed), sorted.size());
  if (count == 0) return Micros{0};
  for (std::size_t i = 0; i < count; ++i) sorted[i] = view.recent_us[i].load(std::memory_order_relaxed);
  const auto rank = std::min(count - 1, static_cast<std::size_t>(share * static_cast<double>(count)));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank),
                   sorted.begin() + static_cast<std::ptrdiff_t>(count));
  return Micros{sorted[rank]};
}

inline DeploymentState state_of(const Deployment& deployment, Instant now) {
  const auto& view = *deployment.view;
  const auto get = [](const auto& cell) { return cell.load(std::memory_order_relaxed); };
  DeploymentState state;
  state.id = deployment.row.id, state.model = deployment.row.params.model;
  state.in_flight = get(view.in_flight), state.parallel_limit = get(view.parallel_limit);
  const auto used = view.window.used(second_of(now));
  state.rpm_used = used.requests, state.tpm_used = used.tokens;
  state.itpm_used = used.input, state.otpm_used = used.output;
  state.rpm_limit = deployment.row.params.rpm, state.tpm_limit = deployment.row.params.tpm;
  state.itpm_limit = deployment.row.itpm, state.otpm_limit = deployment.row.otpm;
  state.latency_mean = Micros{get(view.latency_us)}, state.first_token_mean = Micros{get(view.ttft_us)};
  state.latency_p50 = latency_percentile(view, 0.5), state.latency_p95 = latency_percentile(view, 0.95);
  state.minute_success = get(view.minute_success), state.minute_failure = get(view.minute_failure);
  state.total_success = get(view.total_success), state.total_failure = get(view.total_failure);
  state.total_tokens = get(view.total_tokens), state.total_cooldowns = get(view.total_cooldowns);
  if (view.cooling(now)) state.cooldown_left = Millis{get(view.cooldown_until_ms) - in_millis(now)};
  state.breaker = get(view.breaker);
  state.healthy = !view.unhealthy(now);
  return state;
}

inline GroupState state_of(const Group& group, Instant now) {
  GroupState state;
  state.name = group.name, state.strategy = group.strategy;
  state.waiting = group.view->waiting.load(std::memory_order_relaxed);
  state.total_waited = group.view->total_waited.load(std::memory_order_relaxed);
  state.total_turned_away = group.view->total_turned_away.load(std::memory_order_relaxed);
  for (const auto& deployment : group.deployments) state.deployments.push_back(state_of(*deployment, now));
  return state;
}

} // namespace switchyard
