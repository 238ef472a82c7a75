// The deployment actor's handlers: grant or pass on, and what the end of an attempt teaches. No blocking.
#include "actors/deployment.hpp"

#include "actors/cell.hpp"
#include "actors/crash.hpp"

#include <algorithm>

namespace switchyard::actors {

namespace {

/// Share of a new sample in the moving averages.
constexpr double k_smoothing = 0.1;

std::uint32_t average(std::uint32_t old, std::int64_t sample) {
  const auto value = static_cast<double>(std::clamp<std::int64_t>(sample, 0, UINT32_MAX));
  return static_cast<std::uint32_t>(old == 0 ? value : old + k_smoothing * (value - old));
}

void average(std::atomic<std::uint32_t>& cell, Micros sample) {
  put(cell, average(get(cell), sample.count()));
}

void keep_recent(DeploymentView& view, Micros latency) {
  const auto count = get(view.recent_count);
  put(view.recent_us[count % DeploymentView::k_recent],
      std::clamp<std::int64_t>(latency.count(), 0, UINT32_MAX));
  put(view.recent_count, count + 1);
}

} // namespace

DeploymentActor::DeploymentActor(caf::actor_config& config, Facts facts) : DeploymentHandle::base(config) {
  quiet_crashes(*this);
  learn(facts);
}

DeploymentActor::behavior_type DeploymentActor::make_behavior() {
  return {[this](Offer& offer) { consider(offer); }, [this](Report& report) { record(report); },
          [this](const HealthMark& sent) { mark(sent); }, [this](const Facts& facts) { learn(facts); },
          [this](const Retire&) { quit(); }};
}

void DeploymentActor::learn(const Facts& facts) {
  facts_ = facts;
  put(facts_.view->parallel_limit, facts_.limits.parallel);
}

// -- picks

void DeploymentActor::consider(Offer& offer) {
  const auto hold = make_hold(facts_.limits, offer.query, usual_output_);
  const auto why = shortfall(offer, hold);
  if (why.which == Refusal::none) return grant(offer, hold);
  keep_better(offer.why, why);
  pass_on(offer);
}

/// The group read the view a hop ago; the row may have cooled or filled up since.
Shortfall DeploymentActor::shortfall(const Offer& offer, const Hold& hold) const {
  const auto& view = *facts_.view;
  if (!offer.ignores_cooling && view.cooling(offer.query.now)) return {Refusal::cooling, 0, 0, Millis{0}};
  if (!view.has_room()) return room_shortfall(view);
  if (!facts_.limits.enforce) return {};
  return rate_shortfall(facts_.limits, view, offer.query.now, hold.tokens());
}

void DeploymentActor::grant(Offer& offer, Hold hold) {
  auto& view = *facts_.view;
  const auto& seat = offer.roster->seats[offer.order[offer.next]];
  if (!offer.ignores_cooling) hold.probe = cooling_.take_probe(view, facts_.cooldown, offer.query.now);
  PickAnswer answer;
  answer.error = Errc::none;
  answer.deployment = seat.deployment;
  answer.report = Mailbox<Report>(seat.address);
  answer.hold = hold;
  answer.healthy = offer.healthy;
  answer.total = static_cast<std::uint16_t>(offer.roster->seats.size());
  add(view.in_flight, 1);
  view.window.add(hold.second, 1, hold.tokens());
  if (offer.duty.answer(std::move(answer))) return;
  add(view.in_flight, -1); // the asker is gone
  view.window.take_back(hold.second, 1, hold.tokens());
  if (hold.probe) cooling_.lose_probe(view);
}

void DeploymentActor::pass_on(Offer& offer) {
  const auto roster = offer.roster; // the message may die on another shard before tell() returns
  if (++offer.next == offer.order.size()) return refuse(*roster, offer.query.now, offer.duty, offer.why);
  roster->seats[offer.order[offer.next]].address->tell(std::move(offer));
}

// -- reports

void DeploymentActor::record(Report& report) {
  auto& view = *facts_.view;
  if (get(view.in_flight) > 0) add(view.in_flight, -1);
  const auto& outcome = report.query;
  settle(view.window, outcome);
  if (outcome.kind == OutcomeKind::success) succeed(outcome);
  if (outcome.kind == OutcomeKind::failure) fail(outcome);
  if (outcome.kind == OutcomeKind::cancelled && outcome.hold.probe) cooling_.lose_probe(view);
  OutcomeAck ack;
  ack.cooled = outcome.kind == OutcomeKind::failure && view.cooling(outcome.now);
  report.duty.answer(ack);
}

void DeploymentActor::succeed(const Outcome& outcome) {
  auto& view = *facts_.view;
  cooling_.succeeded(view, outcome);
  add(view.total_success, 1);
  add(view.total_tokens, std::uint64_t{outcome.prompt_tokens} + outcome.completion_tokens);
  if (outcome.latency > Micros{0})
    average(view.latency_us, outcome.latency), keep_recent(view, outcome.latency);
  if (outcome.first_token > Micros{0}) average(view.ttft_us, outcome.first_token);
  usual_output_ = average(usual_output_, outcome.completion_tokens);
  latencies_.succeeded(view, facts_.latency, outcome);
}

void DeploymentActor::fail(const Outcome& outcome) {
  auto& view = *facts_.view;
  cooling_.failed(view, facts_.cooldown, outcome);
  add(view.total_failure, 1);
  latencies_.failed(view, facts_.latency, outcome);
}

void DeploymentActor::mark(const HealthMark& mark) {
  auto& view = *facts_.view;
  const auto& rule = facts_.health;
  if (mark.healthy) return put(view.unhealthy_until_ms, 0);
  const int status = mark.status != 0 ? mark.status : describe(mark.error).status;
  if (rule.ignores_transient && (status == 429 || status == 408)) return;
  if (!rule.feeds_cooldown) return put(view.unhealthy_until_ms, in_millis(mark.now) + rule.staleness.count());
  Outcome failure;
  failure.kind = OutcomeKind::failure;
  failure.error = mark.error, failure.status = mark.status;
  failure.now = mark.now;
  cooling_.failed(view, facts_.cooldown, failure);
}

} // namespace switchyard::actors
