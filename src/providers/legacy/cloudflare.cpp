// Cloudflare Workers AI: /accounts/<id>/ai/run/<model>. Pure, any thread.
#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

Result<void> prepare(FamilyTarget& target, const LitellmParams&, EnvLookup env) {
  if (!target.base.origin.host.empty()) return {};
  auto account = first_setting(target, "cloudflare_account_id", "CLOUDFLARE_ACCOUNT_ID", env);
  if (account.empty())
    return config_error("api_base",
                        "cloudflare needs an account: set CLOUDFLARE_ACCOUNT_ID, or "
                        "litellm_params.api_base to https://api.cloudflare.com/client/v4/accounts/"
                        "<account id>/ai/run");
  return use_base(target,
                  "https://api.cloudflare.com/client/v4/accounts/" + path_segment(account) + "/ai/run");
}

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word(
      "stream max_tokens max_completion_tokens temperature top_p presence_penalty frequency_penalty "
      "tools tool_choice response_format stop seed",
      param);
}

Result<void> encode(Job& job, Upstream& out) {
  if (auto checked = check_messages(job); !checked) return checked;
  auto model = model_path(job.target, job.call.model);
  if (!model) return model.error();
  ValueList messages = list_at(job.request, "messages");
  for (auto& message : messages) flatten_text(std::get<ValueMap>(message.data()));
  ValueMap body;
  set(body, "messages", Value(std::move(messages)));
  rename(job.request,
         "temperature top_p presence_penalty frequency_penalty tools tool_choice response_format seed", body);
  put_limit(job.request, "max_tokens", body);
  put_stops(job.request, "stop", body);
  if (job.call.stream) set(body, "stream", Value(true));
  copy_extras(job.request, body);
  switchyard::erase(body, "cloudflare_account_id");
  out.path = path_of(job.target, "/" + *model);
  out.body = to_json(Value(std::move(body)));
  return {};
}

/// {"name","arguments"} or OpenAI's shape.
ToolCall read_call(const Value& call) {
  auto* function = call.find("function");
  auto& source = function && function->as_map() ? *function : call;
  auto* arguments = source.find("arguments");
  ToolCall out;
  out.id = std::string(text_at(call, "id"));
  out.name = std::string(text_at(source, "name"));
  if (arguments && !arguments->is_null())
    out.arguments = arguments->as_string() ? *arguments->as_string() : to_json(*arguments);
  return out;
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  auto* success = root->find("success");
  if (success && success->as_bool() && !*success->as_bool()) return failed_answer(target, answer.body);
  auto* result = root->find("result");
  if (!result || !result->as_map()) return invalid_answer(target, answer.body);
  if (result->find("choices")) { // the newer models answer in OpenAI's shape
    Value whole = *result;
    return answer_like_openai(target, whole, call, client_model, out);
  }
  auto* text = result->find("response");
  auto& calls = list_at(*result, "tool_calls");
  if (!text && calls.empty()) return invalid_answer(target, answer.body);
  ChatAnswer chat;
  auto& choice = chat.choices.emplace_back();
  if (text && !text->is_null()) choice.content = text->as_string() ? *text->as_string() : to_json(*text);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    choice.tool_calls.push_back(read_call(calls[i]));
    auto& id = choice.tool_calls.back().id;
    if (id.empty()) id = "call_" + std::string(call.call_id) + "_" + std::to_string(i);
  }
  chat.usage = out.usage = usage_of(*result);
  out.body = write_chat(chat, call, client_model);
  return {};
}

class Stream final : public LikeOpenAiStream {
 public:
  using LikeOpenAiStream::LikeOpenAiStream;

 private:
  void on_object(const Value& chunk) override {
    if (chunk.find("choices")) return LikeOpenAiStream::on_object(chunk);
    take_usage(chunk);
    if (auto* piece = chunk.find("response"); piece && !piece->is_null())
      text(piece->as_string() ? *piece->as_string() : to_json(*piece));
    for (auto& item : list_at(chunk, "tool_calls")) {
      auto call = read_call(item);
      if (!call.name.empty()) open_tool(call.id, call.name, call.arguments.empty() ? "{}" : call.arguments);
    }
  }
};

Errc classify(const FamilyTarget&, int, string_view body) {
  if (body.find("Authentication error") != body.npos) return Errc::authentication;
  if (body.find("must have required property") != body.npos) return Errc::bad_request;
  return Errc::none;
}

std::string error_text(string_view body) {
  auto root = parse_json(body);
  auto* error = root ? first_of(*root, "errors") : nullptr;
  return error ? std::string(text_at(*error, "message")) : std::string{};
}

} // namespace

const Family k_cloudflare{.name = "cloudflare",
                          .prepare = prepare,
                          .takes = takes,
                          .encode = encode,
                          .decode = decode,
                          .stream = make_stream<Stream>,
                          .classify = classify,
                          .error_text = error_text};

} // namespace switchyard::providers::legacy
