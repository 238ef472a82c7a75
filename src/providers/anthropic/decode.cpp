// Whole Messages answers as OpenAI's, and how failures are sorted (spec providers.md 3.2, 5.3). Pure, any
// thread.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"

#include <switchyard/ascii.hpp>

#include <cstring>

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

/// What becomes of an answer's blocks.
class AnswerReader {
 public:
  explicit AnswerReader(ChatChoice& out) : out_(out) {}

  void read(const Value& block) {
    struct Row {
      string_view type;
      void (AnswerReader::*read)(const Value&);
    };
    static constexpr Row k_rows[] = {{"text", &AnswerReader::text},
                                     {"tool_use", &AnswerReader::tool},
                                     {"server_tool_use", &AnswerReader::server_tool},
                                     {"thinking", &AnswerReader::thinking},
                                     {"redacted_thinking", &AnswerReader::thinking},
                                     {"web_search_tool_result", &AnswerReader::search_result},
                                     {"compaction", &AnswerReader::compaction}};
    const auto type = text_at(block, "type");
    for (auto& row : k_rows)
      if (row.type == type) return (this->*row.read)(block);
    if (type.ends_with("_tool_result")) results_.push_back(block);
  }

  void finish(string_view stop_reason, const Value& answer) {
    out_.finish = finish_reason(stop_reason);
    if (json_ && out_.tool_calls.empty() && out_.finish == "tool_calls") out_.finish = "stop";
    const bool calls = !out_.tool_calls.empty() || !server_calls_.empty();
    if (json_) text_ = std::move(*json_);
    if (!text_.empty() || !calls) out_.content = std::move(text_);
    add_server_calls();
    ValueMap fields;
    auto add = [&fields](string_view key, ValueList& list) {
      if (!list.empty()) fields.emplace_back(key, Value(std::move(list)));
    };
    add("citations", citations_), add("web_search_results", searches_), add("tool_results", results_);
    add("compaction_blocks", compactions_);
    for (auto key : {"container", "context_management"}) copy_member(answer, key, fields);
    if (!fields.empty()) out_.extra.emplace_back("provider_specific_fields", Value(std::move(fields)));
  }

 private:
  void text(const Value& block) {
    const auto text = text_at(block, "text");
    text_ += text;
    ValueList cited;
    for (auto& citation : list_at(block, "citations")) {
      cited.push_back(citation);
      if (citation.as_map()) set(cited.back(), "supported_text", text_value(text));
    }
    if (!cited.empty()) citations_.emplace_back(std::move(cited));
  }
  void tool(const Value& block) {
    auto* input = block.find("input");
    auto arguments = input ? to_json(*input) : std::string("{}");
    if (text_at(block, "name") == k_json_tool) return json_ = json_tool_content(arguments), void();
    out_.tool_calls.push_back(
        {std::string(text_at(block, "id")), std::string(text_at(block, "name")), std::move(arguments)});
  }
  void server_tool(const Value& block) {
    auto* input = block.find("input");
    server_calls_.push_back({std::string(text_at(block, "id")), std::string(text_at(block, "name")),
                             input ? to_json(*input) : std::string("{}")});
  }
  void thinking(const Value& block) {
    out_.thinking_blocks.push_back(block);
    out_.reasoning += text_at(block, "thinking");
  }
  void search_result(const Value& block) { searches_.push_back(block); }
  void compaction(const Value& block) { compactions_.push_back(block); }

  /// Calls that Claude's host has run are told like the others, but leave nothing to do: the finish stays
  /// `stop`.
  void add_server_calls() {
    if (!out_.tool_calls.empty()) {
      out_.tool_calls.insert(out_.tool_calls.begin(), server_calls_.begin(), server_calls_.end());
      return;
    }
    ValueList calls;
    for (auto& call : server_calls_)
      calls.emplace_back(ValueMap{
          {"id", Value(call.id)},
          {"type", text_value("function")},
          {"function", Value(ValueMap{{"name", Value(call.name)}, {"arguments", Value(call.arguments)}})}});
    if (!calls.empty()) out_.extra.emplace_back("tool_calls", Value(std::move(calls)));
  }

  ChatChoice& out_;
  std::string text_;
  ValueList citations_, searches_, results_, compactions_;
  std::vector<ToolCall> server_calls_;
  std::optional<std::string> json_; ///< what JSON mode is about: remarks around it go
};

/// Text of a last assistant message that says "prefix": true, which the answer begins with.
std::string prefix_of(const Call& call) {
  if (!call.json) return {};
  auto* field = call.json->find("messages");
  if (!field) return {};
  constexpr string_view k_word = "\"prefix\""; // memmem, since find() stops at every quote of a long prompt
  const auto raw = call.json->raw(*field);
  if (!::memmem(raw.data(), raw.size(), k_word.data(), k_word.size())) return {};
  auto messages = parse_json(call.json->raw(*field));
  if (!messages || !messages->as_list() || messages->as_list()->empty()) return {};
  auto& last = messages->as_list()->back();
  auto* prefix = last.find("prefix");
  auto* content = last.find("content");
  const bool wanted =
      prefix && prefix->as_bool() && *prefix->as_bool() && text_at(last, "role") == "assistant";
  return wanted && content ? content_text(*content) : std::string();
}

} // namespace

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  if (call.endpoint != Endpoint::chat) return relay_answer(target, call, answer, client_model, out);
  auto parsed = parse_json(answer.body);
  if (!parsed) return invalid_answer(target, answer.body);
  if (text_at(*parsed, "type") == "error") return stream_error(target, answer.body);
  auto* content = parsed->find("content");
  if (!content || !content->as_list()) return invalid_answer(target, answer.body);
  ChatAnswer chat;
  chat.id = text_at(*parsed, "id");
  chat.model = text_at(*parsed, "model");
  ChatChoice choice;
  AnswerReader reader(choice);
  for (auto& block : *content->as_list()) reader.read(block);
  reader.finish(text_at(*parsed, "stop_reason"), *parsed);
  auto prefix = prefix_of(call);
  if (choice.content && !prefix.empty() && !choice.content->starts_with(prefix))
    choice.content->insert(0, prefix);
  if (auto* usage = parsed->find("usage")) read_usage(*usage, chat.usage);
  chat.choices.push_back(std::move(choice));
  out.body = write_chat(chat, call, client_model);
  out.usage = chat.usage;
  return {};
}

Errc classify(const FamilyTarget&, int status, string_view body) {
  struct Rule {
    string_view words;
    Errc code;
  };
  static constexpr Rule k_rules[] = {{"prompt is too long", Errc::context_window_exceeded},
                                     {"prompt: length", Errc::context_window_exceeded},
                                     {"exceed context limit", Errc::context_window_exceeded},
                                     {"overloaded_error", Errc::internal_server},
                                     {"Overloaded", Errc::internal_server},
                                     {"Invalid API Key", Errc::authentication},
                                     {"content filtering policy", Errc::content_policy_violation}};
  for (auto& rule : k_rules)
    if (body.find(rule.words) != string_view::npos) return rule.code;
  if (status == 413) return Errc::bad_request;
  return status == 529 ? Errc::internal_server : Errc::none;
}

} // namespace switchyard::providers::anthropic
