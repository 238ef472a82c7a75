// What answers and stream chunks have in common. Pure, any thread.
#include "providers/openai/answer.hpp"

#include "providers/openai/json_edit.hpp"

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

/// As written; null data = not there.
struct Counts {
  string_view prompt, completion, total, input, output;
};

string_view* place_of(string_view key, Counts& counts) {
  if (is_key(key, "prompt_tokens")) return &counts.prompt;
  if (is_key(key, "completion_tokens")) return &counts.completion;
  if (is_key(key, "total_tokens")) return &counts.total;
  if (is_key(key, "input_tokens")) return &counts.input;
  if (is_key(key, "output_tokens")) return &counts.output;
  return nullptr;
}

std::uint32_t count(string_view first, string_view second) {
  auto value = as_int(first.data() ? first : second);
  return value ? static_cast<std::uint32_t>(std::clamp<std::int64_t>(*value, 0, UINT32_MAX)) : 0;
}

string_view* place_of(string_view key, Members& members) {
  if (is_key(key, "model")) return &members.model;
  if (is_key(key, "usage")) return &members.usage;
  if (is_key(key, "choices")) return &members.choices;
  if (is_key(key, "error")) return &members.error;
  if (is_key(key, "data")) return &members.data;
  if (is_key(key, "prompt_filter_results")) return &members.filter_results;
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

/// The usage object that is the member's value; nothing when it says something twice.
void read_usage(JsonSkim& member, Usage& out) {
  Counts counts;
  bool twice = false;
  auto usage = member.inside();
  while (usage.next())
    if (auto* place = place_of(usage.key(), counts)) {
      twice = twice || place->data();
      *place = usage.value();
    }
  member.leave(usage);
  if (twice || !usage.complete()) return;
  out.prompt_tokens = count(counts.prompt, counts.input);
  out.completion_tokens = count(counts.completion, counts.output);
  out.total_tokens = count(counts.total, {});
  if (out.total_tokens == 0) out.total_tokens = out.prompt_tokens + out.completion_tokens;
  out.present = true;
}

} // namespace

string_view take_usage(JsonSkim& member, Usage& out) {
  if (member.kind() != '{') return member.value();
  read_usage(member, out);
  return "{";
}

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
