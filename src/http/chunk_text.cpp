// Reads chunks member by member; whatever is not known makes the answer "not plain".
#include "http/chunk_text.hpp"

#include <switchyard/json_scan.hpp>
#include <switchyard/json_skim.hpp>

namespace switchyard::http {

namespace {

using std::string_view;

bool is_nothing(string_view raw) { return raw == "null" || raw == "\"\"" || raw == "[]" || raw == "{}"; }

void add_text(string_view raw, ChunkText& out) {
  if (is_nothing(raw)) return;
  const bool escapes = raw.find('\\') != raw.npos;
  if (raw.starts_with('"') && !escapes) {
    out.text += raw.substr(1, raw.size() - 2);
    return;
  }
  auto text = raw.starts_with('"') ? unescape(raw) : Result<std::string>(Error{});
  if (text)
    out.text += *text;
  else
    out.plain = false;
}

void read_delta(JsonSkim& choice, ChunkText& out) {
  if (choice.kind() != '{') return;
  auto delta = choice.inside();
  while (delta.next()) {
    auto key = delta.key();
    if (key == "content")
      add_text(delta.value(), out);
    else if (key != "role" && key != "reasoning" && key != "reasoning_content")
      out.plain = is_nothing(delta.value()) && out.plain;
  }
  choice.leave(delta);
}

void read_choice(string_view json, ChunkText& out) {
  JsonSkim choice(json);
  while (choice.next()) {
    auto key = choice.key();
    if (key == "delta")
      read_delta(choice, out);
    else if (key == "text")
      add_text(choice.value(), out);
    else if (key == "index")
      out.plain = choice.value() == "0" && out.plain;
    else if (key == "finish_reason" || key == "logprobs")
      out.plain = is_nothing(choice.value()) && out.plain;
  }
  if (!choice.complete()) out.plain = false;
}

} // namespace

void read_chunk_text(string_view choices, ChunkText& out) {
  string_view choice;
  for (std::size_t at = 0; next_element(choices, at, choice);) read_choice(choice, out);
}

} // namespace switchyard::http
