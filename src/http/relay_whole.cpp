// Relays answers that are not event streams: whole JSON bodies, and bytes as they come (speech).
#include "http/bill.hpp"
#include "http/bill_bound.hpp"
#include "http/bill_event.hpp"
#include "http/coalesce.hpp"
#include "http/relay.hpp"
#include "http/response_ids.hpp"

#include <array>
#include <charconv>

namespace switchyard::http {

namespace {

constexpr std::size_t k_default_cap = 256u * 1024 * 1024;

/// general_settings.max_response_size_mb, in LiteLLM's words.
Error too_large(std::size_t size, double max_mb) {
  char text[64];
  auto print = [&](double mb) { return std::string(text, std::to_chars(text, text + sizeof text, mb).ptr); };
  Error error;
  error.code = Errc::invalid_request;
  error.message = "Response size is too large. Response size is " +
                  print(static_cast<double>(size) / 1048576.0) + " MB. Max size is " + print(max_mb) + " MB";
  error.extra().type = "bad_request_error";
  error.extra().param = "content-length";
  return error;
}

bool over(double max_mb, std::size_t size) {
  return max_mb > 0 && static_cast<double>(size) > max_mb * 1048576.0;
}

/// A compressed answer cannot be read; it is passed on with its Content-Encoding.
bool encoded(const upstream::Reply& reply) {
  auto encoding = reply.header("content-encoding");
  return !encoding.empty() && encoding != "identity";
}

std::string headers_for(const Attempt& attempt, const upstream::Reply& reply, Micros upstream) {
  auto headers = reply_headers(attempt, reply.header("content-type"), reply.raw_headers(), upstream);
  if (encoded(reply))
    headers += "Content-Encoding: ", headers += reply.header("content-encoding"), headers += "\r\n";
  return headers;
}

/// One of the answer's choices ended with finish_reason content_filter.
bool is_blocked(std::string_view body) {
  if (body.find("\"content_filter\"") == std::string_view::npos) return false;
  ObjectScan answer, choice;
  if (!scan_object(body, answer)) return false;
  auto* choices = answer.find("choices");
  std::string_view element;
  for (std::size_t at = 0; choices && next_element(answer.raw(*choices), at, element);) {
    if (!element.starts_with('{') || !scan_object(element, choice)) continue;
    auto* reason = choice.find("finish_reason");
    if (reason && choice.raw(*reason) == "\"content_filter\"") return true;
  }
  return false;
}

/// Reads the answer and makes the client's of it, as a stream where the upstream cannot. False = `error` says
/// why not.
bool decode(Attempt& attempt, const providers::Call& call, const upstream::Reply& reply,
            std::string_view body, providers::Decoded& decoded, bool& streamed, Error& error) {
  double max_mb = attempt.context.config.general.max_response_size_mb;
  if (over(max_mb, body.size())) return error = too_large(body.size(), max_mb), false;
  if (encoded(reply)) return decoded.body.push_back(body), true;
  providers::UpstreamAnswer answer;
  answer.status = reply.status();
  answer.content_type = reply.header("content-type");
  answer.headers = reply.raw_headers();
  answer.body = body;
  if (call.stream) {
    auto whole = attempt.provider->stream_whole(*attempt.target, call, answer, attempt.client_model, decoded);
    if (!whole) return error = whole.error(), redact(attempt, error), false;
    if ((streamed = *whole)) return true;
  }
  auto done = attempt.provider->decode(*attempt.target, call, answer, attempt.client_model, decoded);
  if (!done) return error = done.error(), redact(attempt, error), false;
  if (attempt.content_policy && is_blocked(body))
    error = Error(Errc::content_policy_violation,
                  "litellm.ContentPolicyViolationError: Response output was blocked.");
  return error.code == Errc::none;
}

/// What the answer used and its id.
void bill_whole(const Attempt& attempt, const providers::Decoded& decoded, const AttemptResult& result) {
  std::size_t bytes = 0;
  for (auto slice : decoded.body) bytes += slice.size();
  auto usage = decoded.usage;
  complete_usage(attempt.request, static_cast<std::uint32_t>(bytes / 4), usage);
  attempt.bill->add(attempt.deployment, attempt.upstream_model, usage, result.upstream);
  attempt.bill->keep_answer(decoded.body);
  if (!decoded.body.empty()) attempt.bill->set_response_id(response_id(decoded.body.front()));
}

/// The response's id tells where its successors belong.
void name_row(const RowMarks& marks, providers::Decoded& decoded) {
  std::string text;
  for (auto slice : decoded.body) text += slice;
  decoded.owned = marked_response(text, marks);
  decoded.body.assign({decoded.owned});
}

} // namespace

aw<> relay_whole(Attempt& attempt, const providers::Call& call, upstream::Reply& reply, Instant started,
                 AttemptResult& result) {
  double max_mb = attempt.context.config.general.max_response_size_mb;
  if (auto length = reply.content_length(); length && over(max_mb, *length)) {
    result.error = too_large(*length, max_mb);
    co_return;
  }
  auto body = reply.read_all(k_default_cap, *attempt.cancel);
  if (!body.now) body.now = co_await std::move(body.later);
  if (*body.now) {
    co_await answer_whole(attempt, call, reply, **body.now, started, result);
    co_return;
  }
  result.upstream = std::chrono::duration_cast<Micros>(attempt.context.shard.now() - started);
  result.error = transport_error(attempt, body.now->error());
}

aw<> answer_whole(Attempt& attempt, const providers::Call& call, upstream::Reply& reply,
                  std::string_view body, Instant started, AttemptResult& result) {
  auto& exchange = attempt.context.exchange;
  result.upstream = std::chrono::duration_cast<Micros>(attempt.context.shard.now() - started);
  providers::Decoded decoded;
  bool streamed = false;
  if (!decode(attempt, call, reply, body, decoded, streamed, result.error)) co_return;
  result.usage = decoded.usage;
  if (!claim(attempt, result)) co_return;
  if (attempt.bill->on()) bill_whole(attempt, decoded, result);
  if (auto marks = marks_of(attempt)) name_row(marks, decoded);
  auto headers = streamed ? reply_headers(attempt, "text/event-stream; charset=utf-8", reply.raw_headers(),
                                          result.upstream)
                          : headers_for(attempt, reply, result.upstream);
  result.status = reply.status();
  attempt.bill->close(); // journaled before the client has its answer
  if (attempt.end) attempt.end->succeeded(result);
  if (attempt.keep) attempt.keep->keep(result.status, headers, decoded.body);
  auto sent = exchange.respond(result.status, headers, decoded.body);
  if (!sent.now) co_await std::move(sent.later);
}

aw<> relay_bytes(Attempt& attempt, const providers::Call&, upstream::Reply& reply, Instant started,
                 AttemptResult& result) {
  auto& exchange = attempt.context.exchange;
  auto elapsed = [&] { return std::chrono::duration_cast<Micros>(attempt.context.shard.now() - started); };
  for (;;) {
    auto bytes = co_await settled(reply.read(*attempt.cancel));
    if (!bytes) {
      result.error = transport_error(attempt, bytes.error());
      result.upstream = elapsed();
      if (result.answered) co_await settled(exchange.finish(true));
      co_return;
    }
    if (!result.answered) {
      if (!claim(attempt, result)) co_return;
      result.first_token = elapsed();
      result.status = reply.status();
      exchange.start_stream(result.status, headers_for(attempt, reply, result.first_token));
    }
    if (bytes->empty()) break;
    const std::array slices{*bytes};
    if (!co_await settled(exchange.write(slices))) break;
  }
  result.upstream = elapsed();
  if (attempt.bill->on()) {
    complete_usage(attempt.request, 0, result.usage);
    attempt.bill->add(attempt.deployment, attempt.upstream_model, result.usage, result.upstream);
    attempt.bill->close();
  }
  co_await settled(exchange.finish());
}

} // namespace switchyard::http
