// One try: encode, send, and hand the reply to the relay that fits.
#include "http/relay.hpp"

#include "http/bill.hpp"
#include "http/header_text.hpp"
#include "http/media_fetch.hpp"
#include "http/token_desk.hpp"
#include "http/upstream/failure.hpp"

#include <switchyard/kept_answers.hpp>
#include <switchyard/log.hpp>

#include <algorithm>

namespace switchyard::http {

namespace {

constexpr std::size_t k_error_body_cap = 1024 * 1024;
constexpr Millis k_connect_timeout{10'000}, k_longest_wait{60'000};
constexpr double k_longest = 1e9; ///< seconds; more would overflow an Instant

upstream::Request make_request(const Attempt& attempt, const providers::Wire& wire, Instant now) {
  upstream::Request request;
  request.origin = wire.origin;
  request.head = wire.head;
  request.body = wire.body;
  auto limit = to_millis(attempt.request.stream ? attempt.stream_timeout : attempt.timeout);
  request.connect_timeout = std::min(limit, k_connect_timeout);
  request.first_byte_timeout = request.idle_timeout = limit;
  request.deadline = latest_end(attempt, now);
  return request;
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

/// Nothing is sent: a mock field of the request, or a row that answers by itself.
bool is_local(const Attempt& attempt) {
  auto& scan = attempt.request.scan;
  return attempt.target->answers_locally || asks_for_mock(scan, "mock_response") ||
         asks_for_mock(scan, "mock_timeout");
}

using Relay = decltype(&relay_whole);

/// Frames of another kind than server-sent events carry no such type; the translator knows that it asked for
/// them.
Relay choose_relay(const Attempt& attempt, const providers::Call& call, const upstream::Reply& reply) {
  const auto framing = attempt.provider->framing(*attempt.target, call);
  if (starts_with_text(reply.header("content-type"), "text/event-stream")) return relay_stream;
  if (attempt.request.stream && framing != providers::Framing::sse) return relay_stream;
  return attempt.request.endpoint == Endpoint::speech ? relay_bytes : relay_whole;
}

/// A stream can only be continued by a stream.
Error no_stream() {
  return Error(Errc::bad_gateway, "litellm.BadGatewayError: the upstream did not answer with a stream");
}

constexpr std::size_t k_job_cap = 64u * 1024 * 1024;

/// The answers to one call that its provider joins in the end.
class Parts {
 public:
  /// False = they are too long, or compressed.
  bool keep(const upstream::Reply& reply, std::string_view body) {
    const auto encoding = reply.header("content-encoding");
    if (!encoding.empty() && encoding != "identity") return false;
    kept_.push_back({std::string(reply.raw_headers()), std::string(body)});
    return (size_ += reply.raw_headers().size() + body.size()) <= k_job_cap;
  }
  /// Empty = there was but one.
  std::string all(const upstream::Reply& last, std::string_view body) const {
    return kept_.empty() ? std::string() : providers::pack_answers(kept_, last.raw_headers(), body);
  }

 private:
  std::vector<providers::KeptAnswer> kept_;
  std::size_t size_ = 0;
};

Error not_kept(const Attempt& attempt) {
  return Error(Errc::bad_gateway,
               "litellm.BadGatewayError: " + attempt.target->provider +
                   ": the answers to this call are compressed, or longer than 64 MB together");
}

/// False = `result.error` says why there is no next request.
aw<bool> pause(Attempt& attempt, Millis wait, Instant end, AttemptResult& result) {
  auto& shard = attempt.context.shard;
  const auto now = shard.now();
  if (now + wait >= std::min(end, now + k_longest_wait)) {
    result.error = providers::network_error(*attempt.target, Errc::timeout, "the job was not done in time");
    co_return false;
  }
  if (co_await sleep_on(shard, wait, *attempt.cancel)) co_return true;
  result.error.code = Errc::cancelled;
  co_return false;
}

/// An answer that is not the last word: asks again (a job's state, say) until it is, all in the request's
/// time.
aw<> relay_job(Attempt& attempt, const providers::Call& call, providers::Wire& wire, upstream::Reply& first,
               Instant started, AttemptResult& result) {
  auto& shard = attempt.context.shard;
  const auto end = make_request(attempt, wire, started).deadline;
  auto reply = std::move(first);
  Parts parts;
  for (int round = 0;; ++round) {
    auto body = co_await settled(reply.read_all(k_job_cap, *attempt.cancel));
    if (!body) {
      result.error = transport_error(attempt, body.error());
      co_return;
    }
    const providers::UpstreamAnswer answer{reply.status(), reply.header("content-type"), reply.raw_headers(),
                                           *body};
    Millis wait{0};
    auto more = attempt.provider->follow_up(*attempt.target, call, answer, round, wire, wait);
    if (!more) {
      result.error = more.error();
      co_return;
    }
    if (!*more) {
      const auto all = parts.all(reply, *body);
      co_await answer_whole(attempt, call, reply, all.empty() ? *body : all, started, result);
      co_return;
    }
    if (wait == providers::k_keep_answer && !parts.keep(reply, *body)) {
      result.error = not_kept(attempt);
      co_return;
    }
    if (!co_await pause(attempt, wait, end, result)) co_return;
    auto request = make_request(attempt, wire, started);
    auto next = co_await shard.client->send(request, *attempt.cancel);
    if (!next) {
      result.error = transport_error(attempt, next.error());
      co_return;
    }
    reply = std::move(*next);
    if (reply.status() >= 300) {
      result.error = co_await refused(attempt, reply);
      co_return;
    }
    if (attempt.request.stream && choose_relay(attempt, call, reply) == relay_stream) { // the job streams
      co_await relay_stream(attempt, call, reply, started, result);
      co_return;
    }
  }
}

/// What is fetched before a request can be written. As long as the call, which has views of it.
struct Acquired {
  TokenPtr token;
  std::vector<providers::FetchedMedia> media;
};

aw<Result<TokenPtr>> token_of(const Attempt& attempt) {
  return token_for(attempt.context.shard, *attempt.context.process.shards.front(), attempt.target->tokens,
                   *attempt.cancel);
}

/// False = `result.error` says why not.
aw<bool> acquire(Attempt& attempt, providers::Call& call, Acquired& out, AttemptResult& result) {
  auto& shard = attempt.context.shard;
  if (attempt.target->tokens) {
    auto fetched = co_await token_of(attempt);
    if (!fetched) {
      result.error = fetched.error();
      co_return false;
    }
    out.token = std::move(*fetched), call.token = out.token.get();
  }
  if (!attempt.provider->fetches_media(*attempt.target)) co_return true;
  auto urls = attempt.provider->media_urls(*attempt.target, call);
  if (urls.empty()) co_return true;
  const auto end = latest_end(attempt, shard.now());
  auto media =
      co_await fetch_media(shard, attempt.context.config.litellm, std::move(urls), end, *attempt.cancel);
  if (!media) {
    result.error = media.error();
    co_return false;
  }
  out.media = std::move(*media), call.media = out.media;
  co_return true;
}

/// The upstream refused the token: one of its successor, if there is one.
aw<bool> new_token(Attempt& attempt, providers::Call& call, Acquired& out) {
  auto& shard = attempt.context.shard;
  Tokens::of(shard).refused(*attempt.context.process.shards.front(), attempt.target->tokens, out.token);
  auto fetched = co_await token_of(attempt);
  if (!fetched || *fetched == out.token) co_return false;
  out.token = std::move(*fetched), call.token = out.token.get();
  co_return true;
}

Result<void> write_request(const Attempt& attempt, const providers::Call& call, providers::Wire& wire) {
  auto encoded = attempt.provider->encode(*attempt.target, call, wire);
  if (encoded && log::enabled(LogLevel::debug)) log_curl(attempt, wire);
  return encoded;
}

/// The upstream answered 401 to a fetched token: `reply` becomes the answer to another one, if there is one.
aw<> send_again(Attempt& attempt, providers::Call& call, Acquired& acquired, providers::Wire& wire,
                Instant started, Result<upstream::Reply>& reply) {
  if (!co_await new_token(attempt, call, acquired)) co_return;
  reply = Error(Errc::cancelled); // its connection may be needed
  if (auto written = write_request(attempt, call, wire); !written) {
    reply = written.error();
    co_return;
  }
  const auto request = make_request(attempt, wire, started);
  reply = co_await attempt.context.shard.client->send(request, *attempt.cancel);
}

/// No reply came before `end`, or none at all.
void fail_unanswered(const Attempt& attempt, const Error& error, Instant end, AttemptResult& result) {
  const bool late = error.code == Errc::timeout && attempt.context.shard.now() >= end;
  if (!late || !attempt.request.stream) {
    result.error = transport_error(attempt, error);
    return;
  }
  result.error = cap_error(attempt);
  result.capped = attempt.progress->open; // else the row had all the time there is
}

} // namespace

aw<Error> refused(Attempt& attempt, upstream::Reply& reply) {
  auto body = co_await settled(reply.read_all(k_error_body_cap, *attempt.cancel));
  if (!body && body.error().code == Errc::cancelled) co_return body.error();
  providers::UpstreamAnswer answer;
  answer.status = reply.status();
  answer.content_type = reply.header("content-type");
  answer.headers = reply.raw_headers();
  if (body) answer.body = *body;
  auto error = attempt.provider->map_error(*attempt.target, answer);
  redact(attempt, error);
  co_return error;
}

Instant latest_end(const Attempt& attempt, Instant started) {
  if (!attempt.request.stream) return started + to_millis(std::min(attempt.timeout, k_longest));
  if (attempt.progress->open) return attempt.progress->deadline;
  const auto longest = attempt.context.config.router.max_stream_seconds;
  return longest > 0 ? started + to_millis(std::min(longest, k_longest)) : Instant::max();
}

Error cap_error(const Attempt& attempt) {
  const auto longest = to_millis(attempt.context.config.router.max_stream_seconds);
  return providers::network_error(*attempt.target, Errc::timeout,
                                  "the stream took longer than the " + upstream::seconds(longest) +
                                      " of LITELLM_MAX_STREAMING_DURATION_SECONDS");
}

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

RowMarks marks_of(const Attempt& attempt) {
  // A bridge keeps no responses, so its ids lead nowhere.
  if (attempt.request.endpoint != Endpoint::responses ||
      (attempt.provider && attempt.provider != &providers::provider_of(*attempt.target)))
    return {};
  auto& checks = affinity_of(attempt.context.config.router, attempt.group.name);
  return {checks.responses, checks.encrypted, attempt.target->provider, attempt.deployment.row.id};
}

void redact(const Attempt& attempt, Error& error) {
  constexpr std::string_view k_provider = "Exception - ";
  if (!attempt.context.config.litellm.redact_messages_in_exceptions) return;
  const auto at = error.message.find(k_provider);
  error.message.resize(at == std::string::npos ? 0 : at + k_provider.size());
  error.message += "redacted-by-litellm (litellm_settings.redact_messages_in_exceptions)";
}

bool claim(Attempt& attempt, AttemptResult& result) {
  if (attempt.race && !attempt.race->won_by(attempt)) {
    result.error = Error(Errc::cancelled);
    return false;
  }
  return result.answered = true;
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
  call.count_usage = attempt.bill && attempt.bill->on(); // streams cost what other answers cost
  call.drop_params = config.litellm.drop_params;
  call.modify_params = config.litellm.modify_params;
  call.add_function_to_prompt = config.litellm.add_function_to_prompt;
  call.tokenizers = attempt.context.process.tokenizers.get();
  call.overrides = attempt.overrides;
  call.forward_headers = request.forward_headers;
  call.now = attempt.context.shard.clock.wall();
  call.call_id = attempt.context.exchange.call_id;
  return call;
}

aw<> run_attempt(Attempt& attempt, AttemptResult& result) {
  auto call = make_call(attempt);
  if (is_local(attempt)) {
    co_await run_local(attempt, call, result);
    co_return;
  }
  if (attempt.counts_here) {
    co_await run_count(attempt, call, result);
    co_return;
  }
  Acquired acquired;
  const bool acquires = attempt.target->tokens || attempt.provider->fetches_media(*attempt.target);
  if (acquires && !co_await acquire(attempt, call, acquired, result)) co_return;
  providers::Wire wire;
  if (auto written = write_request(attempt, call, wire); !written) {
    result.error = written.error();
    co_return;
  }
  auto& shard = attempt.context.shard;
  auto started = shard.now();
  auto request = make_request(attempt, wire, started);
  auto reply = co_await shard.client->send(request, *attempt.cancel);
  if (reply && reply->status() == 401 && acquired.token)
    co_await send_again(attempt, call, acquired, wire, started, reply);
  if (reply && reply->status() < 300) {
    if (attempt.provider->may_follow_up(*attempt.target, call)) {
      co_await relay_job(attempt, call, wire, *reply, started, result);
      co_return;
    }
    auto relay = choose_relay(attempt, call, *reply);
    if (!attempt.progress->open || relay == relay_stream) {
      co_await relay(attempt, call, *reply, started, result);
      co_return;
    }
    result.error = no_stream();
  } else if (reply)
    result.error = co_await refused(attempt, *reply);
  else
    fail_unanswered(attempt, reply.error(), request.deadline, result);
  result.upstream = since(attempt, started);
}

} // namespace switchyard::http
