// Gemini's generateContent request as a chat request (spec providers.md 7.4). Names may be camelCase or
// snake_case, as Google takes both. Pure, any thread; hostile bodies get a 400 that names the field.
#include "providers/inbound/inbound.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace switchyard::providers::inbound {
namespace {

using std::string_view;

/// A member under its camelCase name, or the same in snake_case.
const Value* member(const Value& object, string_view camel) {
  if (auto* found = object.find(camel)) return found->is_null() ? nullptr : found;
  std::string snake;
  for (char c : camel) {
    if (c >= 'A' && c <= 'Z') snake += '_';
    snake += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  auto* found = object.find(snake);
  return found && !found->is_null() ? found : nullptr;
}

string_view text_of(const Value& object, string_view camel) {
  auto* found = member(object, camel);
  auto* text = found ? found->as_string() : nullptr;
  return text ? string_view(*text) : string_view{};
}

std::string lower(string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return out;
}

/// Google spells the types of a schema in capitals.
Value lower_types(const Value& schema) {
  if (auto* list = schema.as_list()) {
    ValueList out;
    for (auto& item : *list) out.push_back(lower_types(item));
    return Value(std::move(out));
  }
  if (!schema.as_map()) return schema;
  ValueMap out;
  for (auto& entry : *schema.as_map()) {
    const bool type = entry.first == "type" && entry.second.as_string();
    out.emplace_back(entry.first, type ? Value(lower(*entry.second.as_string())) : lower_types(entry.second));
  }
  return Value(std::move(out));
}

/// Calls and results carry the function's name, not always an id: the n-th result of a name belongs to its
/// n-th call.
class Ids {
 public:
  std::string of_call(const Value& call) { return of(call, calls_); }
  std::string of_result(const Value& result) { return of(result, results_); }

 private:
  static std::string of(const Value& part, std::map<std::string, int, std::less<>>& seen) {
    if (auto id = text_at(part, "id"); !id.empty()) return std::string(id);
    std::string name(text_at(part, "name"));
    const int count = ++seen[name];
    return "call_" + name + (count > 1 ? "_" + std::to_string(count) : "");
  }
  std::map<std::string, int, std::less<>> calls_, results_;
};

/// Google's SDKs write base64 in the alphabet of URLs; nobody else reads that.
std::string plain_base64(string_view data) {
  std::string out(data);
  std::replace(out.begin(), out.end(), '-', '+');
  std::replace(out.begin(), out.end(), '_', '/');
  return out;
}

Value media_part(string_view mime, const std::string& data) {
  const auto url = "data:" + std::string(mime) + ";base64," + data;
  if (mime.starts_with("image/")) return image_part(url);
  if (mime.starts_with("audio/"))
    return Value(
        ValueMap{{"type", str("input_audio")},
                 {"input_audio", Value(ValueMap{{"data", str(data)}, {"format", str(mime.substr(6))}})}});
  return Value(ValueMap{{"type", str("file")}, {"file", Value(ValueMap{{"file_data", Value(url)}})}});
}

Value file_part(const Value& file) {
  auto uri = text_of(file, "fileUri"), mime = text_of(file, "mimeType");
  if (mime.starts_with("image/")) return image_part(uri);
  ValueMap inner{{"file_id", str(uri)}};
  if (!mime.empty()) inner.emplace_back("format", str(mime));
  return Value(ValueMap{{"type", str("file")}, {"file", Value(std::move(inner))}});
}

bool is_thought(const Value& part) {
  auto* thought = part.find("thought");
  return thought && thought->as_bool() && *thought->as_bool();
}

/// One content of the history: text, files, calls and results of one turn.
struct Turn {
  ValueList parts, calls, results;
};

void add_part(const Value& part, Ids& ids, Turn& turn) {
  if (is_thought(part)) return; // only the model that thought it can read it
  if (auto text = text_at(part, "text"); !text.empty()) turn.parts.push_back(text_part(text));
  if (auto* data = member(part, "inlineData"))
    turn.parts.push_back(media_part(text_of(*data, "mimeType"), plain_base64(text_at(*data, "data"))));
  if (auto* file = member(part, "fileData")) turn.parts.push_back(file_part(*file));
  if (auto* call = member(part, "functionCall")) {
    auto* arguments = call->find("args");
    turn.calls.push_back(tool_call(ids.of_call(*call), text_at(*call, "name"),
                                   arguments && !arguments->is_null() ? to_json(*arguments) : "{}"));
  }
  if (auto* result = member(part, "functionResponse")) {
    auto* response = result->find("response");
    turn.results.push_back(
        Value(ValueMap{{"role", str("tool")},
                       {"tool_call_id", Value(ids.of_result(*result))},
                       {"content", Value(response ? to_json(*response) : std::string("{}"))}}));
  }
}

/// Text alone is one string.
Value joined(ValueList parts) {
  const bool text =
      std::all_of(parts.begin(), parts.end(), [](auto& part) { return text_at(part, "type") == "text"; });
  return text ? Value(content_text(Value(std::move(parts)))) : Value(std::move(parts));
}

void add_turn(Turn turn, bool model, ValueList& out) {
  for (auto& result : turn.results) out.push_back(std::move(result));
  if (turn.parts.empty() && turn.calls.empty()) return;
  Value message(ValueMap{{"role", str(model ? "assistant" : "user")}});
  set(message, "content",
      turn.parts.empty() ? Value()
      : model            ? Value(content_text(Value(std::move(turn.parts))))
                         : joined(std::move(turn.parts)));
  if (model && !turn.calls.empty()) set(message, "tool_calls", Value(std::move(turn.calls)));
  out.push_back(std::move(message));
}

/// A content's parts; one may stand without its list.
Result<ValueList> parts_of(const Value& content, const std::string& field) {
  if (auto* text = content.as_string()) return ValueList{Value(ValueMap{{"text", Value(*text)}})};
  auto* parts = content.find("parts");
  if (parts && parts->as_map()) return ValueList{*parts};
  if (!parts || !parts->as_list()) return refuse(field + ".parts", "a list of parts is required");
  for (auto& part : *parts->as_list())
    if (!part.as_map()) return refuse(field + ".parts", "holds something that is no part");
  return *parts->as_list();
}

Result<ValueList> messages_of(const Value& client) {
  ValueList out;
  if (auto* system = member(client, "systemInstruction")) {
    auto parts = parts_of(*system, "systemInstruction");
    if (!parts) return parts.error();
    auto text = content_text(Value(std::move(*parts)), "\n");
    if (!text.empty())
      out.push_back(Value(ValueMap{{"role", str("system")}, {"content", Value(std::move(text))}}));
  }
  auto* contents = client.find("contents");
  if (!contents || contents->is_null()) return refuse("contents", "is required");
  ValueList one;
  if (!contents->as_list()) one.push_back(*contents);
  Ids ids;
  std::size_t index = 0;
  for (auto& content : contents->as_list() ? *contents->as_list() : one) {
    const auto field = "contents[" + std::to_string(index++) + "]";
    auto parts = parts_of(content, field);
    if (!parts) return parts.error();
    auto role = text_at(content, "role", "user");
    if (role != "user" && role != "model" && role != "function" && role != "tool")
      return refuse(field + ".role", "must be user or model");
    Turn turn;
    for (auto& part : *parts) add_part(part, ids, turn);
    add_turn(std::move(turn), role == "model", out);
  }
  return out;
}

// -- options

struct Rename {
  string_view from, to;
};
constexpr Rename k_config[] = {{"temperature", "temperature"},
                               {"maxOutputTokens", "max_tokens"},
                               {"topP", "top_p"},
                               {"stopSequences", "stop"},
                               {"seed", "seed"},
                               {"presencePenalty", "presence_penalty"},
                               {"frequencyPenalty", "frequency_penalty"}};

void add_thinking(const Value& config, ValueMap& chat) {
  auto* thinking = member(config, "thinkingConfig");
  if (!thinking) return;
  if (auto level = text_of(*thinking, "thinkingLevel"); !level.empty())
    return set(chat, "reasoning_effort", Value(lower(level)));
  auto* budget = member(*thinking, "thinkingBudget");
  if (budget && budget->as_int() && *budget->as_int() > 0)
    set(chat, "reasoning_effort", str(effort_of_budget(*budget->as_int())));
}

void add_config(const Value& client, ValueMap& chat) {
  auto* config = member(client, "generationConfig");
  if (!config) return;
  for (auto& rename : k_config)
    if (auto* value = member(*config, rename.from)) set(chat, rename.to, *value);
  add_thinking(*config, chat);
  auto* schema = member(*config, "responseJsonSchema");
  auto* own = member(*config, "responseSchema");
  if (schema || own)
    set(chat, "response_format", json_schema_format("response", schema ? *schema : lower_types(*own), false));
  else if (text_of(*config, "responseMimeType") == "application/json")
    set(chat, "response_format", Value(ValueMap{{"type", str("json_object")}}));
}

void add_declarations(const Value& tool, ValueList& out) {
  auto* declarations = member(tool, "functionDeclarations");
  if (!declarations || !declarations->as_list()) return;
  for (auto& function : *declarations->as_list()) {
    auto* schema = member(function, "parametersJsonSchema");
    auto* own = member(function, "parameters");
    Value parameters = schema ? *schema : own ? lower_types(*own) : Value();
    out.push_back(function_tool(text_at(function, "name"), function.find("description"), &parameters));
  }
}

void add_tool_choice(const Value& client, ValueMap& chat) {
  auto* config = member(client, "toolConfig");
  auto* calling = config ? member(*config, "functionCallingConfig") : nullptr;
  if (!calling) return;
  auto mode = lower(text_of(*calling, "mode"));
  auto* allowed = member(*calling, "allowedFunctionNames");
  auto names = texts_of(allowed);
  if (mode == "any" && names.size() == 1)
    set(chat, "tool_choice",
        Value(ValueMap{{"type", str("function")},
                       {"function", Value(ValueMap{{"name", Value(names.front())}})}}));
  else if (mode == "any")
    set(chat, "tool_choice", str("required"));
  else if (mode == "auto" || mode == "none")
    set(chat, "tool_choice", Value(mode));
}

Result<void> add_tools(const Value& client, ValueMap& chat) {
  auto* tools = client.find("tools");
  if (!tools || tools->is_null()) return {};
  ValueList one, out;
  if (!tools->as_list()) one.push_back(*tools);
  for (auto& tool : tools->as_list() ? *tools->as_list() : one) {
    if (!tool.as_map()) return refuse("tools", "holds something that is no object");
    add_declarations(tool, out);
    if (member(tool, "googleSearch") || member(tool, "googleSearchRetrieval"))
      set(chat, "web_search_options", Value(ValueMap{}));
  }
  if (out.empty()) return {};
  set(chat, "tools", Value(std::move(out)));
  add_tool_choice(client, chat);
  return {};
}

} // namespace

Result<Value> generate_request(const Side& side) {
  auto* nested = member(side.client, "generateContentRequest"); // of countTokens
  auto& client = nested && nested->as_map() ? *nested : side.client;
  if (member(client, "cachedContent"))
    return refuse("cachedContent", "contents are cached by Google only; send them again");
  auto messages = messages_of(client);
  if (!messages) return messages.error();
  ValueMap chat{{"model", str(side.call.model)}, {"messages", Value(std::move(*messages))}};
  add_config(client, chat);
  if (auto done = add_tools(client, chat); !done) return done.error();
  for (auto key : {"mock_response", "mock_timeout", "metadata", "drop_params"}) copy(client, key, chat);
  return Value(std::move(chat));
}

} // namespace switchyard::providers::inbound
