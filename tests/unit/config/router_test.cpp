// router_settings that shape routing: strategies and their spellings, groups, policies by error class,
// checks.
#include "world.hpp"

#include <switchyard/strategies.hpp>

namespace switchyard::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* k_row = "model_list: [{model_name: a, litellm_params: {model: openai/x}}]\n";

ConfigPtr with(const std::string& settings, World world = {}) {
  return world.config(std::string(k_row) + "router_settings: {" + settings + "}\n");
}
std::string errors(const std::string& settings) {
  return World().errors(std::string(k_row) + "router_settings: {" + settings + "}\n");
}

TEST(Router, StrategiesInEverySpelling) {
  const std::pair<const char*, const char*> cases[] = {
      {"usage-based-routing", "usage-based-routing"},
      {"usage-based-routing-v2", "usage-based-routing-v2"},
      {"USAGE_BASED_ROUTING_V2", "usage-based-routing-v2"},
      {"lowest_tpm_rpm_v2", "usage-based-routing-v2"},
      {"latency-based", "latency-based-routing"},
      {"LATENCY_BASED", "latency-based-routing"},
      {"lowest-latency", "latency-based-routing"},
      {"COST_BASED", "cost-based-routing"},
      {"LEAST_BUSY", "least-busy"},
      {"Simple-Shuffle", "simple-shuffle"},
      {"power_of_two", "power-of-two"},
  };
  for (const auto& [written, name] : cases) {
    const auto config = with(std::string("routing_strategy: ") + written);
    EXPECT_EQ(config->router.routing_strategy, name) << written;
    EXPECT_THAT(config->warnings, IsEmpty()) << written;
  }
}

TEST(Router, AnUnknownStrategyStopsTheStartAndNamesAllKnown) {
  const auto message = errors("routing_strategy: latency");
  EXPECT_THAT(message, HasSubstr("unknown strategy \"latency\"; known are"));
  for (const auto name : k_strategy_names) EXPECT_THAT(message, HasSubstr(name));
}

TEST(Router, BudgetsRouteUnderAnyStrategy) {
  const auto config = with("routing_strategy: provider-budget-routing");
  EXPECT_EQ(config->router.routing_strategy, "simple-shuffle");
  EXPECT_THAT(config->warnings, IsEmpty());
  EXPECT_THAT(with("routing_strategy: prefix-affinity")->warnings, IsEmpty());
}

TEST(Router, AffinityOfGroups) {
  const auto config = with("model_group_affinity_config: {a: [session_affinity], b: [], c: [nonsense]}, "
                           "optional_pre_call_checks: [deployment_affinity], "
                           "deployment_affinity_ttl_seconds: 60, tag_routing_prefix: \"route:\"");
  const auto& router = config->router;
  EXPECT_TRUE(affinity_of(router, "a").session && !affinity_of(router, "a").deployment);
  EXPECT_FALSE(affinity_of(router, "b").deployment);
  EXPECT_TRUE(affinity_of(router, "others").deployment);
  EXPECT_EQ(router.affinity_ttl, 60);
  EXPECT_EQ(router.tag_routing_prefix, "route:");
  EXPECT_THAT(config->warnings, ElementsAre(HasSubstr("\"nonsense\" is not a known check")));
  EXPECT_THAT(errors("model_group_affinity_config: {a: {b: c}}"),
              HasSubstr("model_group_affinity_config: a:"));
}

TEST(Router, NothingPolls) {
  EXPECT_THAT(joined(with("polling_interval: 0.1")->warnings), HasSubstr("polling_interval"));
  EXPECT_THAT(joined(with("polling_interval: 0.1")->warnings), HasSubstr("nothing polls here"));
}

