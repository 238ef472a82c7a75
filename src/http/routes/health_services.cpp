// GET /health/services and /health/shared-status: what LiteLLM's admin page asks about the things around the
// gateway. Shard code.
#include "http/answers.hpp"
#include "http/json_members.hpp"
#include "http/query.hpp"
#include "http/routes/routes.hpp"

#include <algorithm>
#include <array>

namespace switchyard::http::routes {

namespace {

/// What LiteLLM can send a test to.
constexpr auto k_services = std::to_array<std::string_view>(
    {"slack_budget_alerts", "langfuse", "langfuse_otel", "slack", "openmeter", "webhook", "email",
     "braintrust", "datadog", "datadog_llm_observability", "generic_api", "arize", "sqs"});

std::string problem(std::string_view text) {
  return "{\"error\":{\"message\":" + json_string(text) +
         ",\"type\":\"auth_error\",\"param\":\"None\",\"code\":";
}

} // namespace

aw<> health_services(RequestContext& context) {
  const auto service = query_value(context.exchange.head.query, "service");
  const bool known = std::find(k_services.begin(), k_services.end(), service) != k_services.end();
  std::string body;
  if (service.empty())
    body = problem("Service not specified.");
  else if (!known) {
    std::string names;
    for (auto name : k_services) (names += names.empty() ? "" : ", ") += name;
    body = problem("Service must be in list. Service=" + service + ". List=[" + names + "]");
  } else // no sink is built, whatever the configuration names
    body = problem("\"" + service + "\" is not a service of this gateway. Unable to test this.");
  const int status = known ? 422 : 400;
  body += "\"" + std::to_string(status) + "\"}}";
  co_await answer_json(context.exchange, status, body);
}

aw<> health_shared_status(RequestContext& context) {
  const std::string_view body =
      context.config.health.shared
          ? R"({"shared_health_check_enabled":true,"redis_available":false,"message":"Redis is not configured"})"
          : R"({"shared_health_check_enabled":false,"message":"Shared health check is not enabled"})";
  co_await answer_json(context.exchange, 200, body);
}

} // namespace switchyard::http::routes
