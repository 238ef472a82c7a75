// Cohere chat v2: messages and tools as OpenAI's, other names for the rest. Pure, any thread.
#include "providers/cohere/cohere.hpp"
#include "providers/family/chat.hpp"

#include <switchyard/json.hpp>

namespace switchyard::providers::cohere {
namespace {

using std::string_view;

Result<Value> part_of(const Job& job, const Value& part, const std::string& place) {
  const auto type = text_at(part, "type", "text");
  if (type == "text")
    return Value(ValueMap{{"type", text_value("text")}, {"text", text_value(text_at(part, "text"))}});
  if (type == "image_url") {
    ValueMap image{{"url", text_value(image_url(part))}};
    if (auto* object = map_at(part, "image_url")) copy_renamed(*object, image, "detail");
    return Value(ValueMap{{"type", text_value("image_url")}, {"image_url", Value(std::move(image))}});
  }
  if (type == "document" || type == "thinking") return part;
  return bad_request(job.target,
                     place + ".type: Cohere takes text and image_url, not '" + std::string(type) + "'");
}

Result<Value> content_of(const Job& job, const Value& message, std::size_t index) {
  auto* content = message.find("content");
  if (!content || content->is_null()) return text_value("");
  if (!content->as_list()) {
    if (content->as_string()) return *content;
    return bad_request(job.target,
                       "messages[" + std::to_string(index) + "].content must be a string or a list");
  }
  ValueList parts;
  for (auto& part : content_parts(*content)) {
    auto made = part_of(job, part, place_of(index, parts.size()));
    if (!made) return made.error();
    parts.push_back(std::move(*made));
  }
  return Value(std::move(parts));
}

/// Calls of the history with their arguments as text; the older function_call has no id but its name.
ValueList calls_of(const Value& message) {
  auto write = [](const Value& function, std::string id) {
    auto* arguments = function.find("arguments");
    auto* text = arguments ? arguments->as_string() : nullptr;
    auto json = text ? *text : arguments && arguments->as_map() ? to_json(*arguments) : "{}";
    return Value(ValueMap{{"id", Value(std::move(id))},
                          {"type", text_value("function")},
                          {"function", Value(ValueMap{{"name", text_value(text_at(function, "name"))},
                                                      {"arguments", Value(json.empty() ? "{}" : json)}})}});
  };
  ValueList out;
  for (auto& call : list_at(message, "tool_calls"))
    if (auto* function = map_at(call, "function"))
      out.push_back(write(*function, std::string(text_at(call, "id"))));
  if (auto* function = map_at(message, "function_call"))
    out.push_back(write(*function, "call_" + std::string(text_at(*function, "name"))));
  return out;
}

Result<Value> assistant(const Job& job, const Value& message, std::size_t index) {
  auto content = content_of(job, message, index);
  if (!content) return content.error();
  ValueMap out{{"role", text_value("assistant")}};
  auto calls = calls_of(message);
  const auto reasoning = text_at(message, "reasoning_content"),
             plan = text_at(message, "tool_plan", reasoning);
  if (!calls.empty()) {
    out.emplace_back("tool_calls", Value(std::move(calls)));
    if (!plan.empty()) out.emplace_back("tool_plan", text_value(plan));
    auto* text = content->as_string();
    if (text ? !text->empty() : !content->as_list()->empty())
      out.emplace_back("content", std::move(*content));
  } else if (!reasoning.empty()) {
    ValueList parts{Value(ValueMap{{"type", text_value("thinking")}, {"thinking", text_value(reasoning)}})};
    for (auto& part : content_parts(*content)) parts.push_back(part);
    out.emplace_back("content", Value(std::move(parts)));
  } else {
    out.emplace_back("content", std::move(*content));
  }
  return Value(std::move(out));
}

Result<Value> message_of(const Job& job, const Value& message, std::size_t index) {
  auto role = text_at(message, "role");
  if (role == "assistant") return assistant(job, message, index);
  if (role == "tool" || role == "function") {
    auto* content = message.find("content");
    auto id = std::string(text_at(message, "tool_call_id"));
    if (role == "function") id = "call_" + std::string(text_at(message, "name"));
    return Value(ValueMap{{"role", text_value("tool")},
                          {"tool_call_id", Value(std::move(id))},
                          {"content", Value(content ? content_text(*content) : std::string())}});
  }
  if (role == "developer") role = "system";
  if (role != "system" && role != "user")
    return bad_request(job.target, "messages[" + std::to_string(index) + "].role: '" + std::string(role) +
                                       "' is not system, developer, user, assistant or tool");
  auto content = content_of(job, message, index);
  if (!content) return content.error();
  return Value(ValueMap{{"role", text_value(role)}, {"content", std::move(*content)}});
}

Result<void> put_messages(const Job& job, ValueMap& body) {
  auto* messages = job.request.find("messages");
  if (!messages || !messages->as_list()) return bad_request(job.target, "messages must be a list");
  ValueList out;
  for (auto& message : *messages->as_list()) {
    auto made = message_of(job, message, out.size());
    if (!made) return made.error();
    out.push_back(std::move(*made));
  }
  body.emplace_back("messages", Value(std::move(out)));
  return {};
}

/// Cohere cannot force one tool by its name: it must use a tool, and is told of that one only.
Result<void> put_tools(const Job& job, ValueMap& body) {
  const auto choice = tool_choice_of(job.request);
  ValueList tools;
  std::size_t index = 0;
  for (auto& tool : tools_of(job.request)) {
    if (!tool.is_function)
      return bad_request(job.target,
                         "tools[" + std::to_string(index) + "].type: Cohere takes functions only");
    ++index;
    if (choice.kind == ToolChoice::named && tool.name != choice.name) continue;
    ValueMap function{{"name", text_value(tool.name)}};
    if (!tool.description.empty()) function.emplace_back("description", text_value(tool.description));
    function.emplace_back("parameters", tool.parameters ? *tool.parameters : json_tool_schema({}));
    tools.push_back(
        Value(ValueMap{{"type", text_value("function")}, {"function", Value(std::move(function))}}));
  }
  if (tools.empty() && choice.kind == ToolChoice::named)
    return bad_request(job.target,
                       "tool_choice names '" + std::string(choice.name) + "', which is not in tools");
  if (tools.empty()) return {};
  body.emplace_back("tools", Value(std::move(tools)));
  if (choice.kind == ToolChoice::required || choice.kind == ToolChoice::named)
    body.emplace_back("tool_choice", text_value("REQUIRED"));
  if (choice.kind == ToolChoice::none) body.emplace_back("tool_choice", text_value("NONE"));
  return {};
}

void put_format(const Job& job, ValueMap& body) {
  const auto format = output_format(job.request);
  if (format.kind == OutputFormat::text) return;
  ValueMap out{{"type", text_value("json_object")}};
  if (format.schema) out.emplace_back("json_schema", *format.schema);
  body.emplace_back("response_format", Value(std::move(out)));
}

void put_thinking(const Job& job, ValueMap& body) {
  auto put = [&body](bool on, const Value* budget) {
    ValueMap out{{"type", text_value(on ? "enabled" : "disabled")}};
    if (on && budget) out.emplace_back("token_budget", *budget);
    body.emplace_back("thinking", Value(std::move(out)));
  };
  if (auto* thinking = map_at(job.request, "thinking")) {
    auto* budget = thinking->find("budget_tokens");
    return put(text_at(*thinking, "type") != "disabled", budget ? budget : thinking->find("token_budget"));
  }
  if (auto budget = effort_budget(text_at(job.request, "reasoning_effort"))) {
    const Value tokens(*budget);
    put(*budget > 0, &tokens);
  }
}

} // namespace

Result<void> encode_v2(Job& job, Upstream& out) {
  ValueMap body{{"model", text_value(chat_route(job.target, job.call).model)}};
  if (auto done = put_messages(job, body); !done) return done.error();
  body.emplace_back("stream", Value(job.call.stream));
  if (auto done = put_tools(job, body); !done) return done.error();
  put_sampling(job, body);
  put_format(job, body);
  put_thinking(job, body);
  copy_rest(job, body);
  out.path = path_under(job.target.base, "/v2/chat");
  out.body = to_json(Value(std::move(body)));
  return {};
}

Value annotations_of(const ValueList& citations) {
  ValueList out;
  for (auto& citation : citations) {
    ValueList sources = list_at(citation, "sources");
    for (auto& id : list_at(citation, "document_ids")) // v1
      sources.push_back(Value(ValueMap{{"id", id}}));
    for (auto& source : sources) {
      auto* document = map_at(source, "document");
      const auto url = document ? text_at(*document, "url") : string_view{};
      const auto title = document ? text_at(*document, "title") : string_view{};
      ValueMap cited{
          {"start_index", Value(std::int64_t{count_at(citation, "start")})},
          {"end_index", Value(std::int64_t{count_at(citation, "end")})},
          {"title", text_value(title.empty() ? text_at(citation, "text") : title)},
          {"url", Value(url.empty() ? "source:" + std::string(text_at(source, "id")) : std::string(url))}};
      out.push_back(
          Value(ValueMap{{"type", text_value("url_citation")}, {"url_citation", Value(std::move(cited))}}));
    }
  }
  return Value(std::move(out));
}

Result<void> decode_v2(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                       string_view model, Answer& out) {
  auto parsed = parse_json(answer.body);
  auto* message = parsed ? map_at(*parsed, "message") : nullptr;
  if (!message) return invalid_answer(target, answer.body);
  ChatChoice choice;
  for (auto& part : content_parts(*(message->find("content") ? message->find("content") : message))) {
    if (auto thought = text_at(part, "thinking"); !thought.empty()) choice.reasoning += thought;
    auto text = text_at(part, "text");
    if (!text.empty()) choice.content = choice.content.value_or("") + std::string(text);
  }
  choice.reasoning += text_at(*message, "tool_plan");
  for (auto& call_made : list_at(*message, "tool_calls"))
    if (auto* function = map_at(call_made, "function"))
      choice.tool_calls.push_back({std::string(text_at(call_made, "id")),
                                   std::string(text_at(*function, "name")),
                                   std::string(text_at(*function, "arguments"))});
  if (choice.tool_calls.empty() && !choice.content) choice.content = "";
  choice.finish = finish_reason(text_at(*parsed, "finish_reason"));
  if (auto& citations = list_at(*message, "citations"); !citations.empty()) {
    choice.extra.emplace_back("annotations", annotations_of(citations));
    choice.extra.emplace_back("provider_specific_fields", Value(ValueMap{{"citations", Value(citations)}}));
  }
  ChatAnswer chat;
  chat.id = text_at(*parsed, "id");
  chat.model = call.model;
  chat.choices.push_back(std::move(choice));
  read_usage(map_at(*parsed, "usage"), chat.usage);
  out.usage = chat.usage;
  out.body = write_chat(chat, call, model);
  return {};
}

} // namespace switchyard::providers::cohere