TEST(Router, StrategyArguments) {
  const auto config =
      with("routing_strategy_args: {ttl: 60, lowest_latency_buffer: '0.5', max_latency_list_size: 4,\n"
           "  surprise: 1}");
  const auto& args = config->router.routing_strategy_args;
  EXPECT_EQ(args.ttl, 60);
  EXPECT_EQ(args.lowest_latency_buffer, 0.5);
  EXPECT_EQ(args.max_latency_list_size, 4);
  EXPECT_THAT(joined(config->warnings), HasSubstr("surprise is not an argument of a strategy"));
  EXPECT_THAT(errors("routing_strategy_args: {max_latency_list_size: 0}"),
              HasSubstr("max_latency_list_size: expected 1 or more, got 0"));
  EXPECT_THAT(errors("routing_strategy_args: {lowest_latency_buffer: -1}"), HasSubstr("expected 0 or more"));
  EXPECT_THAT(errors("routing_strategy_args: [1]"), HasSubstr("expected a mapping"));
}

TEST(Router, RoutingGroups) {
  const auto config =
      with("routing_groups: [{group_name: fast, models: [a, b], routing_strategy: latency_based,\n"
           "  routing_strategy_args: {ttl: 9}}, {group_name: g2, models: c}]");
  const auto& groups = config->router.routing_groups;
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_THAT(groups[0].models, ElementsAre("a", "b"));
  EXPECT_EQ(groups[0].routing_strategy, "latency-based-routing");
  EXPECT_EQ(groups[0].args.ttl, 9);
  EXPECT_EQ(groups[1].routing_strategy, "simple-shuffle");
}

TEST(Router, BadRoutingGroups) {
  const std::pair<const char*, const char*> cases[] = {
      {"{a: b}", "expected a list of groups"},
      {"[text]", "expected a mapping with group_name"},
      {"[{group_name: g}]", "group_name and models are needed"},
      {"[{group_name: default, models: [a]}]", "\"default\" is reserved"},
      {"[{group_name: g, models: [a]}, {group_name: g, models: [b]}]", "is used twice"},
      {"[{group_name: g, models: [a]}, {group_name: h, models: [a]}]", "a is in two groups"},
      {"[{group_name: g, models: [a], routing_strategy: x}]", "routing_strategy: unknown strategy"},
  };
  for (const auto& [text, words] : cases)
    EXPECT_THAT(errors(std::string("routing_groups: ") + text), HasSubstr(words)) << text;
}

TEST(Router, AllowedFailsPolicy) {
  const auto config = with("allowed_fails: 7, allowed_fails_policy: {RateLimitErrorAllowedFails: 100,\n"
                           "  TimeoutErrorAllowedFails: 0, BadGatewayErrorAllowedFails: null, Nonsense: 3}");
  EXPECT_EQ(config->router.allowed_fails, 7);
  ASSERT_TRUE(config->router.allowed_fails_policy);
  const auto& policy = *config->router.allowed_fails_policy;
  EXPECT_EQ(policy.rate_limit, 100);
  EXPECT_EQ(policy.timeout, 0);
  EXPECT_FALSE(policy.bad_gateway);
  EXPECT_THAT(config->warnings, ElementsAre(HasSubstr("Nonsense is not an error class of this policy")));
  EXPECT_THAT(errors("allowed_fails_policy: {TimeoutErrorAllowedFails: -1}"),
              HasSubstr("expected 0 or more"));
  EXPECT_THAT(errors("allowed_fails: -1"), HasSubstr("expected 0 or more"));
  EXPECT_FALSE(with("")->router.allowed_fails_policy);
}

