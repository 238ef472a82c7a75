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

/// Adds what a part of a content list says to the text or to the thoughts; false for parts of other kinds.
bool take_part(string_view part, std::string& text, std::string& thoughts) {
  ObjectScan object;
  if (!part.starts_with('{') || !scan_object(part, object)) return false;
  const auto type = string_member(object, "type");
  auto* thinking = object.find("thinking");
  if (type == "text") return text += string_member(object, "text"), true;
  if (type != "thinking" || !thinking) return false;
  std::size_t pos = 0;
  for (string_view piece; next_element(object.raw(*thinking), pos, piece);)
    if (ObjectScan inner; piece.starts_with('{') && scan_object(piece, inner))
      thoughts += string_member(inner, "text");
  return true;
}

/// Mistral's way: thoughts are parts of the content, in front of its text.
std::optional<std::string> unlisted_in(string_view message) {
  ObjectScan object;
  if (!message.starts_with('{') || !scan_object(message, object)) return {};
  auto* content = object.find("content");
  if (!content || content->kind != JsonKind::array || object.find("reasoning_content")) return {};
  std::string text, thoughts;
  std::size_t pos = 0;
  for (string_view part; next_element(object.raw(*content), pos, part);)
    if (!take_part(part, text, thoughts)) return {};
  if (thoughts.empty()) return {};
  JsonSplice splice(object);
  splice.set("content", text.empty() ? "null" : json_string(text));
  splice.set("reasoning_content", json_string(thoughts));
  return splice.str();
}

std::optional<std::string> renamed_choices(string_view choices) {
  const bool field = mentions_member(choices, "\"reasoning\"");
  if (!field && !mentions_member(choices, "\"thinking\"", '[')) return {};
  const auto change = field ? renamed_in : unlisted_in;
  return map_array(choices, [change](string_view choice) -> std::optional<std::string> {
    ObjectScan object;
    if (!choice.starts_with('{') || !scan_object(choice, object)) return {};
    JsonSplice splice(object);
    for (auto key : {"message", "delta"})
      if (auto* member = object.find(key))
        if (auto text = change(object.raw(*member))) splice.set(key, *text);
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
