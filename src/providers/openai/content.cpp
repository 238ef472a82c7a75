// The rules for chat and text completions follow the shape, not a list of names, so that content of a kind
// that is not known yet counts too.
#include "providers/openai/content.hpp"

#include <switchyard/json_scan.hpp>

namespace switchyard::providers {
namespace {

using std::string_view;

/// null, "", [] or {}.
bool is_nothing(string_view raw) {
  if (raw == "null" || raw == "\"\"") return true;
  const bool brackets = raw.size() >= 2 && (raw.front() == '[' || raw.front() == '{');
  return brackets && raw.find_first_not_of(" \t\r\n", 1) == raw.size() - 1;
}

bool delta_speaks(JsonSkim& choice) {
  if (choice.kind() != '{') return !is_nothing(choice.value());
  auto delta = choice.inside();
  bool speaks = false;
  while (delta.next())
    if (!is_key(delta.key(), "role")) speaks = !is_nothing(delta.value()) || speaks;
  choice.leave(delta);
  return speaks;
}

bool choice_speaks(string_view json) {
  JsonSkim choice(json);
  while (choice.next()) {
    auto key = choice.key();
    if (is_key(key, "delta")) {
      if (delta_speaks(choice)) return true;
    } else if (is_key(key, "text") || is_key(key, "finish_reason") || is_key(key, "message")) {
      if (!is_nothing(choice.value())) return true;
    }
  }
  return !choice.complete();
}

} // namespace

bool holds_content(const Members& chunk) {
  if (!chunk.choices.data() || chunk.choices == "null") return !chunk.has_usage();
  if (!chunk.choices.starts_with('[')) return true;
  string_view choice;
  for (std::size_t at = 0; next_element(chunk.choices, at, choice);)
    if (choice_speaks(choice)) return true;
  return false;
}

bool announces(string_view type) noexcept {
  return type == "\"response.created\"" || type == "\"response.in_progress\"" ||
         type == "\"response.queued\"";
}

} // namespace switchyard::providers
