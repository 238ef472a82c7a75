// One try at one deployment: encode, send, decode, answer. Nothing reaches the client unless the try succeeds
// up to its first content. Shard code.
#pragma once

#include "http/llm_request.hpp"
#include "http/request.hpp"
#include "http/response_ids.hpp"
#include "http/stream_progress.hpp"
#include "http/upstream/client.hpp"

#include <switchyard/graph.hpp>
#include <switchyard/provider.hpp>

#include <span>
#include <string>

namespace switchyard::http {

/// Seconds as configurations and requests write them.
inline Millis to_millis(double seconds) { return Millis(static_cast<std::int64_t>(seconds * 1000)); }

struct Attempt;
struct AttemptResult;
class Bill;
struct SharedAnswer;

/// Between two attempts at one request (hedge.hpp): who may answer the client.
class Race {
 public:
  /// The first attempt that asks wins; the other one is cancelled.
  virtual bool won_by(const Attempt& attempt) = 0;

 protected:
  ~Race() = default;
};

/// Told when a try has succeeded, before the last bytes of its answer leave: who asks again at once finds the
/// row free.
class TryEnd {
 public:
  virtual void succeeded(const AttemptResult& result) = 0;

 protected:
  ~TryEnd() = default;
};

/// What the loop knows when it starts a try. Lives in the loop's frame.
struct Attempt {
  RequestContext& context;
  LlmRequest& request;
  const Deployment& deployment;
  const Group& group;
  const providers::Provider* provider = nullptr;
  std::shared_ptr<const providers::Target> target;
  std::string upstream_model;           ///< '*' substituted
  std::string client_model;             ///< what "model" says in the answer
  std::span<const JsonParam> overrides; ///< of a fallback object
  int retries = 0, fallbacks = 0, max_retries = 0;
  double timeout = 0, stream_timeout = 0;         ///< seconds
  CancelScope* cancel = &context.exchange.cancel; ///< or that of a hedged attempt
  Race* race = nullptr;
  TryEnd* end = nullptr;
  bool content_policy =
      false;                ///< an answer stopped by content_filter is an error: a fallback is there for it
  bool counts_here = false; ///< a token count that the provider has no call for
  SharedAnswer* keep = nullptr;       ///< wants a copy of the answer
  Bill* bill = nullptr;               ///< of the call; never null
  Micros upstream_before{0};          ///< time spent in upstreams by earlier tries
  StreamProgress* progress = nullptr; ///< of the call; never null in a try that may stream
};

struct AttemptResult {
  bool answered =
      false;   ///< the client has its answer, or some of its stream (or left while that was written)
  Error error; ///< when not answered; or the late error of a stream that had started
  providers::Usage usage;
  Micros upstream{0}; ///< time in the upstream, connect to last byte
  Micros first_token{0};
  int status = 0;      ///< what the client got
  bool capped = false; ///< its stream had lasted as long as it may, which is not the row's fault
  AttemptResult() { error.code = Errc::none; }
};

/// What of the row goes into the answer: with optional_pre_call_checks responses_api_deployment_check and
/// encrypted_content_affinity.
RowMarks marks_of(const Attempt& attempt);
/// With redact_messages_in_exceptions: a provider's error without the provider's words, which may repeat the
/// prompt.
void redact(const Attempt& attempt, Error& error);

/// Before the first byte for the client: sets result.answered, or result.error when another attempt was
/// faster.
bool claim(Attempt& attempt, AttemptResult& result);

/// Fills `result`, which the caller makes, so that it is not moved from frame to frame.
aw<> run_attempt(Attempt& attempt, AttemptResult& result);

// -- pieces, one file each

/// The call as the provider sees it.
providers::Call make_call(const Attempt& attempt);
/// Response headers of spec router.md 6.1, the upstream's repeated as llm_provider-*. `raw_upstream` may be
/// empty.
std::string reply_headers(const Attempt& attempt, std::string_view content_type,
                          std::string_view raw_upstream, Micros upstream_time);
/// Waits on the shard; false = cancelled meanwhile. Negative or zero returns at once.
aw<bool> sleep_on(Shard& shard, Millis delay, CancelScope& cancel);

/// When a try that starts now has to end: a stream with the client's, which a continuation finds half over.
Instant latest_end(const Attempt& attempt, Instant started);
/// What it ends with then, if it is a stream.
Error cap_error(const Attempt& attempt);

aw<> run_local(Attempt& attempt, const providers::Call& call, AttemptResult& result);
/// Counts the tokens of the request as well as can be done here.
aw<> run_count(Attempt& attempt, const providers::Call& call, AttemptResult& result);
aw<> relay_whole(Attempt& attempt, const providers::Call& call, upstream::Reply& reply, Instant started,
                 AttemptResult& result);
/// The same once the body is there.
aw<> answer_whole(Attempt& attempt, const providers::Call& call, upstream::Reply& reply,
                  std::string_view body, Instant started, AttemptResult& result);
aw<> relay_bytes(Attempt& attempt, const providers::Call& call, upstream::Reply& reply, Instant started,
                 AttemptResult& result);
aw<> relay_stream(Attempt& attempt, const providers::Call& call, upstream::Reply& reply, Instant started,
                  AttemptResult& result);

/// Ends the client's stream: with an error frame unless `error` is none or cancelled. A drain is named.
aw<> end_stream(Exchange& exchange, Error& error);

/// "x-litellm-timeout: 0.2\r\n"
void append_timeout_header(std::string& out, double seconds);
/// The upstream refused: reads its body (what there is of it) and maps it.
aw<Error> refused(Attempt& attempt, upstream::Reply& reply);
/// An error of the upstream client in LiteLLM's words; cancelled stays as it is.
Error transport_error(const Attempt& attempt, Error error);
/// What a request gets that the end of a drain cut off.
Error draining_error();

/// For --debug: the upstream request as a curl command, keys masked.
void log_curl(const Attempt& attempt, const providers::Wire& wire);

} // namespace switchyard::http
