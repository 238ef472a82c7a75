// /v1/messages for Claude by InvokeModel: the client's Messages body, without what AWS refuses (spec
// providers.md 7.2). Pure, any thread.
#include "providers/anthropic/messages.hpp"

#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/family/chat.hpp"

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

/// AWS answers "Extra inputs are not permitted" to any other.
constexpr string_view k_members = "max_tokens messages anthropic_beta betas system stop_sequences "
                                  "temperature top_p top_k tools tool_choice "
                                  "thinking metadata context_management output_config";

ValueList* list_in(Value& object, string_view key) {
  if (auto* map = std::get_if<ValueMap>(&object.data()))
    for (auto& [name, value] : *map)
      if (name == key) return std::get_if<ValueList>(&value.data());
  return nullptr;
}

/// Claude Code writes "type":"custom" into schemas, which are JSON Schema here.
void mend_schema(Value& schema, int depth) {
  if (depth > 64) return;
  if (auto* list = std::get_if<ValueList>(&schema.data()))
    for (auto& item : *list) mend_schema(item, depth + 1);
  auto* map = std::get_if<ValueMap>(&schema.data());
  if (!map) return;
  for (auto& [key, value] : *map) {
    if (key == "type" && value.as_string() && *value.as_string() == "custom")
      value = str("object");
    else
      mend_schema(value, depth + 1);
  }
}

Result<void> mend_tool(const Job& job, Value& tool, std::size_t index) {
  const auto type = text_at(tool, "type");
  if (type.starts_with("web_search_"))
    return bad_request(job.target, "tools[" + std::to_string(index) +
                                       "].type: Bedrock does not support Anthropic's server-side web search "
                                       "tool: remove it from the request");
  auto custom = take(tool, "custom");
  auto* deferred = custom.find("defer_loading");
  if (deferred && deferred->as_bool() && !tool.find("defer_loading")) set(tool, "defer_loading", *deferred);
  if (auto schema = take(tool, "input_schema"); !schema.is_null()) {
    mend_schema(schema, 0);
    set(tool, "input_schema", std::move(schema));
  }
  if (text_at(tool, "name").empty()) set(tool, "name", str("litellm_unnamed_tool_" + std::to_string(index)));
  return {};
}

/// Structured output is asked for in words: a text at the end of the last user message.
void say_schema(Value& request) {
  auto format = take(request, "output_format");
  if (auto config = take(request, "output_config"); config.as_map()) {
    auto own = take(config, "format");
    if (!format.as_map()) format = std::move(own);
    if (!map_of(config).empty()) set(request, "output_config", std::move(config));
  }
  auto* schema = format.find("schema");
  auto* messages = list_in(request, "messages");
  if (!schema || !messages) return;
  for (auto at = messages->rbegin(); at != messages->rend(); ++at) {
    if (text_at(*at, "role") != "user") continue;
    ValueList parts;
    if (auto* content = at->find("content")) parts = content_parts(*content);
    parts.push_back(Value(ValueMap{{"type", str("text")}, {"text", str(to_json(*schema))}}));
    return set(*at, "content", Value(std::move(parts)));
  }
}

/// Of Claude's edits these are all that AWS knows.
void mend_edits(Value& request) {
  auto management = take(request, "context_management");
  auto* edits = list_in(management, "edits");
  if (!edits) return;
  std::erase_if(*edits, [](const Value& edit) {
    return !has_word("compact_20260112 clear_tool_uses_20250919", text_at(edit, "type"));
  });
  if (!edits->empty()) set(request, "context_management", std::move(management));
}

} // namespace

bool serves_messages(const FamilyTarget& target, const ModelRoute& route) {
  return is_messages_claude(route) && !target.model.starts_with("converse/");
}

Result<void> mend_messages(Job& job) {
  say_schema(job.request);
  mend_edits(job.request);
  auto* map = std::get_if<ValueMap>(&job.request.data());
  if (map) std::erase_if(*map, [](auto& member) { return !has_word(k_members, member.first); });
  auto* tools = list_in(job.request, "tools");
  for (std::size_t i = 0; tools && i < tools->size(); ++i)
    if (auto done = mend_tool(job, (*tools)[i], i); !done) return done;
  return {};
}

} // namespace switchyard::providers::bedrock
