// Text completion models behind InvokeModel: one row of member names each. Pure; the decoder is one per
// stream.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/invoke.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/chunks.hpp"
#include "providers/prompts/prompts.hpp"

#include <charconv>

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

constexpr TextFormat k_formats[] = {
    {.provider = "anthropic",
     .prompt = "prompt",
     .params = "max_tokens:max_tokens_to_sample temperature:temperature top_p:top_p stop:stop_sequences",
     .text = "completion",
     .finish = "stop_reason",
     .piece = "completion",
     .piece_finish = "stop_reason",
     .max_tokens = 8191},
    {.provider = "amazon",
     .prompt = "inputText",
     .nest = "textGenerationConfig",
     .params = "max_tokens:maxTokenCount temperature:temperature top_p:topP stop:stopSequences",
     .text = "results.0.outputText",
     .finish = "results.0.completionReason",
     .tokens_in = "inputTextTokenCount",
     .tokens_out = "results.0.tokenCount",
     .piece = "outputText",
     .piece_finish = "completionReason",
     .piece_in = "inputTextTokenCount",
     .piece_out = "totalOutputTextTokenCount"},
    {.provider = "cohere",
     .prompt = "prompt",
     .params = "max_tokens:max_tokens temperature:temperature top_p:p stop:stop_sequences n:num_generations",
     .text = "generations.0.text",
     .finish = "generations.0.finish_reason",
     .piece = "text",
     .piece_finish = "finish_reason"},
    {.provider = "ai21",
     .prompt = "prompt",
     .params = "max_tokens:maxTokens temperature:temperature top_p:topP stop:stopSequences",
     .text = "completions.0.data.text",
     .finish = "completions.0.finishReason.reason"},
    {.provider = "meta",
     .prompt = "prompt",
     .params = "max_tokens:max_gen_len temperature:temperature top_p:top_p",
     .text = "generation",
     .finish = "stop_reason",
     .tokens_in = "prompt_token_count",
     .tokens_out = "generation_token_count",
     .piece = "generation",
     .piece_finish = "stop_reason",
     .piece_in = "prompt_token_count",
     .piece_out = "generation_token_count"},
    {.provider = "mistral",
     .prompt = "prompt",
     .params = "max_tokens:max_tokens temperature:temperature top_p:top_p stop:stop",
     .text = "outputs.0.text",
     .finish = "outputs.0.stop_reason",
     .piece = "outputs.0.text",
     .piece_finish = "outputs.0.stop_reason"},
    {.provider = "deepseek_r1",
     .prompt = "prompt",
     .params = "max_tokens:max_gen_len temperature:temperature top_p:top_p",
     .text = "generation",
     .finish = "stop_reason",
     .tokens_in = "prompt_token_count",
     .tokens_out = "generation_token_count",
     .piece = "generation",
     .piece_finish = "stop_reason",
     .piece_in = "prompt_token_count",
     .piece_out = "generation_token_count",
     .thinks = true},
};
/// Imported models take the body of the family that they were made from.
constexpr string_view k_same_as[][2] = {{"llama", "meta"}, {"qwen2", "meta"}, {"qwen3", "deepseek_r1"}};
constexpr string_view k_think_end = "</think>";

/// The value at a dotted path, or null.
const Value* at_path(const Value& root, string_view path) noexcept {
  const Value* at = path.empty() ? nullptr : &root;
  while (at && !path.empty()) {
    auto step = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), step.size() + 1));
    if (step != "0")
      at = at->find(step);
    else
      at = at->as_list() && !at->as_list()->empty() ? &at->as_list()->front() : nullptr;
  }
  return at;
}
string_view text_of(const Value& root, string_view path) noexcept {
  auto* value = at_path(root, path);
  auto* text = value ? value->as_string() : nullptr;
  return text ? string_view(*text) : string_view();
}
std::uint32_t count_of(const Value& root, string_view path) noexcept {
  auto* value = at_path(root, path);
  auto* count = value ? value->as_int() : nullptr;
  return count && *count > 0 ? static_cast<std::uint32_t>(std::min<std::int64_t>(*count, UINT32_MAX)) : 0;
}

/// Their words for the end, beyond the shared table.
string_view finish_of(string_view word) noexcept {
  if (word == "LENGTH" || word == "MAX_TOKENS" || word == "length") return "length";
  if (word == "CONTENT_FILTERED") return "content_filter";
  return finish_reason(word);
}

/// "<think>why</think>answer"; the opening tag may be part of the prompt.
void split_thoughts(string_view text, ChatChoice& choice) {
  auto end = text.find(k_think_end);
  if (end == string_view::npos) return void(choice.content.emplace(text));
  auto thoughts = text.substr(0, end);
  if (auto open = thoughts.find("<think>"); open != string_view::npos) thoughts.remove_prefix(open + 7);
  choice.reasoning = thoughts;
  choice.content.emplace(text.substr(end + k_think_end.size()));
}

