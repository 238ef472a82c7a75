// GET /health: a check of every deployment (or those of ?model=, ?model_id=), or with background checks the
// results of their latest round. Live checks never feed the routing.
#include "http/answers.hpp"
#include "http/health_round.hpp"
#include "http/json_members.hpp"
#include "http/query.hpp"
#include "http/relay.hpp"
#include "http/routes/routes.hpp"
#include "http/state_json.hpp"

namespace switchyard::http::routes {

namespace {

/// Live calls that one request may cause.
constexpr std::size_t k_most_calls = 1000;

struct Wanted {
  std::string model, id;
  bool covers(const Group& group, const Deployment& deployment) const {
    if (!id.empty()) return deployment.row.id == id;
    return model.empty() || group.name == model || deployment.row.id == model;
  }
};

std::vector<HealthRound::Row> wanted_rows(const Routing& routing, const Wanted& wanted) {
  std::vector<HealthRound::Row> rows;
  for (auto& group : routing.groups())
    for (std::size_t seat = 0; seat < group->deployments.size(); ++seat) {
      auto& deployment = *group->deployments[seat];
      if (!wanted.covers(*group, deployment)) continue;
      if (wanted.id.empty() && routing.config().health.skip_disabled && !deployment.row.health.in_background)
        continue;
      auto& row = rows.emplace_back();
      row.group = group, row.seat = seat;
    }
  return rows;
}

// -- the answer

/// With health_check_details: false only what names the row.
std::string endpoint_json(const Deployment& deployment, const CheckResult& result, bool details,
                          Instant now) {
  std::string out = "{";
  member(out, "model", json_string(deployment.row.params.model));
  member(out, "model_id", json_string(deployment.row.id));
  if (details && deployment.target) {
    member(out, "api_base", json_string(deployment.target->api_base_public));
    member(out, "custom_llm_provider", json_string(deployment.target->provider));
  }
  if (details && !result.healthy())
    member(out, "error", json_string(result.error.message.empty() ? "failed" : result.error.message));
  if (!result.healthy() && result.called)
    member(out, "exception_status", std::to_string(result.error.http_status()));
  if (details) member(out, "state", state_json(state_of(deployment, now)));
  return out + "}";
}

/// The two lists of the answer as they fill up.
struct Report {
  bool details;
  Instant now;
  std::string healthy{}, unhealthy{};
  std::size_t good = 0, bad = 0;

  void add(const Deployment& deployment, const CheckResult& result) {
    auto& out = result.healthy() ? healthy : unhealthy;
    ++(result.healthy() ? good : bad);
    if (!out.empty()) out += ',';
    out += endpoint_json(deployment, result, details, now);
  }
  /// `age`: of cached results. `left_out`: rows that were too many for live calls.
  std::string json(std::optional<double> age = {}, std::optional<std::int64_t> left_out = {}) const {
    std::string out = "{";
    member(out, "healthy_endpoints", "[" + healthy + "]");
    member(out, "unhealthy_endpoints", "[" + unhealthy + "]");
    member(out, "healthy_count", std::to_string(good));
    member(out, "unhealthy_count", std::to_string(bad));
    optional_member(out, "checked_seconds_ago", age);
    optional_member(out, "not_checked", left_out);
    return out + "}";
  }
};

/// Of the rows as they are now: one that is new has no result yet, one that is gone is not shown.
std::string cached_json(RequestContext& context, const std::vector<HealthRound::Row>& rows) {
  const auto results = context.shard.health;
  Report report{context.config.health.details, context.shard.now()};
  if (!results) return report.json(); // the first round is running
  for (auto& row : rows) {
    const auto found = results->rows.find(row.deployment().row.id);
    if (found != results->rows.end()) report.add(row.deployment(), found->second);
  }
  return report.json(std::chrono::duration<double>(report.now - results->finished).count());
}

/// Takes away what is too many; says how many those were.
std::optional<std::int64_t> cut_rows(std::vector<HealthRound::Row>& rows) {
  if (rows.size() <= k_most_calls) return std::nullopt;
  const auto more = rows.size() - k_most_calls;
  rows.resize(k_most_calls);
  return static_cast<std::int64_t>(more);
}

aw<> wait_for_round(Shard& shard, HealthRound& round, CancelScope& cancel) {
  steady_timer over(shard.context);
  over.expires_at(Instant::max());
  bool running = true;
  CancelScope::Waiter gone(
      cancel, [](void* self) { static_cast<HealthRound*>(self)->cancel(); }, &round);
  auto done = [&] { running = false, over.cancel(); };
  round.start(done);
  while (running) {
    auto [ec] = co_await over.async_wait(tuple_aw);
    (void)ec; // cancelled by the last check
  }
}

} // namespace

aw<> health(RequestContext& context) {
  auto& exchange = context.exchange;
  Wanted wanted{query_value(exchange.head.query, "model"), query_value(exchange.head.query, "model_id")};
  auto rows = wanted_rows(*context.routing, wanted);
  if (!wanted.id.empty() && rows.empty()) {
    auto body = "{\"detail\":{\"error\":" + json_string("Model with ID " + wanted.id + " not found") + "}}";
    co_await answer_json(exchange, 404, body);
    co_return;
  }
  if (context.config.health.background) {
    auto body = cached_json(context, rows);
    co_await answer_json(exchange, 200, body);
    co_return;
  }
  const auto left_out = cut_rows(rows);
  const auto round = std::make_shared<HealthRound>(context.shard, context.routing, std::move(rows));
  co_await wait_for_round(context.shard, *round, exchange.cancel);
  if (round->cancelled()) {
    const auto error = draining_error(); // or the client is gone
    co_await answer_error(exchange, error);
    co_return;
  }
  Report report{context.config.health.details, context.shard.now()};
  for (auto& row : round->rows()) report.add(row.deployment(), row.result);
  auto body = report.json({}, left_out);
  co_await answer_json(exchange, 200, body);
}

} // namespace switchyard::http::routes
