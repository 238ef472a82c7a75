// Which beta features a request uses: the words of `anthropic-beta` (spec providers.md 3.2). Pure, any
// thread.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"

#include <switchyard/ascii.hpp>

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

struct ToolBeta {
  string_view type; ///< how the tool's type begins
  string_view beta;
};
// As Anthropic's documentation of each tool says; tools that are not here need none.
constexpr ToolBeta k_tools[] = {
    {"computer_20241022", "computer-use-2024-10-22"},
    {"bash_20241022", "computer-use-2024-10-22"},
    {"text_editor_20241022", "computer-use-2024-10-22"},
    {"computer_20250124", "computer-use-2025-01-24"},
    {"computer_20251124", "computer-use-2025-11-24"},
    {"code_execution_20250522", "code-execution-2025-05-22"},
    {"code_execution_20250825", "code-execution-2025-08-25"},
    {"web_fetch_20250910", "web-fetch-2025-09-10"},
    {"memory_", "context-management-2025-06-27"},
    {"mcp_toolset", "mcp-client-2025-11-20"},
    {"tool_search_tool_", "advanced-tool-use-2025-11-20"},
    {"advisor_20260301", "advisor-tool-2026-03-01"},
};

/// Calls f with each word of a comma separated list.
template <class F>
void for_each_word(string_view words, F&& f) {
  while (!words.empty()) {
    auto comma = words.find(',');
    if (auto word = trim(words.substr(0, comma)); !word.empty()) f(word);
    words = comma == string_view::npos ? string_view{} : words.substr(comma + 1);
  }
}

class Words {
 public:
  /// Comma separated or a single one; each is kept once.
  void add(string_view words) {
    for_each_word(words, [this](string_view word) {
      if (!has(word)) text_.append(text_.empty() ? "" : ",").append(word);
    });
  }
  bool has(string_view wanted) const {
    const auto framed = "," + text_ + ",", word = "," + std::string(wanted) + ",";
    return framed.find(word) != std::string::npos;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_edits(const Value& management, Words& out) {
  bool other = false;
  for (auto& edit : list_at(management, "edits")) {
    if (text_at(edit, "type").starts_with("compact_"))
      out.add("compact-2026-01-12");
    else
      other = true;
  }
  if (other) out.add("context-management-2025-06-27");
}

/// A block whose source is an uploaded file.
bool has_file(const Value& body) {
  for (auto& message : list_at(body, "messages"))
    for (auto& block : list_at(message, "content"))
      if (auto* source = block.find("source"); source && text_at(*source, "type") == "file") return true;
  return false;
}

void add_features(const Job& job, const Value& body, Words& out) {
  for (auto& tool : list_at(body, "tools"))
    for (auto& row : k_tools)
      if (text_at(tool, "type").starts_with(row.type)) out.add(row.beta);
  if (!list_at(body, "mcp_servers").empty() && !out.has("mcp-client-2025-11-20"))
    out.add("mcp-client-2025-04-04");
  if (auto* management = body.find("context_management")) add_edits(*management, out);
  if (auto* container = body.find("container"); container && !list_at(*container, "skills").empty())
    out.add("code-execution-2025-08-25,skills-2025-10-02");
  if (body.find("output_format")) out.add("structured-outputs-2025-11-13");
  auto* config = body.find("output_config");
  if (config && config->find("effort") && model_of(job.call.model).version == 45)
    out.add("effort-2025-11-24");
  if (text_at(body, "speed") == "fast") out.add("fast-mode-2026-02-01");
  if (has_file(body)) out.add("files-api-2025-04-14");
}

} // namespace

Value beta_list(string_view betas) {
  ValueList out;
  for_each_word(betas, [&out](string_view word) { out.push_back(text_value(word)); });
  return Value(std::move(out));
}

std::string take_betas(ValueMap& body) {
  Words out;
  for (auto key : {"betas", "anthropic_beta"}) {
    for (auto& beta : texts_of(find_in(body, key))) out.add(beta);
    switchyard::erase(body, key);
  }
  return out.take();
}

std::string betas_of(const Job& job, const Dialect& dialect, const Value& body, string_view more) {
  Words out;
  for (auto& line : job.call.forward_headers)
    if (same_text(line.name, "anthropic-beta")) out.add(line.value);
  for (auto& line : job.target.lines)
    if (same_text(line.name, "anthropic-beta")) out.add(line.value);
  out.add(more);
  add_features(job, body, out);
  auto all = out.take();
  if (dialect.betas.empty()) return all;
  Words known;
  for_each_word(all, [&](string_view word) {
    if (word == "advanced-tool-use-2025-11-20") word = "tool-search-tool-2025-10-19"; // its older name
    if (has_word(dialect.betas, word)) known.add(word);
  });
  return known.take();
}

} // namespace switchyard::providers::anthropic