class TextStream final : public ChunkStream {
 public:
  TextStream(const FamilyTarget& target, const Call& call, const TextFormat& format, string_view client_model)
      : ChunkStream(target, call, client_model), format_(format), thinking_(format.thinks) {}

 private:
  void on_data(string_view, string_view data) override {
    auto parsed = parse_json(data);
    if (!parsed || !parsed->as_map()) return fail(invalid_answer(target_, data));
    piece(text_of(*parsed, format_.piece));
    if (auto word = text_of(*parsed, format_.piece_finish); !word.empty()) finish_with(finish_of(word));
    if (auto count = count_of(*parsed, format_.piece_in)) usage_.prompt_tokens = count, usage_.present = true;
    if (auto count = count_of(*parsed, format_.piece_out))
      usage_.completion_tokens = count, usage_.present = true;
    if (auto* metrics = parsed->find("amazon-bedrock-invocationMetrics")) {
      usage_.prompt_tokens = count_at(*metrics, "inputTokenCount");
      usage_.completion_tokens = count_at(*metrics, "outputTokenCount");
      usage_.present = true;
    }
    if (usage_.present) usage_.total_tokens = usage_.prompt_tokens + usage_.completion_tokens;
  }

  /// The tags come as tokens of their own, or inside a piece; never cut in two by these models.
  void piece(string_view said) {
    if (!thinking_) return text(said);
    auto end = said.find(k_think_end);
    auto thought = said.substr(0, end);
    if (auto open = thought.find("<think>"); open != string_view::npos) thought.remove_prefix(open + 7);
    reasoning(thought);
    if (end == string_view::npos) return;
    thinking_ = false;
    text(said.substr(end + k_think_end.size()));
  }

  const TextFormat& format_;
  bool thinking_;
};

} // namespace

const TextFormat* text_format(const ModelRoute& route) {
  string_view provider = route.provider;
  for (auto& alias : k_same_as)
    if (alias[0] == provider) provider = alias[1];
  if (provider == "anthropic" && is_messages_claude(route)) return nullptr;
  if (provider == "amazon" && route.base.find("titan") == std::string::npos) return nullptr;
  if (provider == "ai21" && route.base.find("jamba") != std::string::npos) return nullptr;
  for (auto& format : k_formats)
    if (format.provider == provider) return &format;
  return nullptr;
}

bool text_takes(const TextFormat& format, string_view param) {
  if (param == "max_completion_tokens") param = "max_tokens";
  return any_word(format.params,
                  [param](string_view word) { return word.substr(0, word.find(':')) == param; });
}

std::string encode_text(Job& job, const TextFormat& format, const ModelRoute& route) {
  ValueMap body, params;
  auto limit = max_tokens(job.request);
  if (!limit && format.max_tokens) limit = format.max_tokens;
  any_word(format.params, [&](string_view word) {
    auto colon = word.find(':');
    auto ours = word.substr(0, colon), theirs = word.substr(colon + 1);
    if (ours == "max_tokens") {
      if (limit) put(params, theirs, num(*limit));
    } else if (ours == "stop") {
      if (auto stops = stop_list(job.request); !stops.empty()) put(params, theirs, list_of(stops));
    } else if (auto* value = job.request.find(ours)) {
      put(params, theirs, *value);
    }
    return false;
  });
  copy_extras(job.request, params);
  put(body, format.prompt,
      str(render_prompt(job.target.provider, route.base, list_at(job.request, "messages"),
                        job.target.settings)));
  if (!format.nest.empty()) {
    if (!params.empty()) put(body, format.nest, Value(std::move(params)));
  } else {
    for (auto& member : params) body.push_back(std::move(member));
  }
  return to_json(Value(std::move(body)));
}

Result<void> decode_text(const FamilyTarget& target, const Call& call, const TextFormat& format,
                         const UpstreamAnswer& answer, string_view client_model, Answer& out) {
  auto parsed = parse_json(answer.body);
  auto* text = parsed ? at_path(*parsed, format.text) : nullptr;
  if (!text || !text->as_string()) return invalid_answer(target, answer.body);
  ChatAnswer chat;
  chat.model = call.model;
  auto& choice = chat.choices.emplace_back();
  format.thinks ? split_thoughts(*text->as_string(), choice)
                : void(choice.content.emplace(*text->as_string()));
  choice.finish = finish_of(text_of(*parsed, format.finish));
  chat.usage.prompt_tokens = count_of(*parsed, format.tokens_in);
  chat.usage.completion_tokens = count_of(*parsed, format.tokens_out);
  chat.usage.present = at_path(*parsed, format.tokens_in) != nullptr;
  read_header_usage(answer.headers, chat.usage);
  if (chat.usage.present) complete(chat.usage);
  out.usage = chat.usage;
  out.body = write_chat(chat, call, client_model);
  return {};
}

std::unique_ptr<StreamDecoder> text_stream(const FamilyTarget& target, const Call& call,
                                           const TextFormat& format, string_view client_model) {
  return std::make_unique<TextStream>(target, call, format, client_model);
}

} // namespace switchyard::providers::bedrock
