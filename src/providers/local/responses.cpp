// Local answers of the responses API, whole and as its event stream. Pure, any thread.
#include "providers/local/local.hpp"

namespace switchyard::providers {
namespace {

using std::string_view;

std::string text_part(string_view text) {
  return R"({"type":"output_text","annotations":[],"text":)" + json_string(text) + "}";
}

std::string output_item(const LocalCall& call, string_view status, const std::string& content) {
  return R"({"type":"message","id":)" + json_string("msg_" + std::string(call.id)) + ",\"status\":\"" +
         std::string(status) + R"(","role":"assistant","content":[)" + content + "]}";
}

std::string response(const LocalCall& call, string_view status, const std::string& output) {
  std::string out =
      "{\"id\":" + json_string("resp_" + std::string(call.id)) +
      ",\"object\":\"response\",\"created_at\":" + std::to_string(call.created) + ",\"status\":\"" +
      std::string(status) +
      "\",\"error\":null,\"incomplete_details\":null,\"model\":" + json_string(call.client_model) +
      ",\"output\":[" + output + R"(],"parallel_tool_calls":true,"tool_choice":"auto","tools":[],"usage":)";
  constexpr string_view k_usage =
      R"({"input_tokens":10,"input_tokens_details":{"cached_tokens":0},"output_tokens":20,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":30})";
  return out.append(status == "completed" ? k_usage : "null").append("}");
}

class Events {
 public:
  explicit Events(LocalAnswer& out) : out_(out) {}
  void add(const std::string& type, const std::string& members) {
    out_.frames.push_back("event: " + type + "\ndata: {\"type\":\"" + type +
                          "\",\"sequence_number\":" + std::to_string(next_++) + "," + members + "}\n\n");
  }

 private:
  LocalAnswer& out_;
  int next_ = 0;
};

} // namespace

void write_response(const LocalCall& call, string_view text, string_view, LocalAnswer& out) {
  auto part = text_part(text);
  auto item = output_item(call, "completed", part);
  if (!call.call.stream) {
    out.body = response(call, "completed", item);
    return;
  }
  const std::string place = "\"item_id\":" + json_string("msg_" + std::string(call.id)) +
                            ",\"output_index\":0,\"content_index\":0,";
  Events events(out);
  events.add("response.created", "\"response\":" + response(call, "in_progress", ""));
  events.add("response.in_progress", "\"response\":" + response(call, "in_progress", ""));
  events.add("response.output_item.added",
             "\"output_index\":0,\"item\":" + output_item(call, "in_progress", ""));
  events.add("response.content_part.added", place + "\"part\":" + text_part(""));
  for (auto word : words_of(text))
    events.add("response.output_text.delta", place + "\"delta\":" + json_string(word));
  events.add("response.output_text.done", place + "\"text\":" + json_string(text));
  events.add("response.content_part.done", place + "\"part\":" + part);
  events.add("response.output_item.done", "\"output_index\":0,\"item\":" + item);
  events.add("response.completed", "\"response\":" + response(call, "completed", item));
}

} // namespace switchyard::providers
