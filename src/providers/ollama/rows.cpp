// Registry rows of Ollama, and the table of what it supplies. Immutable data, any thread.
#include "providers/ollama/rows.hpp"

#include "providers/ollama/ollama.hpp"

#include <array>

namespace switchyard::providers::ollama {

using std::string_view;

bool by_chat(const FamilyTarget& target) { return target.provider == "ollama_chat"; }

namespace {

/// api_base may be the server, its API, or one call of it.
Result<void> prepare(FamilyTarget& target, const LitellmParams&, EnvLookup) {
  cut_ending(target.base, "/api/generate /api/chat /api/embed /api/embeddings /v1/chat/completions");
  cut_ending(target.base, "/api /v1");
  return {};
}

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word("stream max_tokens max_completion_tokens temperature top_p stop seed frequency_penalty "
                  "presence_penalty response_format reasoning_effort thinking tools functions tool_choice "
                  "function_call parallel_tool_calls",
                  param);
}

Result<void> encode(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::embeddings) return encode_embed(job, out);
  return by_chat(job.target) ? encode_chat(job, out) : encode_generate(job, out);
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view model, Answer& out) {
  if (call.endpoint == Endpoint::embeddings) return decode_embed(target, call, answer, model, out);
  return by_chat(target) ? decode_chat(target, call, answer, model, out)
                         : decode_generate(target, call, answer, model, out);
}

Framing framing(const FamilyTarget&, const Call&) { return Framing::ndjson; }

Errc classify(const FamilyTarget&, int status, string_view body) {
  static constexpr auto k_phrases = std::to_array<ErrorPhrase>({
      {"no such file or directory", Errc::bad_request},
      {"Failed to establish a new connection", Errc::service_unavailable},
      {"Invalid response object from API", Errc::bad_request},
      {"Read timed out", Errc::timeout},
  });
  return classify_by(body, status, k_phrases, {});
}

bool needs_bytes(const FamilyTarget&, const Call&, string_view) { return true; }

constexpr Family k_family{.name = "ollama",
                          .prepare = prepare,
                          .takes = takes,
                          .encode = encode,
                          .decode = decode,
                          .stream = stream,
                          .framing = framing,
                          .classify = classify,
                          .needs_bytes = needs_bytes};

constexpr std::array k_rows{
    ProviderRow{.name = "ollama",
                .base_url = "http://localhost:11434",
                .base_env = "OLLAMA_API_BASE",
                .key_env = "OLLAMA_API_KEY",
                .endpoints = C | E,
                .errors = ErrorFamily::generic,
                .family = &k_family},
    ProviderRow{.name = "ollama_chat",
                .base_url = "http://localhost:11434",
                .base_env = "OLLAMA_API_BASE",
                .key_env = "OLLAMA_API_KEY",
                .endpoints = C | E,
                .errors = ErrorFamily::generic,
                .family = &k_family},
};

} // namespace

std::span<const ProviderRow> rows() noexcept { return k_rows; }

} // namespace switchyard::providers::ollama
