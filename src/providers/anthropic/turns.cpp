// OpenAI's messages as Claude's: system text apart, turns merged, tool calls and results as blocks (spec
// providers.md 3.2). Pure, any thread.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

class TurnReader {
 public:
  TurnReader(const Job& job, const Dialect& dialect) : job_(job), dialect_(dialect) {}

  Result<Turns> read() {
    auto* found = job_.request.find("messages");
    if (!found || !found->as_list()) return bad_request(job_.target, "messages: a list is needed");
    auto& list = *found->as_list();
    for (std::size_t i = 0; i < list.size(); ++i) {
      where_ = "messages[" + std::to_string(i) + "]";
      if (auto done = read_message(list[i]); !done) return done.error();
    }
    finish();
    return std::move(out_);
  }

 private:
  using Step = Result<void> (TurnReader::*)(const Value&);
  struct RoleRow {
    string_view role;
    Step read;
  };

  Result<void> read_message(const Value& message) {
    static constexpr RoleRow k_roles[] = {{"system", &TurnReader::system},
                                          {"developer", &TurnReader::system},
                                          {"user", &TurnReader::user},
                                          {"tool", &TurnReader::tool_result},
                                          {"function", &TurnReader::tool_result},
                                          {"assistant", &TurnReader::assistant}};
    auto role = text_at(message, "role");
    for (auto& row : k_roles)
      if (row.role == role) return (this->*row.read)(message);
    return bad_request(job_.target, where_ + ".role: '" + std::string(role) + "' is not known");
  }

  Result<void> content_of(const Value& message, ValueList& out) {
    auto* content = message.find("content");
    if (!content) return {};
    const auto before = out.size();
    if (auto done = add_blocks(job_, dialect_, *content, where_ + ".content", out); !done) return done;
    // A message's own cache_control means its last block.
    if (out.size() > before) copy_member(message, "cache_control", std::get<ValueMap>(out.back().data()));
    return {};
  }

  /// The blocks of the last turn, which becomes one of `role`.
  ValueList& turn(string_view role) {
    if (out_.messages.empty() || text_at(out_.messages.back(), "role") != role) {
      ValueMap fresh;
      fresh.reserve(2);
      fresh.emplace_back("role", text_value(role));
      fresh.emplace_back("content", Value(ValueList{}));
      out_.messages.emplace_back(std::move(fresh));
    }
    return std::get<ValueList>(std::get<ValueMap>(out_.messages.back().data())[1].second.data());
  }

  Result<void> add(string_view role, ValueList blocks) {
    if (blocks.empty()) return {};
    auto& onto = turn(role);
    for (auto& block : blocks) onto.push_back(std::move(block));
    return {};
  }

  Result<void> system(const Value& message) {
    ValueList blocks;
    if (auto done = content_of(message, blocks); !done) return done;
    for (auto& block : blocks)
      if (text_at(block, "type") == "text") out_.system.push_back(std::move(block));
    return {};
  }

  Result<void> user(const Value& message) {
    ValueList blocks;
    if (auto done = content_of(message, blocks); !done) return done;
    return add("user", std::move(blocks));
  }

  Result<void> tool_result(const Value& message) {
    auto id = tool_id(text_at(message, "tool_call_id"));
    if (id.empty()) id = last_function_; // role "function" names no call
    ValueMap block{{"type", text_value("tool_result")}, {"tool_use_id", Value(std::move(id))}};
    auto* content = message.find("content");
    if (content && content->as_list()) {
      ValueList parts;
      if (auto done = add_blocks(job_, dialect_, *content, where_ + ".content", parts); !done) return done;
      // The cache mark belongs to the result, not to its parts.
      for (auto& part : parts)
        if (text_at(part, "type") == "text") {
          copy_member(part, "cache_control", block);
          switchyard::erase(std::get<ValueMap>(part.data()), "cache_control");
        }
      block.emplace_back("content", Value(std::move(parts)));
    } else if (content && !content->is_null()) {
      auto* text = content->as_string();
      block.emplace_back("content", Value(text ? *text : to_json(*content)));
    }
    copy_member(message, "cache_control", block);
    copy_member(message, "is_error", block);
    return add("user", {Value(std::move(block))});
  }

