// What answers and stream chunks have in common. Pure, any thread.
#include "providers/openai/answer.hpp"

#include "providers/openai/json_edit.hpp"

namespace switchyard::providers {
namespace {

using std::string_view;

string_view* place_of(string_view key, Members& members) {
  if (is_key(key, "model")) return &members.model;
  if (is_key(key, "usage")) return &members.usage;
  if (is_key(key, "choices")) return &members.choices;
  if (is_key(key, "error")) return &members.error;
  if (is_key(key, "data")) return &members.data;
  if (is_key(key, "prompt_filter_results")) return &members.filter_results;
  if (is_key(key, "service_tier")) return &members.service_tier;
  if (is_key(key, "output")) return &members.output;
  if (is_key(key, "meta")) return &members.meta;
  if (is_key(key, "duration")) return &members.duration;
  return nullptr;
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

std::optional<std::string> renamed_choices(string_view choices) {
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

} // namespace

bool read_members(string_view text, Members& out, Usage& usage) {
  JsonSkim skim(text);
  return read_members(skim, out, usage);
}

bool read_members(JsonSkim& skim, Members& out, Usage& usage) {
  while (skim.next()) {
    auto* place = place_of(skim.key(), out);
    if (!place) continue;
    if (place->data()) return false;
    *place = place == &out.usage ? take_usage(skim, usage) : skim.value();
    if (place == &out.service_tier) usage.tier = tier_of(out.service_tier);
  }
  return skim.complete();
}

bool rename_reasoning(string_view& text, Members& members, std::string& out) {
  auto choices = renamed_choices(members.choices);
  if (!choices) return true;
  const auto begin = static_cast<std::size_t>(members.choices.data() - text.data());
  const auto rest = text.substr(begin + members.choices.size());
  out.clear();
  out.append(text.substr(0, begin)).append(*choices).append(rest);
  text = out;
  members = {};
  Usage again;
  return read_members(text, members, again);
}

} // namespace switchyard::providers
