// /responses, stream and non-stream: one output message with one text part. Pure.
#include "json.hpp"
#include "replies.hpp"

#include <cstdio>

namespace switchyard::mock {
namespace {

std::string text_part(std::string_view text) {
  return R"({"type":"output_text","annotations":[],"text":)" + json_text(text) + "}";
}

std::string item(const Call& call, std::string_view status, std::string_view content) {
  return "{\"id\":\"" + id_of(call, "msg_") + R"(","type":"message","status":")" + std::string(status) +
         R"(","role":"assistant","content":[)" + std::string(content) + "]}";
}

std::string usage(const Call& call) {
  auto in = call.behaviour.prompt_tokens, out = call.behaviour.completion_tokens;
  return "{\"input_tokens\":" + std::to_string(in) +
         R"(,"input_tokens_details":{"cached_tokens":0},"output_tokens":)" + std::to_string(out) +
         R"(,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":)" + std::to_string(in + out) +
         "}";
}

std::string response(const Call& call, std::string_view status, std::string_view output) {
  return "{\"id\":\"" + id_of(call, "resp_") + R"(","object":"response","created_at":1735689600,"status":")" +
         std::string(status) +
         R"(","error":null,"incomplete_details":null,"instructions":null,"metadata":{},"parallel_tool_calls":true,)"
         R"("temperature":1.0,"top_p":1.0,"tool_choice":"auto","tools":[],"model":)" +
         json_text(call.model) + ",\"output\":[" + std::string(output) +
         "],\"usage\":" + (status == "completed" ? usage(call) : "null") + "}";
}

/// Appends events of the form `event: type` with a running sequence_number.
struct EventList {
  std::vector<Event>* events;
  int sequence = 0;

  void add(std::string_view type, const std::string& members, bool content = false) {
    Event event;
    event.text = "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) +
                 "\",\"sequence_number\":" + std::to_string(sequence++) + "," + members + "}\n\n";
    event.content = content;
    events->push_back(std::move(event));
  }
};

std::string place(const Call& call, std::string_view more) {
  return "\"item_id\":\"" + id_of(call, "msg_") + "\",\"output_index\":0,\"content_index\":0," +
         std::string(more);
}

/// The deltas; returns the whole text.
std::string add_deltas(EventList& list, const Call& call) {
  bool whole = call.behaviour.echo || call.behaviour.big > 0;
  std::string text = whole ? answer_text(call) : std::string();
  for (std::uint32_t i = 0; i < (whole ? 1 : call.behaviour.chunks); i++) {
    char counted[16];
    std::snprintf(counted, sizeof counted, " t%04u", i % 10000);
    if (!whole) text += counted;
    auto members = place(call, "\"logprobs\":[],\"delta\":" + json_text(whole ? text : counted));
    list.add("response.output_text.delta", members, true);
  }
  return text;
}

Reply stream(const Call& call) {
  Reply reply;
  reply.is_stream = true;
  EventList list{&reply.events};
  auto started = response(call, "in_progress", "");
  list.add("response.created", "\"response\":" + started);
  list.add("response.in_progress", "\"response\":" + started);
  list.add("response.output_item.added", "\"output_index\":0,\"item\":" + item(call, "in_progress", ""));
  list.add("response.content_part.added", place(call, "\"part\":" + text_part("")));
  auto text = add_deltas(list, call);
  auto done = item(call, "completed", text_part(text));
  list.add("response.output_text.done", place(call, "\"logprobs\":[],\"text\":" + json_text(text)));
  list.add("response.content_part.done", place(call, "\"part\":" + text_part(text)));
  list.add("response.output_item.done", "\"output_index\":0,\"item\":" + done);
  list.add("response.completed", "\"response\":" + response(call, "completed", done));
  return reply;
}

} // namespace

Reply responses(const Call& call) {
  if (call.stream) return stream(call);
  Reply reply;
  reply.body = response(call, "completed", item(call, "completed", text_part(answer_text(call))));
  return reply;
}

} // namespace switchyard::mock
