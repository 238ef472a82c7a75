// Arithmetic of a row's limits. Pure; time comes with the pick or the report.
#include "actors/limits.hpp"

#include <algorithm>

namespace switchyard::actors {

namespace {

/// Until a row with a slot to free is asked again, when nothing is known about its speed.
constexpr Millis k_shortest_wait{1000};

Shortfall over(Refusal which, std::int64_t limit, std::uint64_t used, Instant now, std::int64_t seconds) {
  const auto until = std::chrono::seconds(second_of(now) + seconds) - now.time_since_epoch();
  const auto wait = std::chrono::ceil<Millis>(until);
  return {which, limit, static_cast<std::int64_t>(used), std::max(wait, Millis{1})};
}

/// A client may write any max_tokens; nothing can write more.
constexpr std::int64_t k_most_output = 100'000'000;

} // namespace

Shortfall rate_shortfall(const LimitRule& rule, const DeploymentView& view, Instant now,
                         std::uint64_t tokens) {
  if (!rule.rpm && !rule.tpm) return {};
  const auto second = second_of(now);
  const auto used = view.window.used(second);
  const auto rpm = static_cast<std::uint64_t>(std::max<std::int64_t>(rule.rpm.value_or(INT64_MAX), 0));
  if (used.requests + 1 > rpm) {
    const auto wait = view.window.until_requests_leave(second, used.requests + 1 - rpm);
    return over(Refusal::rpm, *rule.rpm, used.requests, now, wait);
  }
  const auto tpm = static_cast<std::uint64_t>(std::max<std::int64_t>(rule.tpm.value_or(INT64_MAX), 0));
  if (used.tokens + tokens <= tpm && (tpm > 0 || !rule.tpm)) return {};
  const auto wait = view.window.until_tokens_leave(second, used.tokens + tokens - tpm);
  return over(Refusal::tpm, *rule.tpm, used.tokens, now, wait);
}

Shortfall room_shortfall(const DeploymentView& view) {
  if (view.has_room()) return {};
  const auto usual =
      std::chrono::duration_cast<Millis>(Micros{view.latency_us.load(std::memory_order_relaxed)});
  return {Refusal::parallel, view.parallel_limit.load(std::memory_order_relaxed),
          view.in_flight.load(std::memory_order_relaxed), std::max(usual, k_shortest_wait)};
}

void keep_better(Shortfall& kept, const Shortfall& other) {
  if (other.which == Refusal::none) return;
  const auto vague = [](Refusal which) { return which == Refusal::none || which == Refusal::cooling; };
  if (vague(kept.which) || (!vague(other.which) && other.retry_after < kept.retry_after)) kept = other;
}

Hold make_hold(const LimitRule& rule, const PickQuery& query, std::uint32_t usual_output) {
  Hold hold;
  hold.second = second_of(query.now);
  hold.prompt_tokens = query.prompt_tokens;
  const std::int64_t output = query.output_tokens != 0 ? query.output_tokens : usual_output;
  const auto room = rule.tpm ? *rule.tpm - query.prompt_tokens : k_most_output;
  hold.output_tokens =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(room, 0, std::min(output, k_most_output)));
  return hold;
}

/// What was reserved counts from the grant on, what came unexpected from when it is known. A cancelled
/// request says nothing about its tokens: its prompt was read, its output is taken as not written.
void settle(UsageWindow& window, const Outcome& outcome) {
  const auto& hold = outcome.hold;
  const auto reserved = hold.tokens();
  auto spent = std::uint64_t{outcome.prompt_tokens} + outcome.completion_tokens;
  if (outcome.kind == OutcomeKind::cancelled && spent == 0) spent = hold.prompt_tokens;
  if (spent < reserved)
    window.take_back(hold.second, 0, reserved - spent);
  else if (spent > reserved)
    window.add(second_of(outcome.now), 0, spent - reserved);
}

} // namespace switchyard::actors
