// Counting failures, opening and closing. No blocking.
#include "actors/cooling.hpp"

#include "actors/cell.hpp"

#include <algorithm>

namespace switchyard::actors {

namespace {

/// A probe that takes longer than a cooldown (a long stream) does not keep the row closed.
constexpr Millis k_shortest_probe{1000};

Millis own_length(const CooldownRule& rule) { return rule.row.value_or(rule.router); }

} // namespace

bool Cooling::take_probe(DeploymentView& view, const CooldownRule& rule, Instant now) {
  if (get(view.breaker) == Breaker::closed) return false;
  put(view.breaker, Breaker::half_open);
  put(view.cooldown_until_ms, in_millis(now) + std::max(own_length(rule), k_shortest_probe).count());
  return true;
}

void Cooling::lose_probe(DeploymentView& view) {
  if (get(view.breaker) != Breaker::half_open) return;
  put(view.breaker, Breaker::open);
  put(view.cooldown_until_ms, 0);
}

void Cooling::succeeded(DeploymentView& view, const Outcome& outcome) {
  enter_minute(view, outcome.now);
  add(view.minute_success, 1);
  in_a_row_ = 0;
  if (outcome.hold.probe) close(view);
}

void Cooling::failed(DeploymentView& view, const CooldownRule& rule, const Outcome& failure) {
  enter_minute(view, failure.now);
  add(view.minute_failure, 1);
  const bool blamed = blames_row(rule, failure);
  if (failure.hold.probe)
    return blamed && !rule.off ? cool(view, rule, failure.now, cooldown_length(rule, failure)) : close(view);
  if (get(view.breaker) != Breaker::closed || !blamed) return; // what was sent before does not decide
  MinuteCount minute{get(view.minute_success), get(view.minute_failure)};
  minute.in_a_row = ++in_a_row_;
  minute.recent = (failure.now < recent_until_ ? recent_ : 0) + 1;
  const auto length = cooldown_after(rule, failure, minute);
  if (length > Millis{0}) return cool(view, rule, failure.now, length);
  recent_ = minute.recent;
  recent_until_ = failure.now + own_length(rule);
}

/// The failures that opened it must not open it again at once.
void Cooling::close(DeploymentView& view) {
  put(view.breaker, Breaker::closed);
  put(view.cooldown_until_ms, 0);
  put(view.minute_failure, 0);
  recent_ = in_a_row_ = 0;
}

void Cooling::cool(DeploymentView& view, const CooldownRule& rule, Instant now, Millis length) {
  const bool probed = get(view.breaker) == Breaker::half_open;
  if (!view.cooling(now) || probed) add(view.total_cooldowns, 1);
  // A late failure without retry-after must not cut a longer cooldown short.
  const auto until = in_millis(now) + length.count();
  put(view.cooldown_until_ms, probed ? until : std::max(get(view.cooldown_until_ms), until));
  if (rule.breaker || probed) put(view.breaker, Breaker::open);
}

void Cooling::enter_minute(DeploymentView& view, Instant now) {
  const auto minute = std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count();
  if (minute <= minute_) return; // shards' clocks may arrive a little out of order
  minute_ = minute;
  put(view.minute_success, 0), put(view.minute_failure, 0);
}

} // namespace switchyard::actors
