// One try: what it may cost, run it, report its end. Shard code.
#include "http/one_try.hpp"

#include "http/continue_stream.hpp"
#include "http/pick.hpp"
#include "http/realtime.hpp"
#include "http/retry.hpp"

#include <switchyard/environment.hpp>

#include <algorithm>

namespace switchyard::http {

namespace {

/// "openai/*" with what the client's name matched -> "openai/gpt-4o".
std::string substitute(std::string_view pattern, const std::vector<std::string>& stars) {
  std::string out;
  std::size_t next = 0;
  for (char c : pattern) {
    if (c == '*' && next < stars.size())
      out += stars[next++];
    else
      out += c;
  }
  return out;
}

/// Fills provider, target and upstream model; rows whose model is "*" learn their provider only now.
Result<void> bind_target(Attempt& attempt, const Hop& hop) {
  auto& deployment = attempt.deployment;
  auto& stars = hop.resolved->stars;
  if (deployment.target) {
    attempt.target = deployment.target;
    attempt.upstream_model =
        stars.empty() ? deployment.target->model : substitute(deployment.target->model, stars);
    return {};
  }
  auto name = substitute(deployment.row.params.model, stars);
  auto prepared = providers::prepare(deployment.row.params, name, environment_or_empty);
  if (!prepared) {
    auto error = prepared.error();
    error.code = Errc::bad_request; // what the client named is not served
    return error;
  }
  attempt.target = prepared->target;
  attempt.upstream_model = attempt.target->model;
  return {};
}

/// Whoever speaks the client's API to this target: the target's own translator, or a bridge in front of it.
Result<void> bind_translator(Attempt& attempt) {
  if (is_session(attempt.request)) {
    attempt.provider = &providers::provider_of(*attempt.target);
    return check_realtime(attempt);
  }
  attempt.provider = providers::translator_for(*attempt.target, attempt.request.endpoint);
  if (attempt.provider) return {};
  const auto endpoint = attempt.request.endpoint;
  attempt.counts_here = endpoint == Endpoint::messages_count || endpoint == Endpoint::generate_count;
  attempt.provider = &providers::provider_of(*attempt.target);
  if (attempt.counts_here) return {};
  Error error(Errc::bad_request);
  error.message = "litellm.BadRequestError: provider '" + attempt.target->provider + "' does not serve " +
                  std::string(endpoint_path(attempt.request.endpoint)) + " (model " + attempt.upstream_model +
                  ")";
  return error;
}

Attempt make_attempt(CallState& call, const Hop& hop, const Lease& lease, Lane lane) {
  auto& deployment = lease.deployment();
  auto& group = *hop.resolved->group;
  Attempt attempt{call.context, call.request, deployment, group};
  attempt.client_model = hop.client_model;
  if (hop.overrides) attempt.overrides = *hop.overrides;
  if (auto& limit = call.bill.clamped(); !limit.empty()) {
    call.clamped.assign(attempt.overrides.begin(), attempt.overrides.end());
    call.clamped.insert(call.clamped.end(), limit.begin(), limit.end());
    attempt.overrides = call.clamped;
  }
  attempt.bill = &call.bill;
  call.max_retries = retry_limit(call, group, deployment, Error(Errc::none));
  attempt.retries = call.retries, attempt.max_retries = call.max_retries;
  attempt.fallbacks = call.fallbacks;
  attempt.timeout = whole_timeout(call, deployment);
  attempt.stream_timeout = stream_timeout(call, deployment);
  call.timeout = call.request.stream ? attempt.stream_timeout : attempt.timeout;
  attempt.upstream_before = call.upstream;
  attempt.progress = prepare_progress(call, group.name);
  if (lane.race) {
    *lane.progress = *attempt.progress;
    attempt.race = lane.race, attempt.cancel = lane.cancel, attempt.progress = lane.progress;
  }
  attempt.content_policy = has_content_fallback(call, group.name);
  attempt.keep = call.shared.get();
  return attempt;
}

Outcome make_outcome(const CallState& call, const AttemptResult& result) {
  Outcome outcome;
  auto& error = result.error;
  outcome.now = call.context.shard.now();
  outcome.kind = error.code == Errc::none        ? OutcomeKind::success
                 : error.code == Errc::cancelled ? OutcomeKind::cancelled
                                                 : OutcomeKind::failure;
  if (error.code == Errc::unsupported_params || result.capped)
    outcome.kind = OutcomeKind::cancelled; // the client's fault, never sent; or our own limit
  outcome.error = error.code;
  outcome.status = static_cast<std::uint16_t>(error.http_status());
  outcome.connection_error = error.code == Errc::api_connection;
  outcome.retry_after = error.retry_after;
  outcome.latency = result.upstream, outcome.first_token = result.first_token;
  outcome.prompt_tokens = result.usage.prompt_tokens,
  outcome.completion_tokens = result.usage.completion_tokens;
  outcome.cached_tokens = result.usage.cache_read_tokens;
  return outcome;
}

void add_timeout_facts(Error& error, const Attempt& attempt) {
  if (error.code != Errc::timeout) return;
  auto limit = std::to_string(attempt.request.stream ? attempt.stream_timeout : attempt.timeout);
  error.message += "\nDeployment Info: request_timeout: " + limit + "\ntimeout: " + limit;
}

class LeaseEnd final : public TryEnd {
 public:
  LeaseEnd(const CallState& call, Lease& lease) : call_(call), lease_(lease) {}
  void succeeded(const AttemptResult& result) override { lease_.done(make_outcome(call_, result)); }

 private:
  const CallState& call_;
  Lease& lease_;
};

} // namespace

void remember_row(CallState& call, Hop& hop, const Deployment& deployment) {
  call.model_id = deployment.row.id;
  call.row_retries = deployment.row.params.num_retries.has_value();
  call.level = deployment.row.params.order;
  if (!call.context.config.router.enable_weighted_failover) return;
  hop.tried |= tried_bit(row_index(*hop.resolved->group, deployment));
}

std::size_t row_index(const Group& group, const Deployment& deployment) {
  auto& rows = group.deployments;
  auto same = [&](const DeploymentPtr& row) { return row.get() == &deployment; };
  return static_cast<std::size_t>(std::find_if(rows.begin(), rows.end(), same) - rows.begin());
}

aw<> try_once(CallState& call, Hop& hop, Lease& lease, AttemptResult& result, Lane lane) {
  remember_row(call, hop, lease.deployment());
  auto& group = *hop.resolved->group;
  if (!call.bill.covers(group)) result.error = co_await call.bill.cover(group);
  if (result.error.code != Errc::none) co_return; // the lease reports `cancelled`
  auto attempt = make_attempt(call, hop, lease, lane);
  auto bound = bind_target(attempt, hop);
  if (bound) bound = bind_translator(attempt);
  if (!bound) {
    result.error = bound.error();
    co_return; // the lease reports `cancelled`
  }
  LeaseEnd end(call, lease);
  attempt.end = &end;
  if (is_session(call.request))
    co_await run_realtime(attempt, result);
  else
    co_await run_attempt(attempt, result);
  if (!lane.race) call.upstream += result.upstream;
  if (!result.capped) add_timeout_facts(result.error, attempt);
  if (result.error.code != Errc::none)
    call.max_retries = retry_limit(call, attempt.group, attempt.deployment, result.error);
  if (!lease) co_return; // reported with its answer
  auto outcome = make_outcome(call, result);
  if (outcome.kind == OutcomeKind::failure)
    co_await lease.done_and_wait(outcome, call.context.shard.executor());
  else
    lease.done(outcome);
}

} // namespace switchyard::http
