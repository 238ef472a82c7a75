// One small function per rule; defaults of router_settings come in here.
#include "actors/facts.hpp"

#include <algorithm>
#include <functional>

namespace switchyard::actors {

namespace {

/// LiteLLM's price of a token where nothing is known: such a row is the last resort of cost-based-routing.
constexpr double k_unknown_price = 5;

CooldownRule cooldown_rule(const Deployment& deployment, const RouterSettings& router, bool alone) {
  CooldownRule rule;
  if (auto own = deployment.row.params.cooldown_time) rule.row = to_millis(*own);
  rule.router = to_millis(router.cooldown_time);
  rule.off = router.disable_cooldowns || deployment.pattern;
  rule.alone = alone;
  rule.breaker = alone && router.single_deployment_breaker;
  rule.thresholds = router.thresholds;
  rule.allowed_fails = router.allowed_fails.value_or(router.thresholds.allowed_fails);
  // The default value given explicitly keeps the default rule, as in LiteLLM.
  rule.counted = router.allowed_fails_policy || rule.allowed_fails != router.thresholds.allowed_fails;
  if (router.allowed_fails_policy) rule.policy = *router.allowed_fails_policy;
  return rule;
}

LimitRule limit_rule(const ModelRow& row, const RouterSettings& router, const Strategy& strategy) {
  const auto& params = row.params;
  LimitRule rule;
  rule.rpm = params.rpm, rule.tpm = params.tpm;
  rule.itpm = row.itpm, rule.otpm = row.otpm;
  const auto parallel =
      params.max_parallel_requests ? params.max_parallel_requests : router.default_max_parallel_requests;
  rule.parallel = static_cast<std::uint32_t>(std::clamp<std::int64_t>(parallel.value_or(0), 0, UINT32_MAX));
  rule.adaptive = router.adaptive_concurrency;
  rule.enforce = router.enforce_model_rate_limits || strategy.limits == LimitUse::enforce;
  return rule;
}

LatencyRule latency_rule(const Roster& roster) {
  LatencyRule rule;
  if (!roster.strategy->samples_latency) return rule;
  constexpr int k_most = 1000; // every report adds them up
  rule.samples = static_cast<std::size_t>(std::clamp(roster.args.max_latency_list_size, 1, k_most));
  rule.ttl = to_millis(roster.args.ttl);
  return rule;
}

HealthRule health_rule(const RouterSettings& router) {
  HealthRule rule;
  rule.staleness =
      to_millis(router.health_check_staleness_threshold.value_or(2 * router.health_check_interval));
  rule.ignores_transient = router.health_check_ignore_transient_errors;
  rule.feeds_cooldown = router.allowed_fails_policy.has_value();
  return rule;
}

/// The row's own price, else the price map's.
double token_price(std::optional<double> own, const Price* listed) {
  if (own) return *own;
  return listed && listed->known() ? listed->usd() : k_unknown_price;
}

template <class T>
std::optional<double> as_double(const std::optional<T>& value) {
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

} // namespace

Millis to_millis(double seconds) {
  constexpr double k_longest = 366.0 * 86400;
  return Millis{static_cast<std::int64_t>(std::clamp(seconds, 0.0, k_longest) * 1000)};
}

Facts facts_of(const Deployment& deployment, const RouterSettings& router, const Roster& roster, bool alone) {
  Facts facts;
  facts.id = deployment.row.id;
  facts.view = deployment.view;
  facts.cooldown = cooldown_rule(deployment, router, alone);
  facts.limits = limit_rule(deployment.row, router, *roster.strategy);
  facts.latency = latency_rule(roster);
  facts.health = health_rule(router);
  return facts;
}

Seat make_seat(const DeploymentPtr& deployment, std::shared_ptr<const DeploymentAddress> address) {
  const auto& params = deployment->row.params;
  Seat seat;
  seat.deployment = deployment;
  seat.address = std::move(address);
  seat.shares = {params.weight, as_double(params.rpm), as_double(params.tpm)};
  const auto* known = deployment->price.get();
  seat.price = token_price(params.input_cost_per_token, known ? &known->base.input : nullptr) +
               token_price(params.output_cost_per_token, known ? &known->base.output : nullptr);
  seat.id_hash = std::hash<std::string>{}(deployment->row.id);
  seat.region = region_of(deployment->row);
  seat.tag_regex = tag_patterns(params);
  return seat;
}

} // namespace switchyard::actors
