// The whole retry, fallback and time-out policy. Read from the end: serve_llm, fall_back, call_group.
// Shard code; nothing is retried after the first byte of content reached the client.
#include "http/attempt.hpp"

#include "http/answers.hpp"
#include "http/call_state.hpp"
#include "http/continue_stream.hpp"

#include <switchyard/environment.hpp>
#include <switchyard/log.hpp>
#include <switchyard/version.hpp>

#include <algorithm>

namespace switchyard::http {

namespace {

constexpr double k_initial_delay = 0.5, k_max_delay = 8.0, k_jitter = 0.75,
                 k_longest_retry_after = 60.0; // seconds

Error no_error() {
  Error error;
  error.code = Errc::none;
  return error;
}

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

// -- one try

/// Fills provider, target and upstream model; rows whose model is "*" learn their provider only now.
Result<void> bind_target(Attempt& attempt, const Hop& hop) {
  auto& deployment = attempt.deployment;
  auto& stars = hop.resolved->stars;
  if (deployment.target) {
    attempt.target = deployment.target;
    attempt.provider = &providers::provider_of(*deployment.target);
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
  attempt.provider = prepared->provider;
  attempt.target = prepared->target;
  attempt.upstream_model = attempt.target->model;
  return {};
}

Attempt make_attempt(CallState& call, const Hop& hop, const Lease& lease) {
  auto& deployment = lease.deployment();
  Attempt attempt{call.context, call.request, deployment, *hop.resolved->group};
  attempt.client_model = hop.client_model;
  if (hop.overrides) attempt.overrides = *hop.overrides;
  call.max_retries = retry_limit(call, deployment);
  call.model_id = deployment.row.id;
  attempt.retries = call.retries, attempt.max_retries = call.max_retries;
  attempt.fallbacks = call.fallbacks;
  attempt.timeout = whole_timeout(call, deployment);
  attempt.stream_timeout = stream_timeout(call, deployment);
  call.timeout = call.request.stream ? attempt.stream_timeout : attempt.timeout;
  attempt.upstream_before = call.upstream;
  attempt.progress = prepare_progress(call, attempt.group.name);
  return attempt;
}

Outcome make_outcome(const CallState& call, const AttemptResult& result) {
  Outcome outcome;
  auto& error = result.error;
  outcome.now = call.context.shard.now();
  outcome.kind = error.code == Errc::none        ? OutcomeKind::success
                 : error.code == Errc::cancelled ? OutcomeKind::cancelled
                                                 : OutcomeKind::failure;
  if (error.code == Errc::unsupported_params)
    outcome.kind = OutcomeKind::cancelled; // the client's fault, never sent
  outcome.error = error.code;
  outcome.status = static_cast<std::uint16_t>(error.http_status());
  outcome.connection_error = error.code == Errc::api_connection;
  outcome.retry_after = error.retry_after;
  outcome.latency = result.upstream, outcome.first_token = result.first_token;
  outcome.prompt_tokens = result.usage.prompt_tokens,
  outcome.completion_tokens = result.usage.completion_tokens;
  return outcome;
}

void add_timeout_facts(Error& error, const Attempt& attempt) {
  if (error.code != Errc::timeout) return;
  auto limit = std::to_string(attempt.request.stream ? attempt.stream_timeout : attempt.timeout);
  error.message += "\nDeployment Info: request_timeout: " + limit + "\ntimeout: " + limit;
}

// -- one group: tries until one answers or retrying makes no sense

/// spec router.md 3.1, the decision before a retry, in its order.
bool worth_retrying(const CallState& call, const Group& group, const Error& error, int healthy) {
  int status = error.http_status();
  if (has_special_fallbacks(call, error)) return false;
  bool retryable =
      status == 408 || status == 409 || status == 429 || status >= 500 || status == 401 || status == 403;
  if (!retryable || error.code == Errc::not_found) return false;
  if (error.code == Errc::authentication && group.deployments.size() == 1) return false;
  return healthy > 0;
}

/// Another row can take the retry at once; the only one left is given time.
bool another_row(const CallState& call, const Group& group) {
  auto now = call.context.shard.now();
  return std::any_of(group.deployments.begin(), group.deployments.end(),
                     [&](auto& row) { return row->row.id != call.model_id && !row->view->cooling(now); });
}

Millis retry_delay(CallState& call, const Group& group, const Error& error) {
  double floor = call.context.config.router.retry_after, seconds = 0;
  double asked = static_cast<double>(error.retry_after.count()) / 1000.0;
  if (another_row(call, group))
    seconds = 0;
  else if (asked > 0 && asked <= k_longest_retry_after)
    seconds = asked;
  else
    seconds = std::min(k_initial_delay * static_cast<double>(1u << std::min(call.retries, 10)), k_max_delay) +
              k_jitter * call.context.shard.random.unit();
  return Millis(static_cast<std::int64_t>(std::max(seconds, floor) * 1000));
}

void log_failure(const CallState& call, const Group& group, const Error& error) {
  log::info("attempt.failed", {{"call_id", call.context.exchange.call_id},
                               {"group", group.name},
                               {"model_id", call.model_id},
                               {"error", describe(error.code).name},
                               {"status", error.http_status()},
                               {"retry", call.retries}});
}

/// Waits before the next try; none = try again, otherwise the error to return.
aw<Error> before_retry(CallState& call, const Group& group, Error& first, const Error& latest) {
  log_failure(call, group, latest);
  int healthy = healthy_rows(group, call.context.shard.now());
  if (call.retries >= call.max_retries || !worth_retrying(call, group, latest, healthy)) {
    if (call.retries > 0)
      first.message += " LiteLLM Retried: " + std::to_string(call.retries) +
                       " times, LiteLLM Max Retries: " + std::to_string(call.max_retries);
    co_return first;
  }
  auto delay = retry_delay(call, group, latest);
  Error stop = no_error();
  if (!co_await sleep_on(call.context.shard, delay, call.context.exchange.cancel))
    stop.code = Errc::cancelled;
  ++call.retries, ++call.total_retries;
  co_return stop;
}

PickQuery make_query(const CallState& call, const Hop& hop) {
  PickQuery query;
  query.now = call.context.shard.now();
  query.random = call.context.shard.random.next();
  query.stream = call.request.stream;
  query.only = hop.resolved->only;
  return query;
}

/// One try at the granted row; its end is reported before this returns.
aw<> try_once(CallState& call, const Hop& hop, Lease& lease, AttemptResult& result) {
  auto attempt = make_attempt(call, hop, lease);
  if (auto bound = bind_target(attempt, hop); !bound) {
    result.error = bound.error();
    co_return; // the lease reports `cancelled`
  }
  co_await run_attempt(attempt, result);
  call.upstream += result.upstream;
  add_timeout_facts(result.error, attempt);
  auto outcome = make_outcome(call, result);
  if (outcome.kind == OutcomeKind::failure)
    co_await lease.done_and_wait(outcome, call.context.shard.executor());
  else
    lease.done(outcome);
}

/// Tries rows of the group until one answers or retrying makes no sense; none = the client has its answer.
aw<Error> call_group(CallState& call, Hop& hop) {
  hop.resolved = call.context.routing->resolve(hop.model);
  if (!hop.resolved->group) co_return unknown_model(call, hop.model);
  auto& group = *hop.resolved->group;
  if (hop.client_model.empty()) hop.client_model = group.name;
  Error first = hop.depth == 0 ? mock_testing_error(call) : no_error();
  if (first.code != Errc::none) co_return first;
  for (call.retries = 0;;) {
    Pending<PickAnswer> pending(group.pick, make_query(call, hop), call.context.shard.executor());
    if (!pending.ready()) co_await pending.wait();
    auto picked = pending.take();
    if (picked.error != Errc::none)
      co_return first.code != Errc::none ? first : no_deployments(picked, hop.model);
    Lease lease(std::move(picked));
    co_await try_once(call, hop, lease, call.answer);
    if (call.answer.answered) co_return no_error();
    auto failed = std::exchange(call.answer, AttemptResult()).error;
    if (failed.code == Errc::cancelled) co_return failed;
    if (first.code == Errc::none) first = failed;
    auto stop = co_await before_retry(call, group, first, failed);
    if (stop.code != Errc::none) co_return stop;
  }
}

// -- the fallbacks of a group

std::string target_names(const std::vector<FallbackTarget>* targets) {
  if (!targets) return "None";
  std::string out = "[";
  for (auto& target : *targets) out += (out.size() > 1 ? ", '" : "'") + target.model + "'";
  return out + "]";
}

bool on_path(const CallState& call, std::string_view model) {
  return std::find(call.path.begin(), call.path.end(), model) != call.path.end();
}

/// The targets to try after `error`; their names go into its text. Null = the error stands.
const std::vector<FallbackTarget>* next_targets(const CallState& call, const Hop& hop, Error& error) {
  auto& group = hop.resolved->group;
  auto* targets = fallbacks_for(call, group ? group->name : hop.model, error);
  if (!targets && !group) return nullptr;
  error.message +=
      ". Received Model Group=" + hop.model + "\nAvailable Model Group Fallbacks=" + target_names(targets);
  return hop.depth < call.context.config.router.max_fallbacks ? targets : nullptr;
}

bool over(const Error& error) { return error.code == Errc::none || error.code == Errc::cancelled; }

/// Tries the targets left to right, each with its own fallbacks; none = one of them answered.
aw<Error> fall_back(CallState& call, const Hop& hop, Error error) {
  auto* targets = next_targets(call, hop, error);
  if (!targets) co_return error;
  call.path.push_back(hop.model);
  std::string last;
  for (auto& target : *targets) {
    if (on_path(call, target.model)) continue;
    ++call.fallbacks;
    log::info("fallback",
              {{"call_id", call.context.exchange.call_id}, {"from", hop.model}, {"to", target.model}});
    Hop next{target.model, target.model, target.overrides.empty() ? nullptr : &target.overrides,
             hop.depth + 1};
    auto failed = co_await call_group(call, next);
    if (!over(failed)) failed = co_await fall_back(call, next, std::move(failed));
    if (over(failed)) co_return failed;
    last = std::move(failed.message);
  }
  call.path.pop_back();
  if (!last.empty()) error.message += "\nError doing the fallback: " + last;
  co_return error;
}

// -- the end

std::string error_headers(const CallState& call) {
  std::string out = "x-litellm-version: " + std::string(k_version) + "\r\n";
  if (!call.model_id.empty()) out += "x-litellm-model-id: " + call.model_id + "\r\n";
  if (call.timeout > 0) append_timeout_header(out, call.timeout);
  out += "x-litellm-attempted-retries: " + std::to_string(call.retries) + "\r\n";
  out += "x-litellm-attempted-fallbacks: " + std::to_string(call.fallbacks) + "\r\n";
  return out;
}

void record(CallState& call, const Hop& hop, int status) {
  auto& stats = call.context.telemetry.of(hop.resolved->group ? std::string_view(hop.resolved->group->name)
                                                              : "unknown");
  auto total = std::chrono::duration_cast<Micros>(call.context.shard.now() - call.context.exchange.received);
  auto count = [](Micros time) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.count()));
  };
  stats.count_status(status);
  stats.total.observe_us(count(total));
  stats.upstream.observe_us(count(call.upstream));
  stats.overhead.observe_us(count(total - call.upstream));
  if (call.request.stream && call.answer.answered)
    stats.first_token.observe_us(count(call.answer.first_token));
  stats.prompt_tokens.add(call.answer.usage.prompt_tokens);
  stats.completion_tokens.add(call.answer.usage.completion_tokens);
  stats.retries.add(static_cast<std::uint64_t>(call.total_retries));
  stats.fallbacks.add(static_cast<std::uint64_t>(call.fallbacks));
}

