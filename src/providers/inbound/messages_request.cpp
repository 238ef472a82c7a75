// Anthropic's /v1/messages request as a chat request (spec providers.md 7.2). Pure, any thread; hostile
// bodies get a 400 that names the field.
#include "providers/inbound/inbound.hpp"
#include "providers/row.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::providers::inbound {
namespace {

using std::string_view;

/// What becomes something else, or nothing: all other members are copied.
constexpr string_view k_taken =
    "messages system metadata stop_sequences tools tool_choice thinking output_config output_format "
    "service_tier "
    "context_management betas anthropic_beta anthropic_version inference_geo speed";
/// Work that only Anthropic's own servers do.
constexpr string_view k_servers_only = "mcp_servers container";

/// What the conversion of the messages needs to know.
struct Turns {
  bool keep_cache;     ///< cache_control is understood
  bool keep_thinking;  ///< thinking_blocks are
  bool reasoning_text; ///< reasoning_content is, next to tool calls
  bool tool_images;    ///< images may stand in tool results
  bool failures;       ///< is_error of tool results is
  ValueList out;
};

std::string place(std::size_t index, string_view member) {
  return "messages[" + std::to_string(index) + "]" + std::string(member);
}

void keep_cache(const Turns& turns, const Value& block, Value& part) {
  auto* cache = block.find("cache_control");
  if (turns.keep_cache && cache && cache->as_map()) set(part, "cache_control", *cache);
}

std::string data_url(const Value& source, string_view mime) {
  return "data:" + std::string(text_at(source, "media_type", mime)) + ";base64," +
         std::string(text_at(source, "data"));
}

Value image_of(const Value& source) {
  auto type = text_at(source, "type");
  if (type == "base64") return image_part(data_url(source, "image/png"));
  if (type == "file")
    return Value(ValueMap{{"type", str("file")},
                          {"file", Value(ValueMap{{"file_id", str(text_at(source, "file_id"))}})}});
  return image_part(text_at(source, "url"));
}

/// Text documents are text; files stay files.
Value document_of(const Value& block, const Value& source) {
  auto type = text_at(source, "type");
  if (type == "text") return text_part(text_at(source, "data"));
  if (type == "content") {
    auto* content = source.find("content");
    return text_part(content ? content_text(*content, "\n") : std::string());
  }
  ValueMap file;
  if (type == "base64") {
    file.emplace_back("file_data", Value(data_url(source, "application/pdf")));
    file.emplace_back("filename", str(text_at(block, "title", "document.pdf")));
  } else {
    file.emplace_back("file_id", str(text_at(source, type == "file" ? "file_id" : "url")));
  }
  return Value(ValueMap{{"type", str("file")}, {"file", Value(std::move(file))}});
}

Value search_result_text(const Value& block) {
  std::string text(text_at(block, "title"));
  for (auto piece : {std::string(text_at(block, "source")),
                     block.find("content") ? content_text(*block.find("content"), "\n") : std::string()})
    if (!piece.empty()) text += (text.empty() ? "" : "\n") + piece;
  return text_part(text);
}

/// A content part of a text, image or document block; null for all others.
Value part_of(const Turns& turns, const Value& block) {
  auto type = text_at(block, "type");
  auto* source = block.find("source");
  Value part;
  if (type == "text") part = text_part(text_at(block, "text"));
  if (type == "search_result") part = search_result_text(block);
  if (type == "image" && source) part = image_of(*source);
  if (type == "document" && source) part = document_of(block, *source);
  if (!part.is_null()) keep_cache(turns, block, part);
  return part;
}

bool is_text(const Value& part) { return text_at(part, "type") == "text"; }

/// The tool's answer as a message of its own. Images that may not stand there go to `moved`.
void add_result(Turns& turns, const Value& block, ValueList& moved) {
  ValueList parts;
  auto* content = block.find("content");
  for (auto& item : content ? content_parts(*content) : ValueList{}) {
    auto part = part_of(turns, item);
    if (part.is_null() && text_at(item, "type") == "tool_reference")
      part = text_part(text_at(item, "tool_name"));
    if (part.is_null()) continue;
    (is_text(part) || turns.tool_images ? parts : moved).push_back(std::move(part));
  }
  Value message(ValueMap{{"role", str("tool")}, {"tool_call_id", str(text_at(block, "tool_use_id"))}});
  auto short_content = content_of(std::move(parts));
  set(message, "content",
      short_content.is_null() ? str(moved.empty() ? "" : "See the next message.") : std::move(short_content));
  keep_cache(turns, block, message);
  auto* failed = block.find("is_error");
  if (turns.failures && failed && failed->as_bool()) set(message, "is_error", *failed);
  turns.out.push_back(std::move(message));
}

/// Tool results come first, whatever their place: they belong to the calls before.
void add_user(Turns& turns, const std::vector<Value>& blocks, string_view role) {
  ValueList parts, moved;
  for (auto& block : blocks) {
    if (text_at(block, "type") == "tool_result") {
      add_result(turns, block, moved);
      continue;
    }
    auto part = part_of(turns, block);
    if (!part.is_null()) parts.push_back(std::move(part));
  }
  parts.insert(parts.begin(), std::make_move_iterator(moved.begin()), std::make_move_iterator(moved.end()));
  if (parts.empty()) return;
  turns.out.push_back(Value(ValueMap{{"role", str(role)}, {"content", content_of(std::move(parts))}}));
}

bool has_cache(const ValueList& parts) {
  for (auto& part : parts)
    if (part.find("cache_control")) return true;
  return false;
}

void add_thinking(const Turns& turns, ValueList thinking, bool calls, Value& message) {
  if (thinking.empty()) return;
  if (turns.keep_thinking) return set(message, "thinking_blocks", Value(std::move(thinking)));
  if (!turns.reasoning_text || !calls) return;
  std::string text;
  for (auto& block : thinking) text += text_at(block, "thinking");
  if (!text.empty()) set(message, "reasoning_content", Value(std::move(text)));
}

void add_assistant(Turns& turns, const std::vector<Value>& blocks) {
  ValueList texts, thinking, calls;
  std::string joined;
  for (auto& block : blocks) {
    auto type = text_at(block, "type");
    if (type == "text") {
      joined += text_at(block, "text");
      texts.push_back(part_of(turns, block));
    } else if (type == "thinking" || type == "redacted_thinking") {
      thinking.push_back(block);
    } else if (type == "tool_use") {
      auto* input = block.find("input");
      calls.push_back(tool_call(text_at(block, "id"), short_tool_name(text_at(block, "name")),
                                input && !input->is_null() ? to_json(*input) : "{}"));
      keep_cache(turns, block, calls.back());
    }
  }
  if (joined.empty() && calls.empty() && (thinking.empty() || !turns.keep_thinking)) return;
  Value message(ValueMap{{"role", str("assistant")}});
  set(message, "content",
      has_cache(texts)                   ? Value(std::move(texts))
      : joined.empty() && !calls.empty() ? Value()
                                         : Value(std::move(joined)));
  add_thinking(turns, std::move(thinking), !calls.empty(), message);
  if (!calls.empty()) set(message, "tool_calls", Value(std::move(calls)));
  turns.out.push_back(std::move(message));
}

Result<void> add_system(Turns& turns, const Value& system) {
  if (system.is_null()) return {};
  if (!system.as_string() && !system.as_list())
    return refuse("system", "must be a string or a list of text blocks");
  ValueList parts;
  for (auto& block : content_parts(system)) {
    auto part = part_of(turns, block);
    if (part.is_null()) return refuse("system", "only text blocks are known here");
    if (!text_at(part, "text").empty()) parts.push_back(std::move(part));
  }
  if (!parts.empty())
    turns.out.push_back(Value(ValueMap{{"role", str("system")}, {"content", content_of(std::move(parts))}}));
  return {};
}

Result<void> add_message(Turns& turns, const Value& message, std::size_t index) {
  if (!message.as_map()) return refuse(place(index, ""), "must be an object");
  auto role = text_at(message, "role");
  auto* content = message.find("content");
  if (!content || !(content->as_string() || content->as_list()))
    return refuse(place(index, ".content"), "must be a string or a list of content blocks");
  auto blocks = content_parts(*content);
  for (auto& block : blocks)
    if (!block.as_map()) return refuse(place(index, ".content"), "holds something that is no content block");
  if (role == "user" || role == "system")
    add_user(turns, blocks, role);
  else if (role == "assistant")
    add_assistant(turns, blocks);
  else
    return refuse(place(index, ".role"), "must be user, assistant or system");
  return {};
}

// -- tools

/// null = it is no tool of a chat request (but an option).
Value tool_of(const Turns& turns, const Value& tool) {
  auto type = text_at(tool, "type", "custom");
  if (type != "custom" && type != "function") return tool; // one of Anthropic's hosted tools
  auto made = function_tool(short_tool_name(text_at(tool, "name")), tool.find("description"),
                            tool.find("input_schema"), tool.find("strict"));
  keep_cache(turns, tool, made);
  return made;
}

Result<void> add_tools(const Turns& turns, const Value& client, ValueMap& chat) {
  auto* tools = client.find("tools");
  if (!tools || tools->is_null()) return {};
  if (!tools->as_list()) return refuse("tools", "must be a list");
  ValueList out;
  for (auto& tool : *tools->as_list()) {
    if (!tool.as_map()) return refuse("tools", "holds something that is no object");
    if (text_at(tool, "type").starts_with("web_search"))
      set(chat, "web_search_options", Value(ValueMap{}));
    else if (text_at(tool, "name").empty() && !tool.find("type"))
      return refuse("tools", "a tool has no name");
    else
      out.push_back(tool_of(turns, tool));
  }
  if (!out.empty()) set(chat, "tools", Value(std::move(out)));
  return {};
}

void add_tool_choice(const Value& client, ValueMap& chat) {
  auto* choice = client.find("tool_choice");
  const bool tools =
      std::any_of(chat.begin(), chat.end(), [](auto& member) { return member.first == "tools"; });
  if (!tools || !choice || !choice->as_map()) return;
  auto type = text_at(*choice, "type");
  if (type == "any") set(chat, "tool_choice", str("required"));
  if (type == "auto" || type == "none") set(chat, "tool_choice", str(type));
  if (type == "tool")
    set(chat, "tool_choice",
        Value(ValueMap{
            {"type", str("function")},
            {"function", Value(ValueMap{{"name", Value(short_tool_name(text_at(*choice, "name")))}})}}));
  auto* alone = choice->find("disable_parallel_tool_use");
  if (alone && alone->as_bool() && *alone->as_bool()) set(chat, "parallel_tool_calls", yes(false));
}

// -- the rest

/// Claude thinks by budget; others get the effort that it stands for.
void add_thinking_option(const Side& side, ValueMap& chat) {
  auto* thinking = side.client.find("thinking");
  if (!thinking || !thinking->as_map()) return;
  auto* output = side.client.find("output_config");
  auto type = text_at(*thinking, "type");
  if (is_claude(side)) {
    set(chat, "thinking", *thinking);
    if (type == "adaptive" && output) copy(*output, "effort", chat, "reasoning_effort");
    return;
  }
  if (type == "adaptive") {
    auto effort = output ? text_at(*output, "effort", "medium") : "medium";
    set(chat, "reasoning_effort", str(effort == "max" ? "high" : effort));
  } else if (type == "enabled") {
    double budget = 0;
    auto* tokens = thinking->find("budget_tokens");
    if (!tokens || !tokens->number(budget)) budget = 0;
    set(chat, "reasoning_effort",
        str(effort_of_budget(budget < 1e9 ? static_cast<std::int64_t>(budget) : 1000000000)));
  }
}

void add_format(const Value& client, ValueMap& chat) {
  auto* format = client.find("output_format");
  if (auto* output = client.find("output_config"); output && output->find("format"))
    format = output->find("format");
  auto* schema = format ? format->find("schema") : nullptr;
  if (schema && schema->as_map())
    set(chat, "response_format", json_schema_format("structured_output", strict_schema(*schema), true));
}

/// OpenAI takes names of 64 bytes for its users.
void add_user_id(const Value& client, ValueMap& chat) {
  auto* metadata = client.find("metadata");
  auto user = metadata ? text_at(*metadata, "user_id") : string_view{};
  if (!user.empty()) set(chat, "user", str(cut(user, 64)));
}

Turns turns_for(const Side& side) {
  const bool claude = is_claude(side), plain = is_openai_format(side.target);
  const bool openai = side.target.provider == "openai" || side.target.provider == "azure";
  return {claude, !plain || (claude && !openai),     plain && !openai,
          !plain, side.target.provider == "bedrock", {}};
}

} // namespace

