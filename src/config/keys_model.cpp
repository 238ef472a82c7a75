// Keys of a model_list row: the row itself, litellm_params and model_info. Immutable data.
#include "config/keys_plane.hpp"

namespace switchyard::config {
namespace {
using enum Type;
using P = LitellmParams;

template <auto Member>
constexpr Setter param = put_param<Member>;

template <auto Member>
Problem put_row(const Value& value, Target& target) {
  return read(value, target.row->*Member);
}
template <auto Member>
constexpr Setter row = put_row<Member>;

template <auto Member>
Problem put_param_timeout(const Value& value, Target& target) {
  double number = 0;
  Problem problem = read(value, number);
  if (problem.empty() && number > 0) target.row->params.*Member = number;
  return problem;
}

Problem put_headers(const Value& value, Target& target) {
  return read_headers(value, target.row->params.extra_headers, target.notes);
}

Problem put_mock_response(const Value& value, Target& target) {
  const std::string* words = value.as_string();
  return target.row->params.mock_response = words ? *words : to_json(value), Problem();
}

/// `true` waits for the request's time-out, a number of seconds for that long.
Problem put_mock_timeout(const Value& value, Target& target) {
  if (read(value, target.row->params.mock_timeout_flag).empty()) return {};
  if (Problem problem = valid_seconds(value); !problem.empty()) return problem;
  return read(value, target.row->params.mock_timeout);
}

constexpr Key k_row_keys[] = {
    {"model_name", text, "", "The name clients use; `*` makes a pattern", used_elsewhere},
    {"litellm_params", mapping, "", "The deployment", used_elsewhere},
    {"model_info", mapping, "{}", "Facts about it", used_elsewhere},
    {"rpm", integer, "", "Same as litellm_params.rpm", used_elsewhere},
    {"tpm", integer, "", "Same as litellm_params.tpm", used_elsewhere},
    {"itpm", integer, "", "Same as litellm_params.itpm", used_elsewhere},
    {"otpm", integer, "", "Same as litellm_params.otpm", used_elsewhere},
};

constexpr Key k_params_keys[] = {
    // -- built
    {"model", text, "", "provider/model; required", param<&P::model>},
    {"custom_llm_provider", text, "", "The provider, when `model` does not say it",
     param<&P::custom_llm_provider>},
    {"api_key", secret, "provider's variable", "Credential", param<&P::api_key>},
    {"api_base", text, "provider's", "Base URL", param<&P::api_base>},
    {"base_url", text, "", "Other name of api_base", param<&P::api_base>},
    {"api_version", text, "", "Azure's api-version", param<&P::api_version>},
    {"organization", any, "", "OpenAI organization; a list makes one deployment of each",
     param<&P::organization>},
    {"azure_ad_token", secret, "", "Azure AD token", param<&P::azure_ad_token>},
    {"weight", number, "", "Share of simple-shuffle", param<&P::weight>, not_negative},
    {"rpm", integer, "", "Requests per minute: a share, a filter or a limit (docs/routing.md)",
     param<&P::rpm>, not_negative},
    {"tpm", integer, "", "Tokens per minute: the same", param<&P::tpm>, not_negative},
    {"itpm", integer, "", "Input tokens per minute, without those from the provider's cache: the same",
     row<&ModelRow::itpm>, not_negative},
    {"otpm", integer, "", "Output tokens per minute: the same", row<&ModelRow::otpm>, not_negative},
    {"max_parallel_requests", integer, "router_settings.default_max_parallel_requests",
     "Most requests at a time", param<&P::max_parallel_requests>, not_negative},
    {"order", integer, "", "Rows with the lowest order are used while one of them is left", param<&P::order>},
    {"input_cost_per_token", number, "price map", "Price, for cost-based-routing",
     param<&P::input_cost_per_token>, not_negative},
    {"output_cost_per_token", number, "price map", "Price, for cost-based-routing",
     param<&P::output_cost_per_token>, not_negative},
    {"timeout", seconds, "router_settings.timeout", "Limit of one attempt", put_param_timeout<&P::timeout>},
    {"request_timeout", seconds, "", "Other name of timeout", put_param_timeout<&P::timeout>},
    {"stream_timeout", seconds, "", "The same for streams", put_param_timeout<&P::stream_timeout>},
    {"cooldown_time", seconds, "router_settings.cooldown_time", "How long it is left alone",
     param<&P::cooldown_time>},
    {"num_retries", integer, "router_settings.num_retries", "Retries", param<&P::num_retries>, not_negative},
    {"max_retries", integer, "", "Retries of the provider's client", param<&P::max_retries>, not_negative},
    {"drop_params", flag, "litellm_settings.drop_params", "Drop parameters the provider does not take",
     param<&P::drop_params>},
    {"additional_drop_params", list, "[]", "More parameters to drop", param<&P::additional_drop_params>},
    {"allowed_openai_params", list, "[]", "Parameters to send although they are unknown",
     param<&P::allowed_openai_params>},
    {"tags", list, "[]", "Tags for routing", param<&P::tags>},
    {"tag_regex", list, "[]",
     "Also serves requests whose \"User-Agent: ...\" one of these finds (RE2 syntax)", put_tag_regex},
    {"region_name", text, "", "Where the row is, for allowed_model_region", param<&P::region_name>},
    {"configurable_clientside_auth_params", list, "[]", "Parameters that clients may set"},
    {"extra_headers", mapping, "{}", "Headers for the upstream", put_headers},
    {"headers", mapping, "{}", "Same as extra_headers", put_headers},
    {"extra_body", mapping, "{}", "Fields added to the upstream body", param<&P::extra_body>},
    {"mock_response", any, "", "Answer with this text, or fail with a litellm.* error", put_mock_response},
    {"mock_timeout", any, "", "true or seconds: wait, then time out", put_mock_timeout},
    {"litellm_credential_name", text, "", "Takes values from credential_list", used_elsewhere},
    {"base_model", text, "", "The model behind a deployment name", used_elsewhere},
    {"model_info", mapping, "", "Added to the row's model_info", used_elsewhere},
    // -- not built yet
    {"input_cost_per_*", number, "price map", "Price", used_elsewhere},
    {"output_cost_per_*", number, "price map", "Price", used_elsewhere},
    {"cache_creation_input_token_cost*", number, "price map", "Price", used_elsewhere},
    {"cache_read_input_token_cost*", number, "price map", "Price", used_elsewhere},
    {"*_cost", number, "price map", "Price", used_elsewhere},
    {"*_cost_per_query", any, "price map", "Price", used_elsewhere},
    {"max_budget", number, "", "Budget of the row", used_elsewhere, not_negative},
    {"budget_duration", text, "1d", "Its period", used_elsewhere, check_duration},
    {"max_file_size_mb", number, "", "Biggest file"},
    {"default_api_key_tpm_limit", integer, "", "Limit for keys without one"},
    {"default_api_key_rpm_limit", integer, "", "Limit for keys without one"},
    {"use_in_pass_through", flag, "false", "Credentials for pass-through routes"},
    {"use_litellm_proxy", flag, "false", "The upstream is a LiteLLM proxy"},
    {"merge_reasoning_content_in_choices", flag, "false",
     "Chat streams tell reasoning in the content, between think tags", used_elsewhere},
    {"litellm_trace_id", text, "", "Trace"},
    {"auto_router_config", any, "", "Auto router"},
    {"auto_router_config_path", text, "", "Auto router"},
    {"auto_router_default_model", text, "", "Auto router"},
    {"auto_router_embedding_model", text, "", "Auto router"},
    {"keepalive_seconds", seconds, "", "Keep-alive of streams"},
    {"allow_client_keepalive_override", flag, "false", "Clients may set it"},
    {"guardrails", list, "", "Guardrails"},
    {"initial_prompt_value", text, "", "Prompt template", used_elsewhere},
    {"final_prompt_value", text, "", "Prompt template", used_elsewhere},
    {"roles", mapping, "", "Prompt template", used_elsewhere},
    {"bos_token", text, "", "Prompt template", used_elsewhere},
    {"eos_token", text, "", "Prompt template", used_elsewhere},
    {"hf_model_name", text, "", "Prompt template", used_elsewhere},
    {"tenant_id", text, "", "Azure AD", used_elsewhere},
    {"client_id", text, "", "Azure AD", used_elsewhere},
    {"client_secret", secret, "", "Azure AD", used_elsewhere},
    {"azure_username", text, "", "Azure AD", used_elsewhere},
    {"azure_password", secret, "", "Azure AD", used_elsewhere},
    {"azure_scope", text, "", "Azure AD", used_elsewhere},
    {"vertex_project", text, "", "Vertex AI", used_elsewhere},
    {"vertex_location", text, "", "Vertex AI", used_elsewhere},
    {"vertex_credentials", secret, "", "Vertex AI", used_elsewhere},
    {"vertex_ai_project", text, "", "Vertex AI", used_elsewhere},
    {"vertex_ai_location", text, "", "Vertex AI", used_elsewhere},
    {"vertex_ai_credentials", secret, "", "Vertex AI", used_elsewhere},
    {"aws_access_key_id", secret, "", "AWS", used_elsewhere},
    {"aws_secret_access_key", secret, "", "AWS", used_elsewhere},
    {"aws_session_token", secret, "", "AWS", used_elsewhere},
    {"aws_region_name", text, "", "AWS", used_elsewhere},
    {"aws_session_name", text, "", "AWS", used_elsewhere},
    {"aws_profile_name", text, "", "AWS", used_elsewhere},
    {"aws_role_name", text, "", "AWS", used_elsewhere},
    {"aws_web_identity_token", secret, "", "AWS", used_elsewhere},
    {"aws_sts_endpoint", text, "", "AWS", used_elsewhere},
    {"aws_external_id", text, "", "AWS", used_elsewhere},
    {"aws_bedrock_runtime_endpoint", text, "", "AWS", used_elsewhere},
    {"s3_bucket_name", text, "", "AWS"},
    {"gcs_bucket_name", text, "", "Vertex AI"},
    {"watsonx_region_name", text, "", "watsonx"},
};

constexpr Key k_info_keys[] = {
    {"id", text, "sha256 of the row", "Identity of the row; stable over restarts", used_elsewhere},
    {"mode", text, "",
     "chat, completion, embedding, image_generation, audio_transcription, audio_speech, rerank, ...",
     used_elsewhere},
    {"base_model", text, "", "The model behind a deployment name", used_elsewhere},
    {"supported_environments", list, "all", "Active only where LITELLM_ENVIRONMENT is in the list",
     used_elsewhere},
    {"max_tokens", integer, "", "Returned by /model/info", used_elsewhere},
    {"max_input_tokens", integer, "", "Longest prompt; returned by /model/info", used_elsewhere},
    {"max_output_tokens", integer, "", "Returned by /model/info", used_elsewhere},
    {"tier", text, "", "free or paid"},
    {"access_groups", list, "", "Groups of models for keys"},
    {"team_id", text, "", "Team that owns the model: nobody else may use the row", used_elsewhere},
    {"team_public_model_name", text, "", "What that team calls it", used_elsewhere},
    {"health_check_model", text, "", "Health checks call this model; a pattern needs it", used_elsewhere},
    {"health_check_timeout", seconds, "60", "Limit of a health check", used_elsewhere},
    {"health_check_max_tokens", integer, "5", "max_tokens of a health check", used_elsewhere},
    {"health_check_max_tokens_reasoning", integer, "", "The same where supports_reasoning is true",
     used_elsewhere},
    {"health_check_max_tokens_non_reasoning", integer, "", "The same where it is not", used_elsewhere},
    {"health_check_voice", text, "alloy", "Voice in health checks of audio_speech rows", used_elsewhere},
    {"disable_background_health_check", flag, "false", "Background checks leave the row alone",
     used_elsewhere},
    {"blocked", flag, "false", "Takes the row out", used_elsewhere},
};

} // namespace

std::span<const Key> model_row_keys() { return k_row_keys; }
std::span<const Key> litellm_params_keys() { return k_params_keys; }
std::span<const Key> model_info_keys() { return k_info_keys; }

} // namespace switchyard::config
