// Relays server-sent events one by one. Until the first event with content nothing is written, so an error is
// an ordinary one (and may be retried); afterwards it is one error frame and the end, or the stream is left
// open for a continuation (spec router.md 3.3, 4.4, 6.5).
#include "http/bill.hpp"
#include "http/bill_bound.hpp"
#include "http/bill_event.hpp"
#include "http/continuation.hpp"
#include "http/frames.hpp"
#include "http/loop_guard.hpp"
#include "http/relay.hpp"
#include "http/response_ids.hpp"
#include "http/upstream/failure.hpp"

#include <switchyard/inbound.hpp>
#include <switchyard/log.hpp>

#include <algorithm>
#include <array>

namespace switchyard::http {

namespace {

constexpr Millis k_end_of_body{200};
/// A stream that announces more than this without content begins anyway.
constexpr std::size_t k_most_held = 256 * 1024;

/// State of one relayed stream; a local of relay_stream's frame.
struct Stream {
  Attempt& attempt;
  upstream::Reply& reply;
  Instant started;
  StreamProgress& progress;
  const bool continues; ///< goes on with a stream that the client has already
  std::unique_ptr<providers::StreamDecoder> decoder;
  FrameReader splitter;
  providers::StreamEvent event;
  LoopGuard guard;
  ChunkTextReader reader;
  ChunkText said;                    ///< collected when a continuation is possible
  std::string out;                   ///< frames to write, one write per read of the upstream
  Instant cap;                       ///< the whole stream ends by then
  Instant deadline = Instant::max(); ///< the cap, or before that the latest time of the first content
  bool content = false, done = false, first = true, billed = false;
  std::uint32_t events = 0; ///< with content: a lower bound of the tokens received
  std::size_t spelled = 0;  ///< bytes of text received, counted only for the bill
  AttemptResult& result;

  Stream(Attempt& a, const providers::Call& call, upstream::Reply& r, Instant s, AttemptResult& into)
      : attempt(a), reply(r), started(s), progress(*a.progress), continues(a.progress->open),
        decoder(a.provider->stream(*a.target, call, a.client_model)),
        splitter(a.provider->framing(*a.target, call)), guard(a.context.config.router.repeated_chunk_limit),
        cap(latest_end(a, s)), result(into) {
    set_deadline(std::min(cap, started + to_millis(a.stream_timeout)));
  }