TEST(Router, RetryPolicies) {
  const auto config = with("retry_policy: {TimeoutErrorRetries: 4, DefaultRetries: 1},\n"
                           "  model_group_retry_policy: {a: {RateLimitErrorRetries: 9}}");
  EXPECT_EQ(config->router.retry_policy->timeout, 4);
  EXPECT_EQ(config->router.retry_policy->fallback, 1);
  EXPECT_EQ(config->router.model_group_retry_policy.at("a").rate_limit, 9);
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(Router, PreCallChecks) {
  const auto config = with("optional_pre_call_checks: [enforce_model_rate_limits, prompt_caching, nonsense, "
                           "router_budget_limiting, encrypted_content_affinity]");
  EXPECT_TRUE(config->router.enforce_model_rate_limits);
  EXPECT_TRUE(config->router.prompt_caching);
  EXPECT_TRUE(config->router.affinity.encrypted);
  EXPECT_THAT(config->warnings, ElementsAre(HasSubstr("\"nonsense\" is not a known check")));
  EXPECT_FALSE(with("optional_pre_call_checks: []")->router.enforce_model_rate_limits);
  const auto sticky = with("optional_pre_call_checks: [session_affinity, deployment_affinity, "
                           "responses_api_deployment_check]");
  EXPECT_TRUE(sticky->router.affinity.session && sticky->router.affinity.deployment &&
              sticky->router.affinity.responses);
}

TEST(Router, CooldownThresholdsComeFromTheEnvironment) {
  World world;
  world.variables = {{"DEFAULT_ALLOWED_FAILS", "1"},
                     {"DEFAULT_FAILURE_THRESHOLD_PERCENT", "0.9"},
                     {"DEFAULT_FAILURE_THRESHOLD_MINIMUM_REQUESTS", "20"},
                     {"SINGLE_DEPLOYMENT_TRAFFIC_FAILURE_THRESHOLD", "50"}};
  const auto thresholds = with("", world)->router.thresholds;
  EXPECT_EQ(thresholds.allowed_fails, 1);
  EXPECT_EQ(thresholds.failure_share, 0.9);
  EXPECT_EQ(thresholds.min_requests, 20);
  EXPECT_EQ(thresholds.lone_requests, 50);
  EXPECT_TRUE(with("")->router.single_deployment_breaker);
  EXPECT_FALSE(with("single_deployment_breaker: false")->router.single_deployment_breaker);
}

TEST(Router, FactsOfRowsThatRoutingNeeds) {
  World world;
  const auto config =
      world.config("model_list: [{model_name: a, litellm_params: {model: openai/x, order: 2, tags: [t],\n"
                   "  max_parallel_requests: 3, input_cost_per_token: 1e-6},\n"
                   "  model_info: {max_input_tokens: 8192, output_cost_per_token: 2e-6}}]\n");
  const auto& row = config->models.at(0);
  EXPECT_EQ(row.params.order, 2);
  EXPECT_EQ(row.params.max_parallel_requests, 3);
  EXPECT_EQ(row.params.input_cost_per_token, 1e-6);
  EXPECT_EQ(row.params.output_cost_per_token, 2e-6);
  EXPECT_EQ(row.max_input_tokens, 8192);
  EXPECT_THAT(row.params.tags, ElementsAre("t"));
}

// -- globals of LiteLLM's SDK in litellm_settings

TEST(Globals, AreForRowsThatSayNothing) {
  const auto row = [](std::string_view params) {
    const auto config = World().config("litellm_settings: {api_base: http://global, api_key: sk-global}\n"
                                       "model_list: [{model_name: a, litellm_params: {" +
                                       std::string(params) + "}}]\n");
    EXPECT_EQ(config->models.size(), 1u) << params;
    return config->models.at(0);
  };
  for (auto* params : {"model: gpt-4o", "model: openai/x", "model: x/y, custom_llm_provider: azure"}) {
    EXPECT_EQ(row(params).params.api_base, "http://global") << params;
    EXPECT_EQ(row(params).params.api_key.reveal(), "sk-global") << params;
  }
  EXPECT_EQ(row("model: openai/x, api_base: http://own").params.api_base, "http://own");
  EXPECT_EQ(row("model: openai/x, base_url: http://own").params.api_base, "http://own");
  EXPECT_EQ(row("model: groq/x").params.api_base, "") << "it has an address of its own";
  EXPECT_EQ(row("model: openai/x").id, World().config(k_row)->models.at(0).id);
}

} // namespace
} // namespace switchyard::config
