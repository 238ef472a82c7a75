// Small GET routes: readiness, liveness, backlog, /routes, /test, robots.txt, /metrics.
#include "http/answers.hpp"
#include "http/route_table.hpp"
#include "http/routes/routes.hpp"
#include "http/shard_metrics.hpp"
#include "http/shard_stats.hpp"

#include <switchyard/json_scan.hpp>
#include <switchyard/log.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/version.hpp>

namespace switchyard::http::routes {

namespace {

std::uint64_t in_flight(const ProcessState& process) {
  std::uint64_t sum = 0;
  for (auto* shard : process.shards) sum += shard->stats->requests_in_flight.get();
  return sum;
}

std::string methods_json(const Route& route) {
  std::string out = "[";
  for (auto name : method_names(route.methods)) out += json_string(name) + ",";
  out.back() = ']';
  return out;
}

using Labels = std::initializer_list<metrics::Text::Label>;

void deployment_metrics(metrics::Text& text, const Routing& routing, Instant now) {
  struct Row {
    const char* name;
    const char* type;
    const char* help;
    std::uint64_t (*read)(const DeploymentView&, Instant);
  };
  constexpr Row k_rows[] = {
      {"litellm_deployment_success_responses_total", "counter", "Attempts that succeeded.",
       [](const DeploymentView& v, Instant) { return v.total_success.load(std::memory_order_relaxed); }},
      {"litellm_deployment_failure_responses_total", "counter", "Attempts that failed.",
       [](const DeploymentView& v, Instant) { return v.total_failure.load(std::memory_order_relaxed); }},
      {"litellm_deployment_total_requests_total", "counter", "Attempts.",
       [](const DeploymentView& v, Instant) {
         return v.total_success.load(std::memory_order_relaxed) +
                v.total_failure.load(std::memory_order_relaxed);
       }},
      {"litellm_deployment_cooled_down_total", "counter", "Cooldowns begun.",
       [](const DeploymentView& v, Instant) { return v.total_cooldowns.load(std::memory_order_relaxed); }},
      {"litellm_deployment_state", "gauge", "0 healthy, 1 partial outage, 2 cooling down.",
       [](const DeploymentView& v, Instant now) -> std::uint64_t {
         if (v.cooling(now)) return 2;
         return v.minute_failure.load(std::memory_order_relaxed) ? 1 : 0;
       }},
      {"switchyard_deployment_in_flight", "gauge", "Attempts running now.",
       [](const DeploymentView& v, Instant) -> std::uint64_t {
         return v.in_flight.load(std::memory_order_relaxed);
       }},
      {"switchyard_deployment_latency_microseconds", "gauge", "Moving average of the attempt's latency.",
       [](const DeploymentView& v, Instant) -> std::uint64_t {
         return v.latency_us.load(std::memory_order_relaxed);
       }},
  };
  for (auto& row : k_rows) {
    text.family(row.name, row.type, row.help);
    for (auto& group : routing.groups())
      for (auto& deployment : group->deployments) {
        std::string_view provider = deployment->target ? std::string_view(deployment->target->provider) : "";
        std::string_view base =
            deployment->target ? std::string_view(deployment->target->api_base_public) : "";
        text.sample(row.name,
                    {{"requested_model", group->name},
                     {"litellm_model_name", deployment->row.params.model},
                     {"model_id", deployment->row.id},
                     {"api_base", base},
                     {"api_provider", provider}},
                    row.read(*deployment->view, now));
      }
  }
}

} // namespace

aw<> readiness(RequestContext& context) {
  auto& plane = context.shard.plane;
  const bool up = !plane || plane->store_up();
  const bool serves = up || access::plane_of(context.config).allow_requests_on_db_unavailable;
  std::string body = std::string("{\"status\":") + (serves ? "\"healthy\"" : "\"Service Unhealthy\"") +
                     ",\"db\":" +
                     (!plane ? "\"Not connected\""
                      : up   ? "\"connected\""
                             : "\"disconnected\"") +
                     ",\"cache\":null,\"litellm_version\":";
  append_json_string(body, k_version);
  body += ",\"success_callbacks\":[]}";
  const int status = context.shard.draining || !serves ? 503 : 200;
  co_await answer_json(context.exchange, status, body);
}

aw<> liveliness(RequestContext& context) { co_await answer_json(context.exchange, 200, "\"I'm alive!\""); }

aw<> backlog(RequestContext& context) {
  auto body = "{\"in_flight_requests\":" + std::to_string(in_flight(context.process)) + "}";
  co_await answer_json(context.exchange, 200, body);
}

aw<> list_routes(RequestContext& context) {
  std::string body = "{\"routes\":[";
  for (auto& route : all_routes()) {
    if (body.back() != '[') body += ',';
    body += "{\"path\":" + json_string(route.path) + ",\"methods\":" + methods_json(route) +
            ",\"name\":" + json_string(route.summary) + ",\"endpoint\":" + json_string(route.summary) + "}";
  }
  body += "]}";
  co_await answer_json(context.exchange, 200, body);
}

aw<> test(RequestContext& context) { co_await answer_json(context.exchange, 200, "{\"route\":\"/test\"}"); }

aw<> robots(RequestContext& context) {
  if (context.config.general.block_robots) {
    co_await answer_text(context.exchange, 200, "text/plain; charset=utf-8", "User-agent: *\nDisallow: /");
    co_return;
  }
  Error error;
  error.code = Errc::unknown_route, error.message = "Not Found";
  co_await answer_error(context.exchange, error);
}

aw<> metrics(RequestContext& context) {
  metrics::Text text;
  context.process.telemetry->render(text);
  if (context.shard.plane) context.shard.plane->metrics(text);
  deployment_metrics(text, *context.routing, context.shard.now());
  render_shard_metrics(text, context.process.shards);
  text.family("switchyard_log_lines_dropped_total", "counter", "Log lines shed because the queue was full.");
  text.sample("switchyard_log_lines_dropped_total", {}, log::dropped());
  auto body = text.take();
  co_await answer_text(context.exchange, 200, "text/plain; version=0.0.4; charset=utf-8", body);
}

} // namespace switchyard::http::routes