  void set_deadline(Instant when) {
    if (!attempt.request.stream) return; // an unasked stream: the request's own deadline stands
    deadline = when;
    reply.expires_at(when);
  }
  Micros elapsed() const { return std::chrono::duration_cast<Micros>(attempt.context.shard.now() - started); }
  bool failed() const { return result.error.code != Errc::none; }
};

// -- events

/// From here on the client sees what comes.
void begin_content(Stream& stream) {
  stream.content = true;
  stream.set_deadline(stream.cap);
  if (!stream.continues) stream.progress.deadline = stream.cap;
}

/// The event's object as the client gets it: translated ones begin with it, others are the upstream's own.
std::string_view client_json(const Stream& stream, std::string_view data) {
  const std::string_view made = stream.event.owned;
  const auto at = made.find("data: ");
  if (at == std::string_view::npos) return data;
  return made.substr(at + 6, made.find('\n', at) - at - 6);
}

/// Keeps what a continuation would need.
void collect(Stream& stream, std::string_view data) {
  if (std::exchange(stream.first, false) && !stream.continues)
    remember_first(stream.progress, client_json(stream, data));
  auto& said = stream.said;
  if (!said.plain) return;
  stream.reader.read(stream.event.choices, said);
  if (stream.progress.said.text.size() + said.text.size() > k_longest_continued_text) said.plain = false;
  if (!said.plain) said.text = {};
}

/// For the bill of a stream whose usage will not come.
void count(Stream& stream, std::string_view data) {
  if (stream.events++ == 0) stream.attempt.bill->set_response_id(response_id(client_json(stream, data)));
  if (stream.progress.wanted || stream.event.choices.empty()) return; // collect() keeps the text
  stream.reader.read(stream.event.choices, stream.said);
  stream.spelled += stream.said.text.size();
  stream.said.text.clear();
}

/// What was received is paid for, once: the upstream's own count, else an estimate.
void put_on_bill(Stream& stream) {
  auto& attempt = stream.attempt;
  if (!attempt.bill->on() || std::exchange(stream.billed, true)) return;
  auto usage = stream.decoder->usage();
  const auto spelled = static_cast<std::uint32_t>((stream.spelled + stream.said.text.size()) / 4);
  complete_usage(attempt.request, std::max(stream.events, spelled), usage);
  attempt.bill->add(attempt.deployment, attempt.upstream_model, usage, stream.elapsed());
}

/// The event as the client gets it. A continuation's own beginning is nothing to a client that had one.
void append(Stream& stream) {
  if (stream.attempt.bill->on()) stream.attempt.bill->keep_frames(stream.event.data);
  if (auto marks = marks_of(stream.attempt)) {
    std::string frame;
    for (auto slice : stream.event.data) frame += slice;
    stream.out += marked_event(frame, marks);
    return;
  }
  if (!stream.continues) {
    for (auto slice : stream.event.data) stream.out += slice;
    return;
  }
  if (!stream.content && !stream.event.done) return;
  std::string frame;
  for (auto slice : stream.event.data) frame += slice;
  stream.out += continued_frame(stream.progress, frame, stream.decoder->usage());
}

Error repeating() {
  return Error(Errc::internal_server,
               "litellm.InternalServerError: The model is repeating the same chunk over and over.");
}

/// Decodes one frame into `out`. False = the upstream failed (in result.error).
bool take_frame(Stream& stream, const SseFrame& frame) {
  if (frame.data.empty() && frame.event.empty()) return true; // comments, heartbeats
  auto& event = stream.event;
  stream.decoder->on_event(frame.raw, frame.event, frame.data, event);
  if (event.error.code != Errc::none) {
    stream.result.error = event.error;
    return redact(stream.attempt, stream.result.error), false;
  }
  if (stream.guard.repeats(event.choices)) {
    stream.said.plain = false; // nobody should go on with that
    return stream.result.error = repeating(), false;
  }
  if (!stream.content && (event.content || stream.out.size() > k_most_held)) begin_content(stream);
  if (stream.progress.wanted && !event.choices.empty()) collect(stream, frame.data);
  if (event.content && stream.attempt.bill->on()) count(stream, frame.data);
  append(stream);
  stream.done = stream.done || event.done;
  return true;
}

void take_bytes(Stream& stream, std::string_view bytes) {
  if (auto fed = stream.splitter.feed(bytes); !fed) {
    stream.result.error = fed.error();
    return;
  }
  SseFrame frame;
  while (!stream.done && stream.splitter.next(frame))
    if (!take_frame(stream, frame)) return;
  if (auto* broken = stream.splitter.error(); broken && !stream.done) stream.result.error = *broken;
}

/// The answer stops in the middle, and a fallback can go on from there. A finish reason is not plain.
bool breaks_off(const Stream& stream) {
  auto& before = stream.progress.said;
  return stream.progress.wanted && stream.said.plain && before.plain &&
         !(stream.said.text.empty() && before.text.empty());
}

/// The upstream's bytes are over: a last frame without its blank line, and the [DONE] that some upstreams
/// forget.
void take_end(Stream& stream) {
  SseFrame frame;
  if (stream.splitter.finish(frame) && !take_frame(stream, frame)) return;
  if (stream.done) return;
  if (!stream.decoder->complete() && (!stream.content || breaks_off(stream))) {
    stream.result.error =
        providers::network_error(*stream.attempt.target, Errc::api_connection,
                                 stream.content ? "the upstream ended the stream without a finish reason"
                                                : "the upstream ended the stream before its first content");
  } else {
    stream.decoder->finish(stream.event);
    append(stream);
  }
  stream.done = true;
}

// -- time

/// The connection enforces the deadline while it waits; this is for upstreams that never let it wait.
bool is_late(const Stream& stream) {
  return stream.deadline != Instant::max() && stream.attempt.context.shard.now() >= stream.deadline;
}

Error late_error(Stream& stream) {
  auto& attempt = stream.attempt;
  if (stream.deadline == stream.cap) {
    // A row that had all of that time for its first content is to blame.
    stream.result.capped = stream.content || stream.continues;
    return cap_error(attempt);
  }
  return providers::network_error(*attempt.target, Errc::timeout,
                                  "no content within " +
                                      upstream::seconds(to_millis(attempt.stream_timeout)));
}

// -- the loop

/// Writes what has been collected, which must stay until that is done; the first write carries the head.
/// False = the client is gone.
Soon<bool> flush(Stream& stream) {
  auto& exchange = stream.attempt.context.exchange;
  if (!stream.result.answered) {
    if (!claim(stream.attempt, stream.result)) return false;
    stream.result.status = stream.reply.status();
    stream.result.first_token = stream.elapsed();
    if (!stream.continues) {
      auto headers = reply_headers(stream.attempt, "text/event-stream; charset=utf-8",
                                   stream.reply.raw_headers(), stream.result.first_token);
      headers += "Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n";
      exchange.start_stream(stream.result.status, headers);
    }
  }
  if (stream.done && !stream.failed()) { // journaled before the client has the end
    put_on_bill(stream);
    stream.attempt.bill->close();
  }
  const std::array<std::string_view, 1> slices{stream.out};
  return exchange.write(slices);
}

void take(Stream& stream, const Result<std::string_view>& bytes) {
  if (!bytes)
    stream.result.error = bytes.error().code == Errc::timeout && is_late(stream)
                              ? late_error(stream)
                              : transport_error(stream.attempt, bytes.error());
  else if (bytes->empty())
    take_end(stream);
  else
    take_bytes(stream, *bytes);
}

/// Reads and relays until the end, an error, or a gone client.
aw<> pump(Stream& stream) {
  auto& cancel = *stream.attempt.cancel;
  while (!stream.done && !stream.failed()) {
    if (is_late(stream)) {
      stream.result.error = late_error(stream);
      co_return;
    }
    auto bytes = stream.reply.read(cancel);
    if (!bytes.now) bytes.now = co_await std::move(bytes.later);
    take(stream, *bytes.now);
    // What arrived before an error still belongs to the client, once the stream has begun.
    if (stream.failed() && !stream.result.answered) co_return;
    if (stream.out.empty() || !(stream.content || stream.done)) continue;
    auto sent = flush(stream);
    if (!sent.now) sent.now = co_await std::move(sent.later);
    stream.out.clear();
    if (!*sent.now) stream.result.error.code = Errc::cancelled;
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

/// A stream that broke off and may be continued keeps its client waiting for whoever does that.
bool left_open(Stream& stream) {
  auto& progress = stream.progress;
  if (!progress.wanted || !stream.failed() || stream.result.error.code == Errc::cancelled) return false;
  add_part(progress, stream.said, stream.result.usage);
  progress.group = stream.attempt.group.name;
  progress.client_model = stream.attempt.client_model;
  return progress.open = true;
}

} // namespace

aw<> end_stream(Exchange& exchange, Error& error) {
  if (error.code == Errc::cancelled && exchange.cancel.reason() == CancelReason::draining)
    error = draining_error();
  if (error.code != Errc::none && error.code != Errc::cancelled) {
    const auto frame = providers::error_frame(exchange.endpoint, error);
    const std::array<std::string_view, 1> slices{frame};
    co_await settled(exchange.write(slices));
  }
  co_await settled(exchange.finish());
}

aw<> relay_stream(Attempt& attempt, const providers::Call& call, upstream::Reply& reply, Instant started,
                  AttemptResult& result) {
  Stream stream(attempt, call, reply, started, result);
  if (!stream.decoder) {
    result.error = providers::network_error(*attempt.target, Errc::api_connection,
                                            "an event stream where none was asked for");
    co_return;
  }
  co_await pump(stream);
  result.upstream = stream.elapsed();
  result.usage = stream.decoder->usage();
  if (!result.answered) co_return;
  put_on_bill(stream);
  if (left_open(stream)) co_return;
  attempt.progress->open = false;
  if (stream.failed()) attempt.bill->close_failed(result.error, result.error.http_status());
  co_await end_stream(attempt.context.exchange, result.error);
  if (stream.done && !stream.failed()) co_await finish_upstream(stream);
}

} // namespace switchyard::http
