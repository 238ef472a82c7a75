// GET /v1/models, /v1/models/{id}, /model/info: what is configured, secrets removed.
#include "http/access/llm_access.hpp"
#include "http/answers.hpp"
#include "http/json_members.hpp"
#include "http/listed_models.hpp"
#include "http/query.hpp"
#include "http/routes/routes.hpp"

#include <switchyard/json.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/pricing.hpp>

#include <algorithm>

namespace switchyard::http::routes {

namespace {

constexpr std::string_view k_created = "1677610602"; // the constant that LiteLLM sends

std::string model_object(std::string_view name) {
  std::string out = "{\"id\":";
  append_json_string(out, name);
  out += ",\"object\":\"model\",\"created\":", out += k_created, out += ",\"owned_by\":\"openai\"}";
  return out;
}

// -- model info

/// Only what is safe to show: never keys, tokens, credentials or header values.
std::string params_json(const LitellmParams& params) {
  std::string out = "{";
  member(out, "model", json_string(params.model));
  if (!params.api_base.empty())
    member(out, "api_base", json_string(params.api_base.substr(0, params.api_base.find('?'))));
  if (!params.api_version.empty()) member(out, "api_version", json_string(params.api_version));
  if (!params.organization.empty()) member(out, "organization", json_string(params.organization));
  if (!params.custom_llm_provider.empty())
    member(out, "custom_llm_provider", json_string(params.custom_llm_provider));
  optional_member(out, "rpm", params.rpm), optional_member(out, "tpm", params.tpm);
  optional_member(out, "weight", params.weight), optional_member(out, "timeout", params.timeout);
  optional_member(out, "stream_timeout", params.stream_timeout);
  for (auto& param : params.defaults) member(out, param.name, param.json);
  return out + "}";
}

std::string info_json(const Deployment& deployment) {
  std::string out = "{";
  auto& row = deployment.row;
  member(out, "id", json_string(row.id));
  ValueMap fields = deployment.price ? price_fields(*deployment.price) : ValueMap();
  set(fields, "db_model", Value(false));
  for (auto& [key, value] : row.model_info) set(fields, key, value); // what the user wrote wins
  for (auto& [key, value] : fields)
    if (key != "id") member(out, key, to_json(value));
  const bool unpriced = !deployment.price || deployment.price->unpriced();
  if (unpriced && !deployment.pattern) member(out, "unpriced", "true"); // its calls count 0 dollars
  if (deployment.target && out.find("\"litellm_provider\":") == std::string::npos)
    member(out, "litellm_provider", json_string(deployment.target->provider));
  if (deployment.target) member(out, "key", json_string(deployment.target->model));
  if (!row.mode.empty() && out.find("\"mode\":") == std::string::npos)
    member(out, "mode", json_string(row.mode));
  optional_member(out, "rpm", row.params.rpm), optional_member(out, "tpm", row.params.tpm);
  return out + "}";
}

std::string deployment_json(const Deployment& deployment) {
  std::string out = "{";
  member(out, "model_name", json_string(deployment.row.model_name));
  member(out, "litellm_params", params_json(deployment.row.params));
  member(out, "model_info", info_json(deployment));
  return out + "}";
}

bool hidden(const Config& config, std::string_view name) {
  return std::any_of(config.router.model_group_alias.begin(), config.router.model_group_alias.end(),
                     [&](auto& alias) { return alias.hidden && alias.alias == name; });
}

bool of_another_team(const RequestContext& context, const ModelRow& row) {
  if (row.team_id.empty() || !context.identity || context.identity->role == "proxy_admin") return false;
  return row.team_id != context.identity->team_id();
}

/// The name of rows that their team calls by another.
bool only_inside(const RequestContext& context, std::string_view name) {
  const auto group = context.routing->resolve(name).group;
  return group && group->name == name &&
         std::all_of(group->deployments.begin(), group->deployments.end(), [&](auto& row) {
           return !row->row.team_public_name.empty() && row->row.team_public_name != name;
         });
}

/// Has a row that the health checks do not object to; a name without a group cannot be judged.
bool served(const RequestContext& context, std::string_view name) {
  const auto group = context.resolve(name).group;
  const auto now = context.shard.now();
  return !group || std::any_of(group->deployments.begin(), group->deployments.end(),
                               [&](auto& row) { return !row->view->unhealthy(now); });
}

template <class Range, class Render>
std::string data_list(const Range& range, Render render) {
  std::string out = "{\"data\":[";
  bool first = true;
  for (auto& item : range) {
    auto text = render(item);
    if (text.empty()) continue;
    if (!std::exchange(first, false)) out += ',';
    out += text;
  }
  return out + "]";
}

/// What the providers of patterns have, behind the names that are configured.
aw<> add_listed(RequestContext& context, std::vector<std::string>& names) {
  auto& listed = context.shard.listed_models;
  if (!listed) listed = std::make_unique<ListedModels>();
  auto more = co_await listed->names(context.shard, *context.process.shards.front(), context.routing,
                                     context.exchange.cancel);
  for (auto& name : more)
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

} // namespace

aw<> list_models(RequestContext& context) {
  bool patterns = query_value(context.exchange.head.query, "return_wildcard_routes") == "true";
  auto names = context.routing->model_names(patterns);
  if (context.config.litellm.check_provider_endpoint) co_await add_listed(context, names);
  if (context.identity) {
    std::erase_if(names, [&](auto& name) { return only_inside(context, name); });
    for (auto& own : context.routing->team_names(context.identity->team_id()))
      if (std::find(names.begin(), names.end(), own) == names.end()) names.push_back(std::move(own));
    std::erase_if(names, [&](auto& name) { return !access::may_use_model(context, name); });
  }
  if (context.config.general.model_list_healthy_only)
    std::erase_if(names, [&](auto& name) { return !served(context, name); });
  auto body = data_list(names, [](auto& name) { return model_object(name); }) + ",\"object\":\"list\"}";
  co_await answer_json(context.exchange, 200, body);
}

aw<> one_model(RequestContext& context) {
  auto& name = context.path_argument;
  auto names = context.routing->model_names(false);
  bool known = std::find(names.begin(), names.end(), name) != names.end() ||
               (context.resolve(name).group != nullptr && !hidden(context.config, name));
  if (known && access::may_use_model(context, name)) {
    auto body = model_object(name);
    co_await answer_json(context.exchange, 200, body);
    co_return;
  }
  Error error;
  error.code = Errc::not_found;
  error.message = "The model `" + name + "` does not exist";
  error.extra().type = "invalid_request_error", error.extra().param = "model";
  co_await answer_error(context.exchange, error);
}

aw<> model_info(RequestContext& context) {
  auto wanted = query_value(context.exchange.head.query, "litellm_model_id");
  std::vector<DeploymentPtr> rows;
  for (auto& group : context.routing->groups()) {
    if (!access::may_use_model(context, group->name)) continue;
    for (auto& row : group->deployments)
      if ((wanted.empty() || row->row.id == wanted) && !of_another_team(context, row->row))
        rows.push_back(row);
  }
  if (!wanted.empty() && rows.empty()) {
    auto body =
        "{\"detail\":{\"error\":" + json_string("Model id = " + wanted + " not found on litellm proxy") +
        "}}";
    co_await answer_json(context.exchange, 400, body);
    co_return;
  }
  auto body = data_list(rows, [](auto& row) { return deployment_json(*row); }) + "}";
  co_await answer_json(context.exchange, 200, body);
}

} // namespace switchyard::http::routes
