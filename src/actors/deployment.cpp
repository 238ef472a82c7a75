// The deployment actor's handlers: grant or pass on, and what the end of an attempt teaches. No blocking.
#include "actors/deployment.hpp"

#include "actors/crash.hpp"

#include <algorithm>

namespace switchyard::actors {

namespace {

/// Share of a new sample in the moving averages.
constexpr double k_smoothing = 0.1;

/// Single writer: a plain load and store instead of a locked instruction.
template <class T, class Delta>
void add(std::atomic<T>& cell, Delta delta) {
  cell.store(static_cast<T>(cell.load(std::memory_order_relaxed) + delta), std::memory_order_relaxed);
}

void average(std::atomic<std::uint32_t>& cell, Micros sample) {
  const auto value = static_cast<double>(std::clamp<std::int64_t>(sample.count(), 0, UINT32_MAX));
  const auto old = static_cast<double>(cell.load(std::memory_order_relaxed));
  const auto next = old == 0 ? value : old + k_smoothing * (value - old);
  cell.store(static_cast<std::uint32_t>(next), std::memory_order_relaxed);
}

std::int64_t in_ms(Instant at) { return std::chrono::duration_cast<Millis>(at.time_since_epoch()).count(); }

} // namespace

DeploymentActor::DeploymentActor(caf::actor_config& config, Facts facts)
    : DeploymentHandle::base(config), facts_(std::move(facts)) {
  quiet_crashes(*this);
}

DeploymentActor::behavior_type DeploymentActor::make_behavior() {
  return {[this](Offer& offer) { consider(offer); }, [this](Report& report) { record(report); },
          [this](const Facts& facts) { facts_ = facts; }, [this](const Retire&) { quit(); }};
}

void DeploymentActor::consider(Offer& offer) {
  // The group read the view a hop ago; the row may have cooled since. A row asked for by id is not refused.
  if (offer.query.only >= 0 || !facts_.view->cooling(offer.query.now)) return grant(offer);
  const auto roster = offer.roster; // the message may die on another shard before tell() returns
  if (++offer.next == offer.order.size()) return refuse(*roster, offer.query.now, offer.duty);
  roster->seats[offer.order[offer.next]].address->tell(std::move(offer));
}

void DeploymentActor::grant(Offer& offer) {
  const auto& seat = offer.roster->seats[offer.order[offer.next]];
  PickAnswer answer;
  answer.error = Errc::none;
  answer.deployment = seat.deployment;
  answer.report = Mailbox<Report>(seat.address);
  answer.healthy = offer.healthy;
  answer.total = static_cast<std::uint16_t>(offer.roster->seats.size());
  add(facts_.view->in_flight, 1);
  if (!offer.duty.answer(std::move(answer))) add(facts_.view->in_flight, -1); // the asker is gone
}

void DeploymentActor::record(Report& report) {
  auto& view = *facts_.view;
  if (view.in_flight.load(std::memory_order_relaxed) > 0) add(view.in_flight, -1);
  const auto& outcome = report.query;
  if (outcome.kind == OutcomeKind::success) succeed(outcome);
  if (outcome.kind == OutcomeKind::failure) fail(outcome);
  OutcomeAck ack;
  ack.cooled = outcome.kind == OutcomeKind::failure && view.cooling(outcome.now);
  report.duty.answer(ack);
}

void DeploymentActor::succeed(const Outcome& outcome) {
  auto& view = *facts_.view;
  enter_minute(outcome.now);
  add(view.minute_success, 1), add(view.total_success, 1);
  add(view.total_tokens, std::uint64_t{outcome.prompt_tokens} + outcome.completion_tokens);
  if (outcome.latency > Micros{0}) average(view.latency_us, outcome.latency);
  if (outcome.first_token > Micros{0}) average(view.ttft_us, outcome.first_token);
}

void DeploymentActor::fail(const Outcome& outcome) {
  auto& view = *facts_.view;
  enter_minute(outcome.now);
  add(view.minute_failure, 1), add(view.total_failure, 1);
  MinuteCount minute;
  minute.success = view.minute_success.load(std::memory_order_relaxed);
  minute.failure = view.minute_failure.load(std::memory_order_relaxed);
  const auto length = cooldown_after(facts_.cooldown, outcome, minute);
  if (length > Millis{0}) cool(outcome.now, length);
}

void DeploymentActor::cool(Instant now, Millis length) {
  auto& view = *facts_.view;
  if (!view.cooling(now)) add(view.total_cooldowns, 1);
  // A late failure without retry-after must not cut a longer cooldown short.
  const auto until =
      std::max(view.cooldown_until_ms.load(std::memory_order_relaxed), in_ms(now) + length.count());
  view.cooldown_until_ms.store(until, std::memory_order_relaxed);
}

void DeploymentActor::enter_minute(Instant now) {
  const auto minute = std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count();
  if (minute <= minute_) return; // shards' clocks may arrive a little out of order
  minute_ = minute;
  facts_.view->minute_success.store(0, std::memory_order_relaxed);
  facts_.view->minute_failure.store(0, std::memory_order_relaxed);
}

} // namespace switchyard::actors
