// Legacy text completions served by chat (spec providers.md 7.1): a prompt is one user message, what the
// assistant says is the text; several prompts are several chats. Pure; a writer belongs to one stream on one
// shard.
#include "providers/family/token_text.hpp"
#include "providers/inbound/inbound.hpp"
#include "providers/row.hpp"

#include <algorithm>

namespace switchyard::providers::inbound {
namespace {

using std::string_view;

/// Only a completion model can do these.
constexpr string_view k_native_only = "suffix echo best_of logprobs";

bool asks_nothing(const Value& value) {
  auto* flag = value.as_bool();
  auto* number = value.as_int();
  auto* text = value.as_string();
  return value.is_null() || (flag && !*flag) || (number && *number <= 1) || (text && text->empty());
}

constexpr std::size_t k_most_prompts = 100;

/// Of a list of strings or of lists of token ids; 1 for everything else.
std::size_t prompts_of(const Call& call) {
  auto* prompt = call.json ? call.json->find("prompt") : nullptr;
  if (!prompt) return 1;
  std::size_t count = 0;
  string_view element;
  for (std::size_t at = 0; next_element(call.json->raw(*prompt), at, element); ++count)
    if (!element.starts_with('"') && !element.starts_with('[')) return 1;
  return std::clamp<std::size_t>(count, 1, k_most_prompts);
}

Result<std::string> prompt_text(const Side& side, const Value& prompt) {
  if (auto* text = prompt.as_string()) return *text;
  if (is_token_list(prompt)) return text_of_tokens(side.call, prompt, "prompt");
  auto* list = prompt.as_list();
  if (!list || list->empty()) return refuse("prompt", "a string is required");
  if (list->size() > k_most_prompts)
    return refuse("prompt", "this model takes at most " + std::to_string(k_most_prompts) + " prompts");
  const bool texts = std::all_of(list->begin(), list->end(), [](auto& one) { return one.as_string(); });
  if (!texts && !std::all_of(list->begin(), list->end(), is_token_list))
    return refuse("prompt", "must hold strings, or lists of token ids");
  auto& one = (*list)[std::min(side.part, list->size() - 1)];
  return one.as_string() ? Result<std::string>(*one.as_string()) : text_of_tokens(side.call, one, "prompt");
}

Result<Value> request(const Side& side) {
  auto* prompt = side.client.find("prompt");
  if (!prompt) return refuse("prompt", "is required");
  auto text = prompt_text(side, *prompt);
  if (!text) return text.error();
  ValueMap chat;
  for (auto& [key, value] : map_of(side.client)) {
    const bool native = has_word(k_native_only, key);
    if (native && !asks_nothing(value) && !side.call.drop_params)
      return refuse(key, "only completion models can do this; remove it or set drop_params");
    if (!native && key != "prompt") copy(side.client, key, chat);
  }
  set(chat, "messages",
      Value(ValueList{Value(ValueMap{{"role", str("user")}, {"content", Value(std::move(*text))}})}));
  return Value(std::move(chat));
}

std::string completion_id(const Value& chat, const Side& side) {
  auto id = text_at(chat, "id");
  if (id.starts_with("chatcmpl-")) return "cmpl-" + std::string(id.substr(9));
  return id.empty() ? "cmpl-" + std::string(side.call.call_id) : std::string(id);
}

Value choice_of(const Value& choice, string_view member) {
  auto* index = choice.find("index");
  auto* message = choice.find(member);
  auto* content = message ? message->find("content") : nullptr;
  auto* finish = choice.find("finish_reason");
  return Value(ValueMap{{"index", index ? *index : num(0)},
                        {"text", Value(content ? content_text(*content) : std::string())},
                        {"logprobs", Value()},
                        {"finish_reason", finish ? *finish : Value()}});
}

/// The envelope of a whole answer or of a chunk, with its choices and, when there is one, its usage.
std::string completion(const Side& side, const Value& chat, string_view member) {
  ValueList choices;
  for (auto& choice : list_at(chat, "choices")) choices.push_back(choice_of(choice, member));
  auto* created = chat.find("created");
  ValueMap out{{"id", Value(completion_id(chat, side))},
               {"object", str("text_completion")},
               {"created", created ? *created : num(seconds(side.call))},
               {"model", str(side.client_model.empty() ? text_at(chat, "model") : side.client_model)},
               {"choices", Value(std::move(choices))}};
  copy(chat, "usage", out);
  return to_json(Value(std::move(out)));
}

std::string answer(const Side& side, const Value& chat, const Usage&) {
  return completion(side, chat, "message");
}

class CompletionWriter final : public Writer {
 public:
  explicit CompletionWriter(const Side& side) : side_(side) {}
  void chunk(const Value& chunk, std::string& out) override {
    auto& choices = list_at(chunk, "choices");
    if (choices.empty() && !side_.call.stream_usage_wanted) return; // nobody asked for it
    const bool says =
        choices.empty() || std::any_of(choices.begin(), choices.end(), [](auto& choice) {
          auto* delta = choice.find("delta");
          return !text_at(choice, "finish_reason").empty() || (delta && !text_at(*delta, "content").empty());
        });
    if (says) out.append("data: ").append(completion(side_, chunk, "delta")).append("\n\n");
  }
  void close(const Usage&, std::string& out) override {
    if (!std::exchange(closed_, true)) out += "data: [DONE]\n\n";
  }

 private:
  const Side side_;
  bool closed_ = false;
};

std::unique_ptr<Writer> writer(const Side& side) { return std::make_unique<CompletionWriter>(side); }

} // namespace

const Bridge k_completions{Endpoint::completions, request, answer, writer, prompts_of};

} // namespace switchyard::providers::inbound
