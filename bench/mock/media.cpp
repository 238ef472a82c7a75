// /images/*, /audio/transcriptions|translations (multipart) and /audio/speech (binary). Pure.
#include "json.hpp"
#include "replies.hpp"

#include <algorithm>

namespace switchyard::mock {
namespace {

// A 1x1 PNG: a real image, so that SDK tests can decode it.
constexpr std::string_view k_png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5Er"
    "kJggg==";

/// A field from JSON or multipart, whichever the request is.
std::string_view field(const Call& call, const char* name) {
  return call.has_json ? text_of(call, name) : form_field(call.request->body, name);
}

std::string verbose(const Call& call) {
  auto text = json_text(answer_text(call));
  return R"({"task":"transcribe","language":"english","duration":3.5,"text":)" + text +
         R"(,"segments":[{"id":0,"seek":0,"start":0.0,"end":3.5,"text":)" + text +
         R"(,"tokens":[1,2],"temperature":0.0,"avg_logprob":-0.1,"compression_ratio":1.0,"no_speech_prob":0.01}]})";
}

Reply transcription_stream(const Call& call) {
  Reply reply;
  reply.is_stream = true;
  auto text = json_text(answer_text(call));
  reply.events.push_back({sse(R"({"type":"transcript.text.delta","delta":)" + text + "}"), true});
  reply.events.push_back({sse(R"({"type":"transcript.text.done","text":)" + text + "}")});
  return reply;
}

} // namespace

Reply images(const Call& call) {
  // "image" or "image[]"
  if (!call.has_json && call.request->body.find("name=\"image") == std::string_view::npos)
    return error_reply(400, "'image' is a required property");
  auto n = std::clamp<std::uint64_t>(count_of(call, "n", 1), 1, 10);
  bool base64 = field(call, "response_format") == "b64_json" || call.model.starts_with("gpt-image");
  Reply reply;
  reply.body = R"({"created":1735689600,"data":[)";
  for (std::uint64_t i = 0; i < n; i++) {
    reply.body.append(i ? ",{" : "{");
    if (base64)
      reply.body.append("\"b64_json\":\"").append(k_png).append("\"}");
    else
      reply.body.append(R"("url":"https://images.example/)" + std::to_string(i) + ".png\"}");
  }
  reply.body += "]}";
  return reply;
}

Reply transcription(const Call& call) {
  if (call.request->body.find("name=\"file\"") == std::string_view::npos)
    return error_reply(400, "'file' is a required property");
  if (call.stream) return transcription_stream(call);
  auto format = form_field(call.request->body, "response_format");
  Reply reply;
  if (format == "text" || format == "srt" || format == "vtt") {
    reply.content_type = "text/plain; charset=utf-8";
    reply.body = answer_text(call) + "\n";
  } else {
    reply.body = format == "verbose_json" ? verbose(call) : "{\"text\":" + json_text(answer_text(call)) + "}";
  }
  return reply;
}

Reply speech(const Call& call) {
  if (field(call, "input").empty()) return error_reply(400, "'input' is a required property");
  Reply reply;
  reply.content_type = "audio/mpeg";
  reply.body.resize(call.behaviour.big ? call.behaviour.big : 16384);
  for (std::size_t i = 0; i < reply.body.size(); i++) reply.body[i] = static_cast<char>(i * 31 + i / 256);
  reply.body[0] = '\xff'; // an MPEG frame header, and bytes that are not UTF-8
  return reply;
}

} // namespace switchyard::mock
