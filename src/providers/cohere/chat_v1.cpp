// Cohere chat v1 and generate: one message and a history of turns, or one prompt. Pure, any thread.
#include "providers/cohere/cohere.hpp"
#include "providers/family/chat.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::providers::cohere {
namespace {

using std::string_view;

/// The outputs of a tool message: objects as they are, everything else as {"result":..}.
ValueList outputs_of(const Value& message) {
  auto* content = message.find("content");
  auto text = content ? content_text(*content) : std::string();
  auto parsed = parse_json(text);
  if (parsed && parsed->as_map()) return {std::move(*parsed)};
  return {
      Value(ValueMap{{"result", parsed && parsed->as_list() ? std::move(*parsed) : Value(std::move(text))}})};
}

/// {"call":{"name","parameters"},"outputs":[..]}: v1 knows calls by their text, not by ids.
Value tool_result(const ValueList& messages, const Value& message) {
  const auto id = text_at(message, "tool_call_id");
  auto name = text_at(message, "name");
  Value parameters{ValueMap{}};
  for (auto& other : messages)
    for (auto& call : past_calls(other))
      if (id.empty() ? call.name == name : call.id == id) name = call.name, parameters = call.arguments;
  ValueMap call{{"name", text_value(name)}, {"parameters", std::move(parameters)}};
  return Value(ValueMap{{"call", Value(std::move(call))}, {"outputs", Value(outputs_of(message))}});
}

bool is_tool(const Value& message) {
  const auto role = text_at(message, "role");
  return role == "tool" || role == "function";
}

string_view turn_role(string_view role) {
  if (role == "assistant") return "CHATBOT";
  return role == "system" || role == "developer" ? "SYSTEM" : "USER";
}

std::string message_text(const Value& message) {
  auto* content = message.find("content");
  return content ? content_text(*content) : std::string();
}

/// Neighbours of one role become one turn.
class History {
 public:
  explicit History(const ValueList& messages) : messages_(messages) {}

  void add(const Value& message) {
    if (is_tool(message)) return add_result(message);
    const auto role = turn_role(text_at(message, "role"));
    auto calls = calls_of(message);
    const bool same = !turns_.empty() && text_at(turns_.back(), "role") == role;
    if (!same || !calls.empty() || turns_.back().find("tool_calls")) {
      turns_.push_back(
          Value(ValueMap{{"role", text_value(role)}, {"message", Value(message_text(message))}}));
    } else {
      set(turns_.back(), "message",
          Value(std::string(text_at(turns_.back(), "message")) + "\n" + message_text(message)));
    }
    if (!calls.empty()) set(turns_.back(), "tool_calls", Value(std::move(calls)));
  }
  ValueList take() { return std::move(turns_); }

 private:
  static ValueList calls_of(const Value& message) {
    ValueList out;
    for (auto& call : past_calls(message))
      out.push_back(Value(ValueMap{{"name", text_value(call.name)}, {"parameters", call.arguments}}));
    return out;
  }
  void add_result(const Value& message) {
    ValueList results;
    if (!turns_.empty() && text_at(turns_.back(), "role") == "TOOL") {
      results = list_at(turns_.back(), "tool_results");
      turns_.pop_back();
    }
    results.push_back(tool_result(messages_, message));
    turns_.push_back(
        Value(ValueMap{{"role", text_value("TOOL")}, {"tool_results", Value(std::move(results))}}));
  }
  const ValueList& messages_;
  ValueList turns_;
};

Result<void> refuse_media(const Job& job, const ValueList& messages) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    std::size_t j = 0;
    for (auto& part : list_at(messages[i], "content")) {
      const auto type = text_at(part, "type", "text");
      if (type != "text")
        return bad_request(job.target, place_of(i, j) + ".type: '" + std::string(type) +
                                           "' is not known to Cohere's v1 API, which takes text only");
      ++j;
    }
  }
  return {};
}

/// The last message is the question; tool messages at the end are results, with no question.
void put_conversation(const ValueList& messages, ValueMap& body) {
  std::size_t end = messages.size();
  while (end > 0 && is_tool(messages[end - 1])) --end;
  ValueList results;
  for (auto i = end; i < messages.size(); ++i) results.push_back(tool_result(messages, messages[i]));
  const bool asks = results.empty() && end > 0;
  History history(messages);
  for (std::size_t i = 0; i + (asks ? 1 : 0) < end; ++i) history.add(messages[i]);
  body.emplace_back("message", Value(asks ? message_text(messages[end - 1]) : std::string()));
  if (auto turns = history.take(); !turns.empty()) body.emplace_back("chat_history", Value(std::move(turns)));
  if (!results.empty()) body.emplace_back("tool_results", Value(std::move(results)));
}

Value parameter_definition(const Value& property, bool required) {
  ValueMap out;
  copy_renamed(property, out, "description");
  auto* type = property.find("type");
  out.emplace_back("type", type && type->as_string() ? *type : text_value("object"));
  out.emplace_back("required", Value(required));
  return Value(std::move(out));
}

