// Samples in, means out. A full list drops its oldest sample.
#include "actors/latency.hpp"

#include "actors/cell.hpp"

#include <numeric>

namespace switchyard::actors {

namespace {
constexpr float k_timeout_seconds = 1000;

float seconds(Micros time) { return static_cast<float>(time.count()) / 1e6f; }
} // namespace

void LatencyList::Samples::push(float sample, std::size_t most) {
  if (ring.size() > most) ring.resize(most); // a reload made the list shorter
  if (ring.size() < most) return ring.push_back(sample);
  next %= most;
  ring[next++] = sample;
}

float LatencyList::Samples::mean() const {
  if (ring.empty()) return -1;
  return std::accumulate(ring.begin(), ring.end(), 0.0f) / static_cast<float>(ring.size());
}

void LatencyList::succeeded(DeploymentView& view, const LatencyRule& rule, const Outcome& outcome) {
  if (rule.samples == 0 || outcome.latency <= Micros{0}) return;
  forget_old(view, outcome.now);
  const auto tokens = outcome.completion_tokens;
  whole_.push(seconds(outcome.latency) / static_cast<float>(tokens > 0 ? tokens : 1), rule.samples);
  if (outcome.first_token > Micros{0}) first_token_.push(seconds(outcome.first_token), rule.samples);
  publish(view, rule, outcome.now);
}

void LatencyList::failed(DeploymentView& view, const LatencyRule& rule, const Outcome& outcome) {
  if (rule.samples == 0 || (outcome.error != Errc::timeout && outcome.error != Errc::gateway_timeout)) return;
  forget_old(view, outcome.now);
  whole_.push(k_timeout_seconds, rule.samples);
  if (!first_token_.ring.empty()) first_token_.push(k_timeout_seconds, rule.samples);
  publish(view, rule, outcome.now);
}

void LatencyList::forget_old(const DeploymentView& view, Instant now) {
  if (get(view.list_until_ms) <= in_millis(now)) whole_ = {}, first_token_ = {};
}

void LatencyList::publish(DeploymentView& view, const LatencyRule& rule, Instant now) const {
  put(view.list_latency, whole_.mean()), put(view.list_first_token, first_token_.mean());
  put(view.list_until_ms, in_millis(now) + rule.ttl.count());
}

} // namespace switchyard::actors
