// /utils/*: counts, parameters and translations that can be asked without calling a provider. Shard code.
#include "http/answers.hpp"
#include "http/query.hpp"
#include "http/routes/routes.hpp"

#include <switchyard/environment.hpp>
#include <switchyard/json.hpp>
#include <switchyard/provider_utils.hpp>

namespace switchyard::http::routes {

namespace {

using TargetPtr = std::shared_ptr<const providers::Target>;

/// The first row of the group that `model` names, or null.
DeploymentPtr row_of(const RequestContext& context, std::string_view model) {
  const auto found = context.resolve(model);
  if (!found.group || found.group->deployments.empty()) return nullptr;
  return found.group->deployments.front();
}

aw<> answer(RequestContext& context, const Result<Value>& made) {
  if (made)
    co_await answer_json(context.exchange, 200, to_json(*made));
  else
    co_await answer_error(context.exchange, made.error());
}

aw<Result<Value>> read_object(RequestContext& context) {
  auto body = co_await settled(context.exchange.read_body(context.config.server.max_body_bytes));
  if (!body) co_return body.error();
  auto parsed = parse_json(*body);
  if (parsed && !parsed->as_map()) co_return Error(Errc::invalid_request, "the body must be a JSON object");
  co_return parsed;
}

Result<Value> transformed(const RequestContext& context, const Value& request) {
  auto question = providers::read_transform(request);
  if (!question) return question.error();
  TargetPtr target;
  if (auto row = row_of(context, question->model)) target = row->target;
  if (!target) {
    LitellmParams params;
    params.model = question->model;
    auto prepared = providers::prepare(params, params.model, environment_or_empty);
    if (!prepared) return providers::transform_failure(prepared.error());
    target = prepared->target;
  }
  providers::Call call;
  call.now = context.shard.clock.wall();
  call.call_id = context.exchange.call_id;
  call.model = target->model;
  call.drop_params = context.config.litellm.drop_params;
  return providers::transform_request(*question, *target, call);
}

} // namespace

aw<> token_counter(RequestContext& context) {
  auto request = co_await read_object(context);
  if (request) {
    const auto model = std::string(text_at(*request, "model"));
    const auto row = row_of(context, model);
    const auto upstream = row ? row->row.params.model : std::string();
    request = providers::token_counter(*request, upstream, *context.process.tokenizers);
  }
  co_await answer(context, request);
}

aw<> supported_openai_params(RequestContext& context) {
  const auto model = query_value(context.exchange.head.query, "model");
  const auto row = row_of(context, model);
  auto made = row && row->target ? Result<Value>(providers::supported_openai_params(*row->target))
                                 : providers::supported_openai_params(model);
  co_await answer(context, made);
}

aw<> transform_request(RequestContext& context) {
  auto request = co_await read_object(context);
  if (request) request = transformed(context, *request);
  co_await answer(context, request);
}

} // namespace switchyard::http::routes
