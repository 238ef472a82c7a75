// Keys of litellm_settings. Immutable data.
#include "config/keys_plane.hpp"

namespace switchyard::config {
namespace {
using enum Type;
using P = PlaneSettings;
using L = LitellmSettings;
using R = RouterSettings;

template <auto Member>
constexpr Setter litellm = put<&Config::litellm, Member>;
template <auto Member>
constexpr Setter router = put<&Config::router, Member>;

Problem put_json_logs(const Value& value, Target& target) {
  Problem problem = read(value, target.config->litellm.json_logs);
  if (problem.empty()) target.config->json_logs = target.config->litellm.json_logs;
  return problem;
}

/// Deprecated in LiteLLM, but old configurations rely on its debug lines.
Problem put_set_verbose(const Value& value, Target& target) {
  Problem problem = read(value, target.config->litellm.set_verbose);
  if (!problem.empty() || !target.config->litellm.set_verbose) return problem;
  target.config->log_level = LogLevel::debug;
  target.notes.push_back("set_verbose is deprecated and logs requests: use --debug instead");
  return problem;
}

Problem misplaced(const Value&, Target& target) {
  target.notes.push_back("is not read here, as in LiteLLM: put it under general_settings");
  return {};
}

constexpr Key k_keys[] = {
    // -- built
    {"drop_params", flag, "false", "Drop parameters that a provider does not take, instead of 400",
     litellm<&L::drop_params>},
    {"modify_params", flag, "false",
     "Requests may be repaired for a provider: filler messages, a dummy tool, results that are missing",
     litellm<&L::modify_params>},
    {"num_retries", integer, "2", "See router_settings", router<&R::num_retries>, not_negative},
    {"request_timeout", seconds, "6000", "Limit of one attempt", put_request_timeout},
    {"fallbacks", list, "[]", "See router_settings", put_fallbacks<&R::fallbacks>},
    {"context_window_fallbacks", list, "[]", "See router_settings",
     put_fallbacks<&R::context_window_fallbacks>},
    {"content_policy_fallbacks", list, "[]", "See router_settings",
     put_fallbacks<&R::content_policy_fallbacks>},
    {"default_fallbacks", list, "[]", "See router_settings", put_default_fallbacks},
    {"allowed_fails", integer, "3", "See router_settings", router<&R::allowed_fails>, not_negative},
    {"cooldown_time", seconds, "5", "See router_settings", router<&R::cooldown_time>},
    {"set_verbose", flag, "false", "Deprecated: same as --debug", put_set_verbose},
    {"json_logs", flag, "false", "Log lines are JSON", put_json_logs},
    {"ssl_verify", any, "true", "Verify upstream certificates: true, false or a CA bundle", put_ssl_verify},
    {"ssl_certificate", text, "", "Client certificate for upstreams", litellm<&L::ssl_certificate>},
    {"require_auth_for_metrics_endpoint", flag, "false", "/metrics needs a key",
     litellm<&L::require_auth_for_metrics_endpoint>},
    {"model_alias_map", mapping, "{}", "Names that are replaced before routing",
     litellm<&L::model_alias_map>},
    {"add_function_to_prompt", flag, "false", "Put functions into the prompt where a provider has none",
     litellm<&L::add_function_to_prompt>},
    {"user_url_validation", flag, "true",
     "URLs of requests that are fetched here must lead to public addresses",
     litellm<&L::user_url_validation>},
    {"user_url_allowed_hosts", list, "[]", "Hosts (or host:port) of such URLs that may be anywhere",
     litellm<&L::user_url_allowed_hosts>},
    {"master_key", secret, "", "Not read here: belongs into general_settings", misplaced},
    {"database_url", secret, "", "Not read here: belongs into general_settings", misplaced},
    // -- callbacks and cache
    {"callbacks", list, "[]", "Callbacks on success and failure"},
    {"success_callback", list, "[]", "Callbacks on success"},
    {"failure_callback", list, "[]", "Callbacks on failure"},
    {"service_callback", list, "[]", "Health metrics of redis and the database"},
    {"service_callbacks", list, "[]", "Health metrics of redis and the database"},
    {"audit_log_callbacks", list, "[]", "Callbacks for audit rows"},
    {"cache", any, "false", "Cache answers; the mapping form {type: redis} is understood too"},
    {"cache_params", mapping, "", "type, host, port, password, ttl, ..."},
    {"enable_redis_auth_cache", flag, "false", "Cache keys in redis"},
    {"enable_caching_on_provider_specific_optional_params", flag, "false", "Cache key takes them in"},
    // -- logging
    {"log_raw_request_response", flag, "false", "Log what goes to and comes from providers"},
    {"turn_off_message_logging", flag, "false", "Keep messages out of callbacks"},
    {"redact_user_api_key_info", flag, "false", "Keep key details out of callbacks"},
    {"redact_messages_in_exceptions", flag, "false",
     "Leave out of errors what the provider says, which may repeat the prompt",
     litellm<&L::redact_messages_in_exceptions>},
    {"global_disable_no_log_param", flag, "false", "Ignore no-log in requests"},
    {"allow_dynamic_callback_disabling", flag, "true", "Requests may turn callbacks off"},
    {"langfuse_default_tags", list, "", "Tags for Langfuse"},
    {"langfuse_public_key", text, "", "Langfuse"},
    {"langfuse_secret", secret, "", "Langfuse"},
    {"langfuse_secret_key", secret, "", "Langfuse"},
    {"langfuse_host", text, "", "Langfuse"},
    {"langsmith_batch_size", integer, "", "LangSmith"},
    {"s3_callback_params", mapping, "", "S3 sink"},
    {"aws_sqs_callback_params", mapping, "", "SQS sink"},
    {"datadog_params", mapping, "", "Datadog sink"},
    {"datadog_llm_observability_params", mapping, "", "Datadog sink"},
    {"dynamodb_table_name", text, "", "DynamoDB sink"},
    {"cold_storage_custom_logger", text, "", "Cold storage"},
    {"argilla_transformation_object", mapping, "", "Argilla sink"},
    {"prometheus_metrics_config", list, "", "Which metrics and labels"},
    {"custom_prometheus_metadata_labels", list, "", "Labels from metadata"},
    {"custom_prometheus_tags", list, "", "Labels from tags"},
    {"prometheus_initialize_budget_metrics", flag, "false", "Budget metrics from the start"},
    {"prometheus_emit_stream_label", flag, "false", "Label for streams"},
    {"enable_end_user_cost_tracking_prometheus_only", flag, "false", "End user label"},
    {"disable_end_user_cost_tracking", flag, "false", "Rows and sums do not name end users",
     put_plane<&P::disable_end_user_tracking>},
    {"disable_end_user_cost_tracking_prometheus_only", flag, "false", "No end user label"},
    {"store_audit_logs", flag, "false", "Keep audit rows", put_plane<&P::store_audit_logs>},
    {"logged_real_time_event_types", any, "", "Which realtime events are logged"},
    // -- money and keys
    {"max_budget", number, "", "Budget of the whole proxy", put_plane<&P::max_budget>},
    {"budget_duration", text, "", "Its period", put_duration<&P::budget_duration>},
    {"max_internal_user_budget", number, "", "Budget of new users", put_plane<&P::max_internal_user_budget>},
    {"internal_user_budget_duration", text, "", "Its period",
     put_duration<&P::internal_user_budget_duration>},
    {"default_internal_user_params", mapping, "", "Defaults of new users",
     put_plane<&P::default_internal_user_params>},
    {"max_end_user_budget", number, "", "Budget of end users", put_plane<&P::max_end_user_budget>},
    {"max_end_user_budget_id", text, "", "Budget of end users", put_plane<&P::max_end_user_budget_id>},
    {"max_ui_session_budget", number, "10", "Budget of an admin page session", used_elsewhere},
    {"default_key_generate_params", mapping, "", "Defaults of new keys",
     put_plane<&P::default_key_generate_params>},
    {"upperbound_key_generate_params", mapping, "", "Limits of new keys",
     put_plane<&P::upperbound_key_generate_params>},
    {"key_generation_settings", mapping, "", "Who may make keys", put_plane<&P::key_generation_settings>},
    {"default_team_params", mapping, "", "Defaults of new teams", put_plane<&P::default_team_params>},
    {"default_team_settings", list, "", "Callbacks per team"},
    {"enable_key_alias_format_validation", flag, "false",
     "Aliases of keys are 2 to 255 of a-zA-Z0-9_-/.@, a letter or digit at both ends",
     put_plane<&P::check_key_aliases>},
    {"tag_budget_config", mapping, "", "Budget per tag: {tag: {max_budget, budget_duration}}",
     put_tag_budgets},
    {"extra_spend_tag_headers", list, "", "Headers that become tags", put_plane<&P::extra_spend_tag_headers>},
    {"disable_add_user_agent_to_request_tags", flag, "false", "No User-Agent tag",
     put_plane<&P::disable_user_agent_tag>},
    {"cost_discount_config", mapping, "", "Discount per provider", put_discounts},
    {"cost_margin_config", mapping, "", "Margin per provider", put_margins},
    {"include_cost_in_streaming_usage", flag, "false", "Cost in the last chunk"},
    {"priority_reservation", mapping, "", "Dynamic rate limiter"},
    {"priority_reservation_settings", mapping, "", "Dynamic rate limiter"},
    // -- guardrails of old
    {"guardrails", list, "", "Guardrails, old form"},
    {"banned_keywords_list", any, "", "Guardrail"},
    {"blocked_user_list", any, "", "Guardrail"},
    {"llm_guard_mode", text, "", "Guardrail"},
    {"llamaguard_model_name", text, "", "Guardrail"},
    {"llamaguard_unsafe_content_categories", text, "", "Guardrail"},
    {"google_moderation_confidence_threshold", number, "0.8", "Guardrail"},
    {"prompt_injection_params", mapping, "", "Guardrail"},
    {"skip_system_message_in_guardrail", flag, "false", "Guardrail"},
    {"azure_content_safety_params", mapping, "", "Guardrail"},
    {"post_call_rules", any, "", "User code"},
    {"pre_call_rules", any, "", "User code"},
    // -- providers
    {"model_group_settings", mapping, "",
     "{forward_client_headers_to_llm_api: [groups, * as wildcard]}: their calls take the client's headers "
     "along",
     put_model_group_settings},
    {"custom_provider_map", list, "", "User code for providers"},
    {"ssl_security_level", text, "", "OpenSSL security level"},
    {"ssl_ecdh_curve", text, "", "Curve for upstream TLS"},
    {"force_ipv4", flag, "false", "No IPv6 to upstreams"},
    {"enable_json_schema_validation", flag, "false", "Check structured output"},
    {"return_response_headers", flag, "false", "Upstream headers in the answer"},
    {"forward_traceparent_to_llm_provider", flag, "false", "traceparent goes upstream"},
    {"add_user_information_to_llm_headers", flag, "false", "User details go upstream"},
    {"check_provider_endpoint", flag, "false",
     "/v1/models lists what the providers of patterns say they have", litellm<&L::check_provider_endpoint>},
    {"enable_loadbalancing_on_batch_endpoints", flag, "false", "Batches are balanced"},
    {"enable_azure_ad_token_refresh", flag, "false",
     "Azure rows without a key get their tokens from the machine's identity",
     litellm<&L::enable_azure_ad_token_refresh>},
    {"enable_preview_features", flag, "false", "Preview features"},
    {"network_mock", flag, "false", "Mock the network"},
    {"global_prompt_directory", text, "", "Prompt files"},
    {"global_bitbucket_config", mapping, "", "Prompt files"},
    {"global_gitlab_config", mapping, "", "Prompt files"},
    {"mcp_aliases", mapping, "", "MCP"},
    {"mcp_semantic_tool_filter", mapping, "", "MCP"},
    {"ui_theme_config", mapping, "", "Admin page"},
    {"timezone", text, "UTC", "For budget resets", put_plane<&P::timezone>},
    {"reasoning_auto_summary", flag, "false", "Reasoning summaries"},
    {"route_all_chat_openai_to_responses", flag, "false", "Chat over the responses API"},
    {"use_chat_completions_url_for_anthropic_messages", flag, "false", "Messages over chat"},
    {"disable_hf_tokenizer_download", flag, "false", "No tokenizer downloads"},
    {"disable_add_transform_inline_image_block", flag, "false", "Fireworks images"},
    {"vertex_project", text, "", "Vertex AI"},
    {"vertex_location", text, "", "Vertex AI"},
    {"vertex_ai_safety_settings", list, "", "Vertex AI"},
    {"default_vertex_config", mapping, "", "Vertex AI"},
    {"telemetry", flag, "true", "There is none here"},
    {"api_base", text, "",
     "Of rows without one whose provider has no address of its own: OpenAI, Azure, Anthropic, Cohere, "
     "Ollama, "
     "Hugging Face, Replicate",
     used_elsewhere},
    {"api_version", text, "", "Of the same rows", used_elsewhere},
    {"organization", text, "", "Of the same rows", used_elsewhere},
    {"api_key", secret, "", "Of the same rows", used_elsewhere},
    {"headers", mapping, "", "Global of LiteLLM's SDK"},
    {"*_key", secret, "", "Provider keys as globals of LiteLLM's SDK"},
    {"*_threshold", number, "", "Confidence thresholds of text moderation"},
};

} // namespace

std::span<const Key> litellm_keys() { return k_keys; }

} // namespace switchyard::config
