// /completions (stream and non-stream) and /models. Pure.
#include "json.hpp"
#include "replies.hpp"

namespace switchyard::mock {
namespace {

std::string head(const Call& call) {
  return "{\"id\":\"" + id_of(call, "cmpl-") +
         R"(","object":"text_completion","created":1735689600,"model":)" + json_text(call.model) +
         ",\"choices\":[";
}

std::string choice(std::string_view text, std::string_view finish) {
  return "{\"text\":" + json_text(text) + R"(,"index":0,"logprobs":null,"finish_reason":)" +
         std::string(finish) + "}]";
}

Reply stream(const Call& call) {
  Reply reply;
  reply.is_stream = true;
  bool whole = call.behaviour.echo || call.behaviour.big > 0;
  Event event{sse(head(call) + choice(whole ? answer_text(call) : " t0000", "null") + "}"), true};
  event.repeat = whole ? 1 : call.behaviour.chunks;
  if (!whole) event.patch_at = event.text.find("t0000") + 1;
  if (event.repeat > 0) reply.events.push_back(std::move(event));
  reply.events.push_back({sse(head(call) + choice("", "\"stop\"") + "}")});
  if (call.include_usage) reply.events.push_back({sse(head(call) + "],\"usage\":" + usage_json(call) + "}")});
  if (!call.behaviour.no_done) reply.events.push_back({sse("[DONE]")});
  return reply;
}

} // namespace

Reply completion(const Call& call) {
  if (call.stream) return stream(call);
  Reply reply;
  reply.body = head(call) + choice(answer_text(call), "\"stop\"") + ",\"usage\":" + usage_json(call) + "}";
  return reply;
}

Reply models(const Call&) {
  Reply reply;
  reply.body = R"({"object":"list","data":[)"
               R"({"id":"gpt-4o-mini","object":"model","created":1735689600,"owned_by":"mock"},)"
               R"({"id":"text-embedding-3-small","object":"model","created":1735689600,"owned_by":"mock"}]})";
  return reply;
}

} // namespace switchyard::mock
