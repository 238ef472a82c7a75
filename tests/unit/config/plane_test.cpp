// Settings of keys, budgets and spend.
#include "world.hpp"

#include <switchyard/plane.hpp>

namespace switchyard::config {
namespace {

using testing::HasSubstr;

ConfigPtr with(const std::string& settings) {
  World world;
  return world.config(settings);
}

std::string problem_of(const std::string& settings) {
  World world;
  return world.errors(settings);
}

TEST(Plane, ReadsMoneyPeriodsAndPolicies) {
  const auto config =
      with("general_settings: {budget_policy: strict, budget_exceeded_status: 429, "
           "maximum_spend_logs_retention_period: 30d}\n"
           "litellm_settings: {max_budget: 0.1, budget_duration: 1mo, "
           "cost_discount_config: {openai: 0.05}, cost_margin_config: {global: 0.1, vertex_ai: "
           "{percentage: 0.2, fixed_amount: 0.001}}}\n");
  auto& plane = *config->plane;
  EXPECT_EQ(plane.budget_policy, BudgetPolicy::strict);
  EXPECT_EQ(plane.budget_exceeded_status, 429);
  EXPECT_EQ(plane.max_budget, Money::from_usd(0.1));
  EXPECT_EQ(plane.adjustments.at("openai").discount, 0.05);
  EXPECT_EQ(plane.adjustments.at("vertex_ai").margin_fixed, Money::nanos(1'000'000));
  EXPECT_EQ(plane.adjustments.at("global").margin_share, 0.1);
}

TEST(Plane, BadValuesNameTheFieldAndTheFix) {
  const std::pair<const char*, const char*> cases[] = {
      {"general_settings: {budget_policy: lenient}", "alone, clamp, strict"},
      {"general_settings: {budget_exceeded_status: 500}", "400 or 429"},
      {"general_settings: {maximum_spend_logs_retention_period: soon}", "30s, 5m, 24h, 7d, 1w or 1mo"},
      {"litellm_settings: {max_budget: -1}", "dollars, not negative"},
      {"litellm_settings: {cost_discount_config: {openai: 5}}", "openai: expected a share"},
      {"general_settings: {user_header_mappings: [{header_name: x}]}", "litellm_user_role"},
      {"general_settings: {service_account_settings: {params: [user]}}", "unknown member params"},
  };
  for (const auto& [text, words] : cases) EXPECT_THAT(problem_of(text), HasSubstr(words)) << text;
}

TEST(Plane, PythonHooksAreNamedAndIgnored) {
  const auto config = with("general_settings: {custom_auth: auth.check}\n");
  EXPECT_THAT(joined(config->warnings), HasSubstr("HTTP hook"));
  EXPECT_EQ(config->plane->custom_auth_url, "");
  EXPECT_EQ(with("general_settings: {custom_auth: 'https://auth.example/check'}\n")->plane->custom_auth_url,
            "https://auth.example/check");
}

TEST(Plane, BudgetsOfTagsAreEntitiesWithAWindow) {
  const auto config = with("litellm_settings: {tag_budget_config: {'product:bot': {max_budget: 2, "
                           "budget_duration: 1d}}}\n");
  auto& budgets = config->plane->tag_budgets;
  ASSERT_EQ(budgets.size(), 1u);
  auto& entity = *budgets.at("product:bot");
  EXPECT_EQ(entity.kind, EntityKind::tag);
  ASSERT_EQ(entity.limits.windows.size(), 1u);
  EXPECT_EQ(entity.limits.windows[0].most, Money::from_usd(2));
  EXPECT_EQ(entity.limits.windows[0].duration, "1d");
  EXPECT_THAT(problem_of("litellm_settings: {tag_budget_config: {a: {max_budget: 2}}}"),
              HasSubstr("max_budget and budget_duration"));
}

TEST(Plane, WhoDecidesAboutKeysIsNeverIgnored) {
  EXPECT_THAT(problem_of("general_settings: {custom_key_generate: my.function}"), HasSubstr("HTTP hook"));
  EXPECT_EQ(with("general_settings: {custom_key_generate: 'http://h/k'}")->plane->custom_key_generate_url,
            "http://h/k");
}

TEST(Plane, SettingsOfKeysAndRows) {
  const auto config =
      with("general_settings: {disable_budget_reservation: true, supported_db_objects: [mcp], "
           "custom_auth_run_common_checks: true, key_rotation_hook: 'http://h/r'}\n"
           "litellm_settings: {enable_key_alias_format_validation: true, "
           "disable_end_user_cost_tracking: true, max_ui_session_budget: 5}\n");
  auto& plane = *config->plane;
  EXPECT_TRUE(plane.disable_budget_reservation);
  EXPECT_TRUE(plane.check_key_aliases);
  EXPECT_TRUE(plane.disable_end_user_tracking);
  EXPECT_FALSE(plane.load_db_models);
  EXPECT_EQ(plane.key_rotation_hook, "http://h/r");
  EXPECT_THAT(joined(config->warnings), testing::Not(HasSubstr("not built")));
  EXPECT_TRUE(with("general_settings: {supported_db_objects: [models]}")->plane->load_db_models);
  EXPECT_THAT(problem_of("general_settings: {key_rotation_hook: my.function}"),
              HasSubstr("an http or https URL"));
}

TEST(Plane, EnvironmentOfKeysAndRows) {
  World world;
  world.variables = {{"LITELLM_KEY_ROTATION_ENABLED", "true"},
                     {"LITELLM_KEY_ROTATION_CHECK_INTERVAL_SECONDS", "60"},
                     {"DEFAULT_SOFT_BUDGET", "2.5"},
                     {"MAX_STRING_LENGTH_PROMPT_IN_DB", "100"}};
  const auto config = world.config("general_settings: {}");
  auto& plane = *config->plane;
  EXPECT_TRUE(plane.rotate_keys);
  EXPECT_EQ(plane.rotation_interval, 60);
  EXPECT_EQ(plane.soft_budget, Money::from_usd(2.5));
  EXPECT_EQ(plane.prompt_text_most, 100);
  EXPECT_THAT(joined(config->warnings), HasSubstr("nobody would be told the new keys"));
  const auto hooked = world.config("general_settings: {key_rotation_hook: 'https://h/r'}");
  EXPECT_THAT(joined(hooked->warnings), testing::Not(HasSubstr("nobody would be told")));
}

TEST(Plane, ParallelRequestsOfRows) {
  EXPECT_EQ(with("general_settings: {max_parallel_requests: 3}")->router.default_max_parallel_requests, 3);
  EXPECT_FALSE(with("general_settings: {max_parallel_requests: 0}")->router.default_max_parallel_requests);
  EXPECT_EQ(with("general_settings: {max_parallel_requests: 3}\n"
                 "router_settings: {default_max_parallel_requests: 5}\n")
                ->router.default_max_parallel_requests,
            5);
}

} // namespace
} // namespace switchyard::config
