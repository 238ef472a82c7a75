// Chat requests to prompts, completions to chats and back, on trees. Pure, any thread.
#include "providers/family/chat.hpp"
#include "providers/prompts/prompts.hpp"
#include "providers/row.hpp"
#include "providers/text/text.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

Value text_value(string_view text) { return Value(std::string(text)); }

/// What a choice says, as a completion, a chat or a delta.
const std::string* said(const Value& choice) noexcept {
  if (auto* text = choice.find("text")) return text->as_string();
  for (auto key : {"message", "delta"})
    if (auto* message = choice.find(key))
      if (auto* content = message->find("content")) return content->as_string();
  return nullptr;
}

Value scored(const Value& token, const Value& logprob) {
  return Value(ValueMap{{"token", token}, {"logprob", logprob}, {"bytes", Value()}});
}

/// {"tokens","token_logprobs","top_logprobs"} as chat's {"content":[..]}; null for anything else.
Value chat_logprobs(const Value& logprobs) {
  auto& tokens = list_at(logprobs, "tokens");
  if (tokens.empty()) return logprobs.find("content") ? logprobs : Value();
  auto& scores = list_at(logprobs, "token_logprobs");
  auto& tops = list_at(logprobs, "top_logprobs");
  ValueList content;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    ValueList best;
    if (i < tops.size())
      for (auto& [token, score] : map_of(tops[i])) best.push_back(scored(text_value(token), score));
    auto entry = scored(tokens[i], i < scores.size() ? scores[i] : Value());
    set(entry, "top_logprobs", Value(std::move(best)));
    content.push_back(std::move(entry));
  }
  return Value(ValueMap{{"content", Value(std::move(content))}});
}

Value chat_body(const Value& choice, bool chunk, bool opens) {
  ValueMap message;
  if (!chunk || opens) message.emplace_back("role", text_value("assistant"));
  if (auto* text = said(choice); text && (!chunk || !text->empty()))
    message.emplace_back("content", text_value(*text));
  else if (!chunk)
    message.emplace_back("content", text_value(""));
  return Value(std::move(message));
}

/// logprobs: true, top_logprobs: 3 -> logprobs: 3.
void add_logprobs(const Value& chat, ValueMap& body) {
  auto* wanted = chat.find("logprobs");
  if (!wanted || wanted->is_null()) return;
  auto* flag = wanted->as_bool();
  if (!flag) return body.emplace_back("logprobs", *wanted), void();
  if (!*flag) return;
  auto* count = chat.find("top_logprobs");
  body.emplace_back("logprobs", count && count->as_int() ? *count : Value(std::int64_t{0}));
}

} // namespace

Result<Value> completion_request(const Value& chat, string_view provider, string_view model,
                                 const ValueMap& settings) {
  auto* messages = chat.find("messages");
  if (!messages || !messages->as_list())
    return Error(Errc::invalid_request, "'messages' must be a list of messages");
  ValueMap body{{"model", chat.find("model") ? *chat.find("model") : text_value(model)}};
  body.emplace_back("prompt", text_value(render_prompt(provider, model, *messages->as_list(), settings)));
  for (auto& [key, value] : map_of(chat))
    if (key != "model" && key != "messages" && key != "prompt" && key != "logprobs" && key != "top_logprobs")
      body.emplace_back(key, value);
  add_logprobs(chat, body);
  return Value(std::move(body));
}

ValueList reshape_choices(const Value& answer, TextShape shape, bool chunk, std::uint64_t& opened) {
  ValueList out;
  for (auto& choice : list_at(answer, "choices")) {
    auto* number = choice.find("index");
    const auto index = number && number->as_int() ? *number->as_int() : static_cast<std::int64_t>(out.size());
    const auto bit = std::uint64_t{1} << std::clamp<std::int64_t>(index, 0, 63);
    auto* logprobs = choice.find("logprobs");
    auto* finish = choice.find("finish_reason");
    ValueMap made{{"index", Value(index)}};
    if (shape == TextShape::chat) {
      made.emplace_back(chunk ? "delta" : "message", chat_body(choice, chunk, !(opened & bit)));
      made.emplace_back("logprobs", logprobs ? chat_logprobs(*logprobs) : Value());
    } else {
      auto* text = said(choice);
      made.emplace_back("text", text_value(text ? *text : ""));
      made.emplace_back("logprobs", logprobs ? *logprobs : Value());
    }
    opened |= bit;
    const bool ended = finish && finish->as_string();
    made.emplace_back("finish_reason", ended   ? text_value(finish_reason(*finish->as_string()))
                                       : chunk ? Value()
                                               : text_value("stop"));
    for (auto& [key, value] : map_of(choice)) // content_filter_results, stop_reason, ...
      if (!has_word("index text message delta logprobs finish_reason", key)) made.emplace_back(key, value);
    out.push_back(Value(std::move(made)));
  }
  return out;
}

string_view object_name(TextShape shape, bool chunk) noexcept {
  if (shape == TextShape::text) return "text_completion";
  return chunk ? "chat.completion.chunk" : "chat.completion";
}

} // namespace switchyard::providers
