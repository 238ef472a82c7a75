// The question to the hook and its answer. Shard code.
#include "http/access/key_hook.hpp"

#include "http/access/fetch.hpp"
#include "http/access/llm_access.hpp"

#include <switchyard/json.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/log.hpp>

#include <algorithm>
#include <array>

namespace switchyard::http::access {

namespace {

bool makes_keys(const RequestContext& context) {
  constexpr std::array<std::string_view, 2> k_routes = {"/key/generate", "/key/service-account/generate"};
  return std::find(k_routes.begin(), k_routes.end(), context.path) != k_routes.end();
}

/// {"data": the request, "user": who makes it}; no keys.
std::string question_of(const RequestContext& context, const Value& data) {
  const auto caller = caller_of(context);
  const auto text = [](const std::string& value) { return value.empty() ? Value() : Value(value); };
  ValueMap shown;
  if (auto* fields = data.as_map())
    for (auto& [name, value] : *fields)
      if (name != "key") shown.emplace_back(name, value);
  return to_json(
      Value(ValueMap{{"data", Value(std::move(shown))},
                     {"user", Value(ValueMap{{"user_id", text(caller.user_id)},
                                             {"user_role", text(caller.role)},
                                             {"team_id", text(caller.team_id)},
                                             {"organization_id", text(caller.organization_id)}})}}));
}

Error not_asked() {
  Error error(Errc::unavailable, "The hook of custom_key_generate could not be asked, please try again.");
  error.retry_after = Millis(1000);
  return error;
}

} // namespace

aw<Result<void>> ask_key_hook(const RequestContext& context, std::string_view body) {
  auto& url = plane_of(context.config).custom_key_generate_url;
  if (url.empty() || !makes_keys(context)) co_return Result<void>();
  auto data = body.empty() ? Result<Value>(Value(ValueMap{})) : parse_json(body);
  if (!data || !data->as_map()) co_return Result<void>(); // the handler refuses it in its own words
  Fetch request;
  request.method = "POST", request.url = url;
  request.content_type = "application/json", request.body = question_of(context, *data);
  auto answer = co_await fetch(context.shard, std::move(request));
  auto verdict = answer && answer->status == 200 ? parse_json(answer->body) : Result<Value>(not_asked());
  const auto* decision = verdict ? verdict->find("decision") : nullptr;
  if (!decision || !decision->as_bool()) {
    log::warning("key_hook.not_asked", {{"call_id", context.exchange.call_id}});
    co_return not_asked();
  }
  if (*decision->as_bool()) co_return Result<void>();
  co_return forbidden(text_at(*verdict, "message", "Authentication Failed - Custom Auth Rule"));
}

} // namespace switchyard::http::access
