// Local chat and text completions, whole and streamed. Pure, any thread.
#include "providers/local/local.hpp"
#include "providers/openai/json_edit.hpp"

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr string_view k_usage = R"({"prompt_tokens":10,"completion_tokens":20,"total_tokens":30})";

/// What the assistant answers: text, or one tool call.
struct Reply {
  std::string text;
  std::string tool_calls; ///< raw JSON array, or empty
  string_view finish() const { return tool_calls.empty() ? "stop" : "tool_calls"; }
};

std::string tool_call(const ObjectScan& function) {
  auto* parameters = function.find("parameters");
  auto schema = parameters ? function.raw(*parameters) : string_view("{}");
  auto arguments = parameters ? smallest_value(schema, schema) : std::string("{}");
  return R"([{"index":0,"id":"call_mock0001","type":"function","function":{"name":)" +
         json_string(string_member(function, "name")) + ",\"arguments\":" + json_string(arguments) + "}}]";
}

/// The tool that the request insists on: the named one, or the first when one is required.
std::string forced_tool(const LocalCall& call) {
  auto choice = call.raw("tool_choice");
  std::string wanted;
  ObjectScan chosen, inner;
  if (choice.starts_with('{') && scan_object(choice, chosen)) {
    auto* function = chosen.find("function");
    if (function && scan_object(chosen.raw(*function), inner)) wanted = string_member(inner, "name");
  } else if (choice != "\"required\"") {
    return {};
  }
  std::size_t pos = 0;
  for (string_view tool; next_element(call.raw("tools"), pos, tool);) {
    ObjectScan object, function;
    if (!tool.starts_with('{') || !scan_object(tool, object)) continue;
    auto* field = object.find("function");
    if (!field || field->kind != JsonKind::object || !scan_object(object.raw(*field), function)) continue;
    if (wanted.empty() || string_member(function, "name") == wanted) return tool_call(function);
  }
  return {};
}

/// Structured output wants JSON, not words.
std::string structured_text(const LocalCall& call, string_view text) {
  ObjectScan format, holder;
  auto raw = call.raw("response_format");
  if (text != k_default_text || !raw.starts_with('{') || !scan_object(raw, format)) return std::string(text);
  auto type = string_member(format, "type");
  if (type == "json_object") return "{}";
  auto* field = format.find("json_schema");
  if (type != "json_schema" || !field || field->kind != JsonKind::object ||
      !scan_object(format.raw(*field), holder))
    return std::string(text);
  auto* schema = holder.find("schema");
  return schema ? smallest_value(holder.raw(*schema), holder.raw(*schema)) : "{}";
}

Reply make_reply(const LocalCall& call, string_view text) {
  return {structured_text(call, text), forced_tool(call)};
}

std::string envelope(const LocalCall& call, string_view prefix, string_view object) {
  return "{\"id\":" + json_string(std::string(prefix) + std::string(call.id)) + ",\"object\":\"" +
         std::string(object) + "\",\"created\":" + std::to_string(call.created) +
         ",\"model\":" + json_string(call.client_model) + ",";
}

std::string message(const Reply& reply) {
  if (reply.tool_calls.empty()) return R"({"role":"assistant","content":)" + json_string(reply.text) + "}";
  return R"({"role":"assistant","content":null,"tool_calls":)" + reply.tool_calls + "}";
}

void add_chunk(const std::string& head, std::int64_t index, const std::string& inner, string_view finish,
               LocalAnswer& out) {
  auto reason = finish.empty() ? std::string("null") : json_string(finish);
  out.frames.push_back("data: " + head + "\"choices\":[{\"index\":" + std::to_string(index) + "," + inner +
                       ",\"finish_reason\":" + reason + "}]}\n\n");
}

void stream_reply(const std::string& head, std::int64_t index, const Reply& reply, LocalAnswer& out) {
  add_chunk(head, index,
            R"("delta":{"role":"assistant","content":)" +
                std::string(reply.tool_calls.empty() ? "\"\"" : "null") + "}",
            {}, out);
  if (!reply.tool_calls.empty()) {
    add_chunk(head, index, "\"delta\":{\"tool_calls\":" + reply.tool_calls + "}", {}, out);
  } else {
    for (auto word : words_of(reply.text))
      add_chunk(head, index, "\"delta\":{\"content\":" + json_string(word) + "}", {}, out);
  }
  add_chunk(head, index, "\"delta\":{}", reply.finish(), out);
}

void add_usage_chunk(const LocalCall& call, const std::string& head, LocalAnswer& out) {
  if (call.call.stream_usage_wanted)
    out.frames.push_back("data: " + head + "\"choices\":[],\"usage\":" + std::string(k_usage) + "}\n\n");
}

constexpr std::int64_t k_most_choices = 128;

} // namespace

void write_chat(const LocalCall& call, string_view text, string_view, LocalAnswer& out) {
  auto reply = make_reply(call, text);
  auto choices = call.number("n", 1, 1, k_most_choices);
  if (call.call.stream) {
    auto head = envelope(call, "chatcmpl-", "chat.completion.chunk");
    for (std::int64_t i = 0; i < choices; ++i) stream_reply(head, i, reply, out);
    return add_usage_chunk(call, head, out);
  }
  out.body = envelope(call, "chatcmpl-", "chat.completion") + "\"choices\":[";
  for (std::int64_t i = 0; i < choices; ++i)
    out.body += (i ? "," : "") + ("{\"index\":" + std::to_string(i)) + ",\"message\":" + message(reply) +
                ",\"finish_reason\":" + json_string(reply.finish()) + "}";
  out.body.append("],\"usage\":").append(k_usage).append("}");
}

void write_completion(const LocalCall& call, string_view text, string_view, LocalAnswer& out) {
  auto choices = call.number("n", 1, 1, k_most_choices);
  auto head = envelope(call, "cmpl-", "text_completion");
  if (call.call.stream) {
    for (std::int64_t i = 0; i < choices; ++i) {
      for (auto word : words_of(text))
        add_chunk(head, i, "\"text\":" + json_string(word) + ",\"logprobs\":null", {}, out);
      add_chunk(head, i, R"("text":"","logprobs":null)", "stop", out);
    }
    return add_usage_chunk(call, head, out);
  }
  out.body = head + "\"choices\":[";
  for (std::int64_t i = 0; i < choices; ++i)
    out.body += (i ? "," : "") + ("{\"index\":" + std::to_string(i)) + ",\"text\":" + json_string(text) +
                R"(,"logprobs":null,"finish_reason":"stop"})";
  out.body.append("],\"usage\":").append(k_usage).append("}");
}

} // namespace switchyard::providers
