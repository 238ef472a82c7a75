// The bodies of health checks, one table row per mode, and the call itself.
#include "http/health_check.hpp"

#include "http/token_desk.hpp"
#include "http/upstream/client.hpp"

#include <switchyard/environment.hpp>
#include <switchyard/json_scan.hpp>

#include <algorithm>
#include <array>

namespace switchyard::http {

namespace {

constexpr std::size_t k_max_answer = 1024 * 1024;

/// {"model":"", <before> the prompt <after>, and the limit of the answer or the voice.
struct Form {
  std::string_view mode;
  Endpoint endpoint;
  std::string_view before, after;
  std::string_view limit_name{}; ///< "" = the endpoint takes none
  int limit = 0;
  bool voice = false;
};
constexpr std::array k_forms = {
    Form{"chat", Endpoint::chat, R"("messages":[{"role":"user","content":)", "}]", "max_tokens", 5},
    Form{"completion", Endpoint::completions, R"("prompt":)", "", "max_tokens", 5},
    Form{"embedding", Endpoint::embeddings, R"("input":[)", "]"},
    Form{"responses", Endpoint::responses, R"("input":)", "", "max_output_tokens", 16}, // OpenAI's least
    Form{"rerank", Endpoint::rerank, R"("query":)", R"(,"documents":["test"])"},
    Form{"image_generation", Endpoint::images_generations, R"("prompt":)", ""},
    Form{"audio_speech", Endpoint::speech, R"("input":)", "", "", 0, true},
    Form{"moderation", Endpoint::moderations, R"("input":)", ""},
};

const Form* form_of(const ModelRow& row) {
  const std::string_view mode = row.mode.empty() ? std::string_view("chat") : std::string_view(row.mode);
  auto found = std::find_if(k_forms.begin(), k_forms.end(), [&](auto& form) { return form.mode == mode; });
  return found != k_forms.end() ? &*found : nullptr;
}

/// Whom a check calls.
struct Callee {
  std::shared_ptr<const providers::Target> target;
  std::string model;
};

/// "openai/gpt-4o" -> "gpt-4o" for a row of openai; slashes of other names are their own.
std::string own_name(const std::string& model, std::string_view provider) {
  const bool prefixed =
      model.size() > provider.size() && model.starts_with(provider) && model[provider.size()] == '/';
  return prefixed ? model.substr(provider.size() + 1) : model;
}

/// A row with model "*" has no provider until health_check_model names one.
Result<Callee> callee_of(const Deployment& deployment) {
  Callee callee{deployment.target, deployment.row.health.model};
  if (!callee.target && !callee.model.empty()) {
    auto prepared = providers::prepare(deployment.row.params, callee.model, environment_or_empty);
    if (!prepared) return prepared.error();
    callee.target = prepared->target, callee.model = prepared->target->model;
  } else if (callee.target) {
    callee.model =
        callee.model.empty() ? callee.target->model : own_name(callee.model, callee.target->provider);
  }
  if (!callee.target || callee.model.find('*') != std::string::npos)
    return Error(Errc::bad_request,
                 "a pattern is checked only when model_info.health_check_model names a model");
  return callee;
}

Millis timeout_of(const ModelRow& row, const HealthSettings& settings) {
  constexpr double k_longest = 86400;
  return Millis(static_cast<std::int64_t>(
      std::clamp(row.health.timeout.value_or(settings.timeout), 0.0, k_longest) * 1000));
}

aw<Error> call_upstream(Shard& shard, const Callee& callee, const CheckRequest& check, Millis timeout,
                        CancelScope& cancel) {
  auto* translator = providers::translator_for(*callee.target, check.endpoint);
  if (!translator)
    co_return Error(Errc::bad_request, "the provider does not serve this mode (model_info.mode)");
  auto& provider = *translator;
  ObjectScan scan;
  if (auto scanned = scan_object(check.body, scan); !scanned) co_return scanned.error();
  providers::Call call;
  call.endpoint = check.endpoint, call.json = &scan, call.body = check.body, call.model = callee.model;
  call.drop_params = true;
  if (callee.target->answers_locally)
    co_return provider.local_answer(*callee.target, call, callee.model, "health-check", 0).error;
  call.now = shard.clock.wall();
  TokenPtr token; // as long as the call
  if (callee.target->tokens) {
    auto fetched =
        co_await token_for(shard, shard, callee.target->tokens, cancel); // checks run on the tokens' home
    if (!fetched) co_return fetched.error();
    token = std::move(*fetched), call.token = token.get();
  }
  providers::Wire wire;
  if (auto encoded = provider.encode(*callee.target, call, wire); !encoded) co_return encoded.error();
  upstream::Request request;
  request.origin = wire.origin, request.head = wire.head, request.body = wire.body;
  request.first_byte_timeout = request.idle_timeout = timeout;
  request.deadline = shard.now() + timeout;
  auto reply = co_await shard.client->send(request, cancel);
  if (!reply) co_return reply.error();
  auto body = co_await settled(reply->read_all(k_max_answer, cancel));
  if (!body) co_return body.error();
  if (reply->status() < 300) co_return Error(Errc::none);
  providers::UpstreamAnswer answer;
  answer.status = reply->status(), answer.headers = reply->raw_headers(), answer.body = *body;
  answer.content_type = reply->header("content-type");
  co_return provider.map_error(*callee.target, answer);
}

} // namespace

CheckRequest check_request(const ModelRow& row, const HealthSettings& settings) {
  CheckRequest check;
  auto* form = form_of(row);
  if (!form) return check;
  check.endpoint = form->endpoint;
  auto& body = check.body;
  body = "{\"model\":\"\",";
  body += form->before, append_json_string(body, settings.prompt), body += form->after;
  if (!form->limit_name.empty()) {
    body += ',', append_json_string(body, form->limit_name);
    body += ':' + std::to_string(row.health.max_tokens.value_or(form->limit));
  }
  if (form->voice) body += ",\"voice\":" + json_string(row.health.voice);
  return body += '}', check;
}

aw<CheckResult> check_health(Shard& shard, const Deployment& deployment, const HealthSettings& settings,
                             CancelScope& cancel) {
  CheckResult result;
  const auto check = check_request(deployment.row, settings);
  if (check.body.empty()) {
    result.error = Error(Errc::bad_request, "mode '" + deployment.row.mode + "' is not checked");
    co_return result;
  }
  const auto callee = callee_of(deployment);
  if (!callee) {
    result.error = callee.error();
    co_return result;
  }
  result.called = true;
  result.error = co_await call_upstream(shard, *callee, check, timeout_of(deployment.row, settings), cancel);
  co_return result;
}

} // namespace switchyard::http
