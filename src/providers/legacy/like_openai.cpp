// Answers and chunks that are nearly OpenAI's: what is missing is added, the rest stays. Pure; a stream
// belongs to one shard.
#include "providers/legacy/common.hpp"

#include <chrono>

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

std::int64_t unix_seconds(const Call& call) {
  return std::chrono::duration_cast<std::chrono::seconds>(call.now.time_since_epoch()).count();
}

/// Arguments are always JSON text, calls always have a type and an id.
void complete_calls(Value& message, const Call& call, std::size_t choice) {
  for (auto& [key, value] : std::get<ValueMap>(message.data())) {
    auto* calls = key == "tool_calls" ? std::get_if<ValueList>(&value.data()) : nullptr;
    for (std::size_t i = 0; calls && i < calls->size(); ++i) {
      auto& item = (*calls)[i];
      if (!item.as_map()) continue;
      if (!has(item, "id"))
        set(item, "id",
            Value("call_" + std::string(call.call_id) + "_" + std::to_string(choice) + "_" +
                  std::to_string(i)));
      if (!has(item, "type")) set(item, "type", Value(std::string("function")));
      auto* function = item.find("function");
      auto* arguments = function ? function->find("arguments") : nullptr;
      if (!arguments || arguments->as_string()) continue;
      Value changed = *function;
      set(changed, "arguments", Value(arguments->is_null() ? std::string("{}") : to_json(*arguments)));
      set(item, "function", std::move(changed));
    }
  }
}

void complete_choice(Value& choice, const Call& call, std::size_t index) {
  set(choice, "index", Value(static_cast<std::int64_t>(index)));
  bool calls = false;
  for (auto& [key, value] : std::get<ValueMap>(choice.data())) {
    if (key != "message" || !value.as_map()) continue;
    set(value, "role", Value(std::string("assistant")));
    complete_calls(value, call, index);
    calls = !list_at(value, "tool_calls").empty();
  }
  auto finish = finish_reason(text_at(choice, "finish_reason", "stop"));
  set(choice, "finish_reason", Value(std::string(calls && finish == "stop" ? "tool_calls" : finish)));
}

} // namespace

Result<void> answer_like_openai(const FamilyTarget& target, Value& root, const Call& call,
                                string_view client_model, Answer& out) {
  ValueList choices = list_at(root, "choices");
  if (choices.empty()) return invalid_answer(target, to_json(root));
  for (std::size_t i = 0; i < choices.size(); ++i) {
    auto* message = choices[i].find("message");
    if (!message || !message->as_map()) return invalid_answer(target, to_json(root));
    complete_choice(choices[i], call, i);
  }
  out.usage = usage_of(root);
  set(root, "choices", Value(std::move(choices)));
  if (text_at(root, "id").empty()) set(root, "id", Value("chatcmpl-" + std::string(call.call_id)));
  set(root, "object", Value(std::string("chat.completion")));
  auto* created = root.find("created");
  if (!created || !created->as_int()) set(root, "created", Value(unix_seconds(call)));
  if (!client_model.empty()) set(root, "model", Value(std::string(client_model)));
  if (!out.usage.present && root.find("usage")) switchyard::erase(std::get<ValueMap>(root.data()), "usage");
  out.body = to_json(root);
  return {};
}

void LikeOpenAiStream::on_data(string_view, string_view data) {
  if (data == "[DONE]") return end();
  auto chunk = parse_json(data);
  if (!chunk || !chunk->as_map()) return fail(invalid_answer(target_, data));
  if (has(*chunk, "error") || has(*chunk, "errors")) {
    // An empty list of errors says that there are none.
    auto* errors = chunk->find("errors");
    if (has(*chunk, "error") || !errors->as_list() || !errors->as_list()->empty())
      return fail(failed_answer(target_, data));
  }
  on_object(*chunk);
}

void LikeOpenAiStream::on_object(const Value& chunk) {
  id(text_at(chunk, "id"));
  take_usage(chunk);
  if (auto* choice = first_of(chunk, "choices")) on_choice(*choice);
}

void LikeOpenAiStream::on_choice(const Value& choice) {
  if (auto* delta = choice.find("delta"); delta && delta->as_map()) on_delta(*delta);
  if (auto word = text_at(choice, "finish_reason"); !word.empty()) finish_with(finish_reason(word));
}

void LikeOpenAiStream::on_delta(const Value& delta) {
  for (auto key : {"reasoning_content", "reasoning"})
    if (auto piece = text_at(delta, key); !piece.empty()) {
      reasoning(piece);
      break;
    }
  if (auto piece = text_at(delta, "content"); !piece.empty()) text(piece);
  tool_calls(list_at(delta, "tool_calls"));
}

void LikeOpenAiStream::open_tool(string_view id, string_view name, string_view arguments) {
  const auto made = "call_" + call_id_ + "_" + std::to_string(next_tool_);
  tool(next_tool_++, id.empty() ? string_view(made) : id, name, arguments);
}

void LikeOpenAiStream::tool_calls(const ValueList& calls) {
  for (auto& call : calls) {
    auto* function = call.find("function");
    if (!function) continue;
    auto* place = call.find("index");
    auto* number = place ? place->as_int() : nullptr;
    auto* arguments = function->find("arguments");
    std::string text;
    if (arguments && !arguments->is_null())
      text = arguments->as_string() ? *arguments->as_string() : to_json(*arguments);
    if (!number || *number >= next_tool_)
      open_tool(text_at(call, "id"), text_at(*function, "name"), text);
    else if (*number >= 0)
      tool_arguments(static_cast<int>(*number), text);
  }
}

void LikeOpenAiStream::take_usage(const Value& chunk) {
  if (auto usage = usage_of(chunk); usage.present) usage_ = usage;
}

} // namespace switchyard::providers::legacy
