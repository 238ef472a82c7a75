// Facts behind the policy: limits, time-outs, fallback lists and the router's own errors.
#include "http/call_state.hpp"

#include <switchyard/provider.hpp>

#include <algorithm>
#include <charconv>

namespace switchyard::http {

namespace {

using Rules = std::vector<FallbackRule>;

const FallbackRule* exact_rule(const Rules& rules, std::string_view group) {
  auto it = std::find_if(rules.begin(), rules.end(), [&](auto& rule) { return rule.group == group; });
  return it == rules.end() ? nullptr : &*it;
}

/// exact group -> name without provider prefix -> "*"
const FallbackRule* general_rule(const Rules& rules, std::string_view group) {
  if (auto* rule = exact_rule(rules, group)) return rule;
  if (auto slash = group.find('/'); slash != std::string_view::npos)
    if (auto* rule = exact_rule(rules, group.substr(slash + 1))) return rule;
  return exact_rule(rules, "*");
}

const Rules& pick_rules(const std::optional<Rules>& request, const Rules& config) {
  return request ? *request : config;
}

const Rules* special_rules(const CallState& call, const Error& error) {
  auto& router = call.context.config.router;
  const Rules* rules = nullptr;
  if (error.code == Errc::context_window_exceeded)
    rules = &pick_rules(call.request.context_window_fallbacks, router.context_window_fallbacks);
  if (error.code == Errc::content_policy_violation)
    rules = &pick_rules(call.request.content_policy_fallbacks, router.content_policy_fallbacks);
  return rules && !rules->empty() ? rules : nullptr;
}

Error make_error(Errc code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

} // namespace

int healthy_rows(const Group& group, Instant now) {
  return static_cast<int>(std::count_if(group.deployments.begin(), group.deployments.end(),
                                        [&](auto& row) { return !row->view->cooling(now); }));
}

double whole_timeout(const CallState& call, const Deployment& deployment) {
  auto& router = call.context.config.router;
  if (call.request.timeout) return *call.request.timeout;
  if (deployment.row.params.timeout) return *deployment.row.params.timeout;
  return router.timeout.value_or(router.request_timeout);
}

double stream_timeout(const CallState& call, const Deployment& deployment) {
  if (call.request.stream_timeout) return *call.request.stream_timeout;
  if (deployment.row.params.stream_timeout) return *deployment.row.params.stream_timeout;
  auto& router = call.context.config.router;
  return router.stream_timeout ? *router.stream_timeout : whole_timeout(call, deployment);
}

std::string target_names(const std::vector<FallbackTarget>* targets) {
  if (!targets) return "None";
  std::string out = "[";
  for (auto& target : *targets) out += (out.size() > 1 ? ", '" : "'") + target.model + "'";
  return out + "]";
}

bool on_path(const CallState& call, std::string_view model) {
  return std::find(call.path.begin(), call.path.end(), model) != call.path.end();
}

bool has_content_fallback(const CallState& call, std::string_view group) {
  auto& router = call.context.config.router;
  auto& request = call.request;
  if (router.fallbacks.empty() && router.content_policy_fallbacks.empty() && !request.fallbacks &&
      !request.content_policy_fallbacks)
    return false; // the usual case
  return fallbacks_for(call, group, Error(Errc::content_policy_violation)) != nullptr;
}

bool has_special_fallbacks(const CallState& call, const Error& error) {
  return special_rules(call, error) != nullptr;
}

const std::vector<FallbackTarget>* fallbacks_for(const CallState& call, std::string_view group,
                                                 const Error& error) {
  if (call.request.disable_fallbacks) return nullptr;
  const FallbackRule* rule = nullptr;
  if (auto* special = special_rules(call, error))
    rule = exact_rule(*special, group);
  else
    rule = general_rule(pick_rules(call.request.fallbacks, call.context.config.router.fallbacks), group);
  return rule ? &rule->targets : nullptr;
}

Error unknown_model(const CallState& call, std::string_view model) {
  if (model.empty() && call.context.routing->groups().empty())
    return make_error(Errc::unknown_model, "No models are configured. Add a model_list to config.yaml.");
  std::string message(endpoint_path(call.request.endpoint));
  message += ": Invalid model name passed in model=";
  message += model;
  message += ". Call `/v1/models` to view available models for your key.";
  auto error = make_error(Errc::unknown_model, std::move(message));
  error.extra().param = "model";
  return error;
}

Error mock_testing_error(const CallState& call) {
  auto& request = call.request;
  if (request.mock_fallback)
    return make_error(Errc::internal_server,
                      "litellm.InternalServerError: This is a mock exception to trigger a fallback");
  if (request.mock_context_fallback)
    return make_error(Errc::context_window_exceeded,
                      "litellm.ContextWindowExceededError: This is a mock exception to trigger a fallback");
  if (request.mock_policy_fallback)
    return make_error(Errc::content_policy_violation,
                      "litellm.ContentPolicyViolationError: This is a mock exception to trigger a fallback");
  if (request.mock_rate_limit)
    return make_error(Errc::rate_limit,
                      "litellm.RateLimitError: This is a mock exception to trigger a rate limit error");
  return make_error(Errc::none, {});
}

} // namespace switchyard::http
