// Rewrites `messages` and `tools` where a provider needs it (spec providers.md 1.1, common behaviour and the
// rows' differences). Pure, any thread; a message that cannot be read is forwarded as it came.
#include "providers/openai/messages.hpp"

#include "providers/openai/json_edit.hpp"

namespace switchyard::providers {
namespace {

using std::string_view;
using Text = std::optional<std::string>;

/// What has to be done to this request's messages; all false = nothing.
struct Work {
  bool cache_control = false, image_url = false, flatten = false, names = false, nulls = false,
       arguments = false;
  bool any() const { return cache_control || image_url || flatten || names || nulls || arguments; }
};

bool keeps_cache_control(const ProviderRow& row, string_view model) {
  if (row.has(k_keep_cache_control)) return true;
  auto has = [model](string_view word) { return model.find(word) != string_view::npos; };
  return row.has(k_keep_cache_claude) && (has("claude") || has("gemini") || has("anthropic"));
}

Work look_for_work(const ProviderRow& row, string_view model, string_view messages) {
  Work work;
  // Both names have the underscore that few messages have.
  if (row.plain_messages() && messages.find('_') == string_view::npos) return work;
  work.cache_control = !keeps_cache_control(row, model) && mentions_member(messages, "\"cache_control\"");
  work.image_url = mentions_member(messages, "\"image_url\"", '"');
  work.flatten = (row.has(k_flatten_content) || row.has(k_flatten_lines)) &&
                 mentions_member(messages, "\"content\"", '[');
  work.names = (row.has(k_drop_name) || row.has(k_drop_name_not_tool) || row.has(k_drop_name_not_user)) &&
               mentions_member(messages, "\"name\"");
  work.arguments = row.has(k_azure_urls) && mentions_member(messages, "\"arguments\"", 'n');
  work.nulls = row.has(k_drop_assistant_null) && messages.find("null") != string_view::npos;
  return work;
}

Text rewrite_part(const Work& work, string_view part) {
  ObjectScan object;
  if (!part.starts_with('{') || !scan_object(part, object)) return {};
  JsonSplice splice(object);
  if (work.cache_control) splice.remove("cache_control");
  auto* image = object.find("image_url");
  if (image && image->kind == JsonKind::string)
    splice.set("image_url", "{\"url\":" + std::string(object.raw(*image)) + "}");
  if (splice.empty()) return {};
  return splice.str();
}

/// All parts text: their texts joined, as a JSON string.
Text flattened(string_view parts, string_view separator) {
  std::string text;
  std::size_t pos = 0;
  bool first = true;
  for (string_view part; next_element(parts, pos, part); first = false) {
    ObjectScan object;
    if (!part.starts_with('{') || !scan_object(part, object) || string_member(object, "type") != "text")
      return {};
    if (!first) text += separator;
    text += string_member(object, "text");
  }
  return json_string(text);
}

Text rewrite_content(const ProviderRow& row, const Work& work, string_view parts) {
  if (work.flatten)
    if (auto text = flattened(parts, row.has(k_flatten_lines) ? "\n" : "")) return text;
  return map_array(parts, [&work](string_view part) { return rewrite_part(work, part); });
}

bool drops_name(const ProviderRow& row, string_view role) {
  return row.has(k_drop_name) || (row.has(k_drop_name_not_tool) && role != "tool") ||
         (row.has(k_drop_name_not_user) && role != "user");
}

/// function_call without arguments: Azure wants a text.
void fill_arguments(const ObjectScan& message, JsonSplice& splice) {
  auto* call = message.find("function_call");
  ObjectScan inner;
  if (!call || call->kind != JsonKind::object || !scan_object(message.raw(*call), inner)) return;
  auto* arguments = inner.find("arguments");
  if (!arguments || arguments->kind != JsonKind::null) return;
  JsonSplice inside(inner);
  inside.set("arguments", "\"\"");
  splice.set("function_call", inside.str());
}

Text rewrite_message(const ProviderRow& row, const Work& work, string_view message) {
  ObjectScan object;
  if (!message.starts_with('{') || !scan_object(message, object)) return {};
  JsonSplice splice(object);
  auto role = string_member(object, "role");
  if (work.cache_control) splice.remove("cache_control");
  if (work.names && drops_name(row, role)) splice.remove("name");
  if (work.nulls && role == "assistant")
    for (auto& field : object.fields)
      if (field.kind == JsonKind::null) splice.remove(field.key);
  if (work.arguments) fill_arguments(object, splice);
  auto* content = object.find("content");
  if (content && content->kind == JsonKind::array)
    if (auto text = rewrite_content(row, work, object.raw(*content))) splice.set("content", *text);
  if (splice.empty()) return {};
  return splice.str();
}

/// `key` removed from an object and from its member `function`.
Text without_member(string_view tool, string_view key) {
  ObjectScan object;
  if (!tool.starts_with('{') || !scan_object(tool, object)) return {};
  JsonSplice splice(object);
  splice.remove(key);
  auto* function = object.find("function");
  ObjectScan inner;
  if (function && function->kind == JsonKind::object && scan_object(object.raw(*function), inner) &&
      inner.find(key)) {
    JsonSplice inside(inner);
    inside.remove(key);
    splice.set("function", inside.str());
  }
  if (splice.empty()) return {};
  return splice.str();
}

} // namespace

Text rewrite_messages(const ProviderRow& row, string_view model, string_view messages) {
  auto work = look_for_work(row, model, messages);
  if (!work.any()) return {};
  return map_array(messages, [&](string_view message) { return rewrite_message(row, work, message); });
}

Text rewrite_tools(const ProviderRow& row, string_view model, string_view tools) {
  Text out;
  auto strip = [&](string_view key) {
    auto from = out ? string_view(*out) : tools;
    if (auto next = map_array(from, [key](string_view tool) { return without_member(tool, key); }))
      out = std::move(next);
  };
  if (!keeps_cache_control(row, model) && mentions_member(tools, "\"cache_control\"")) strip("cache_control");
  if (row.has(k_drop_strict) && mentions_member(tools, "\"strict\"")) strip("strict");
  return out;
}

} // namespace switchyard::providers
