// The route tables of /spend/*, /global/* and daily activity. Immutable data.
#include "management/routes.hpp"
#include "management/spend_daily.hpp"

namespace switchyard::management {

std::span<const Route> spend_routes() {
  static constexpr Route k_routes[] = {
      {"/spend/keys", k_get, spend_keys, "Keys by what they have spent"},
      {"/spend/users", k_get, spend_users, "Users by what they have spent"},
      {"/spend/tags", k_get, spend_tags, "What calls with each tag have cost"},
      {"/spend/logs", k_get, spend_logs, "Calls and their cost, or a summary of every day"},
      {"/spend/logs/v2", k_get, spend_logs_page, "Calls and their cost, page by page"},
      {"/spend/logs/ui", k_get, spend_logs_page, "Calls and their cost, page by page"},
      {"/spend/logs/ui/{m}", k_get, spend_log_payload, "What a call said and was answered"},
      {"/spend/logs/session/ui", k_get, spend_session, "The calls of a session"},
      {"/spend/calculate", k_post, spend_calculate, "What a call would cost"},
      {"/cost/estimate", k_post, cost_estimate, "What so many calls would cost"},
      {"/get/litellm_model_cost_map", k_get, cost_map, "The prices of all models"},
      {"/public/litellm_model_cost_map", k_get, cost_map, "The prices of all models"},
      {"/model/cost_map/source", k_get, cost_map_source, "Where the prices come from"},
  };
  return k_routes;
}

std::span<const Route> global_spend_routes() {
  static constexpr Route k_routes[] = {
      {"/global/spend", k_get, global_spend, "What everything has cost in thirty days"},
      {"/global/spend/logs", k_get, global_spend_logs, "The same by day"},
      {"/global/spend/keys", k_get, global_spend_keys, "The keys that spent most"},
      {"/global/spend/models", k_get, global_spend_models, "The models that cost most"},
      {"/global/spend/provider", k_get, global_spend_provider, "Spend by provider"},
      {"/global/spend/teams", k_get, global_spend_teams, "Spend by team and day"},
      {"/global/spend/end_users", k_post, global_spend_end_users, "The end users that cost most"},
      {"/global/all_end_users", k_get, global_all_end_users, "Names of all end users"},
      {"/global/spend/tags", k_get, global_spend_tags, "Spend by tag"},
      {"/global/spend/all_tag_names", k_get, global_tag_names, "Names of all tags"},
      {"/global/spend/report", k_get, global_spend_report, "Spend by team, customer or key"},
      {"/global/spend/reset", k_post, global_spend_reset, "Set the spend of all keys and teams to 0"},
      {"/global/spend/refresh", k_post, global_spend_refresh, "Nothing: sums are always made anew"},
      {"/global/predict/spend/logs", k_post, global_predict, "Spend until the month's end"},
      {"/global/activity", k_get, global_activity, "Requests and tokens by day"},
      {"/global/activity/model", k_get, global_activity_model, "The same by model"},
      {"/global/activity/cache_hits", k_get, global_activity_cache_hits, "How often the cache answered"},
      {"/global/activity/exceptions", k_get, global_activity_exceptions,
       "Calls that providers refused by day"},
      {"/global/activity/exceptions/deployment", k_get, global_activity_exceptions_deployment,
       "The same by deployment"},
  };
  return k_routes;
}

std::span<const Route> activity_routes() {
  static constexpr Route k_routes[] = {
      {"/user/daily/activity", k_get, user_daily, "A user's days"},
      {"/user/daily/activity/aggregated", k_get, user_daily_aggregated, "A user's days in one answer"},
      {"/team/daily/activity", k_get, team_daily, "Days of teams"},
      {"/team/daily/activity/aggregated", k_get, team_daily_aggregated, "Days of teams in one answer"},
      {"/tag/daily/activity", k_get, tag_daily, "Days of tags"},
      {"/tag/daily/activity/aggregated", k_get, tag_daily_aggregated, "Days of tags in one answer"},
      {"/organization/daily/activity", k_get, organization_daily, "Days of organizations"},
      {"/organization/daily/activity/aggregated", k_get, organization_daily_aggregated,
       "Days of organizations in one answer"},
      {"/customer/daily/activity", k_get, customer_daily, "Days of end users"},
      {"/customer/daily/activity/aggregated", k_get, customer_daily_aggregated,
       "Days of end users in one answer"},
      {"/end_user/daily/activity", k_get, customer_daily, "Days of end users"},
      {"/agent/daily/activity", k_get, agent_daily, "Days of agents"},
      {"/agent/daily/activity/aggregated", k_get, agent_daily_aggregated, "Days of agents in one answer"},
  };
  return k_routes;
}

} // namespace switchyard::management
