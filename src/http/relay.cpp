// One try: encode, send, and hand the reply to the relay that fits.
#include "http/relay.hpp"

#include "http/header_text.hpp"

#include <switchyard/log.hpp>

#include <algorithm>

namespace switchyard::http {

namespace {

constexpr std::size_t k_error_body_cap = 1024 * 1024;
constexpr Millis k_connect_timeout{10'000};

Millis to_millis(double seconds) { return Millis(static_cast<std::int64_t>(seconds * 1000)); }

AttemptResult failed(Error error, Micros upstream = Micros{0}) {
  AttemptResult result;
  result.error = std::move(error);
  result.upstream = upstream;
  return result;
}

upstream::Request make_request(const Attempt& attempt, const providers::Wire& wire, Instant now) {
  upstream::Request request;
  request.origin = wire.origin;
  request.head = wire.head;
  request.body = wire.body;
  auto limit = to_millis(attempt.request.stream ? attempt.stream_timeout : attempt.timeout);
  request.connect_timeout = std::min(limit, k_connect_timeout);
  request.first_byte_timeout = request.idle_timeout = limit;
  if (!attempt.request.stream) request.deadline = now + limit;
  return request;
}

/// The upstream refused: read its body (what there is of it) and map it.
aw<Error> refused(Attempt& attempt, upstream::Reply& reply) {
  auto body = co_await reply.read_all(k_error_body_cap, attempt.context.exchange.cancel);
  if (!body && body.error().code == Errc::cancelled) co_return body.error();
  providers::UpstreamAnswer answer;
  answer.status = reply.status();
  answer.content_type = reply.header("content-type");
  answer.headers = reply.raw_headers();
  if (body) answer.body = *body;
  co_return attempt.provider->map_error(*attempt.target, answer);
}

Micros since(const Attempt& attempt, Instant started) {
  return std::chrono::duration_cast<Micros>(attempt.context.shard.now() - started);
}

/// A mock field of the client's body that is not null, false or 0.
bool asks_for_mock(const ObjectScan& scan, std::string_view key) {
  auto* field = scan.find(key);
  if (!field) return false;
  auto raw = scan.raw(*field);
  return raw != "null" && raw != "false" && raw != "0";
}

/// Not a coroutine: it only chooses one.
aw<AttemptResult> relay(Attempt& attempt, const providers::Call& call, upstream::Reply& reply,
                        Instant started) {
  auto type = reply.header("content-type");
  if (starts_with_text(type, "text/event-stream")) return relay_stream(attempt, call, reply, started);
  if (attempt.request.endpoint == Endpoint::speech) return relay_bytes(attempt, reply, started);
  return relay_whole(attempt, call, reply, started);
}

} // namespace

Error transport_error(const Attempt& attempt, Error error) {
  if (error.code == Errc::timeout || error.code == Errc::api_connection)
    return providers::network_error(*attempt.target, error.code, error.message);
  if (error.code == Errc::bad_gateway) error.message = "litellm.BadGatewayError: " + error.message;
  return error;
}

Error draining_error() {
  Error error;
  error.code = Errc::service_unavailable;
  error.message = "The server is shutting down, please try again.";
  return error;
}

providers::Call make_call(const Attempt& attempt) {
  auto& request = attempt.request;
  auto& config = attempt.context.config;
  providers::Call call;
  call.endpoint = request.endpoint;
  call.json = request.json ? &request.scan : nullptr;
  call.body = request.body;
  call.content_type = request.content_type;
  call.model = attempt.upstream_model;
  call.stream = request.stream;
  call.stream_usage_wanted = request.usage_wanted || config.general.always_include_stream_usage;
  call.drop_params = config.litellm.drop_params;
  call.overrides = attempt.overrides;
  call.forward_headers = request.forward_headers;
  return call;
}

aw<AttemptResult> run_attempt(Attempt& attempt) {
  auto call = make_call(attempt);
  if (attempt.target->answers_locally || asks_for_mock(attempt.request.scan, "mock_response") ||
      asks_for_mock(attempt.request.scan, "mock_timeout"))
    co_return co_await run_local(attempt, call);
  providers::Wire wire;
  if (auto encoded = attempt.provider->encode(*attempt.target, call, wire); !encoded)
    co_return failed(encoded.error());
  if (log::enabled(LogLevel::debug)) log_curl(attempt, wire);

  auto& shard = attempt.context.shard;
  auto& cancel = attempt.context.exchange.cancel;
  auto started = shard.now();
  auto request = make_request(attempt, wire, started);
  auto reply = co_await shard.client->send(request, cancel);
  if (!reply) {
    auto error = transport_error(attempt, reply.error());
    co_return failed(std::move(error), since(attempt, started));
  }
  if (reply->status() >= 300) {
    auto error = co_await refused(attempt, *reply);
    co_return failed(std::move(error), since(attempt, started));
  }
  co_return co_await relay(attempt, call, *reply, started);
}

} // namespace switchyard::http
