// Keys of router_settings. Immutable data.
#include "config/keys_plane.hpp"

namespace switchyard::config {
namespace {
using enum Type;
using R = RouterSettings;

template <auto Member>
constexpr Setter router = put<&Config::router, Member>;
template <auto Member>
constexpr Setter router_timeout = put_timeout<&Config::router, Member>;

Problem put_drop_bad_rows(const Value& value, Target& target) { return read(value, target.drop_bad_rows); }

constexpr Key k_keys[] = {
    {"routing_strategy", text, "simple-shuffle",
     "simple-shuffle, least-busy, usage-based-routing, usage-based-routing-v2, latency-based-routing, "
     "cost-based-routing, power-of-two or prefix-affinity (docs/routing.md)",
     put_strategy},
    {"routing_strategy_args", mapping, "{}",
     "Of latency-based-routing: ttl (3600 s), lowest_latency_buffer (0), max_latency_list_size (10)",
     put_strategy_args},
    {"routing_groups", list, "[]", "[{group_name, models, routing_strategy, routing_strategy_args}]",
     put_routing_groups},
    {"model_group_alias", mapping, "{}", "{alias: group} or {alias: {model: group, hidden: true}}",
     put_group_alias},
    {"num_retries", integer, "2", "Retries after the first attempt", router<&R::num_retries>, not_negative},
    {"timeout", seconds, "request_timeout", "Limit for one attempt", router_timeout<&R::timeout>},
    {"stream_timeout", seconds, "timeout", "The same for streams", router_timeout<&R::stream_timeout>},
    {"retry_after", seconds, "0", "Shortest wait before a retry", router<&R::retry_after>},
    {"fallbacks", list, "[]", "[{group: [other groups]}], \"*\" = any group", put_fallbacks<&R::fallbacks>},
    {"context_window_fallbacks", list, "[]", "The same when the prompt is too long",
     put_fallbacks<&R::context_window_fallbacks>},
    {"content_policy_fallbacks", list, "[]", "The same when the provider refuses the content",
     put_fallbacks<&R::content_policy_fallbacks>},
    {"default_fallbacks", list, "[]", "Groups to try after any group failed", put_default_fallbacks},
    {"max_fallbacks", integer, "5", "Most hops of one request", router<&R::max_fallbacks>, not_negative},
    {"allowed_fails", integer, "3",
     "More failures than this within cooldown_time cool a row; 3 = the default rule",
     router<&R::allowed_fails>, not_negative},
    {"allowed_fails_policy", mapping, "", "The same per error class: {RateLimitErrorAllowedFails: 100}",
     put_allowed_fails_policy},
    {"cooldown_time", seconds, "5", "How long a failing row is left alone", router<&R::cooldown_time>},
    {"disable_cooldowns", flag, "false", "Never cool a row down", router<&R::disable_cooldowns>},
    {"single_deployment_breaker", flag, "true",
     "The only row of a group cools after five failures in a row, until one probe succeeds; false: LiteLLM's "
     "rule (1000 of 1000)",
     router<&R::single_deployment_breaker>},
    {"optional_pre_call_checks", list, "[]",
     "enforce_model_rate_limits: rpm, tpm, itpm and otpm of rows are binding; deployment_affinity, "
     "session_affinity, responses_api_deployment_check, encrypted_content_affinity, prompt_caching: a key, a "
     "session, a chain of responses, encrypted content, a prompt marked with cache_control stays on its row; "
     "router_budget_limiting is always on",
     put_pre_call_checks},
    {"default_max_parallel_requests", integer, "", "max_parallel_requests of rows without one",
     router<&R::default_max_parallel_requests>, not_negative},
    {"adaptive_concurrency", flag, "false",
     "A limit on the requests of each row at a time that follows its latency and its overload errors",
     router<&R::adaptive_concurrency>},
    {"max_queued_requests", integer, "1000",
     "Requests of a group that wait while every row has max_parallel_requests; 0 = refuse at once",
     router<&R::max_queued_requests>, not_negative},
    {"queue_timeout", seconds, "the request's time-out", "Longest wait for a row with room",
     router_timeout<&R::queue_timeout>},
    {"enable_weighted_failover", flag, "false", "Retries leave out rows already tried while there are others",
     router<&R::enable_weighted_failover>},
    {"hedged_requests", flag, "false",
     "A second attempt at another row when the first is late; the first answer wins (docs/routing.md)",
     router<&R::hedged_requests>},
    {"hedge_delay", seconds, "lowest 95th percentile of the rows", "When an attempt is late",
     router_timeout<&R::hedge_delay>},
    {"coalesce_requests", flag, "false", "Identical non-stream requests in flight share one attempt",
     router<&R::coalesce_requests>},
    {"default_litellm_params", mapping, "{}", "Added to every row's litellm_params where absent",
     used_elsewhere},
    {"ignore_invalid_deployments", flag, "true", "false: a bad row of model_list stops the start",
     put_drop_bad_rows},
    {"redis_host", text, "", "Shared state of several instances"},
    {"redis_port", integer, "", "Shared state of several instances"},
    {"redis_password", secret, "", "Shared state of several instances"},
    {"redis_db", integer, "", "Shared state of several instances"},
    {"redis_url", secret, "", "Shared state of several instances"},
    {"cache_responses", flag, "false", "Cache answers in the router"},
    {"cache_kwargs", mapping, "{}", "Arguments of that cache"},
    {"caching_groups", list, "", "Groups that share cached answers"},
    {"client_ttl", seconds, "3600", "Life of cached clients"},
    {"retry_policy", mapping, "", "Retries per error class", put_retry_policy},
    {"model_group_retry_policy", mapping, "", "Retries per group and error class", put_group_retry_policy},
    {"enable_pre_call_checks", flag, "false",
     "Skip rows over their rpm, too small for the prompt, or elsewhere", router<&R::enable_pre_call_checks>},
    {"enable_pre_call_check", flag, "false", "Other spelling of enable_pre_call_checks",
     router<&R::enable_pre_call_checks>},
    {"enable_tag_filtering", flag, "false", "Choose rows by tags", router<&R::enable_tag_filtering>},
    {"tag_filtering_match_any", flag, "true", "One common tag is enough; false: the row has all of them",
     router<&R::tag_filtering_match_any>},
    {"tag_routing_prefix", text, "", "Taken off tags of requests that begin with it",
     router<&R::tag_routing_prefix>},
    {"deployment_affinity_ttl_seconds", seconds, "3600",
     "How long a key or session that was moved to another row stays there without asking; 0 = not at all",
     router<&R::affinity_ttl>},
    {"model_group_affinity_config", mapping, "",
     "Per group instead: {group: [deployment_affinity, session_affinity, responses_api_deployment_check, "
     "encrypted_content_affinity]}",
     put_group_affinity},
    {"provider_budget_config", mapping, "",
     "Budget per provider: {openai: {budget_limit: 100, time_period: 1d}}", put_provider_budgets},
    {"default_priority", integer, "0", "Priority of requests without one; 0 goes first",
     router<&R::default_priority>, not_negative},
    {"polling_interval", seconds, "0.03", "Without effect: nothing polls, a row with room wakes who waits",
     put_polling},
    {"enable_health_check_routing", flag, "false", "Leave out rows that fail health checks",
     router<&R::enable_health_check_routing>},
    {"health_check_interval", seconds, "300", "How often", router<&R::health_check_interval>},
    {"health_check_staleness_threshold", seconds, "2 x health_check_interval", "When a result is too old",
     router<&R::health_check_staleness_threshold>},
    {"health_check_ignore_transient_errors", flag, "false", "Ignore 429 and 408",
     router<&R::health_check_ignore_transient_errors>},
    {"health_check_*", any, "", "As in general_settings"},
    {"router_general_settings", mapping, "", "async_only_mode, pass_through_all_models"},
    {"assistants_config", mapping, "", "Assistants API"},
    {"search_tools", list, "", "Search tools"},
    {"guardrail_list", list, "", "Guardrails"},
    {"alerting_config", mapping, "", "Alerts"},
    {"debug_level", text, "INFO", "Log level of the router"},
    {"set_verbose", flag, "false", "See litellm_settings.set_verbose",
     put<&Config::litellm, &LitellmSettings::set_verbose>},
    {"max_retries", integer, "", "Older name of num_retries"},
};

} // namespace

std::span<const Key> router_keys() { return k_keys; }

} // namespace switchyard::config
