// Whole Messages answers as OpenAI's, and how failures are sorted (spec providers.md 3.2, 5.3). Pure, any
// thread.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/json_skim.hpp>

#include <cstring>

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

/// What becomes of an answer's blocks.
class AnswerReader {
 public:
  explicit AnswerReader(ChatChoice& out) : out_(out) {}

  /// A block as written; false when it is no JSON. Plain text, which most answers are, becomes no tree.
  bool read(string_view raw) {
    JsonSkim block(raw);
    string_view type, text;
    bool plain = true;
    while (block.next()) {
      const auto key = block.key();
      if (key == "type")
        type = block.value();
      else if (key == "text")
        text = block.value();
      else
        plain = plain && key == "citations" && block.value() == "null";
    }
    if (!block.complete()) return false;
    if (plain && type == "\"text\"" && !text.empty()) {
      auto words = unescape(text);
      if (words) text_ += *words;
      return bool(words);
    }
    auto parsed = parse_json(raw);
    if (parsed) read(*parsed);
    return bool(parsed);
  }

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

  /// `own`: the answer's members that go on as they are.
  void finish(string_view stop_reason, ValueMap own) {
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
    for (auto& member : own) fields.push_back(std::move(member));
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

/// An answer's members as written; a repeated one keeps its last value. Empty = not there.
struct Members {
  string_view type, id, model, stop_reason, content, usage, container, context_management;
};

std::optional<Members> members_of(string_view body) {
  struct Row {
    string_view key;
    string_view Members::*member;
  };
  static constexpr Row k_rows[] = {
      {"type", &Members::type},           {"id", &Members::id},
      {"model", &Members::model},         {"stop_reason", &Members::stop_reason},
      {"content", &Members::content},     {"usage", &Members::usage},
      {"container", &Members::container}, {"context_management", &Members::context_management}};
  Members out;
  JsonSkim skim(body);
  while (skim.next())
    for (auto& row : k_rows)
      if (skim.key() == row.key) {
        out.*row.member = skim.value();
        break;
      }
  if (!skim.complete()) return std::nullopt;
  return out;
}

/// Of a JSON string; anything else has none.
std::string text_of(string_view raw) {
  auto text = unescape(raw);
  return text ? std::move(*text) : std::string();
}

ValueMap own_fields(const Members& members) {
  ValueMap out;
  const auto add = [&out](string_view key, string_view raw) {
    if (raw.empty() || raw == "null") return;
    if (auto value = parse_json(raw)) out.emplace_back(key, std::move(*value));
  };
  add("container", members.container), add("context_management", members.context_management);
  return out;
}

} // namespace

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  if (call.endpoint != Endpoint::chat) return relay_answer(target, call, answer, client_model, out);
  const auto members = members_of(answer.body);
  if (members && members->type == "\"error\"") return stream_error(target, answer.body);
  if (!members || !members->content.starts_with('[')) return invalid_answer(target, answer.body);
  ChatAnswer chat;
  chat.id = text_of(members->id), chat.model = text_of(members->model);
  ChatChoice choice;
  AnswerReader reader(choice);
  string_view block;
  for (std::size_t at = 0; next_element(members->content, at, block);)
    if (!reader.read(block)) return invalid_answer(target, answer.body);
  reader.finish(text_of(members->stop_reason), own_fields(*members));
  auto prefix = prefix_of(call);
  if (choice.content && !prefix.empty() && !choice.content->starts_with(prefix))
    choice.content->insert(0, prefix);
  if (auto usage = parse_json(members->usage)) read_usage(*usage, chat.usage);
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
