// Table of endpoints, shared parts of replies, and the error bodies. Pure.
#include "replies.hpp"

#include "json.hpp"

#include <cstdio>
#include <ctime>

namespace switchyard::mock {
namespace {

struct Endpoint {
  std::string_view suffix;
  Reply (*answer)(const Call&);
};

// First match wins: /chat/completions stands before /completions.
constexpr Endpoint k_endpoints[] = {
    {"/chat/completions", chat},
    {"/completions", completion},
    {"/embeddings", embeddings},
    {"/responses", responses},
    {"/messages", messages},
    {"/moderations", moderations},
    {"/images/generations", images},
    {"/images/edits", images},
    {"/images/variations", images},
    {"/audio/transcriptions", transcription},
    {"/audio/translations", transcription},
    {"/audio/speech", speech},
    {"/rerank", rerank},
    {"/models", models},
};

struct ErrorKind {
  std::uint16_t status;
  std::string_view type, code, message;
};

constexpr ErrorKind k_errors[] = {
    {400, "invalid_request_error", "", "Invalid request: scripted by the mock."},
    {401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-mock."},
    {403, "permission_error", "permission_denied", "You are not allowed to use this model."},
    {404, "invalid_request_error", "model_not_found",
     "The model does not exist or you do not have access to it."},
    {408, "timeout", "request_timeout", "Request timed out."},
    {409, "conflict_error", "conflict", "Conflict."},
    {422, "invalid_request_error", "unprocessable", "Unprocessable entity."},
    {429, "rate_limit_error", "rate_limit_exceeded", "Rate limit reached for requests."},
    {500, "server_error", "", "The server had an error while processing your request. Sorry about that!"},
    {502, "server_error", "", "Bad gateway."},
    {503, "server_error", "", "The engine is currently overloaded, please try again later."},
    {504, "server_error", "", "Gateway timeout."},
};

Reply special_refusal(const Behaviour& b) {
  Reply reply;
  reply.status = b.status;
  if (b.refusal == Refusal::html) {
    reply.content_type = "text/html";
    reply.body = "<html>\r\n<head><title>Bad Gateway</title></head>\r\n<body>\r\n<center><h1>Bad "
                 "Gateway</h1></center>\r\n<hr><center>mock</center>\r\n</body>\r\n</html>\r\n";
  } else if (b.refusal == Refusal::context_window) {
    reply.body =
        R"({"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in )"
        R"(9001 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages",)"
        R"("code":"context_length_exceeded"}})";
  } else {
    reply.body = R"({"error":{"message":"Your request was rejected as a result of our safety system.",)"
                 R"("type":"invalid_request_error","param":null,"code":"content_policy_violation"}})";
  }
  return reply;
}

std::string http_date(std::time_t at) {
  char text[64];
  std::tm utc{};
  gmtime_r(&at, &utc);
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text;
}

Reply refusal(const Behaviour& b) {
  if (b.refusal != Refusal::plain) return special_refusal(b);
  auto reply = error_reply(b.status);
  if (b.retry_after_date)
    reply.headers = "retry-after: " + http_date(std::time(nullptr) + b.retry_after) + "\r\n";
  else if (b.retry_after >= 0)
    reply.headers = "retry-after: " + std::to_string(b.retry_after) + "\r\n";
  return reply;
}

Reply one_model(const Call& call) {
  Reply reply;
  auto name = call.request->path.substr(call.request->path.rfind('/') + 1);
  reply.body = "{\"id\":" + json_text(name) + R"(,"object":"model","created":1735689600,"owned_by":"mock"})";
  return reply;
}

bool is_text(const Endpoint& e) {
  return e.answer == chat || e.answer == completion || e.answer == responses || e.answer == messages;
}

Reply endpoint_reply(const Call& call) {
  auto path = call.request->path;
  for (const auto& e : k_endpoints) {
    if (!path.ends_with(e.suffix)) continue;
    if (!call.behaviour.echo || is_text(e)) return e.answer(call);
    Reply reply;
    reply.body = echo_json(call);
    return reply;
  }
  if (call.request->method == "GET" && path.find("/models/") != path.npos) return one_model(call);
  return error_reply(404,
                     "Invalid URL (" + std::string(call.request->method) + " " + std::string(path) + ")");
}

} // namespace

Reply reply_to(const Call& call) {
  const auto& b = call.behaviour;
  if (!b.unknown.empty()) return error_reply(400, "unknown mock behaviour: " + b.unknown);
  auto reply = b.refusal != Refusal::none ? refusal(b) : Reply{};
  if (b.scripted_body) {
    reply.body = b.body;
    reply.status = b.status;
    if (!b.content_type.empty()) reply.content_type = b.content_type;
  } else if (b.refusal == Refusal::none) {
    bool broken = call.request->body.starts_with("{") && !call.has_json;
    reply =
        broken ? error_reply(400, "We could not parse the JSON body of your request.") : endpoint_reply(call);
    if (b.status != 200) reply.status = b.status;
  }
  reply.headers += b.headers;
  return reply;
}

Reply error_reply(std::uint16_t status, std::string_view message) {
  const ErrorKind* kind = status < 500 ? &k_errors[0] : &k_errors[8];
  for (const auto& row : k_errors)
    if (row.status == status) kind = &row;
  Reply reply;
  reply.status = status;
  reply.body = "{\"error\":{\"message\":" + json_text(message.empty() ? kind->message : message) +
               ",\"type\":" + json_text(kind->type) +
               ",\"param\":null,\"code\":" + (kind->code.empty() ? "null" : json_text(kind->code)) + "}}";
  return reply;
}

Reply rate_limited(std::int32_t retry_after_s, std::string_view message) {
  auto reply = error_reply(429, message);
  reply.headers = "retry-after: " + std::to_string(retry_after_s) + "\r\n";
  return reply;
}

std::string answer_text(const Call& call) {
  if (call.behaviour.echo) return echo_json(call);
  if (call.behaviour.big > 0) return std::string(call.behaviour.big, 'x');
  return "The quick brown fox jumps over the lazy dog, and then it explains at some length why a low latency "
         "gateway "
         "matters when many small requests are made.";
}

std::string id_of(const Call& call, std::string_view prefix) {
  char digits[40];
  std::snprintf(digits, sizeof digits, "%032llx", static_cast<unsigned long long>(call.number));
  return std::string(prefix) + digits;
}

std::string usage_json(const Call& call) {
  auto p = call.behaviour.prompt_tokens, c = call.behaviour.completion_tokens;
  return "{\"prompt_tokens\":" + std::to_string(p) + ",\"completion_tokens\":" + std::to_string(c) +
         ",\"total_tokens\":" + std::to_string(p + c) +
         R"(,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}})";
}

std::string sse(std::string_view json) {
  std::string out = "data: ";
  return out.append(json).append("\n\n");
}

} // namespace switchyard::mock
