// /chat/completions, stream and non-stream: plain text, tool calls when tools are offered, JSON when a
// response_format asks for it. Pure.
#include "json.hpp"
#include "replies.hpp"

#include <cstdio>

namespace switchyard::mock {
namespace {

using simdjson::dom::element;

/// A value that fits a JSON schema, so that SDKs can parse tool arguments and structured output.
std::string instance_of(element schema, int depth = 0) {
  element found;
  if (depth > 8) return "null";
  if (schema["const"].get(found) == simdjson::SUCCESS || schema["enum"].at(0).get(found) == simdjson::SUCCESS)
    return simdjson::minify(found);
  std::string_view type = "object";
  if (schema["type"].get(type) != simdjson::SUCCESS && schema["anyOf"].at(0).get(found) == simdjson::SUCCESS)
    return instance_of(found, depth + 1);
  if (type == "string") return "\"mock\"";
  if (type == "integer" || type == "number") return "1";
  if (type == "boolean") return "true";
  if (type == "null") return "null";
  if (type == "array")
    return schema["items"].get(found) == simdjson::SUCCESS ? "[" + instance_of(found, depth + 1) + "]" : "[]";
  std::string out = "{";
  simdjson::dom::object properties;
  if (schema["properties"].get(properties) == simdjson::SUCCESS) {
    for (auto field : properties) {
      if (out.size() > 1) out += ',';
      append_string(out, field.key);
      out.append(":").append(instance_of(field.value, depth + 1));
    }
  }
  return out + "}";
}

struct ToolCall {
  std::string_view name;
  std::string arguments;
};

/// The first offered tool, unless the last message already is a tool's result.
bool wanted_tool(const Call& call, ToolCall& out) {
  if (!call.has_json) return false;
  element function;
  if (call.json["tools"].at(0)["function"].get(function) != simdjson::SUCCESS) return false;
  if (text_of(call, "tool_choice") == "none") return false;
  simdjson::dom::array messages;
  std::string_view last_role;
  if (call.json["messages"].get(messages) == simdjson::SUCCESS)
    for (auto message : messages)
      if (message["role"].get(last_role) != simdjson::SUCCESS) last_role = {};
  element parameters;
  if (last_role == "tool" || function["name"].get(out.name) != simdjson::SUCCESS) return false;
  out.arguments =
      function["parameters"].get(parameters) == simdjson::SUCCESS ? instance_of(parameters) : "{}";
  return true;
}

std::string content_of(const Call& call) {
  element schema;
  std::string_view type;
  if (call.has_json && call.json["response_format"]["type"].get(type) == simdjson::SUCCESS) {
    if (type == "json_object") return R"({"answer":"mock"})";
    if (call.json["response_format"]["json_schema"]["schema"].get(schema) == simdjson::SUCCESS)
      return instance_of(schema);
  }
  return answer_text(call);
}

std::string tool_json(const Call& call, const ToolCall& tool, std::string_view index) {
  return "[{" + std::string(index) + "\"id\":\"" + id_of(call, "call_") +
         "\",\"type\":\"function\",\"function\":{\"name\":" + json_text(tool.name) +
         ",\"arguments\":" + json_text(tool.arguments) + "}}]";
}

void append_choice(std::string& out, const Call& call, std::uint64_t index) {
  ToolCall tool;
  bool tools = wanted_tool(call, tool);
  out.append("{\"index\":")
      .append(std::to_string(index))
      .append(R"(,"message":{"role":"assistant","content":)");
  if (tools)
    out.append("null,\"refusal\":null,\"tool_calls\":").append(tool_json(call, tool, ""));
  else
    append_string(out, content_of(call));
  out.append(tools ? "" : ",\"refusal\":null").append("},\"logprobs\":null,\"finish_reason\":\"");
  out.append(tools ? "tool_calls" : "stop").append("\"}");
}

std::string chunk_head(const Call& call) {
  return "{\"id\":\"" + id_of(call, "chatcmpl-") +
         R"(","object":"chat.completion.chunk","created":1735689600,"model":)" + json_text(call.model) +
         ",\"choices\":[";
}

std::string delta(const Call& call, std::string_view content, std::string_view finish) {
  return sse(chunk_head(call)
                 .append(R"({"index":0,"delta":)")
                 .append(content)
                 .append(R"(,"logprobs":null,"finish_reason":)")
                 .append(finish)
                 .append("}]}"));
}

/// `content` cut into the wanted number of chunks; never inside a UTF-8 sequence.
void add_pieces(std::vector<Event>& events, const Call& call, std::string_view content) {
  auto size = std::max<std::size_t>(1, content.size() / std::max(1u, call.behaviour.chunks));
  while (!content.empty()) {
    auto n = std::min(size, content.size());
    while (n < content.size() && (static_cast<unsigned char>(content[n]) & 0xC0) == 0x80) n++;
    events.push_back({delta(call, "{\"content\":" + json_text(content.substr(0, n)) + "}", "null"), true});
    content.remove_prefix(n);
  }
}

void add_counted(std::vector<Event>& events, const Call& call) {
  if (call.behaviour.pings || call.behaviour.hollow) {
    auto text = call.behaviour.pings ? ": ping\n\n" : delta(call, R"({"content":""})", "null");
    events.push_back({std::move(text), true, call.behaviour.chunks});
    return;
  }
  Event event{delta(call, R"({"content":" t0000"})", "null"), true, call.behaviour.chunks};
  event.patch_at = event.text.find("t0000") + 1;
  if (event.repeat > 0) events.push_back(std::move(event));
}

Reply stream(const Call& call) {
  Reply reply;
  reply.is_stream = true;
  ToolCall tool;
  bool tools = wanted_tool(call, tool);
  auto text = content_of(call);
  bool plain = text == answer_text(call) && !call.behaviour.echo && call.behaviour.big == 0;
  reply.events.push_back({delta(call, R"({"role":"assistant","content":"","refusal":null})", "null")});
  if (tools)
    reply.events.push_back(
        {delta(call, "{\"tool_calls\":" + tool_json(call, tool, "\"index\":0,") + "}", "null"), true});
  else if (plain)
    add_counted(reply.events, call);
  else
    add_pieces(reply.events, call, text);
  reply.events.push_back({delta(call, "{}", tools ? "\"tool_calls\"" : "\"stop\"")});
  if (call.include_usage)
    reply.events.push_back(
        {sse(chunk_head(call).append("],\"usage\":").append(usage_json(call)).append("}"))});
  if (!call.behaviour.no_done) reply.events.push_back({sse("[DONE]")});
  return reply;
}

} // namespace

Reply chat(const Call& call) {
  if (call.stream) return stream(call);
  Reply reply;
  auto& body = reply.body;
  body.reserve(1024);
  body.append("{\"id\":\"").append(id_of(call, "chatcmpl-"));
  body.append(R"(","object":"chat.completion","created":1735689600,"model":)");
  append_string(body, call.model);
  body.append(",\"choices\":[");
  auto n = std::min<std::uint64_t>(count_of(call, "n", 1), 128);
  for (std::uint64_t i = 0; i < n; i++) {
    if (i > 0) body += ',';
    append_choice(body, call, i);
  }
  body.append("],\"usage\":").append(usage_json(call));
  body.append(R"(,"service_tier":"default","system_fingerprint":"fp_0aa8d3e20b"})");
  return reply;
}

} // namespace switchyard::mock
