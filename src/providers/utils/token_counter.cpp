// POST /utils/token_counter. Pure, any thread.
#include "providers/family/chat.hpp"

#include <switchyard/json.hpp>
#include <switchyard/provider_utils.hpp>

namespace switchyard::providers {
namespace {

using std::string_view;

Error wrong(string_view field, string_view wanted) {
  return Error(Errc::invalid_request, "'" + std::string(field) + "' must be " + std::string(wanted));
}

const Value* given(const Value& request, string_view key) {
  auto* value = request.find(key);
  return value && !value->is_null() ? value : nullptr;
}

/// Texts, or tokens already.
Result<std::size_t> count_text(const TokenMeter& meter, const Value& prompt) {
  if (auto* text = prompt.as_string()) return meter.count(*text);
  if (!prompt.as_list()) return wrong("prompt", "a string or a list");
  std::size_t out = 0;
  for (auto& item : *prompt.as_list()) {
    if (auto* text = item.as_string())
      out += meter.count(*text);
    else if (item.as_int())
      out += 1;
    else if (item.as_list())
      out += item.as_list()->size();
    else
      return wrong("prompt", "a list of strings or of tokens");
  }
  return out;
}

/// Gemini's contents are the same chat in other words.
Value chat_of(const ValueList& contents) {
  ValueList messages;
  for (auto& content : contents) {
    auto* parts = content.find("parts");
    messages.push_back(Value(ValueMap{{"role", Value(std::string(text_at(content, "role", "user")))},
                                      {"content", parts ? *parts : Value()}}));
  }
  return Value(std::move(messages));
}

Result<std::size_t> count_request(const TokenMeter& meter, const Value& request, string_view model) {
  if (auto* prompt = given(request, "prompt")) return count_text(meter, *prompt);
  auto chat = request;
  if (auto* contents = given(request, "contents")) {
    if (!contents->as_list()) return wrong("contents", "a list");
    set(chat, "messages", chat_of(*contents->as_list()));
  }
  auto* messages = given(chat, "messages");
  if (!messages) return Error(Errc::invalid_request, "prompt or messages or contents must be provided");
  if (!messages->as_list()) return wrong("messages", "a list");
  if (auto* system = given(request, "system")) { // as Anthropic's clients send it
    auto all = *messages->as_list();
    all.insert(all.begin(), Value(ValueMap{{"role", Value(std::string("system"))}, {"content", *system}}));
    set(chat, "messages", Value(std::move(all)));
  }
  return count_prompt(meter, chat, model);
}

} // namespace

Result<Value> token_counter(const Value& request, string_view upstream_model, const Tokenizers& tokenizers) {
  if (!request.as_map()) return Error(Errc::invalid_request, "the body must be a JSON object");
  const auto asked = text_at(request, "model");
  if (asked.empty()) return wrong("model", "a string");
  auto used = upstream_model.empty() ? asked : upstream_model;
  if (auto slash = used.find('/'); !upstream_model.empty() && slash != string_view::npos)
    used.remove_prefix(slash + 1);
  const auto meter = meter_of(tokenizers, used);
  auto total = count_request(meter, request, used);
  if (!total) return total.error();
  return Value(ValueMap{{"total_tokens", Value(static_cast<std::int64_t>(*total))},
                        {"request_model", Value(std::string(asked))},
                        {"model_used", Value(std::string(used))},
                        {"tokenizer_type", Value(std::string(meter.type()))},
                        {"original_response", Value()},
                        {"error", Value(false)},
                        {"error_message", Value()},
                        {"status_code", Value()}});
}

} // namespace switchyard::providers
