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
  return {[this](Offer& offer) { consider(offer); },      [this](Report& report) { record(report); },
          [this](const HealthMark& sent) { mark(sent); }, [this](const Want& sent) { want(sent); },
          [this](const Facts& facts) { learn(facts); },   [this](const Retire&) { quit(); }};
}

void DeploymentActor::learn(const Facts& facts) {
  facts_ = facts;
  if (!facts_.limits.adaptive) adaptive_ = {};
  publish_limit();
  answer_wants(Instant{});
}

void DeploymentActor::publish_limit() {
  const auto fixed = facts_.limits.parallel;
  const auto most = fixed != 0 ? fixed : AdaptiveLimit::k_most;
  put(facts_.view->parallel_limit, facts_.limits.adaptive ? std::min(adaptive_.limit(), most) : fixed);
}

// -- picks

void DeploymentActor::consider(Offer& offer) {
  const auto hold = make_hold(facts_.limits, offer.query, usual_output_);
  const auto why = shortfall(offer, hold);
  if (why.which == Refusal::none) return grant(offer, hold);
  keep_better(offer.list.why, why);
  if (why.which == Refusal::parallel) offer.list.met_full_row = true;
  if (is_rate(why.which)) offer.list.met_rate_limit = true;
  pass_on(offer);
}

/// The group read the view a hop ago; the row may have cooled or filled up since.
Shortfall DeploymentActor::shortfall(const Offer& offer, const Hold& hold) const {
  const auto& view = *facts_.view;
  if (!offer.list.ignores_cooling && view.cooling(offer.query.now))
    return {Refusal::cooling, 0, 0, Millis{0}};
  if (!view.has_room()) return room_shortfall(view);
  if (!facts_.limits.enforce) return {};
  return rate_shortfall(facts_.limits, view, offer.query.now, hold);
}

void DeploymentActor::grant(Offer& offer, Hold hold) {
  auto& view = *facts_.view;
  const auto& seat = offer.roster->seats[offer.list.order[offer.next]];
  if (!offer.list.ignores_cooling) hold.probe = cooling_.take_probe(view, facts_.cooldown, offer.query.now);
  PickAnswer answer;
  answer.error = Errc::none;
  answer.deployment = seat.deployment;
  answer.report = Mailbox<Report>(seat.address);
  answer.hold = hold;
  answer.healthy = offer.list.healthy;
  answer.total = static_cast<std::uint16_t>(offer.roster->seats.size());
  add(view.in_flight, 1);
  view.window.add(hold.second, hold.amounts());
  if (offer.place != 0) offer.roster->group->tell(Freed{offer.query.now, 0}); // the next one's turn
  if (offer.duty.answer(std::move(answer))) return;
  add(view.in_flight, -1); // the asker is gone
  view.window.take_back(hold.second, hold.amounts());
  if (hold.probe) cooling_.lose_probe(view);
  answer_wants(offer.query.now);
}

void DeploymentActor::pass_on(Offer& offer) {
  const auto roster = offer.roster; // the message may die on another shard before tell() returns
  if (++offer.next == offer.list.order.size()) return give_back(offer);
  roster->seats[offer.list.order[offer.next]].address->tell(std::move(offer));
}

/// The last candidate refused too.
void DeploymentActor::give_back(Offer& offer) {
  const auto roster = offer.roster;
  if (offer.list.met_full_row && !offer.list.met_rate_limit && may_wait(*roster, offer.query))
    return roster->group->tell(Parked{std::move(offer)});
  if (offer.place != 0) roster->group->tell(Freed{offer.query.now, 0});
  refuse(*roster, offer.query.now, offer.duty, offer.list.why);
}

void DeploymentActor::want(const Want& want) {
  const auto same = [&](const auto& known) {
    return !known.owner_before(want.group) && !want.group.owner_before(known);
  };
  if (std::none_of(wants_.begin(), wants_.end(), same)) wants_.push_back(want.group);
  answer_wants(Instant{});
}

/// One slot wakes every group that waits for it: whoever comes too late asks again.
void DeploymentActor::answer_wants(Instant now) {
  if (wants_.empty() || !facts_.view->has_room()) return;
  for (const auto& weak : std::exchange(wants_, {}))
    if (const auto group = weak.lock()) group->tell(Freed{now, facts_.number});
}

// -- reports

void DeploymentActor::record(Report& report) {
  auto& view = *facts_.view;
  if (facts_.limits.adaptive) adaptive_.learn(report.query, get(view.in_flight)), publish_limit();
  if (get(view.in_flight) > 0) add(view.in_flight, -1);
  const auto& outcome = report.query;
  settle(view.window, outcome);
  if (outcome.kind == OutcomeKind::success) succeed(outcome);
  if (outcome.kind == OutcomeKind::failure) fail(outcome);
  if (outcome.kind == OutcomeKind::cancelled && outcome.hold.probe) cooling_.lose_probe(view);
  OutcomeAck ack;
  ack.cooled = outcome.kind == OutcomeKind::failure && view.cooling(outcome.now);
  report.duty.answer(ack);
  answer_wants(outcome.now);
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
  failure.connection_error = mark.error == Errc::api_connection;
  failure.now = mark.now;
  cooling_.failed(view, facts_.cooldown, failure);
}

} // namespace switchyard::actors
