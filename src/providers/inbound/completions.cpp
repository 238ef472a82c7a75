// Legacy text completions served by chat (spec providers.md 7.1): the prompt is one user message, what the
// assistant says is the text. Pure; a writer belongs to one stream on one shard.
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

Result<std::string> prompt_text(const Value& prompt) {
  if (auto* text = prompt.as_string()) return *text;
  auto* list = prompt.as_list();
  if (!list || list->empty()) return refuse("prompt", "a string is required");
  if (list->size() == 1 && list->front().as_string()) return *list->front().as_string();
  if (list->front().as_string())
    return refuse("prompt", "this model takes one prompt in a request; send one request for each");
  return refuse("prompt", "this model takes text, not tokens");
}

Result<Value> request(const Side& side) {
  auto* prompt = side.client.find("prompt");
  if (!prompt) return refuse("prompt", "is required");
  auto text = prompt_text(*prompt);
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

const Bridge k_completions{Endpoint::completions, request, answer, writer};

} // namespace switchyard::providers::inbound
