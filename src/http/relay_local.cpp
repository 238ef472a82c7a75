// Local answers: mock_response, mock_timeout and the dummy provider. No upstream is called. Also the waits of
// the loop.
#include "http/bill.hpp"
#include "http/bill_bound.hpp"
#include "http/bill_event.hpp"
#include "http/coalesce.hpp"
#include "http/continuation.hpp"
#include "http/relay.hpp"

#include <switchyard/inbound.hpp>
#include <switchyard/json.hpp>
#include <switchyard/provider_utils.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace switchyard::http {

namespace {

/// Waits as the answer says, but no longer than the time-out or the client's stream may last.
aw<> wait_first(const Attempt& attempt, double delay, AttemptResult& result) {
  const auto now = attempt.context.shard.now();
  const auto left = std::chrono::duration_cast<Millis>(latest_end(attempt, now) - now);
  const double limit = attempt.request.stream ? attempt.stream_timeout : attempt.timeout;
  const bool too_long = delay < 0 || delay > limit;
  const auto wait = to_millis(too_long ? limit : delay);
  if (!co_await sleep_on(attempt.context.shard, std::min(wait, left), *attempt.cancel)) {
    result.error.code = Errc::cancelled;
  } else if (wait > left) {
    result.error = cap_error(attempt);
    result.capped = attempt.progress->open;
  } else if (too_long) {
    result.error = providers::network_error(*attempt.target, Errc::timeout,
                                            "no reply within the time-out (mock_timeout)");
  }
}

/// The frames for a client whose stream has begun: without the first, which only announces the role.
std::vector<std::string> continued(const StreamProgress& progress, const providers::LocalAnswer& answer) {
  std::vector<std::string> out;
  for (std::size_t i = 1; i < answer.frames.size(); ++i)
    out.push_back(continued_frame(progress, answer.frames[i], answer.usage));
  return out;
}

aw<> write_frames(Attempt& attempt, providers::LocalAnswer& answer) {
  auto& exchange = attempt.context.exchange;
  if (std::exchange(attempt.progress->open, false)) {
    answer.frames = continued(*attempt.progress, answer);
  } else {
    auto headers = reply_headers(attempt, "text/event-stream; charset=utf-8", {}, Micros{0});
    exchange.start_stream(200, headers);
  }
  for (auto& frame : answer.frames) {
    const std::array<std::string_view, 1> slices{frame};
    if (!co_await settled(exchange.write(slices))) co_return;
  }
  attempt.bill->close();
  if (attempt.request.endpoint == Endpoint::chat || attempt.request.endpoint == Endpoint::completions) {
    const std::array<std::string_view, 1> slices{"data: [DONE]\n\n"};
    co_await settled(exchange.write(slices));
  }
  co_await settled(exchange.finish());
}

/// With the vocabularies, when they are installed.
std::uint64_t count_chat(const Attempt& attempt, const std::string& chat) {
  const auto meter = providers::meter_of(*attempt.context.process.tokenizers, attempt.upstream_model);
  auto request = meter.tokenizer ? parse_json(chat) : Result<Value>(Value());
  if (!meter.tokenizer || !request) return providers::estimate_tokens(chat);
  return providers::count_prompt(meter, *request, attempt.upstream_model);
}

} // namespace

aw<bool> sleep_on(Shard& shard, Millis delay, CancelScope& cancel) {
  if (cancel.cancelled()) co_return false;
  if (delay.count() <= 0) co_return true;
  steady_timer timer(shard.context);
  timer.expires_after(delay);
  CancelScope::Waiter waiter(
      cancel, [](void* argument) { static_cast<steady_timer*>(argument)->cancel(); }, &timer);
  auto [ec] = co_await timer.async_wait(tuple_aw);
  co_return !ec && !cancel.cancelled();
}

aw<> run_count(Attempt& attempt, const providers::Call& call, AttemptResult& result) {
  auto chat = providers::countable_chat(*attempt.target, call);
  if (!chat) {
    result.error = chat.error();
    co_return;
  }
  if (!claim(attempt, result)) co_return;
  const auto body = providers::count_body(attempt.request.endpoint, count_chat(attempt, *chat));
  result.status = 200;
  attempt.bill->close();
  const auto headers = reply_headers(attempt, "application/json", {}, Micros{0});
  const std::array<std::string_view, 1> slices{body};
  co_await settled(attempt.context.exchange.respond(200, headers, slices));
}

aw<> run_local(Attempt& attempt, const providers::Call& call, AttemptResult& result) {
  auto& exchange = attempt.context.exchange;
  auto created =
      std::chrono::duration_cast<std::chrono::seconds>(attempt.context.shard.clock.wall().time_since_epoch());
  auto answer = attempt.provider->local_answer(*attempt.target, call, attempt.client_model, exchange.call_id,
                                               created.count());
  if (answer.delay != 0) co_await wait_first(attempt, answer.delay, result);
  if (result.error.code == Errc::none && answer.error.code != Errc::none) result.error = answer.error;
  if (result.error.code != Errc::none) co_return;
  if (!claim(attempt, result)) co_return;
  result.usage = answer.usage;
  result.status = 200;
  if (attempt.bill->on()) {
    complete_usage(attempt.request, 0, result.usage);
    attempt.bill->add(attempt.deployment, attempt.upstream_model, result.usage, result.upstream);
    attempt.bill->set_response_id(response_id(answer.body));
  }
  if (call.stream && !answer.frames.empty()) {
    co_await write_frames(attempt, answer);
  } else {
    auto headers = reply_headers(attempt, answer.content_type, {}, Micros{0});
    const std::array<std::string_view, 1> slices{answer.body};
    attempt.bill->close();
    if (attempt.keep) attempt.keep->keep(200, headers, slices);
    co_await settled(exchange.respond(200, headers, slices));
  }
}

} // namespace switchyard::http
