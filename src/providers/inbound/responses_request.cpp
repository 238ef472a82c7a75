// OpenAI's /v1/responses request as a chat request (spec providers.md 7.3). Pure, any thread; hostile bodies
// get a 400 that names the field.
#include "providers/inbound/responses.hpp"
#include "providers/row.hpp"

#include <utility>

namespace switchyard::providers::inbound {
namespace {

using std::string_view;

/// Members that ask for what only a provider with this API can do.
constexpr string_view k_native_only = "previous_response_id conversation prompt";
/// Members that are used up below, or say how OpenAI's servers shall keep house.
constexpr string_view k_taken =
    "input instructions tools tool_choice text reasoning max_output_tokens stream "
    "stream_options store include truncation background prompt_cache_key "
    "prompt_cache_retention safety_identifier max_tool_calls parallel_tool_calls "
    "client_metadata context_management top_logprobs";

std::string place(std::size_t index, string_view member) {
  return "input[" + std::to_string(index) + "]" + std::string(member);
}

/// The chat messages as they come together: calls that follow each other are one assistant message.
struct Turns {
  bool keep_thinking;  ///< thinking_blocks are understood
  bool reasoning_text; ///< reasoning_content is, next to tool calls
  bool tool_images;    ///< images may stand in tool results
  ValueList out, thinking, images;
  std::string reasoning; ///< of the assistant turn that follows
};

Value file_part(const Value& part) {
  ValueMap file;
  for (auto key : {"file_id", "file_data", "filename"}) copy(part, key, file);
  if (file.empty() || (file.size() == 1 && part.find("filename"))) copy(part, "file_url", file, "file_id");
  return Value(ValueMap{{"type", str("file")}, {"file", Value(std::move(file))}});
}

/// null = not known here.
Value part_of(const Value& part) {
  auto type = text_at(part, "type");
  if (type == "input_text" || type == "output_text" || type == "text" || type == "summary_text")
    return text_part(text_at(part, "text"));
  if (type == "refusal") return text_part(text_at(part, "refusal"));
  if (type == "input_file") return file_part(part);
  if (type == "input_audio") return part;
  if (type != "input_image") return {};
  auto url = image_url(part);
  auto image = image_part(url.empty() ? text_at(part, "file_id") : url);
  if (auto detail = text_at(part, "detail"); !detail.empty() && detail != "auto")
    set(std::get<ValueMap>(image.data()).back().second, "detail", str(detail));
  return image;
}

Result<ValueList> parts_of(const Value& content, const std::string& field) {
  ValueList out;
  for (auto& part : content_parts(content)) {
    auto converted = part_of(part);
    if (converted.is_null())
      return refuse(field, "a part of type '" + std::string(text_at(part, "type")) + "' is not known here");
    out.push_back(std::move(converted));
  }
  return out;
}

Value& assistant(Turns& turns) {
  if (turns.out.empty() || text_at(turns.out.back(), "role") != "assistant")
    turns.out.push_back(Value(ValueMap{{"role", str("assistant")}, {"content", Value()}}));
  return turns.out.back();
}

/// Reasoning as text waits for the calls of its turn.
void give_thoughts(Turns& turns, bool calls) {
  auto& message = assistant(turns);
  if (!turns.thinking.empty() && turns.keep_thinking) {
    ValueList all = list_at(message, "thinking_blocks");
    all.insert(all.end(), turns.thinking.begin(), turns.thinking.end());
    set(message, "thinking_blocks", Value(std::move(all)));
  } else if (!turns.reasoning.empty() && calls && turns.reasoning_text) {
    set(message, "reasoning_content", Value(std::exchange(turns.reasoning, {})));
  }
  turns.thinking.clear();
}

/// Images of tool results, behind the last result: nothing may stand between calls and their results.
void show_images(Turns& turns) {
  if (turns.images.empty()) return;
  turns.out.push_back(
      Value(ValueMap{{"role", str("user")}, {"content", Value(std::exchange(turns.images, {}))}}));
}

Result<void> add_message(Turns& turns, const Value& item, std::size_t index) {
  auto role = text_at(item, "role", "user");
  auto* content = item.find("content");
  if (!content || !(content->as_string() || content->as_list()))
    return refuse(place(index, ".content"), "must be a string or a list of content parts");
  auto parts = parts_of(*content, place(index, ".content"));
  if (!parts) return parts.error();
  if (role == "developer") role = "system";
  if (role != "system" && role != "user" && role != "assistant")
    return refuse(place(index, ".role"), "must be user, assistant, system or developer");
  if (role != "assistant") {
    turns.reasoning.clear();
    auto text = content_of(std::move(*parts));
    turns.out.push_back(
        Value(ValueMap{{"role", str(role)}, {"content", text.is_null() ? str("") : std::move(text)}}));
    return {};
  }
  auto& message = assistant(turns); // text behind calls joins them: their results must follow them directly
  if (auto* said = message.find("content"); said && said->as_string())
    turns.out.push_back(Value(ValueMap{{"role", str("assistant")}}));
  set(turns.out.back(), "content", Value(content_text(Value(std::move(*parts)))));
  give_thoughts(turns, false);
  return {};
}

/// A custom tool's input is free text: the one argument of the function that stands for it.
std::string custom_arguments(string_view input) { return to_json(Value(ValueMap{{"input", str(input)}})); }

void add_call(Turns& turns, const Value& item, string_view name, std::string arguments) {
  give_thoughts(turns, true);
  auto& message = assistant(turns);
  auto id = text_at(item, "call_id", text_at(item, "id"));
  ValueList calls = list_at(message, "tool_calls");
  calls.push_back(tool_call(id, name, std::move(arguments)));
  set(message, "tool_calls", Value(std::move(calls)));
}

Result<void> add_output(Turns& turns, const Value& item, std::size_t index) {
  auto* output = item.find("output");
  if (!output) return refuse(place(index, ".output"), "is required");
  ValueList parts;
  if (output->as_list()) {
    auto read = parts_of(*output, place(index, ".output"));
    if (!read) return read.error();
    for (auto& part : *read) {
      const bool stays = turns.tool_images || text_at(part, "type") == "text";
      (stays ? parts : turns.images).push_back(std::move(part));
    }
  } else {
    parts.push_back(text_part(output->as_string() ? *output->as_string() : to_json(*output)));
  }
  auto content = content_of(std::move(parts));
  turns.out.push_back(Value(ValueMap{{"role", str("tool")},
                                     {"tool_call_id", str(text_at(item, "call_id"))},
                                     {"content", content.is_null() ? str("") : std::move(content)}}));
  return {};
}

/// Kept for the assistant turn that follows. Thinking that this gateway gave out comes back with its
/// signatures.
void add_reasoning(Turns& turns, const Value& item) {
  for (auto member : {"summary", "content"})
    for (auto& part : list_at(item, member)) turns.reasoning += text_at(part, "text");
  auto sealed = text_at(item, "encrypted_content");
  if (!sealed.starts_with(k_sealed_thinking)) return;
  auto blocks = parse_json(sealed.substr(k_sealed_thinking.size()));
  if (!blocks || !blocks->as_list()) return;
  for (auto& block : *blocks->as_list()) turns.thinking.push_back(block);
}

Result<void> add_item(Turns& turns, const Value& item, std::size_t index) {
  if (!item.as_map()) return refuse(place(index, ""), "must be an object");
  auto type = text_at(item, "type", "message");
  if (!type.ends_with("_call_output")) show_images(turns);
  if (type == "message") return add_message(turns, item, index);
  if (type == "reasoning") return add_reasoning(turns, item), Result<void>{};
  if (type == "function_call")
    return add_call(turns, item, text_at(item, "name"), std::string(text_at(item, "arguments"))),
           Result<void>{};
  if (type == "custom_tool_call")
    return add_call(turns, item, text_at(item, "name"), custom_arguments(text_at(item, "input"))),
           Result<void>{};
  if (type == "local_shell_call") {
    auto* action = item.find("action");
    return add_call(turns, item, k_local_shell, action ? to_json(*action) : "{}"), Result<void>{};
  }
  if (type.ends_with("_call_output")) return add_output(turns, item, index);
  if (type == "item_reference")
    return refuse(place(index, ""),
                  "items of earlier responses are not stored for this model; send them again");
  return {}; // calls of built-in tools: their results are in the text that followed
}

// -- tools and options

Value custom_tool(const Value& tool) {
  std::string description(text_at(tool, "description"));
  auto* format = tool.find("format");
  if (auto grammar = format ? text_at(*format, "definition") : string_view{}; !grammar.empty())
    description.append(description.empty() ? "" : "\n\n")
        .append("The input must match this ")
        .append(text_at(*format, "syntax"))
        .append(" grammar:\n")
        .append(grammar);
  Value text(description);
  Value parameters(
      ValueMap{{"type", str("object")},
               {"properties", Value(ValueMap{{"input", Value(ValueMap{{"type", str("string")}})}})},
               {"required", Value(ValueList{str("input")})}});
  return function_tool(text_at(tool, "name"), &text, &parameters);
}

Value local_shell_tool() {
  Value text(std::string("Runs a command in the local shell and returns its output."));
  Value strings(ValueMap{{"type", str("array")}, {"items", Value(ValueMap{{"type", str("string")}})}});
  Value parameters(ValueMap{
      {"type", str("object")},
      {"properties", Value(ValueMap{{"command", strings},
                                    {"timeout_ms", Value(ValueMap{{"type", str("integer")}})},
                                    {"working_directory", Value(ValueMap{{"type", str("string")}})}})},
      {"required", Value(ValueList{str("command")})}});
  return function_tool(k_local_shell, &text, &parameters);
}

void add_tool(const Value& tool, ValueMap& chat, ValueList& out) {
  auto type = text_at(tool, "type");
  if (type == "function")
    out.push_back(tool.find("function") ? tool
                                        : function_tool(text_at(tool, "name"), tool.find("description"),
                                                        tool.find("parameters"), tool.find("strict")));
  else if (type == "custom")
    out.push_back(custom_tool(tool));
  else if (type == "local_shell")
    out.push_back(local_shell_tool());
  else if (type == "mcp")
    out.push_back(tool);
  else if (type.starts_with("web_search"))
    set(chat, "web_search_options", Value(ValueMap{}));
  else if (type == "namespace")
    for (auto& inner : list_at(tool, "tools")) add_tool(inner, chat, out);
}

Result<void> add_tools(const Value& client, ValueMap& chat) {
  auto* tools = client.find("tools");
  if (!tools || tools->is_null()) return {};
  if (!tools->as_list()) return refuse("tools", "must be a list");
  ValueList out;
  for (auto& tool : *tools->as_list()) add_tool(tool, chat, out);
  if (out.empty()) return {};
  set(chat, "tools", Value(std::move(out)));
  auto* choice = client.find("tool_choice");
  if (choice && choice->as_string()) set(chat, "tool_choice", *choice);
  if (!choice || !choice->as_map()) return {};
  auto type = text_at(*choice, "type"), name = text_at(*choice, "name");
  if ((type == "function" || type == "custom") && !name.empty())
    set(chat, "tool_choice",
        Value(ValueMap{{"type", str("function")}, {"function", Value(ValueMap{{"name", str(name)}})}}));
  else if (type == "tool" || type == "any" || type == "required")
    set(chat, "tool_choice", str("required"));
  else if (type == "auto" || type == "none" || type == "allowed_tools")
    set(chat, "tool_choice", str(type == "allowed_tools" ? text_at(*choice, "mode", "auto") : type));
  return {};
}

void add_options(const Value& client, ValueMap& chat) {
  for (auto& member : map_of(client))
    if (!has_word(k_taken, member.first)) copy(client, member.first, chat);
  copy(client, "max_output_tokens", chat, "max_tokens");
  auto* alone = client.find("parallel_tool_calls"); // true is what all do anyway
  if (alone && alone->as_bool() && !*alone->as_bool() && !list_at(client, "tools").empty())
    set(chat, "parallel_tool_calls", yes(false));
  if (auto* reasoning = client.find("reasoning"))
    if (auto effort = text_at(*reasoning, "effort"); !effort.empty())
      set(chat, "reasoning_effort", str(effort));
  auto* text = client.find("text");
  auto* format = text ? text->find("format") : nullptr;
  if (!format) return;
  auto type = text_at(*format, "type");
  auto* schema = format->find("schema");
  auto* strict = format->find("strict");
  if (type == "json_schema" && schema)
    set(chat, "response_format",
        json_schema_format(text_at(*format, "name", "response"), *schema,
                           strict && strict->as_bool() && *strict->as_bool()));
  if (type == "json_object") set(chat, "response_format", Value(ValueMap{{"type", str("json_object")}}));
}

/// Codex always offers the search; of OpenAI's kind only these have it, and others refuse what they do not
/// know.
bool may_search(const Target& target) {
  return !is_openai_format(target) ||
         has_word("openai azure litellm_proxy openrouter perplexity xai", target.provider);
}

Turns turns_for(const Side& side) {
  const bool claude = is_claude(side), plain = is_openai_format(side.target);
  const bool openai = side.target.provider == "openai" || side.target.provider == "azure";
  return {!plain || (claude && !openai), plain && !openai, !plain, {}, {}, {}, {}};
}

Result<void> check_native(const Value& client) {
  for (auto& member : map_of(client))
    if (has_word(k_native_only, member.first) && !member.second.is_null())
      return refuse(member.first,
                    "responses of this model are not stored: send the whole conversation as input");
  auto* background = client.find("background");
  if (background && background->as_bool() && *background->as_bool())
    return refuse("background", "this model answers in the foreground only");
  return {};
}

} // namespace

Result<Value> responses_request(const Side& side) {
  auto& client = side.client;
  if (auto done = check_native(client); !done) return done.error();
  auto* input = client.find("input");
  if (!input || !(input->as_string() || input->as_list()))
    return refuse("input", "a string or a list of items is required");
  auto turns = turns_for(side);
  if (auto text = text_at(client, "instructions"); !text.empty())
    turns.out.push_back(Value(ValueMap{{"role", str("system")}, {"content", str(text)}}));
  if (auto* text = input->as_string())
    turns.out.push_back(Value(ValueMap{{"role", str("user")}, {"content", Value(*text)}}));
  std::size_t index = 0;
  for (auto& item : list_at(client, "input"))
    if (auto done = add_item(turns, item, index++); !done) return done.error();
  show_images(turns);
  ValueMap chat;
  copy(client, "model", chat);
  set(chat, "messages", Value(std::move(turns.out)));
  add_options(client, chat);
  if (auto done = add_tools(client, chat); !done) return done.error();
  if (!may_search(side.target)) switchyard::erase(chat, "web_search_options");
  return Value(std::move(chat));
}

} // namespace switchyard::providers::inbound
