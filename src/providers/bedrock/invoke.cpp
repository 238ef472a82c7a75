// Chooses the body of an InvokeModel call by the model's provider. Pure, any thread.
#include "providers/bedrock/invoke.hpp"

#include "providers/anthropic/messages.hpp"
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/converse.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/family/chunks.hpp"

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

enum class Body { unknown, claude, nova, command_r, text, relay };

Body body_of(const ModelRoute& route) {
  if (is_messages_claude(route)) return Body::claude;
  if (route.provider == "nova") return Body::nova;
  if (route.provider == "cohere" && route.base.find("command-r") != std::string::npos) return Body::command_r;
  if (text_format(route)) return Body::text;
  if (route.provider == "openai" || route.provider == "moonshot" || route.provider == "ai21")
    return Body::relay;
  return Body::unknown;
}

/// Commands's chat: the last user message, and what came before it.
std::string encode_command_r(Job& job) {
  ValueMap body;
  ValueList history;
  std::string message, preamble;
  for (auto& past : list_at(job.request, "messages")) {
    const auto role = text_at(past, "role");
    auto* content = past.find("content");
    auto text = content ? content_text(*content, "\n") : std::string();
    if (role == "system" || role == "developer")
      preamble.append(preamble.empty() ? "" : "\n").append(text);
    else
      history.emplace_back(
          ValueMap{{"role", str(role == "assistant" ? "CHATBOT" : "USER")}, {"message", str(text)}});
  }
  if (!history.empty() && text_at(history.back(), "role") == "USER")
    message = text_at(history.back(), "message"), history.pop_back();
  put(body, "message", str(message));
  if (!history.empty()) put(body, "chat_history", Value(std::move(history)));
  if (!preamble.empty()) put(body, "preamble", str(preamble));
  if (auto limit = max_tokens(job.request)) put(body, "max_tokens", num(*limit));
  if (auto stops = stop_list(job.request); !stops.empty()) put(body, "stop_sequences", list_of(stops));
  constexpr string_view k_same[][2] = {{"temperature", "temperature"},
                                       {"top_p", "p"},
                                       {"seed", "seed"},
                                       {"frequency_penalty", "frequency_penalty"},
                                       {"presence_penalty", "presence_penalty"}};
  for (auto& pair : k_same)
    if (auto* value = job.request.find(pair[0])) put(body, pair[1], *value);
  copy_extras(job.request, body);
  return to_json(Value(std::move(body)));
}

Result<void> decode_command_r(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                              string_view client_model, Answer& out) {
  auto parsed = parse_json(answer.body);
  auto* text = parsed ? parsed->find("text") : nullptr;
  if (!text || !text->as_string()) return invalid_answer(target, answer.body);
  ChatAnswer chat;
  chat.model = call.model;
  auto& choice = chat.choices.emplace_back();
  choice.content = *text->as_string();
  choice.finish = text_at(*parsed, "finish_reason") == "MAX_TOKENS"
                      ? "length"
                      : finish_reason(text_at(*parsed, "finish_reason"));
  read_header_usage(answer.headers, chat.usage);
  if (chat.usage.present) complete(chat.usage);
  out.usage = chat.usage;
  out.body = write_chat(chat, call, client_model);
  return {};
}

class CommandStream final : public ChunkStream {
 public:
  using ChunkStream::ChunkStream;

 private:
  void on_data(string_view, string_view data) override {
    auto parsed = parse_json(data);
    if (!parsed || !parsed->as_map()) return fail(invalid_answer(target_, data));
    if (text_at(*parsed, "event_type") == "text-generation") text(text_at(*parsed, "text"));
    if (auto reason = text_at(*parsed, "finish_reason"); !reason.empty())
      finish_with(reason == "MAX_TOKENS" ? "length" : finish_reason(reason));
    auto* metrics = parsed->find("amazon-bedrock-invocationMetrics");
    if (!metrics) return;
    usage_.prompt_tokens = count_at(*metrics, "inputTokenCount");
    usage_.completion_tokens = count_at(*metrics, "outputTokenCount");
    providers::complete(usage_);
  }
};

Error unknown_provider(const Job& job, const ModelRoute& route) {
  return Error(Errc::not_found, "litellm.NotFoundError: BedrockException - Unknown provider=" +
                                    route.provider + ", model=" + std::string(job.call.model) +
                                    ". Try calling via converse route - `bedrock/converse/<model>`.");
}

} // namespace

bool invoke_takes(const FamilyTarget& target, const Call& call, const ModelRoute& route, string_view param) {
  if (param == "stream" || param == "stream_options" || param == "extra_headers") return true;
  switch (body_of(route)) {
  case Body::claude:
    return anthropic::takes(target, call, param);
  case Body::nova:
    return converse_takes(target, call, param) && param != "service_tier";
  case Body::text:
    return text_takes(*text_format(route), param);
  case Body::relay:
    return true;
  case Body::command_r:
    return has_word(
        "max_tokens max_completion_tokens temperature top_p stop seed frequency_penalty presence_penalty",
        param);
  case Body::unknown:
    return true; // refused as a whole
  }
  return true;
}

Result<std::string> encode_invoke(Job& job, const ModelRoute& route) {
  switch (body_of(route)) {
  case Body::claude: {
    if (route.long_context) {
      auto betas = texts_of(job.request.find("anthropic_beta"));
      betas.push_back("context-1m-2025-08-07");
      set(job.request, "anthropic_beta", list_of(betas));
    }
    auto body = anthropic::encode(job, anthropic::k_bedrock);
    if (!body) return body.error();
    return std::move(body->json);
  }
  case Body::nova:
    return encode_converse(job, route, true);
  case Body::command_r:
    return encode_command_r(job);
  case Body::text:
    return encode_text(job, *text_format(route), route);
  case Body::relay:
    return relay_body(job, false);
  case Body::unknown:
    break;
  }
  return unknown_provider(job, route);
}

Result<void> decode_invoke(const FamilyTarget& target, const Call& call, const ModelRoute& route,
                           const UpstreamAnswer& answer, string_view client_model, Answer& out) {
  switch (body_of(route)) {
  case Body::claude:
    return anthropic::decode(target, call, answer, client_model, out);
  case Body::nova:
    return decode_converse(target, call, answer, client_model, out);
  case Body::command_r:
    return decode_command_r(target, call, answer, client_model, out);
  case Body::text:
    return decode_text(target, call, *text_format(route), answer, client_model, out);
  case Body::relay:
  case Body::unknown:
    break;
  }
  return relay_answer(target, call, answer, client_model, out);
}

bool invoke_streams(const ModelRoute& route) {
  auto* format = body_of(route) == Body::text ? text_format(route) : nullptr;
  return !format || !format->piece.empty();
}

std::unique_ptr<StreamDecoder> invoke_stream(const FamilyTarget& target, const Call& call,
                                             const ModelRoute& route, string_view client_model) {
  if (!invoke_streams(route)) return nullptr;
  auto inner = [&]() -> std::unique_ptr<StreamDecoder> {
    switch (body_of(route)) {
    case Body::claude:
      return anthropic::stream(target, call, client_model);
    case Body::nova:
      return converse_stream(target, call, client_model);
    case Body::command_r:
      return std::make_unique<CommandStream>(target, call, client_model);
    case Body::text:
      return text_stream(target, call, *text_format(route), client_model);
    default:
      return relay_stream(target, call, client_model);
    }
  };
  return unwrap(target, inner());
}

} // namespace switchyard::providers::bedrock
