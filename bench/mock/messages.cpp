// Anthropic's /messages, stream and non-stream: one text block. Pure.
#include "json.hpp"
#include "replies.hpp"

#include <cstdio>

namespace switchyard::mock {
namespace {

std::string usage(const Call& call, std::uint64_t out) {
  return "{\"input_tokens\":" + std::to_string(call.behaviour.prompt_tokens) +
         R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":)" +
         std::to_string(out) + R"(,"service_tier":"standard"})";
}

std::string message(const Call& call, std::string_view content, std::string_view stop, std::uint64_t out) {
  return "{\"id\":\"" + id_of(call, "msg_") + R"(","type":"message","role":"assistant","model":)" +
         json_text(call.model) + ",\"content\":[" + std::string(content) +
         "],\"stop_reason\":" + std::string(stop) + ",\"stop_sequence\":null,\"usage\":" + usage(call, out) +
         "}";
}

Event event(std::string_view type, std::string_view members) {
  Event out;
  out.text = "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"" +
             std::string(members) + "}\n\n";
  return out;
}

Event delta(std::string_view text) {
  auto out = event("content_block_delta",
                   R"(,"index":0,"delta":{"type":"text_delta","text":)" + json_text(text) + "}");
  out.content = true;
  return out;
}

void add_text(std::vector<Event>& events, const Call& call) {
  if (call.behaviour.echo || call.behaviour.big > 0) {
    events.push_back(delta(answer_text(call)));
    return;
  }
  for (std::uint32_t i = 0; i < call.behaviour.chunks; ++i) {
    char counted[16];
    std::snprintf(counted, sizeof counted, " t%04u", i % 10000);
    events.push_back(delta(counted));
  }
}

Reply stream(const Call& call) {
  Reply reply;
  reply.is_stream = true;
  auto& events = reply.events;
  events.push_back(event("message_start", ",\"message\":" + message(call, "", "null", 1)));
  events.push_back(event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})"));
  add_text(events, call);
  events.push_back(event("content_block_stop", R"(,"index":0)"));
  events.push_back(
      event("message_delta", R"(,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":)" +
                                 usage(call, call.behaviour.completion_tokens)));
  events.push_back(event("message_stop", ""));
  return reply;
}

} // namespace

Reply messages(const Call& call) {
  if (call.stream) return stream(call);
  Reply reply;
  reply.body = message(call, R"({"type":"text","text":)" + json_text(answer_text(call)) + "}", "\"end_turn\"",
                       call.behaviour.completion_tokens);
  return reply;
}

} // namespace switchyard::mock
