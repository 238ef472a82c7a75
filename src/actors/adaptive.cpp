// The arithmetic, after the gradient limits of congestion control. Samples are seconds per output token, or
// to the first one: whole latencies of LLM calls differ by what was asked, not by how busy the row is.
#include "actors/adaptive.hpp"

#include <cmath>

namespace switchyard::actors {

namespace {

constexpr double k_share = 0.1;     ///< of a new sample in the average
constexpr double k_tolerance = 1.5; ///< the newest latency may be this much above the best
constexpr double k_worst = 0.5;     ///< of the limit, at one step
constexpr double k_step = 0.2;      ///< share of a new limit
constexpr double k_overload = 0.9;  ///< of the limit, after a 429, a 503 or a time-out

double sample_of(const Outcome& outcome) {
  if (outcome.first_token > Micros{0}) return static_cast<double>(outcome.first_token.count()) / 1e6;
  const auto tokens = outcome.completion_tokens > 0 ? outcome.completion_tokens : 1;
  return static_cast<double>(outcome.latency.count()) / 1e6 / tokens;
}

bool is_overload(const Outcome& outcome) {
  return outcome.kind == OutcomeKind::failure &&
         (outcome.error == Errc::rate_limit || outcome.error == Errc::service_unavailable ||
          outcome.error == Errc::timeout || outcome.error == Errc::gateway_timeout);
}

/// The best latency is measured anew now and then, under half the load: else a row that has become slower for
/// good would look overloaded for ever, and one that slows down gradually never.
constexpr int k_measure_every = 1000, k_measure_for = 30;

} // namespace

void AdaptiveLimit::learn(const Outcome& outcome, std::uint32_t in_flight) {
  if (is_overload(outcome)) limit_ = std::max(1.0, limit_ * k_overload);
  if (outcome.kind != OutcomeKind::success || outcome.latency <= Micros{0}) return;
  const auto sample = sample_of(outcome);
  newest_ = newest_ == 0 ? sample : newest_ + k_share * (sample - newest_);
  if (best_ == 0 || newest_ < best_) best_ = newest_;
  if (in_flight < limit_ / 2) return; // the limit is not what decides now: this says nothing about it
  if (++samples_ > k_measure_every) return measure_best();
  const double gradient = std::clamp(k_tolerance * best_ / newest_, k_worst, 1.0);
  const double next = limit_ * gradient + std::sqrt(limit_);
  limit_ = std::clamp(limit_ + k_step * (next - limit_), 1.0, static_cast<double>(k_most));
}

void AdaptiveLimit::measure_best() {
  if (samples_ == k_measure_every + 1) limit_ = std::max(1.0, limit_ / 2);
  if (samples_ < k_measure_every + k_measure_for) return;
  best_ = newest_;
  samples_ = 0;
}

} // namespace switchyard::actors
