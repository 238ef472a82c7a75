// Providers are pure translators: values and bytes in, values and bytes out. No sockets, no clock, no
// threads. All objects here are immutable after prepare(), except StreamDecoder (one per stream, on one
// shard).
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/config.hpp>
#include <switchyard/error.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/usage.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

struct Tokenizers; ///< tokens.hpp

/// The routes that reach a provider.
enum class Endpoint : std::uint8_t {
  chat,
  completions,
  embeddings,
  responses,
  moderations,
  images_generations,
  images_edits,
  images_variations,
  transcriptions,
  translations,
  speech,
  rerank,
  messages,         ///< Anthropic's
  messages_count,   ///< /v1/messages/count_tokens
  generate_content, ///< Gemini's, streamed or not
  generate_count,   ///< :countTokens
  k_count
};
/// "/chat/completions", "/audio/speech", ... as appended to an OpenAI-style base URL.
std::string_view endpoint_path(Endpoint endpoint) noexcept;

/// Where bytes go: the key of a connection pool.
struct Origin {
  bool tls = true;
  std::string host; ///< lower case, no brackets around IPv6
  std::uint16_t port = 443;
  friend bool operator==(const Origin&, const Origin&) = default;
};

namespace providers {

class Provider;
class TokenPlan; // credentials.hpp
struct Token;

/// A deployment made ready: resolved provider, credentials, URLs, policy. Opaque to everybody but its
/// provider.
class Target {
 public:
  virtual ~Target() = default;
  const Provider* translator = nullptr;    ///< static lifetime; provider_of()
  std::shared_ptr<const TokenPlan> tokens; ///< credentials that must be fetched before a call; null = none
  std::string provider;                    ///< "openai", "azure", "groq", ...
  std::string model;                       ///< upstream model name, prefix removed; may hold '*' for patterns
  std::string api_base_public;             ///< for x-litellm-model-api-base: query and credentials stripped
  bool answers_locally =
      false; ///< mock_response, mock_timeout or the dummy provider: use local_answer(), no network
  std::string mock_response;
  std::optional<double> mock_timeout;
  bool mock_timeout_flag = false;
};

/// How the upstream cuts its stream into events.
enum class Framing : std::uint8_t {
  sse,
  ndjson,      ///< a JSON object per line: on_event's data
  event_stream ///< AWS: ":event-type" (or ":exception-type") is on_event's event, the payload its data
};

/// A picture or file that a client named by its URL, fetched for a provider that takes bytes only.
struct FetchedMedia {
  std::string url;      ///< as the client wrote it
  std::string data_url; ///< "data:<mime>;base64,<data>"
};

/// One call as the session read it. Views stay valid until the attempt ends.
struct Call {
  Endpoint endpoint = Endpoint::chat;
  const ObjectScan* json = nullptr; ///< JSON bodies: the scanned client object
  std::string_view body;            ///< the raw body (multipart routes forward it; boundary in content_type)
  std::string_view content_type;
  std::string_view model; ///< upstream model for this call (target.model with '*' substituted)
  bool stream = false;
  bool count_usage = false;         ///< ask the upstream for a stream's usage, also when the client gets none
  bool stream_usage_wanted = false; ///< client asked for stream_options.include_usage, or it is forced
  bool drop_params = false;         ///< litellm_settings.drop_params
  bool modify_params = false;       ///< litellm_settings.modify_params
  bool add_function_to_prompt = false;         ///< litellm_settings.add_function_to_prompt
  std::span<const JsonParam> overrides;        ///< merged over the client's body (fallback objects)
  std::span<const HeaderLine> forward_headers; ///< client headers that may go upstream (already filtered)
  WallTime now{};                              ///< for signatures and "created"
  std::string_view call_id;                    ///< for ids that the upstream does not give
  const Token* token = nullptr;                ///< of target.tokens; null when there is no plan
  std::span<const FetchedMedia> media;         ///< what media_urls() asked for
  const Tokenizers* tokenizers = nullptr; ///< for usage that the upstream does not report; null = estimate
};

/// Which byte ranges of a request head are secrets (offset, length).
using SecretRanges = boost::container::small_vector<std::pair<std::uint32_t, std::uint32_t>, 2>;

/// A request ready to be written. Stays where it was made: slices point into the call's body and into this.
struct Wire {
  const Origin* origin = nullptr; ///< owned by the Target
  std::string head; ///< complete HTTP/1.1 request head with Content-Length, through the empty line
  TextSlices body;
  std::string owned;                ///< storage behind body slices that are new
  std::optional<JsonSplice> splice; ///< likewise
  std::string bridged;              ///< the client's request in another API's form, when it was bridged
  ObjectScan bridged_scan;          ///< of `bridged`
  SecretRanges secret_ranges;       ///< for --debug's curl
  Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  void clear() {
    origin = nullptr, head.clear(), body.clear(), owned.clear(), splice.reset(), secret_ranges.clear();
  }
};

using switchyard::Usage;

/// A whole upstream answer, seen by the provider.
struct UpstreamAnswer {
  int status = 0;
  std::string_view content_type;
  std::string_view headers; ///< raw "Name: value\r\n" lines
  std::string_view body;
};

/// A client's request that is passed on as it is, but for credentials.
struct Forwarded {
  std::string_view method;
  std::string_view path;   ///< origin-form with the query; behind the base URL's path when `below_base`
  bool below_base = false; ///< "/files" below "https://host/v1"
  std::span<const HeaderLine> headers; ///< of the client, already filtered; the target's credentials win
  std::string_view body;
};

/// What goes to the client: slices of the upstream body plus replaced parts. Stays where it was made: slices
/// point into its strings.
struct Decoded {
  TextSlices body;
  std::string model; ///< the client's name for it, as JSON
  std::string owned; ///< a body that had to be written anew
  Usage usage;
  Decoded() = default;
  Decoded(const Decoded&) = delete;
  Decoded& operator=(const Decoded&) = delete;
};

/// One SSE event for the client, or nothing.
struct StreamEvent {
  TextSlices data; ///< complete frame(s) "data: ...\n\n" as slices; empty = swallow
  std::string owned;
  std::string_view choices; ///< of the chunk in OpenAI's form, as written; empty = has none
  bool done = false;        ///< the upstream said [DONE] (or its equivalent)
  bool content = false;     ///< `data` holds content or comes behind some: nothing may be retried any more
  Error error;              ///< code != none: the upstream reported an error inside the stream
  StreamEvent() { error.code = Errc::none; }
  void clear() {
    data.clear(), owned.clear(), choices = {}, done = content = false;
    if (error.code != Errc::none) error = Error{Errc::none}; // a large thing, and hardly ever set
  }
};

class StreamDecoder {
 public:
  virtual ~StreamDecoder() = default;
  /// `frame` = one whole SSE frame as received (fields and the blank line), `event`/`data` its fields.
  /// Slices put into `out` live until the next call.
  virtual void on_event(std::string_view frame, std::string_view event, std::string_view data,
                        StreamEvent& out) = 0;
  /// The upstream's bytes ended without its own mark of the end: what closes the client's stream.
  virtual void finish(StreamEvent& out) {
    out.clear(), out.data.push_back("data: [DONE]\n\n"), out.done = true;
  }
  /// The upstream has said how its answer ended: the end of its bytes is no surprise.
  virtual bool complete() const { return false; }
  virtual const Usage& usage() const = 0;
};

/// A local answer (mock_response, dummy): no upstream is called.
struct LocalAnswer {
  Error error; ///< code != none: fail with this
  std::string content_type = "application/json";
  std::string body;                ///< non-stream
  std::vector<std::string> frames; ///< stream: SSE frames without [DONE]
  double delay = 0;                ///< seconds to wait first; negative = until the time-out (mock_timeout)
  Usage usage;
  LocalAnswer() { error.code = Errc::none; }
};

class Provider {
 public:
  virtual ~Provider() = default;
  virtual bool supports(const Target& target, Endpoint endpoint) const = 0;
  /// Whether media_urls() must be asked.
  virtual bool fetches_media(const Target&) const { return false; }
  /// URLs in the call that this provider needs the bytes of: Call::media has them when encode() runs.
  virtual std::vector<std::string> media_urls(const Target&, const Call&) const { return {}; }
  /// Client's call -> upstream request. Fails with unsupported_params, bad_request, ...
  virtual Result<void> encode(const Target& target, const Call& call, Wire& out) const = 0;
  /// Upstream 2xx answer -> client's body. `client_model` is restamped into "model" where present.
  virtual Result<void> decode(const Target& target, const Call& call, const UpstreamAnswer& answer,
                              std::string_view client_model, Decoded& out) const = 0;
  virtual std::unique_ptr<StreamDecoder> stream(const Target& target, const Call& call,
                                                std::string_view client_model) const = 0;
  virtual Framing framing(const Target&, const Call&) const { return Framing::sse; }
  /// A whole 2xx answer for a client that asked for a stream: all frames of its stream at once, [DONE]
  /// included where the API has one. False in the result = this answer cannot be a stream, send it whole.
  virtual Result<bool> stream_whole(const Target&, const Call&, const UpstreamAnswer&, std::string_view,
                                    Decoded&) const {
    return false;
  }
  /// Any request to the target's upstream, with its credentials (files, batches, pass-through). Config errors
  /// for targets that have no upstream.
  virtual Result<void> forward(const Target&, const Call&, const Forwarded&, Wire&) const {
    return Error(Errc::bad_request, "this provider has no upstream to pass requests on to");
  }
  /// Whether follow_up() must see the answers of this call.
  virtual bool may_follow_up(const Target&, const Call&) const { return false; }
  /// The answer is not the last word (a job was made, or is not done yet): the next request, to be sent after
  /// `wait`. `round` counts from 0. False = decode this answer.
  virtual Result<bool> follow_up(const Target&, const Call&, const UpstreamAnswer&, int, Wire&,
                                 Millis&) const {
    return false;
  }
  /// Upstream failure -> our error, message "litellm.<Class>: <Provider>Exception - ..." (spec providers.md
  /// 5).
  virtual Error map_error(const Target& target, const UpstreamAnswer& answer) const = 0;
  /// Only when target.answers_locally. `created` = unix seconds, `id` = call id.
  virtual LocalAnswer local_answer(const Target& target, const Call& call, std::string_view client_model,
                                   std::string_view id, std::int64_t created) const = 0;
};

/// Environment lookup, injected: nullptr-like empty optional when unset.
using EnvLookup = std::string (*)(std::string_view name); ///< "" = unset

/// The provider of a row and its target. `model` = params.model, or the substituted name for `*` rows.
/// Fails with config errors that name the field and the fix (unknown provider, api_base missing, ...).
struct Prepared {
  const Provider* provider = nullptr; ///< static lifetime
  std::shared_ptr<const Target> target;
};
Result<Prepared> prepare(const LitellmParams& params, std::string_view model, EnvLookup env);
inline const Provider& provider_of(const Target& target) { return *target.translator; }
/// The translator that serves `endpoint` on this target: its own, or one that bridges the endpoint's API to
/// chat (spec providers.md 7). Null = it cannot be served. Static lifetime.
const Provider* translator_for(const Target& target, Endpoint endpoint);

/// Provider (prefix) a model string resolves to, or "" (spec providers.md 2). Pure.
std::string_view provider_name(std::string_view model, std::string_view custom_llm_provider,
                               std::string_view api_base);

/// A network or time-out failure of this target in LiteLLM's words: "litellm.Timeout: ...",
/// "litellm.APIConnectionError: ...".
Error network_error(const Target& target, Errc code, std::string_view what);
/// mock_response values that name an error ("litellm.RateLimitError", ...) -> that error; none when it is
/// text.
Errc mock_error(std::string_view mock_response) noexcept;

/// Names known to the registry, sorted; and one line per provider for docs.
std::span<const std::string_view> known_providers();
/// Known parameter names of an endpoint ("supported_openai_params").
std::span<const std::string_view> openai_params(Endpoint endpoint);
/// Keys the gateway consumes and never sends upstream.
bool is_gateway_param(std::string_view key) noexcept;

} // namespace providers
} // namespace switchyard
