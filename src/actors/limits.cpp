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

struct Rate {
  Refusal refusal;
  Unit unit;
  std::optional<std::int64_t> LimitRule::*limit;
};
constexpr Rate k_rates[] = {{Refusal::rpm, Unit::requests, &LimitRule::rpm},
                            {Refusal::tpm, Unit::tokens, &LimitRule::tpm},
                            {Refusal::itpm, Unit::input, &LimitRule::itpm},
                            {Refusal::otpm, Unit::output, &LimitRule::otpm}};

/// A client may write any max_tokens; nothing can write more.
constexpr std::int64_t k_most_output = 100'000'000;

} // namespace

Shortfall rate_shortfall(const LimitRule& rule, const DeploymentView& view, Instant now, const Hold& hold) {
  if (!rule.rpm && !rule.tpm && !rule.itpm && !rule.otpm) return {};
  const auto second = second_of(now);
  const auto used = view.window.amounts(second);
  auto wanted = hold.amounts();
  wanted[Unit::output] =
      std::max<std::uint64_t>(wanted[Unit::output], 1); // not known yet: there will be some
  for (const auto& rate : k_rates) {
    if (!(rule.*rate.limit)) continue;
    const auto most = static_cast<std::uint64_t>(std::max<std::int64_t>(*(rule.*rate.limit), 0));
    if (most > 0 && used[rate.unit] + wanted[rate.unit] <= most) continue;
    const auto wait = view.window.until_leave(second, used[rate.unit] + wanted[rate.unit] - most, rate.unit);
    return over(rate.refusal, *(rule.*rate.limit), used[rate.unit], now, wait);
  }
  return {};
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
  const auto room =
      std::min(rule.tpm ? *rule.tpm - query.prompt_tokens : k_most_output, rule.otpm.value_or(k_most_output));
  hold.output_tokens =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(room, 0, std::min(output, k_most_output)));
  return hold;
}

/// What was reserved counts from the grant on, what came unexpected from when it is known. A cancelled
/// request says nothing about its tokens: its prompt was read, its output is taken as not written.
void settle(UsageWindow& window, const Outcome& outcome) {
  const auto& hold = outcome.hold;
  const auto reserved = hold.amounts();
  const auto spent_tokens = std::uint64_t{outcome.prompt_tokens} + outcome.completion_tokens;
  Amounts spent{{1, spent_tokens, outcome.prompt_tokens, outcome.completion_tokens}};
  spent[Unit::input] -= std::min(outcome.prompt_tokens, outcome.cached_tokens); // providers do not count them
  if (outcome.kind == OutcomeKind::cancelled && spent_tokens == 0)
    spent[Unit::tokens] = spent[Unit::input] = hold.prompt_tokens;
  Amounts more, less;
  for (std::size_t unit = 0; unit < k_unit_count; ++unit) {
    more.of[unit] = spent.of[unit] - std::min(spent.of[unit], reserved.of[unit]);
    less.of[unit] = reserved.of[unit] - std::min(spent.of[unit], reserved.of[unit]);
  }
  if (less.of != Amounts{}.of) window.take_back(hold.second, less);
  if (more.of != Amounts{}.of) window.add(second_of(outcome.now), more);
}

} // namespace switchyard::actors
