// The registry row of Hugging Face, and the table of what it supplies. Immutable data, any thread.
#include "providers/huggingface/rows.hpp"

#include "providers/huggingface/huggingface.hpp"

#include <array>

namespace switchyard::providers::huggingface {

using std::string_view;

bool by_router(const FamilyTarget& target) { return target.base.origin.host == "router.huggingface.co"; }

namespace {

struct TaskPrefix {
  string_view text;
  Task task;
};
constexpr TaskPrefix k_tasks[] = {{"text-generation-inference/", Task::generation},
                                  {"text-generation/", Task::generation},
                                  {"conversational/", Task::conversational},
                                  {"text-classification/", Task::classification}};

} // namespace

Place chat_place(const FamilyTarget& target, const Call& call) {
  for (auto& prefix : k_tasks)
    if (call.model.starts_with(prefix.text)) return {prefix.task, call.model.substr(prefix.text.size())};
  const string_view path = target.base.path;
  const bool text = path.ends_with("/generate") || path.ends_with("/generate_stream");
  return {text ? Task::generation : Task::chat, call.model};
}

namespace {

/// A model that is a URL is an endpoint, unless api_base or the environment name one.
Result<void> prepare(FamilyTarget& target, const LitellmParams&, EnvLookup) {
  const bool url = target.model.starts_with("http://") || target.model.starts_with("https://");
  if (!url || !by_router(target)) return {};
  auto base = parse_base_url(target.model);
  if (!base) return base.error();
  target.base = std::move(*base);
  return {};
}

bool takes(const FamilyTarget& target, const Call& call, string_view param) {
  if (chat_place(target, call).task == Task::chat)
    return param != "thinking" && param != "context_management";
  return has_word("stream temperature max_tokens max_completion_tokens top_p stop n seed frequency_penalty",
                  param);
}

Result<void> encode(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::embeddings) return encode_embed(job, out);
  if (job.call.endpoint == Endpoint::rerank) return encode_rerank(job, out);
  return chat_place(job.target, job.call).task == Task::chat ? encode_chat(job, out) : encode_text(job, out);
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view model, Answer& out) {
  if (call.endpoint == Endpoint::embeddings) return decode_embed(target, call, answer, model, out);
  if (call.endpoint == Endpoint::rerank) return decode_rerank(target, call, answer, model, out);
  const bool chat = chat_place(target, call).task == Task::chat;
  return chat ? decode_chat(target, call, answer, model, out) : decode_text(target, call, answer, model, out);
}

std::unique_ptr<StreamDecoder> stream(const FamilyTarget& target, const Call& call, string_view model) {
  switch (chat_place(target, call).task) {
  case Task::chat:
    return stream_chat(target, call, model);
  case Task::generation:
    return stream_text(target, call, model);
  case Task::conversational:
  case Task::classification:
    break; // they answer whole
  }
  return nullptr;
}

Errc classify(const FamilyTarget&, int status, string_view body) {
  static constexpr auto k_phrases = std::to_array<ErrorPhrase>({
      {"length limit exceeded", Errc::context_window_exceeded},
      {"`inputs` tokens + `max_new_tokens` must be", Errc::context_window_exceeded},
      {"A valid user token is required", Errc::bad_request},
      {"Rate limit reached", Errc::rate_limit},
  });
  if (auto code = classify_by(body, status, k_phrases, {}); code != Errc::none) return code;
  // What may speak of the context's size, and what LiteLLM knows; anything else is an APIError, 404 as well.
  const bool shared = has_word("0 400 401 408 413 422 429 503", std::to_string(status));
  return shared ? Errc::none : Errc::api_error;
}

constexpr Family k_family{.name = "huggingface",
                          .prepare = prepare,
                          .takes = takes,
                          .encode = encode,
                          .decode = decode,
                          .stream = stream,
                          .classify = classify};

constexpr std::array k_rows{
    ProviderRow{.name = "huggingface",
                .base_url = "https://router.huggingface.co",
                .base_env = "HF_API_BASE HUGGINGFACE_API_BASE",
                .key_env = "HF_TOKEN HUGGINGFACE_API_KEY",
                .endpoints = C | E | R,
                .errors = ErrorFamily::generic,
                .family = &k_family},
};

} // namespace

std::span<const ProviderRow> rows() noexcept { return k_rows; }

} // namespace switchyard::providers::huggingface
