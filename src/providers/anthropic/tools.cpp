// OpenAI's tools, tool_choice and web_search_options as Claude's; JSON mode through a tool (spec
// providers.md 3.2). Pure, any thread.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

/// Root members of a schema that Claude takes.
constexpr string_view k_schema_members =
    "type properties additionalProperties required $defs definitions strict";
/// Members of a tool that are Claude's own and stay.
constexpr string_view k_tool_members[] = {"cache_control",   "strict",         "defer_loading",
                                          "allowed_callers", "input_examples", "eager_input_streaming"};

ValueMap input_schema(const Value* parameters) {
  ValueMap out;
  for (auto& [key, value] : parameters ? map_of(*parameters) : ValueMap{})
    if (has_word(k_schema_members, key) && !value.is_null()) out.emplace_back(key, value);
  auto* type = find_in(out, "type");
  if (!type || !type->as_string() || *type->as_string() != "object") set(out, "type", text_value("object"));
  if (!find_in(out, "properties")) out.emplace_back("properties", Value(ValueMap{}));
  return out;
}

ValueMap function_tool(const Tool& tool) {
  ValueMap out{{"name", text_value(tool.name)}};
  if (!tool.description.empty()) out.emplace_back("description", text_value(tool.description));
  out.emplace_back("input_schema", Value(input_schema(tool.parameters)));
  for (auto key : k_tool_members) {
    copy_member(*tool.whole, key, out);
    if (auto* function = tool.whole->find("function")) copy_member(*function, key, out);
  }
  return out;
}

/// Computer use, web search, ...: as written, or OpenAI-like with the settings in function.parameters.
Result<ValueMap> hosted_tool(const Job& job, const Value& whole, const std::string& where) {
  auto out = map_of(whole);
  switchyard::erase(out, "function");
  if (auto* function = whole.find("function")) {
    copy_member(*function, "name", out);
    if (auto* parameters = function->find("parameters"))
      for (auto& member : map_of(*parameters)) copy_member(*parameters, member.first, out);
  }
  if (!text_at(whole, "type").starts_with("computer_")) return out;
  copy_member(Value(ValueMap{{"name", text_value("computer")}}), "name", out);
  for (auto key : {"display_width_px", "display_height_px"})
    if (!find_in(out, key))
      return bad_request(job.target, where + ".function.parameters." + key + ": computer use needs it");
  return out;
}

/// An OpenAI `mcp` tool, or Claude's `url` one, as an entry of mcp_servers.
ValueMap mcp_server(const Value& whole) {
  ValueMap out{{"type", text_value("url")}};
  copy_member(whole, "url", out);
  if (auto* url = whole.find("server_url"); url && url->as_string()) set(out, "url", *url);
  copy_member(whole, "name", out);
  if (auto* label = whole.find("server_label"); label && label->as_string()) set(out, "name", *label);
  copy_member(whole, "tool_configuration", out);
  if (auto* allowed = whole.find("allowed_tools"); allowed && !allowed->is_null()) {
    auto* names = allowed->as_map() ? allowed->find("tool_names") : allowed;
    if (names && names->as_list())
      set(out, "tool_configuration", Value(ValueMap{{"enabled", Value(true)}, {"allowed_tools", *names}}));
  }
  auto token = text_at(whole, "authorization_token", text_at(whole, "authorization"));
  if (auto* headers = whole.find("headers")) token = text_at(*headers, "Authorization", token);
  if (token.starts_with("Bearer ")) token.remove_prefix(7);
  if (!token.empty()) out.emplace_back("authorization_token", text_value(token));
  return out;
}

Value web_search_tool(const Value& options) {
  struct Uses {
    string_view size;
    std::int64_t count;
  };
  static constexpr Uses k_uses[] = {{"low", 1}, {"medium", 5}, {"high", 10}};
  ValueMap out{{"type", text_value("web_search_20250305")}, {"name", text_value("web_search")}};
  auto* location = options.find("user_location");
  if (location && location->as_map()) {
    auto* inner = location->find("approximate");
    ValueMap place{{"type", text_value("approximate")}};
    for (auto key : {"city", "region", "country", "timezone"})
      copy_member(inner ? *inner : *location, key, place);
    out.emplace_back("user_location", Value(std::move(place)));
  }
  for (auto& uses : k_uses)
    if (text_at(options, "search_context_size") == uses.size) out.emplace_back("max_uses", Value(uses.count));
  return Value(std::move(out));
}

struct Lists {
  ValueList tools, servers;
  bool web_search = false;
};