Result<Value> messages_request(const Side& side) {
  auto& client = side.client;
  for (auto& member : map_of(client))
    if (has_word(k_servers_only, member.first) && !member.second.is_null() && !side.call.drop_params)
      return refuse(member.first, "only Anthropic's own API can do this; remove it or set drop_params");
  auto* messages = client.find("messages");
  if (!messages || !messages->as_list()) return refuse("messages", "a list of messages is required");
  auto turns = turns_for(side);
  auto* system = client.find("system");
  if (auto done = add_system(turns, system ? *system : Value()); !done) return done.error();
  std::size_t index = 0;
  for (auto& message : *messages->as_list())
    if (auto done = add_message(turns, message, index++); !done) return done.error();
  ValueMap chat;
  copy(client, "model", chat);
  if (auto done = add_tools(turns, client, chat); !done) return done.error();
  set(chat, "messages", Value(std::move(turns.out)));
  add_tool_choice(client, chat);
  add_thinking_option(side, chat);
  add_format(client, chat);
  add_user_id(client, chat);
  copy(client, "stop_sequences", chat, "stop");
  for (auto& member : map_of(client))
    if (!has_word(k_taken, member.first) && !has_word(k_servers_only, member.first))
      copy(client, member.first, chat);
  return Value(std::move(chat));
}

} // namespace switchyard::providers::inbound
