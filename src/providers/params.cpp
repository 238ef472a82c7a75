// Names of request parameters (spec providers.md 4). Immutable data, any thread.
#include "providers/params.hpp"

#include <switchyard/provider.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace switchyard::providers {
namespace {

using std::string_view;

template <std::size_t N>
constexpr std::array<string_view, N> sorted(std::array<string_view, N> names) {
  std::sort(names.begin(), names.end());
  return names;
}

template <class Names>
bool contains(const Names& names, string_view key) {
  return std::binary_search(names.begin(), names.end(), key);
}

constexpr auto k_chat = sorted(std::to_array<string_view>({"functions",
                                                           "function_call",
                                                           "temperature",
                                                           "top_p",
                                                           "n",
                                                           "stream",
                                                           "stream_options",
                                                           "stop",
                                                           "max_tokens",
                                                           "max_completion_tokens",
                                                           "modalities",
                                                           "prediction",
                                                           "audio",
                                                           "presence_penalty",
                                                           "frequency_penalty",
                                                           "logit_bias",
                                                           "user",
                                                           "response_format",
                                                           "seed",
                                                           "tools",
                                                           "tool_choice",
                                                           "parallel_tool_calls",
                                                           "logprobs",
                                                           "top_logprobs",
                                                           "reasoning_effort",
                                                           "verbosity",
                                                           "thinking",
                                                           "web_search_options",
                                                           "service_tier",
                                                           "safety_identifier",
                                                           "prompt_cache_key",
                                                           "prompt_cache_retention",
                                                           "store",
                                                           "metadata",
                                                           "context_management",
                                                           "extra_headers",
                                                           "max_retries",
                                                           "api_version"}));
constexpr auto k_completions = sorted(std::to_array<string_view>(
    {"best_of", "echo", "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "n", "presence_penalty",
     "prompt", "seed", "stop", "stream", "stream_options", "suffix", "temperature", "top_p", "user"}));
constexpr auto k_embeddings = sorted(std::to_array<string_view>({"dimensions", "encoding_format", "user"}));
constexpr auto k_responses = sorted(std::to_array<string_view>({"background",
                                                                "include",
                                                                "input",
                                                                "instructions",
                                                                "max_output_tokens",
                                                                "max_tool_calls",
                                                                "metadata",
                                                                "parallel_tool_calls",
                                                                "previous_response_id",
                                                                "prompt",
                                                                "prompt_cache_key",
                                                                "reasoning",
                                                                "safety_identifier",
                                                                "service_tier",
                                                                "store",
                                                                "stream",
                                                                "temperature",
                                                                "text",
                                                                "tool_choice",
                                                                "tools",
                                                                "top_logprobs",
                                                                "top_p",
                                                                "truncation",
                                                                "user"}));
constexpr auto k_moderations = std::to_array<string_view>({"input"});
constexpr auto k_images = sorted(std::to_array<string_view>(
    {"background", "input_fidelity", "mask", "moderation", "n", "output_compression", "output_format",
     "partial_images", "quality", "response_format", "size", "stream", "style", "user"}));
constexpr auto k_transcriptions =
    sorted(std::to_array<string_view>({"include", "language", "prompt", "response_format", "stream",
                                       "temperature", "timestamp_granularities"}));
constexpr auto k_translations = std::to_array<string_view>({"prompt", "response_format", "temperature"});
constexpr auto k_speech = sorted(
    std::to_array<string_view>({"instructions", "response_format", "speed", "stream_format", "voice"}));
constexpr auto k_rerank =
    sorted(std::to_array<string_view>({"documents", "max_chunks_per_doc", "max_tokens_per_doc", "query",
                                       "rank_fields", "return_documents", "top_n"}));

constexpr auto k_newer = sorted(std::to_array<string_view>(
    {"modalities", "prediction", "audio", "thinking", "web_search_options", "service_tier",
     "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "store"}));

// `metadata` is not here: it is OpenAI's own when store is true (encode decides).
constexpr auto k_gateway = sorted(std::to_array<string_view>({"litellm_metadata",
                                                              "tags",
                                                              "api_key",
                                                              "api_base",
                                                              "base_url",
                                                              "custom_llm_provider",
                                                              "num_retries",
                                                              "max_retries",
                                                              "timeout",
                                                              "request_timeout",
                                                              "stream_timeout",
                                                              "fallbacks",
                                                              "context_window_fallbacks",
                                                              "content_policy_fallbacks",
                                                              "cache",
                                                              "caching",
                                                              "no-log",
                                                              "mock_response",
                                                              "mock_timeout",
                                                              "model_info",
                                                              "input_cost_per_token",
                                                              "output_cost_per_token",
                                                              "input_cost_per_second",
                                                              "output_cost_per_second",
                                                              "rpm",
                                                              "tpm",
                                                              "weight",
                                                              "drop_params",
                                                              "additional_drop_params",
                                                              "allowed_openai_params",
                                                              "roles",
                                                              "response_schema_prompt",
                                                              "initial_prompt_value",
                                                              "final_prompt_value",
                                                              "bos_token",
                                                              "eos_token",
                                                              "hf_model_name",
                                                              "user_continue_message",
                                                              "assistant_continue_message",
                                                              "base_model",
                                                              "organization",
                                                              "guardrails",
                                                              "prompt_id",
                                                              "prompt_variables",
                                                              "merge_reasoning_content_in_choices",
                                                              "use_chat_completions_api",
                                                              "azure_ad_token",
                                                              "azure_username",
                                                              "azure_password",
                                                              "azure_scope",
                                                              "enable_azure_ad_token_refresh",
                                                              "zen_api_key",
                                                              "tenant_id",
                                                              "client_id",
                                                              "client_secret",
                                                              "ssl_verify",
                                                              "litellm_credential_name",
                                                              "configurable_clientside_auth_params",
                                                              "proxy_server_request",
                                                              "user_config",
                                                              "priority",
                                                              "disable_fallbacks",
                                                              "allowed_model_region",
                                                              "api_version",
                                                              "extra_headers",
                                                              "extra_body",
                                                              "headers",
                                                              "max_parallel_requests",
                                                              "cooldown_time",
                                                              "region_name",
                                                              "add_function_to_prompt",
                                                              "model_list",
                                                              "litellm_call_id",
                                                              "litellm_trace_id",
                                                              "litellm_session_id",
                                                              "modify_params",
                                                              "langfuse_host",
                                                              "langfuse_public_key",
                                                              "langfuse_secret",
                                                              "enforce_validation",
                                                              "ensure_alternating_roles",
                                                              "supports_system_message",
                                                              "disable_stop_sequence_limit",
                                                              "secret_fields"}));
constexpr std::array k_gateway_prefixes{string_view("aws_"), string_view("vertex_"),
                                        string_view("mock_testing_"), string_view("litellm_")};
constexpr KeyFilter k_gateway_filter = [] {
  KeyFilter filter;
  for (auto name : k_gateway) filter.add(name);
  return filter;
}();

} // namespace

bool is_newer_param(string_view key) noexcept { return contains(k_newer, key); }

std::span<const string_view> newer_params() noexcept { return k_newer; }

const KeyFilter& gateway_filter() noexcept { return k_gateway_filter; }

bool has_gateway_prefix(string_view key) noexcept {
  return may_have_gateway_prefix(key) &&
         std::any_of(k_gateway_prefixes.begin(), k_gateway_prefixes.end(),
                     [key](string_view prefix) { return key.starts_with(prefix); });
}

bool is_gateway_param(string_view key) noexcept {
  return (k_gateway_filter.may_hold(key) && contains(k_gateway, key)) || has_gateway_prefix(key);
}

std::span<const string_view> openai_params(Endpoint endpoint) {
  static constexpr std::array<std::span<const string_view>, static_cast<std::size_t>(Endpoint::k_count)>
      k_by_endpoint{k_chat,
                    k_completions,
                    k_embeddings,
                    k_responses,
                    k_moderations,
                    k_images,
                    k_images,
                    k_images,
                    k_transcriptions,
                    k_translations,
                    k_speech,
                    k_rerank,
                    {},
                    {},
                    {},
                    {}};
  return endpoint < Endpoint::k_count ? k_by_endpoint[static_cast<std::size_t>(endpoint)]
                                      : std::span<const string_view>{};
}

} // namespace switchyard::providers