Result<void> read_tool(const Job& job, const Tool& tool, std::size_t index, Lists& out) {
  const auto where = "tools[" + std::to_string(index) + "]";
  auto& whole = *tool.whole;
  const auto type = text_at(whole, "type");
  if (whole.find("input_schema")) return out.tools.push_back(whole), Result<void>{};
  if (tool.is_function) {
    if (tool.name.empty()) return bad_request(job.target, where + ".function.name: it is missing");
    return out.tools.emplace_back(function_tool(tool)), Result<void>{};
  }
  if (type == "url" || type == "mcp") return out.servers.emplace_back(mcp_server(whole)), Result<void>{};
  if (type == "web_search" || type.starts_with("web_search_preview")) // OpenAI's
    return out.web_search = true, out.tools.push_back(web_search_tool(whole)), Result<void>{};
  if (type.empty() || type == "custom" || type == "function")
    return bad_request(job.target, where + ": a function, or one of Claude's tools is needed");
  auto hosted = hosted_tool(job, whole, where);
  if (!hosted) return hosted.error();
  out.web_search = out.web_search || type.starts_with("web_search");
  return out.tools.emplace_back(std::move(*hosted)), Result<void>{};
}

ValueMap choice_of(const ToolChoice& choice) {
  switch (choice.kind) {
  case ToolChoice::absent:
    return {};
  case ToolChoice::automatic:
    return {{"type", text_value("auto")}};
  case ToolChoice::none:
    return {{"type", text_value("none")}};
  case ToolChoice::required:
    return {{"type", text_value("any")}};
  case ToolChoice::named:
    return {{"type", text_value("tool")}, {"name", text_value(choice.name)}};
  }
  return {};
}

/// tool_choice with parallel_tool_calls in it; not sent without tools.
void add_choice(const Job& job, ValueMap choice, ValueMap& body) {
  auto* parallel = job.request.find("parallel_tool_calls");
  if (parallel && parallel->as_bool()) {
    if (choice.empty()) choice = {{"type", text_value("auto")}};
    auto* type = find_in(choice, "type");
    if (!type || !type->as_string() || *type->as_string() != "none")
      choice.emplace_back("disable_parallel_tool_use", Value(!*parallel->as_bool()));
  }
  if (!choice.empty()) body.emplace_back("tool_choice", Value(std::move(choice)));
}

Value json_tool(const OutputFormat& format) {
  auto schema = json_tool_schema(format);
  if (text_at(schema, "type", "object") != "object") // input must be an object
    schema = Value(ValueMap{{"type", text_value("object")},
                            {"properties", Value(ValueMap{{"values", std::move(schema)}})},
                            {"required", list_of({"values"})}});
  return Value(ValueMap{{"name", text_value(k_json_tool)}, {"input_schema", std::move(schema)}});
}

/// Claude wants tools when the messages hold tool calls.
void add_dummy(const Turns& turns, ValueList& tools) {
  if (!turns.has_tool_calls || !tools.empty()) return;
  tools.emplace_back(ValueMap{{"name", text_value("dummy_tool")},
                              {"description", text_value("This is a dummy tool call")},
                              {"input_schema", Value(input_schema(nullptr))}});
}

} // namespace

Result<void> add_tools(const Job& job, const Dialect& dialect, const Turns& turns, ValueMap& body) {
  Lists lists;
  const auto tools = tools_of(job.request);
  for (std::size_t i = 0; i < tools.size(); ++i)
    if (auto done = read_tool(job, tools[i], i, lists); !done) return done;
  auto* search = job.request.find("web_search_options");
  if (search && search->as_map() && !lists.web_search) lists.tools.push_back(web_search_tool(*search));
  auto choice = choice_of(tool_choice_of(job.request));
  auto* own = job.request.find("tool_choice");
  const auto own_type = own ? text_at(*own, "type") : string_view{};
  if (own_type == "tool" || own_type == "any") choice = map_of(*own); // Claude's form already
  if (wants_json_tool(job, dialect)) {
    const bool forced = !thinking_is_on(body) && !model_of(job.call.model).can(k_always_thinks);
    if (forced && lists.tools.empty())
      choice = {{"type", text_value("tool")}, {"name", text_value(k_json_tool)}};
    if (forced && !lists.tools.empty() && choice.empty()) choice = {{"type", text_value("any")}};
    lists.tools.push_back(json_tool(output_format(job.request)));
  }
  add_dummy(turns, lists.tools);
  if (!lists.servers.empty()) body.emplace_back("mcp_servers", Value(std::move(lists.servers)));
  if (lists.tools.empty()) return {};
  body.emplace_back("tools", Value(std::move(lists.tools)));
  add_choice(job, std::move(choice), body);
  return {};
}

} // namespace switchyard::providers::anthropic
