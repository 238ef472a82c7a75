// Ollama's /api/chat: messages with text, images beside it, and tool calls as objects. Pure, any thread.
#include "providers/ollama/ollama.hpp"
#include "providers/prompts/prompts.hpp"

#include <switchyard/json.hpp>

namespace switchyard::providers::ollama {
namespace {

using std::string_view;

/// Text into `content`, images into `images`: that is all that Ollama knows.
Result<void> put_content(const Job& job, const Value& message, std::size_t index, ValueMap& out) {
  std::string text;
  ValueList images;
  auto* content = message.find("content");
  std::size_t at = 0;
  for (auto& part : content ? content_parts(*content) : std::vector<Value>{}) {
    const auto place = place_of(index, at++);
    const auto type = text_at(part, "type", "text");
    if (type == "text") {
      text += text_at(part, "text");
    } else if (type == "image_url") {
      auto data = inline_image(job, image_url(part), place);
      if (!data) return data.error();
      images.push_back(Value(std::move(*data)));
    } else {
      return bad_request(job.target,
                         place + ".type: Ollama takes text and image_url, not '" + std::string(type) + "'");
    }
  }
  out.emplace_back("content", Value(std::move(text)));
  if (!images.empty()) out.emplace_back("images", Value(std::move(images)));
  return {};
}

void put_calls(const Value& message, ValueMap& out) {
  ValueList calls;
  for (auto& call : past_calls(message))
    calls.push_back(Value(ValueMap{
        {"function", Value(ValueMap{{"name", text_value(call.name)}, {"arguments", call.arguments}})}}));
  if (!calls.empty()) out.emplace_back("tool_calls", Value(std::move(calls)));
}

string_view role_of(string_view role) {
  if (role == "developer") return "system";
  return role == "function" ? "tool" : role;
}

Result<Value> message_of(const Job& job, const ValueList& messages, std::size_t index) {
  auto& message = messages[index];
  const auto role = role_of(text_at(message, "role"));
  if (!has_word("system user assistant tool", role))
    return bad_request(job.target, "messages[" + std::to_string(index) + "].role: '" + std::string(role) +
                                       "' is not system, developer, user, assistant or tool");
  ValueMap out{{"role", text_value(role)}};
  if (auto done = put_content(job, message, index, out); !done) return done.error();
  if (auto thoughts = text_at(message, "reasoning_content"); !thoughts.empty())
    out.emplace_back("thinking", text_value(thoughts));
  put_calls(message, out);
  if (role == "tool") {
    auto name = text_at(message, "name");
    if (name.empty()) name = tool_name_of(messages, text_at(message, "tool_call_id"));
    if (!name.empty()) out.emplace_back("tool_name", text_value(name));
  }
  return Value(std::move(out));
}

/// Ollama has no tool_choice: "none" means that no tools are sent.
void put_tools(const Job& job, ValueMap& body) {
  const auto choice = tool_choice_of(job.request);
  ValueList out;
  for (auto& tool : tools_of(job.request)) {
    if (choice.kind == ToolChoice::none || (choice.kind == ToolChoice::named && tool.name != choice.name))
      continue;
    ValueMap function{{"name", text_value(tool.name)}};
    if (!tool.description.empty()) function.emplace_back("description", text_value(tool.description));
    function.emplace_back("parameters", tool.parameters ? *tool.parameters : json_tool_schema({}));
    out.push_back(
        Value(ValueMap{{"type", text_value("function")}, {"function", Value(std::move(function))}}));
  }
  if (!out.empty()) body.emplace_back("tools", Value(std::move(out)));
}

} // namespace

Result<void> encode_chat(Job& job, Upstream& out) {
  if (calls_by_prompt(job.target, job.call)) functions_into_prompt(job.request);
  auto& messages = list_at(job.request, "messages");
  if (messages.empty()) return bad_request(job.target, "messages must be a list with at least one message");
  ValueList written;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto made = message_of(job, messages, i);
    if (!made) return made.error();
    written.push_back(std::move(*made));
  }
  ValueMap body{{"model", text_value(job.call.model)}, {"messages", Value(std::move(written))}};
  put_tools(job, body);
  put_params(job, body);
  out.path = path_under(job.target.base, "/api/chat");
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode_chat(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                         string_view model, Answer& out) {
  auto parsed = parse_json(answer.body);
  auto* message = parsed ? map_at(*parsed, "message") : nullptr;
  if (!message && parsed && parsed->find("error")) return upstream_error(target, 500, answer.body);
  if (!message) return invalid_answer(target, answer.body);
  ChatChoice choice;
  ThinkSplitter splitter;
  auto pieces = splitter.feed(text_at(*message, "content")), rest = splitter.flush();
  choice.reasoning = std::string(text_at(*message, "thinking")) + pieces.reasoning + rest.reasoning;
  choice.content = pieces.text + rest.text;
  for (auto& made : past_calls(*message))
    choice.tool_calls.push_back(
        {made.id.empty() ? made_call_id(call, choice.tool_calls.size()) : std::string(made.id),
         std::string(made.name), to_json(made.arguments)});
  if (choice.tool_calls.empty() && calls_by_prompt(target, call))
    if (auto made = call_of_text(call, *choice.content))
      choice.tool_calls.push_back(std::move(*made)), choice.content = "";
  if (choice.content->empty() && !choice.tool_calls.empty()) choice.content.reset();
  choice.finish = finish_reason(text_at(*parsed, "done_reason"));
  ChatAnswer chat;
  chat.model = "ollama_chat/" + std::string(call.model);
  chat.choices.push_back(std::move(choice));
  read_usage(*parsed, chat.usage);
  out.usage = chat.usage;
  out.body = write_chat(chat, call, model);
  return {};
}

} // namespace switchyard::providers::ollama
