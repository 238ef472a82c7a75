// What answers and stream chunks have in common. Pure, any thread.
#include "providers/openai/answer.hpp"

#include "providers/openai/json_edit.hpp"

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

std::uint32_t count(const ObjectScan& object, string_view first, string_view second) {
  auto* field = object.find(first);
  if (!field) field = object.find(second);
  if (!field) return 0;
  auto value = as_int(object.raw(*field));
  return value ? static_cast<std::uint32_t>(std::clamp<std::int64_t>(*value, 0, UINT32_MAX)) : 0;
}

std::optional<std::string> renamed_in(string_view message) {
  constexpr string_view k_old = "\"reasoning\"", k_new = "\"reasoning_content\"";
  ObjectScan object;
  if (!message.starts_with('{') || !scan_object(message, object)) return {};
  auto* field = object.find("reasoning");
  if (!field || object.find("reasoning_content")) return {};
  if (message.substr(field->key_begin, k_old.size()) != k_old) return {}; // written with escapes
  std::string out(message);
  return out.replace(field->key_begin, k_old.size(), k_new);
}

} // namespace

void read_usage(string_view usage_json, Usage& out) {
  ObjectScan object;
  if (!usage_json.starts_with('{') || !scan_object(usage_json, object)) return;
  out.prompt_tokens = count(object, "prompt_tokens", "input_tokens");
  out.completion_tokens = count(object, "completion_tokens", "output_tokens");
  out.total_tokens = count(object, "total_tokens", "total_tokens");
  if (out.total_tokens == 0) out.total_tokens = out.prompt_tokens + out.completion_tokens;
  out.present = true;
}

std::optional<std::string> rename_reasoning(string_view choices) {
  if (!mentions_member(choices, "\"reasoning\"")) return {};
  return map_array(choices, [](string_view choice) -> std::optional<std::string> {
    ObjectScan object;
    if (!choice.starts_with('{') || !scan_object(choice, object)) return {};
    JsonSplice splice(object);
    for (auto key : {"message", "delta"})
      if (auto* field = object.find(key))
        if (auto text = renamed_in(object.raw(*field))) splice.set(key, *text);
    if (splice.empty()) return {};
    return splice.str();
  });
}

} // namespace switchyard::providers