void log_end(const CallState& call, const Hop& hop, int status, const Error& error) {
  auto level = status >= 500 ? LogLevel::warning : status >= 400 ? LogLevel::info : LogLevel::debug;
  if (!log::enabled(level)) return;
  auto total = std::chrono::duration_cast<Micros>(call.context.shard.now() - call.context.exchange.received);
  log::write(level, "request.done",
             {{"call_id", call.context.exchange.call_id},
              {"path", call.context.path},
              {"model", hop.model},
              {"model_id", call.model_id},
              {"status", status},
              {"error", error.code == Errc::none ? std::string_view{} : describe(error.code).name},
              {"stream", call.request.stream},
              {"total_us", total.count()},
              {"upstream_us", call.upstream.count()},
              {"retries", call.total_retries},
              {"fallbacks", call.fallbacks}});
}

struct InFlight {
  metrics::Cell& cell;
  explicit InFlight(metrics::Cell& c) : cell(c) { cell.add(); }
  ~InFlight() { cell.sub(); }
};

} // namespace

aw<> serve_llm(RequestContext& context, LlmRequest& request) {
  InFlight in_flight(context.telemetry.in_flight);
  CallState call(context, request);
  Hop hop{request.model, request.model};
  auto error = co_await call_group(call, hop);
  if (!over(error)) error = co_await fall_back(call, hop, std::move(error));
  if (call.progress.open) co_await continue_stream(call, call_group);
  if (error.code == Errc::cancelled && context.exchange.cancel.reason() == CancelReason::draining)
    error = draining_error();
  int status = call.answer.status;
  if (error.code == Errc::none) {
    error = call.answer.error; // a late error of a stream
  } else {
    status = error.code == Errc::cancelled ? 499 : error.http_status();
    auto headers = error_headers(call);
    co_await answer_error(context.exchange, error, headers);
  }
  record(call, hop, status);
  log_end(call, hop, status, error);
}

} // namespace switchyard::http
