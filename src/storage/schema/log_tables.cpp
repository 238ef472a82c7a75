// LiteLLM's tables of logs and aggregates (spec management.md 7.3). Data only; see Definition for the form.
#include "storage/schema/schema.hpp"

namespace switchyard::storage {
namespace {

constexpr Definition k_tables[] = {
    {"SpendLogs",
     "request_id T, call_type T, api_key T=, spend F=0, total_tokens I=0, prompt_tokens I=0, "
     "completion_tokens I=0, startTime D, endTime D, request_duration_ms I?, completionStartTime D?, "
     "model T=, model_id T?=, model_group T?=, custom_llm_provider T?=, api_base T?=, user T?=, "
     "metadata J?={}, cache_hit T?=, cache_key T?=, request_tags J?=[], team_id T?, organization_id T?, "
     "end_user T?, requester_ip_address T?, messages J?={}, response J?={}, session_id T?, status T?, "
     "mcp_namespaced_tool_name T?, agent_id T?, proxy_server_request J?={}",
     "pk request_id; index startTime; index startTime,request_id; index end_user; index session_id; "
     "index user,startTime; index api_key,startTime"},
    {"ErrorLogs",
     "request_id T, startTime D, endTime D, api_base T=, model_group T=, litellm_model_name T=, model_id T=, "
     "request_kwargs J={}, exception_type T=, exception_string T=, status_code T=",
     "pk request_id"},
    {"AuditLog",
     "id T, updated_at D=now, changed_by T=, changed_by_api_key T=, action T, table_name T, object_id T, "
     "before_value J?, updated_values J?",
     "pk id"},
    {"DailyUserSpend", "id T, user_id T?, @daily",
     "pk id; unique user_id,@sharedkey; index user_id,date; @dailyindexes"},
    {"DailyTeamSpend", "id T, team_id T?, @daily",
     "pk id; unique team_id,@sharedkey; index team_id,date; @dailyindexes"},
    {"DailyOrganizationSpend", "id T, organization_id T?, @daily",
     "pk id; unique organization_id,@sharedkey; index organization_id,date; @dailyindexes"},
    {"DailyEndUserSpend", "id T, end_user_id T?, @daily",
     "pk id; unique end_user_id,@sharedkey; index end_user_id,date; @dailyindexes"},
    {"DailyAgentSpend", "id T, agent_id T?, @daily",
     "pk id; unique agent_id,@sharedkey; index agent_id,date; @dailyindexes"},
    {"DailyTagSpend", "id T, request_id T?, tag T?, @daily",
     "pk id; unique tag,@sharedkey; index tag,date; @dailyindexes"},
    {"HealthCheckTable",
     "health_check_id T, model_name T, model_id T?, status T, healthy_count I=0, unhealthy_count I=0, "
     "error_message T?, response_time_ms F?, details J?, checked_by T?, checked_at D=now, @ts2",
     "pk health_check_id; index model_name; index checked_at; index status; "
     "index model_id,model_name,checked_at desc"},
    {"DailyGuardrailMetrics", "guardrail_id T, @checks",
     "pk guardrail_id,date; index date; "
     "index guardrail_id"},
    {"DailyPolicyMetrics", "policy_id T, @checks", "pk policy_id,date; index date; index policy_id"},
    {"SpendLogGuardrailIndex", "request_id T, guardrail_id T, policy_id T?, start_time D",
     "pk request_id,guardrail_id; index guardrail_id,start_time; index policy_id,start_time"},
    {"SpendLogToolIndex", "request_id T, tool_name T, start_time D",
     "pk request_id,tool_name; index tool_name,start_time"},
    {"CronJob", "cronjob_id T, pod_id T, status E=INACTIVE, last_updated D=now, ttl D", "pk cronjob_id"},
};

} // namespace

const std::span<const Definition> k_log_tables{k_tables};

} // namespace switchyard::storage
