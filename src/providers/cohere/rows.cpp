// Registry rows of Cohere, and the table of what it supplies. Immutable data, any thread.
#include "providers/cohere/rows.hpp"

#include "providers/cohere/cohere.hpp"
#include "providers/family/chat.hpp"

#include <array>

namespace switchyard::providers::cohere {

using std::string_view;

Route chat_route(const FamilyTarget& target, const Call& call) {
  Route out{Api::v2, call.model};
  auto version = string_view(target.route);
  for (string_view prefix : {"v1/", "v2/"})
    if (out.model.starts_with(prefix)) out.model.remove_prefix(3), version = prefix.substr(0, 2);
  if (version == "v2") return out;
  // The completion models came before chat, and are known by their names.
  const bool chats = out.model.starts_with("command-r") || out.model.starts_with("command-a");
  if (target.provider == "cohere" && out.model.starts_with("command") && !chats)
    out.api = Api::generate;
  else if (version == "v1")
    out.api = Api::v1;
  return out;
}

string_view api_version(const FamilyTarget& target) { return target.route == "v1" ? "/v1" : "/v2"; }

void put_sampling(const Job& job, ValueMap& body) {
  auto& request = job.request;
  if (auto most = max_tokens(request)) body.emplace_back("max_tokens", Value(*most));
  if (auto stop = stop_list(request); !stop.empty()) body.emplace_back("stop_sequences", list_of(stop));
  copy_renamed(request, body, "temperature top_p:p frequency_penalty presence_penalty seed");
  auto* count = request.find("n");
  if (count && count->as_int() && *count->as_int() > 1) body.emplace_back("num_generations", *count);
}

void read_usage(const Value* object, Usage& out) {
  if (!object) return;
  auto* counts = map_at(*object, "tokens");
  if (!counts) counts = map_at(*object, "billed_units");
  if (!counts) return;
  out.prompt_tokens = count_at(*counts, "input_tokens");
  out.completion_tokens = count_at(*counts, "output_tokens");
  out.cache_read_tokens = count_at(*object, "cached_tokens");
  complete(out);
}

namespace {

/// api_base may be a whole URL of one API, as LiteLLM wants it; its version then holds for all of them.
Result<void> prepare(FamilyTarget& target, const LitellmParams&, EnvLookup) {
  cut_ending(target.base, "/chat /generate /embed /rerank");
  auto version = cut_ending(target.base, "/v1 /v2");
  if (!version.empty()) target.route = version.substr(1);
  target.lines.push_back({"Request-Source", "unspecified:litellm"});
  target.lines.push_back({"Accept", "application/json"});
  return {};
}

bool takes(const FamilyTarget& target, const Call& call, string_view param) {
  static constexpr string_view k_all =
                                   "stream temperature max_tokens max_completion_tokens top_p stop n seed "
                                   "frequency_penalty presence_penalty ",
                               k_chat = "tools functions response_format",
                               k_v2 = "tool_choice function_call reasoning_effort thinking";
  if (has_word(k_all, param)) return true;
  const auto api = chat_route(target, call).api;
  if (api == Api::generate) return param == "logit_bias";
  return has_word(k_chat, param) || (api == Api::v2 && has_word(k_v2, param));
}

Result<void> encode(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::embeddings) return encode_embed(job, out);
  if (job.call.endpoint == Endpoint::rerank) return encode_rerank(job, out);
  switch (chat_route(job.target, job.call).api) {
  case Api::v1:
    return encode_v1(job, out);
  case Api::generate:
    return encode_generate(job, out);
  case Api::v2:
    break;
  }
  return encode_v2(job, out);
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view model, Answer& out) {
  if (call.endpoint == Endpoint::embeddings) return decode_embed(target, call, answer, model, out);
  if (call.endpoint == Endpoint::rerank) return decode_rerank(target, call, answer, model, out);
  switch (chat_route(target, call).api) {
  case Api::v1:
    return decode_v1(target, call, answer, model, out);
  case Api::generate:
    return decode_generate(target, call, answer, model, out);
  case Api::v2:
    break;
  }
  return decode_v2(target, call, answer, model, out);
}

std::unique_ptr<StreamDecoder> stream(const FamilyTarget& target, const Call& call, string_view model) {
  return chat_route(target, call).api == Api::v2 ? stream_v2(target, call, model)
                                                 : stream_v1(target, call, model);
}

Framing framing(const FamilyTarget& target, const Call& call) {
  return chat_route(target, call).api == Api::v2 ? Framing::sse : Framing::ndjson;
}

Errc classify(const FamilyTarget&, int status, string_view body) {
  static constexpr auto k_phrases = std::to_array<ErrorPhrase>({
      {"invalid api token", Errc::authentication},
      {"No API key provided.", Errc::authentication},
      {"too many tokens", Errc::context_window_exceeded},
      {"internal server error", Errc::internal_server},
      {"invalid type:", Errc::bad_request},
      {"Unexpected server error", Errc::internal_server},
  });
  static constexpr auto k_statuses = std::to_array<ErrorStatus>({{498, Errc::bad_request}});
  return classify_by(body, status, k_phrases, k_statuses);
}

constexpr Family k_family{.name = "cohere",
                          .prepare = prepare,
                          .takes = takes,
                          .encode = encode,
                          .decode = decode,
                          .stream = stream,
                          .framing = framing,
                          .classify = classify};

constexpr std::array k_rows{
    ProviderRow{.name = "cohere",
                .base_url = "https://api.cohere.ai",
                .base_env = "COHERE_API_BASE",
                .key_env = "COHERE_API_KEY CO_API_KEY",
                .endpoints = C | E | R,
                .errors = ErrorFamily::generic,
                .family = &k_family},
    ProviderRow{.name = "cohere_chat",
                .base_url = "https://api.cohere.ai",
                .base_env = "COHERE_API_BASE",
                .key_env = "COHERE_API_KEY CO_API_KEY",
                .endpoints = C | E | R,
                .errors = ErrorFamily::generic,
                .family = &k_family},
};

} // namespace

std::span<const ProviderRow> rows() noexcept { return k_rows; }

} // namespace switchyard::providers::cohere
