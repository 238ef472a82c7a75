// Reads chunks member by member; whatever is not known makes the answer "not plain".
#include "http/chunk_text.hpp"

#include <switchyard/json_scan.hpp>
#include <switchyard/json_skim.hpp>

namespace switchyard::http {

namespace {

using std::string_view;

bool is_nothing(string_view raw) {
  return raw.empty() || raw == "null" || raw == "\"\"" || raw == "[]" || raw == "{}";
}

/// token_id and the like say nothing to a reader.
bool is_number(string_view raw) {
  return !raw.empty() && (raw.front() == '-' || (raw.front() >= '0' && raw.front() <= '9'));
}

/// Where a chunk has its text.
struct Found {
  ChunkText& out;
  string_view raw = {}; ///< the last one, quotes included
  int texts = 0;        ///< how many, those that were passed over included
  bool bare = false;    ///< without escapes
};

void add_text(string_view raw, Found& found) {
  auto& out = found.out;
  found.raw = raw, ++found.texts;
  found.bare = raw.starts_with('"') && raw.find('\\') == raw.npos;
  if (found.bare) {
    out.text += raw.substr(1, raw.size() - 2);
    return;
  }
  if (is_nothing(raw)) return;
  auto text = raw.starts_with('"') ? unescape(raw) : Result<std::string>(Error{});
  if (text)
    out.text += *text;
  else
    out.plain = false;
}

/// The content of a delta or message; its other members make the choice "not plain".
string_view read_content(JsonSkim& choice, ChunkText& out) {
  string_view content;
  if (choice.kind() != '{') {
    out.plain = is_nothing(choice.value()) && out.plain;
    return content;
  }
  auto delta = choice.inside();
  while (delta.next()) {
    auto key = delta.key();
    if (key == "content") {
      content = delta.value();
    } else if (key != "role" && key != "reasoning" && key != "reasoning_content") {
      auto value = delta.value();
      out.plain = (is_nothing(value) || is_number(value)) && out.plain;
    }
  }
  choice.leave(delta);
  return content;
}

/// Some say it in both forms.
void add_one_of(string_view content, string_view text, Found& found) {
  if (is_nothing(content) && text.data()) return add_text(text, found);
  if (content.data()) add_text(content, found);
  if (!is_nothing(text)) ++found.texts;
}

void read_choice(string_view json, Found& found) {
  auto& out = found.out;
  string_view content, text;
  JsonSkim choice(json);
  while (choice.next()) {
    auto key = choice.key();
    if (key == "delta")
      content = read_content(choice, out);
    else if (key == "message")
      out.plain = is_nothing(read_content(choice, out)) && out.plain; // a whole answer, no part of one
    else if (key == "text")
      text = choice.value();
    else if (key == "index")
      out.plain = choice.value() == "0" && out.plain;
    else if (key == "finish_reason" || key == "logprobs")
      out.plain = is_nothing(choice.value()) && out.plain;
  }
  if (!choice.complete()) out.plain = false;
  add_one_of(content, text, found);
}

void read_choices(string_view choices, Found& found) {
  string_view choice;
  for (std::size_t at = 0; next_element(choices, at, choice);) read_choice(choice, found);
}

} // namespace

void read_chunk_text(string_view choices, ChunkText& out) {
  Found found{out};
  read_choices(choices, found);
}

// Text without quotes and backslashes between the same bytes as last time: the rest says the same, too.
bool ChunkTextReader::read_like_last(string_view choices, ChunkText& out) const {
  const auto around = before_.size() + behind_.size();
  if (before_.empty() || choices.size() < around || !choices.starts_with(before_) ||
      !choices.ends_with(behind_))
    return false;
  auto text = choices.substr(before_.size(), choices.size() - around);
  for (char c : text)
    if (c == '"' || c == '\\') return false;
  out.text += text;
  return true;
}

void ChunkTextReader::read_and_remember(string_view choices, ChunkText& out) {
  Found found{out};
  read_choices(choices, found);
  before_.clear();
  if (found.texts != 1 || !found.bare) return;
  const auto begin = static_cast<std::size_t>(found.raw.data() - choices.data()) + 1;
  before_ = choices.substr(0, begin);
  behind_ = choices.substr(begin + found.raw.size() - 2);
}

} // namespace switchyard::http
