// The whole retry, fallback and time-out policy. Read from the end: serve_llm, fall_back, call_group.
// Shard code; nothing is retried after the first byte of content reached the client.
#include "http/attempt.hpp"

#include "http/answers.hpp"
#include "http/bill.hpp"
#include "http/coalesce.hpp"
#include "http/continue_stream.hpp"
#include "http/hedge.hpp"
#include "http/one_try.hpp"
#include "http/pick.hpp"
#include "http/retry.hpp"

#include <switchyard/log.hpp>
#include <switchyard/version.hpp>

#include <algorithm>
#include <array>

namespace switchyard::http {

namespace {

Error no_error() {
  Error error;
  error.code = Errc::none;
  return error;
}

// -- one group: tries until one answers or retrying makes no sense

void log_failure(const CallState& call, const Group& group, const Error& error) {
  log::info("attempt.failed", {{"call_id", call.context.exchange.call_id},
                               {"group", group.name},
                               {"model_id", call.model_id},
                               {"error", describe(error.code).name},
                               {"status", error.http_status()},
                               {"retry", call.retries}});
}

/// Waits before the next try; none = try again, otherwise the error to return.
aw<Error> before_retry(CallState& call, const Group& group, const Error& first, const Error& latest,
                       bool no_row) {
  log_failure(call, group, latest);
  Error stop = no_error();
  const bool again = call.retries < call.max_retries && worth_retrying(call, group, latest);
  const auto delay = again ? retry_delay(call, group, latest, no_row) : Millis{0};
  if (!again || !in_time(call, delay)) {
    stop = first;
    if (call.retries > 0)
      stop.message += " LiteLLM Retried: " + std::to_string(call.retries) +
                      " times, LiteLLM Max Retries: " + std::to_string(call.max_retries);
    co_return stop;
  }
  if (!co_await sleep_on(call.context.shard, delay, call.context.exchange.cancel))
    stop.code = Errc::cancelled;
  ++call.retries, ++call.total_retries;
  co_return stop;
}

/// The group has rows of a later `order`: they take over from those that failed (spec router.md 2.8). Once
/// for each row that was tried, and not for a row asked for by its id.
bool next_level(CallState& call, Hop& hop, const Error& error) {
  if (hop.resolved->only >= 0 || !hop.resolved->group->needs.levels || !call.level) return false;
  if (error.code == Errc::context_window_exceeded || error.code == Errc::content_policy_violation ||
      error.code == Errc::unsupported_params)
    return false;
  hop.above_order = *std::exchange(call.level, std::nullopt);
  return true;
}

/// No row took the pick. On a retry the error of the try before it stands; a retry policy may go on even so.
Error refused(const CallState& call, const Hop& hop, const PickAnswer& answer, const Error& first,
              bool& over) {
  over = true;
  if (call.context.exchange.cancel.cancelled()) return Error(Errc::cancelled);
  auto error = refusal_error(call, hop, answer);
  if (first.code == Errc::none) return error;
  over = answer.refusal == Refusal::order || !policy_decides(call, *hop.resolved->group, first);
  auto again = first;
  if (!over) again.retry_after = error.retry_after; // what the retry waits for
  return again;
}

/// Tries rows of the group until one answers or retrying makes no sense; none = the client has its answer.
aw<Error> call_group(CallState& call, Hop& hop) {
  hop.resolved = call.context.resolve(hop.model);
  if (!hop.resolved->group) co_return unknown_model(call, hop.model);
  auto& group = *hop.resolved->group;
  if (hop.client_model.empty()) hop.client_model = group.name;
  Error first = hop.depth == 0 ? mock_testing_error(call) : no_error();
  if (first.code != Errc::none) co_return first;
  Error stop = no_error(); // of the level before, once there is one
  bool new_level = false;
  for (call.retries = 0;;) {
    auto query = make_query(call, hop);
    if (call.progress.open) query.give_up = std::min(query.give_up, call.progress.deadline);
    Pending<PickAnswer> pending(group.pick, query, call.context.shard.executor());
    if (!pending.ready()) co_await wait_for_row(call, group, query, pending);
    auto picked = pending.take();
    Error failed;
    bool over = false;
    if (picked.error == Errc::none) {
      if (std::exchange(new_level, false)) call.retries = 0;
      Lease lease(picked);
      const auto late = hedge_delay(call, hop);
      if (late)
        co_await try_hedged(call, hop, lease, *late, call.answer);
      else
        co_await try_once(call, hop, lease, call.answer);
      if (call.answer.answered) co_return no_error();
      failed = std::exchange(call.answer, AttemptResult()).error;
    } else {
      failed = refused(call, hop, picked, first, over);
    }
    if (failed.code == Errc::cancelled) co_return failed;
    if (over || !in_time(call)) co_return stop.code != Errc::none ? stop : failed;
    if (first.code == Errc::none) first = failed;
    stop = co_await before_retry(call, group, first, failed, picked.error != Errc::none);
    if (stop.code == Errc::none) continue;
    new_level = stop.code != Errc::cancelled && next_level(call, hop, failed);
    if (!new_level) co_return stop;
  }
}

// -- the fallbacks of a group

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
  // A call that its ledgers refused has asked no group.
  const auto late = hop.resolved ? Resolved() : call.context.resolve(hop.model);
  auto& group = (hop.resolved ? *hop.resolved : late).group; // not copied: all shards share its count
  auto& stats = call.context.telemetry.of(group ? std::string_view(group->name) : "unknown");
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
  stats.hedges.add(static_cast<std::uint64_t>(call.hedges));
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

/// The answer of an identical request. It cost nothing more, so it adds no tokens.
aw<> answer_shared(RequestContext& context, LlmRequest& request, const SharedAnswer& answer) {
  constexpr std::string_view k_mark = "x-switchyard-coalesced: true\r\n";
  const auto group = context.resolve(request.model).group;
  auto& stats = context.telemetry.of(group ? std::string_view(group->name) : "unknown");
  const int status = answer.error.code == Errc::none ? answer.status : answer.error.http_status();
  Bill bill(context, request); // a row of its own, at no cost
  Error refused(Errc::none);
  if (bill.on()) refused = co_await bill.open();
  if (refused.code != Errc::none) {
    co_await answer_error(context.exchange, refused);
    co_return;
  }
  answer.error.code == Errc::none ? bill.close() : bill.close_failed(answer.error, status);
  stats.coalesced.add(), stats.count_status(status);
  log::debug("request.shared",
             {{"call_id", context.exchange.call_id}, {"model", request.model}, {"status", status}});
  if (answer.error.code != Errc::none) {
    co_await answer_error(context.exchange, answer.error, k_mark);
    co_return;
  }
  const std::string headers = answer.headers + std::string(k_mark);
  const std::array<std::string_view, 1> slices{answer.body};
  co_await settled(context.exchange.respond(answer.status, headers, slices));
}

/// The call by itself: answers the client, and whoever waits for the same.
aw<> serve_alone(RequestContext& context, LlmRequest& request,
                 std::shared_ptr<SharedAnswer> shared = nullptr) {
  InFlight in_flight(context.telemetry.in_flight);
  CallState call(context, request);
  call.shared = std::move(shared);
  Hop hop{request.model, request.model};
  Error error(Errc::none);
  if (call.bill.on()) error = co_await call.bill.open();
  const bool admitted = error.code == Errc::none;
  if (admitted) error = co_await call_group(call, hop);
  if (admitted && !over(error)) error = co_await fall_back(call, hop, std::move(error));
  if (call.progress.open) co_await continue_stream(call, call_group);
  if (error.code == Errc::cancelled && context.exchange.cancel.reason() == CancelReason::draining)
    error = draining_error();
  int status = call.answer.status;
  if (error.code == Errc::none) {
    error = call.answer.error; // a late error of a stream
  } else {
    status = error.code == Errc::cancelled ? 499 : error.http_status();
    auto headers = error_headers(call);
    call.bill.close_failed(error, status);
    if (call.shared) call.shared->error = error;
    co_await answer_error(context.exchange, error, headers);
  }
  error.code == Errc::none ? call.bill.close() : call.bill.close_failed(error, status);
  record(call, hop, status);
  log_end(call, hop, status, error);
}

aw<> serve_shared(RequestContext& context, LlmRequest& request) {
  auto joined = co_await join_flight(context, request);
  if (joined.answer && !joined.answer->empty()) {
    co_await answer_shared(context, request, *joined.answer);
    co_return;
  }
  auto answer = std::make_shared<SharedAnswer>();
  co_await serve_alone(context, request, answer);
  // A client that left without an answer tells nobody: the next one leads.
  const bool lost =
      answer->empty() ? context.exchange.cancel.cancelled() : answer->error.code == Errc::cancelled;
  if (joined.lead && !lost) joined.lead->land(std::move(answer));
}

} // namespace

aw<> serve_llm(RequestContext& context, LlmRequest& request) {
  return may_coalesce(context, request) ? serve_shared(context, request) : serve_alone(context, request);
}

} // namespace switchyard::http