Result<void> put_tools(const Job& job, ValueMap& body) {
  ValueList tools;
  for (auto& tool : tools_of(job.request)) {
    if (!tool.is_function)
      return bad_request(job.target,
                         "tools[" + std::to_string(tools.size()) + "].type: Cohere takes functions only");
    ValueMap definitions;
    auto* properties = tool.parameters ? map_at(*tool.parameters, "properties") : nullptr;
    const auto required =
        tool.parameters ? texts_of(tool.parameters->find("required")) : std::vector<std::string>{};
    for (auto& [name, property] : properties ? map_of(*properties) : ValueMap{})
      definitions.emplace_back(
          name, parameter_definition(property,
                                     std::find(required.begin(), required.end(), name) != required.end()));
    tools.push_back(Value(ValueMap{{"name", text_value(tool.name)},
                                   {"description", text_value(tool.description)},
                                   {"parameter_definitions", Value(std::move(definitions))}}));
  }
  if (tools.empty()) return {};
  body.emplace_back("tools", Value(std::move(tools)));
  body.emplace_back("force_single_step", Value(true));
  return {};
}

} // namespace

Result<void> encode_v1(Job& job, Upstream& out) {
  auto& messages = list_at(job.request, "messages");
  if (messages.empty()) return bad_request(job.target, "messages must be a list with at least one message");
  if (auto done = refuse_media(job, messages); !done) return done.error();
  ValueMap body{{"model", text_value(chat_route(job.target, job.call).model)}};
  put_conversation(messages, body);
  body.emplace_back("stream", Value(job.call.stream));
  if (auto done = put_tools(job, body); !done) return done.error();
  put_sampling(job, body);
  const auto format = output_format(job.request);
  if (format.kind != OutputFormat::text) {
    ValueMap wanted{{"type", text_value("json_object")}};
    if (format.schema) wanted.emplace_back("schema", *format.schema);
    body.emplace_back("response_format", Value(std::move(wanted)));
  }
  copy_rest(job, body);
  out.path = path_under(job.target.base, "/v1/chat");
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode_v1(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                       string_view model, Answer& out) {
  auto parsed = parse_json(answer.body);
  if (!parsed || !parsed->find("text")) return invalid_answer(target, answer.body);
  ChatChoice choice;
  choice.content = text_at(*parsed, "text");
  for (auto& made : list_at(*parsed, "tool_calls")) {
    auto* parameters = made.find("parameters");
    choice.tool_calls.push_back({made_call_id(call, choice.tool_calls.size()),
                                 std::string(text_at(made, "name")),
                                 parameters ? to_json(*parameters) : "{}"});
  }
  if (choice.content->empty() && !choice.tool_calls.empty()) choice.content.reset();
  choice.finish = finish_reason(text_at(*parsed, "finish_reason"));
  if (auto& citations = list_at(*parsed, "citations"); !citations.empty()) {
    choice.extra.emplace_back("annotations", annotations_of(citations));
    choice.extra.emplace_back("provider_specific_fields", Value(ValueMap{{"citations", Value(citations)}}));
  }
  ChatAnswer chat;
  chat.id = text_at(*parsed, "generation_id");
  chat.model = call.model;
  chat.choices.push_back(std::move(choice));
  read_usage(map_at(*parsed, "meta"), chat.usage);
  out.usage = chat.usage;
  out.body = write_chat(chat, call, model);
  return {};
}

// -- generate

Result<void> encode_generate(Job& job, Upstream& out) {
  auto& messages = list_at(job.request, "messages");
  if (messages.empty()) return bad_request(job.target, "messages must be a list with at least one message");
  if (auto done = refuse_media(job, messages); !done) return done.error();
  std::string prompt;
  for (auto& message : messages) prompt.append(prompt.empty() ? "" : "\n\n").append(message_text(message));
  prompt.resize(prompt.find_last_not_of(" \t\r\n") + 1);
  ValueMap body{{"model", text_value(chat_route(job.target, job.call).model)},
                {"prompt", Value(std::move(prompt))}};
  body.emplace_back("stream", Value(job.call.stream));
  put_sampling(job, body);
  copy_renamed(job.request, body, "logit_bias");
  copy_rest(job, body);
  out.path = path_under(job.target.base, "/v1/generate");
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode_generate(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                             string_view model, Answer& out) {
  auto parsed = parse_json(answer.body);
  if (!parsed || list_at(*parsed, "generations").empty()) return invalid_answer(target, answer.body);
  ChatAnswer chat;
  for (auto& generation : list_at(*parsed, "generations")) {
    ChatChoice choice;
    choice.content = text_at(generation, "text");
    choice.finish = finish_reason(text_at(generation, "finish_reason"));
    chat.choices.push_back(std::move(choice));
  }
  chat.id = text_at(*parsed, "id");
  chat.model = call.model;
  read_usage(map_at(*parsed, "meta"), chat.usage);
  out.usage = chat.usage;
  out.body = write_chat(chat, call, model);
  return {};
}

} // namespace switchyard::providers::cohere
