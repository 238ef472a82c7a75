// Functions and JSON schemas said in words, for models without parameters for them (spec providers.md 6).
// Pure, any thread.
#include "providers/family/chat.hpp"
#include "providers/prompts/prompts.hpp"

#include <switchyard/json.hpp>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr string_view k_only_json =
    "To call a function, reply with JSON ONLY in this format {\"name\": \"function_name\", "
    "\"arguments\":{\"argument_name\": \"argument_value\"}}. Once a function result answers the request, "
    "reply "
    "to the user in plain text instead of calling a function again. The following functions are available to "
    "you:";

/// The request's messages, made a list when they are none.
ValueList& messages_of(Value& request) {
  auto* map = std::get_if<ValueMap>(&request.data());
  if (!map) request = Value(ValueMap{}), map = std::get_if<ValueMap>(&request.data());
  for (auto& [key, value] : *map)
    if (key == "messages") {
      if (!value.as_list()) value = Value(ValueList{});
      return std::get<ValueList>(value.data());
    }
  map->emplace_back("messages", Value(ValueList{}));
  return std::get<ValueList>(map->back().second.data());
}

Value message(string_view role, std::string content) {
  return Value(ValueMap{{"role", Value(std::string(role))}, {"content", Value(std::move(content))}});
}

void append_text(Value& message, const std::string& text) {
  auto* content = message.find("content");
  if (content && content->as_list()) {
    auto parts = *content->as_list();
    parts.push_back(Value(ValueMap{{"type", Value(std::string("text"))}, {"text", Value(" " + text)}}));
    return set(message, "content", Value(std::move(parts)));
  }
  auto* said = content ? content->as_string() : nullptr;
  set(message, "content", Value(said && !said->empty() ? *said + " " + text : text));
}

Value described(const Tool& tool) {
  ValueMap out{{"name", Value(std::string(tool.name))}};
  if (!tool.description.empty()) out.emplace_back("description", Value(std::string(tool.description)));
  if (tool.parameters) out.emplace_back("parameters", *tool.parameters);
  return Value(std::move(out));
}

} // namespace

void functions_into_prompt(Value& request) {
  std::string text;
  for (auto& tool : tools_of(request))
    if (tool.is_function) text.append("\n").append(to_json(described(tool))).append("\n");
  auto* map = std::get_if<ValueMap>(&request.data());
  if (!map) return;
  for (string_view key : {"tools", "tool_choice", "parallel_tool_calls", "functions", "function_call"})
    erase(*map, key);
  if (text.empty()) return;
  text.insert(0, k_only_json);
  bool said = false;
  auto& messages = messages_of(request);
  for (auto& each : messages)
    if (text_at(each, "role") == "system" || text_at(each, "role") == "developer")
      append_text(each, text), said = true;
  if (!said) messages.push_back(message("system", std::move(text)));
}

std::string schema_prompt(const Value& schema, const ValueMap& settings) {
  auto text = to_json(schema);
  for (auto& [key, own] : settings)
    if (key == "response_schema_prompt" && own.as_map())
      return render_prompt("", "", ValueList{message("user", std::move(text))}, *own.as_map());
  return "Use this JSON schema:\n```json\n" + text + "\n```";
}

} // namespace switchyard::providers