  Result<void> assistant(const Value& message) {
    ValueList blocks, content;
    if (auto done = content_of(message, content); !done) return done;
    bool thinks = false;
    for (auto& block : content) thinks = thinks || text_at(block, "type").ends_with("thinking");
    if (!thinks) add_thinking(message, blocks);
    for (auto& block : content) blocks.push_back(std::move(block));
    for (auto& call : past_calls(message)) add_call(message, call, blocks);
    return add("assistant", std::move(blocks));
  }

  /// Blocks of other providers have no signature; Claude refuses those.
  static void add_thinking(const Value& message, ValueList& out) {
    for (auto& block : list_at(message, "thinking_blocks")) {
      auto type = text_at(block, "type");
      const bool thinking = type == "thinking" && !text_at(block, "signature").empty();
      if (!thinking && type != "redacted_thinking") continue;
      out.push_back(block);
      switchyard::erase(std::get<ValueMap>(out.back().data()), "cache_control"); // refused on thinking
    }
  }

  void add_call(const Value& message, PastCall& call, ValueList& out) {
    if (call.id.starts_with("srvtoolu_")) return add_server_call(message, call, out);
    auto id = tool_id(call.id);
    if (id.empty()) id = last_function_ = "call_function_" + std::to_string(++functions_);
    out_.has_tool_calls = true;
    ValueMap block{{"type", text_value("tool_use")},
                   {"id", Value(std::move(id))},
                   {"name", text_value(call.name)},
                   {"input", std::move(call.arguments)}};
    for (auto& item : list_at(message, "tool_calls"))
      if (text_at(item, "id") == call.id && !call.id.empty()) {
        copy_member(item, "cache_control", block);
        if (auto* function = item.find("function")) copy_member(*function, "cache_control", block);
      }
    out.emplace_back(std::move(block));
  }

  /// What Claude's host ran itself (web search, ...) only makes sense together with its result.
  static void add_server_call(const Value& message, PastCall& call, ValueList& out) {
    auto* fields = message.find("provider_specific_fields");
    if (!fields) return;
    for (auto key : {"web_search_results", "tool_results"})
      for (auto& result : list_at(*fields, key)) {
        if (text_at(result, "tool_use_id") != call.id) continue;
        out.emplace_back(ValueMap{{"type", text_value("server_tool_use")},
                                  {"id", text_value(call.id)},
                                  {"name", text_value(call.name)},
                                  {"input", std::move(call.arguments)}});
        out.push_back(result);
        return;
      }
  }

  void finish() {
    if (modifies_params(job_.target, job_.call)) {
      mend_tools(out_.messages);
      if (out_.messages.empty() || text_at(out_.messages.front(), "role") != "user")
        out_.messages.insert(
            out_.messages.begin(),
            Value(ValueMap{{"role", text_value("user")}, {"content", Value(ValueList{text_block(".")})}}));
    }
    trim_prefill();
  }

  /// Claude refuses trailing space in the text that it is to go on from.
  void trim_prefill() {
    if (out_.messages.empty() || text_at(out_.messages.back(), "role") != "assistant") return;
    auto& blocks = turn("assistant");
    auto* text = blocks.back().find("text");
    if (!text || !text->as_string()) return;
    std::string trimmed = *text->as_string();
    while (!trimmed.empty() && string_view(" \t\r\n").find(trimmed.back()) != string_view::npos)
      trimmed.pop_back();
    if (trimmed.empty())
      blocks.pop_back();
    else
      set(blocks.back(), "text", Value(std::move(trimmed)));
    if (blocks.empty()) out_.messages.pop_back();
  }

  const Job& job_;
  const Dialect& dialect_;
  Turns out_;
  std::string where_, last_function_;
  int functions_ = 0;
};

} // namespace

Result<Turns> read_turns(const Job& job, const Dialect& dialect) { return TurnReader(job, dialect).read(); }

} // namespace switchyard::providers::anthropic
