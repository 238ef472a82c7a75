// Relays server-sent events one by one. Until the first event that the client will see, an error is an
// ordinary error (and may be retried); afterwards it is one error frame and the end (spec
// router.md 4.4, 6.5).
#include "http/relay.hpp"
#include "http/sse.hpp"

#include <switchyard/log.hpp>

#include <array>

namespace switchyard::http {

namespace {

constexpr Millis k_end_of_body{200};

/// State of one relayed stream; a local of relay_stream's frame.
struct Stream {
  Attempt& attempt;
  upstream::Reply& reply;
  Instant started;
  std::unique_ptr<providers::StreamDecoder> decoder;
  SseSplitter splitter;
  providers::StreamEvent event;
  std::string out; ///< frames to write, one write per read of the upstream
  bool done = false;
  AttemptResult& result;

  Stream(Attempt& a, const providers::Call& call, upstream::Reply& r, Instant s, AttemptResult& into)
      : attempt(a), reply(r), started(s), decoder(a.provider->stream(*a.target, call, a.client_model)),
        result(into) {}

  Micros elapsed() const { return std::chrono::duration_cast<Micros>(attempt.context.shard.now() - started); }
  bool is_responses() const { return attempt.request.endpoint == Endpoint::responses; }
};

/// Decodes one frame into `out`. False = the upstream reported an error (in result.error).
bool take_frame(Stream& stream, const SseFrame& frame) {
  if (frame.data.empty() && frame.event.empty()) return true; // comments, heartbeats
  stream.decoder->on_event(frame.raw, frame.event, frame.data, stream.event);
  if (stream.event.error.code != Errc::none) {
    stream.result.error = stream.event.error;
    return false;
  }
  for (auto slice : stream.event.data) stream.out += slice;
  stream.done = stream.done || stream.event.done;
  return true;
}

bool take_bytes(Stream& stream, std::string_view bytes) {
  if (auto fed = stream.splitter.feed(bytes); !fed) {
    stream.result.error = fed.error();
    return false;
  }
  SseFrame frame;
  while (!stream.done && stream.splitter.next(frame))
    if (!take_frame(stream, frame)) return false;
  return true;
}

/// Writes what has been collected, which must stay until that is done; the first write carries the head.
/// False = the client is gone.
Soon<bool> flush(Stream& stream) {
  auto& exchange = stream.attempt.context.exchange;
  if (!stream.result.answered) {
    stream.result.answered = true;
    stream.result.status = stream.reply.status();
    stream.result.first_token = stream.elapsed();
    auto headers = reply_headers(stream.attempt, "text/event-stream; charset=utf-8",
                                 stream.reply.raw_headers(), stream.result.first_token);
    headers += "Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n";
    exchange.start_stream(stream.result.status, headers);
  }
  const std::array<std::string_view, 1> slices{stream.out};
  return exchange.write(slices);
}

/// The upstream's bytes are over: a last frame without its blank line, and the [DONE] that some upstreams
/// forget.
void at_end(Stream& stream) {
  SseFrame frame;
  if (!stream.done && stream.splitter.finish(frame) && !take_frame(stream, frame)) return;
  if (!stream.done && !stream.is_responses()) stream.out += "data: [DONE]\n\n";
  stream.done = true;
}

Error empty_stream(const Attempt& attempt) {
  return providers::network_error(*attempt.target, Errc::api_connection,
                                  "the upstream ended the stream before its first event");
}

/// Reads and relays until the end, an error, or a gone client.
aw<> pump(Stream& stream) {
  auto& cancel = stream.attempt.context.exchange.cancel;
  while (!stream.done) {
    auto bytes = stream.reply.read(cancel);
    if (!bytes.now) bytes.now = co_await std::move(bytes.later);
    if (!*bytes.now) {
      stream.result.error = transport_error(stream.attempt, bytes.now->error());
      co_return;
    }
    if ((*bytes.now)->empty()) {
      at_end(stream);
      if (stream.result.error.code == Errc::none && !stream.result.answered &&
          stream.out == "data: [DONE]\n\n")
        stream.out.clear(), stream.result.error = empty_stream(stream.attempt);
    } else if (!take_bytes(stream, **bytes.now)) {
      stream.done = true;
    }
    // What arrived before an error still belongs to the client, once the stream has begun.
    bool failed = stream.result.error.code != Errc::none;
    if (failed && !stream.result.answered) co_return;
    if (!stream.out.empty()) {
      auto sent = flush(stream);
      if (!sent.now) sent.now = co_await std::move(sent.later);
      stream.out.clear();
      if (!*sent.now) stream.result.error.code = Errc::cancelled;
      failed = failed || !*sent.now;
    }
    if (failed) co_return;
  }
}

/// Reads the body's own end behind [DONE], so that the connection can be used again. The client has its
/// answer already; an upstream that holds the body open is not waited for.
aw<> finish_upstream(Stream& stream) {
  CancelScope patience;
  Deadline limit(
      stream.attempt.context.shard.deadlines,
      [](void* scope) { static_cast<CancelScope*>(scope)->cancel(CancelReason::idle_timeout); }, &patience);
  limit.expires_in(k_end_of_body);
  auto rest = co_await settled(stream.reply.read(patience));
  (void)rest;
}

aw<> end(Stream& stream) {
  auto& exchange = stream.attempt.context.exchange;
  auto& error = stream.result.error;
  if (error.code == Errc::cancelled && exchange.cancel.reason() == CancelReason::draining)
    error = draining_error();
  if (error.code != Errc::none && error.code != Errc::cancelled) {
    const std::string frame = "data: " + to_json(error) + "\n\n";
    const std::array<std::string_view, 1> slices{frame};
    co_await settled(exchange.write(slices));
  }
  co_await settled(exchange.finish());
}

} // namespace

aw<> relay_stream(Attempt& attempt, const providers::Call& call, upstream::Reply& reply, Instant started,
                  AttemptResult& result) {
  Stream stream(attempt, call, reply, started, result);
  co_await pump(stream);
  stream.result.upstream = stream.elapsed();
  stream.result.usage = stream.decoder->usage();
  if (stream.result.answered) co_await end(stream);
  if (stream.done && stream.result.error.code == Errc::none) co_await finish_upstream(stream);
}

} // namespace switchyard::http
