// The table of OpenAI-compatible providers (spec providers.md 1.1). Immutable data; no code but the lookup
// needs to know a vendor. docs/providers.md explains the columns and marks values that are not verified.
#include "providers/family/family.hpp"

#include <algorithm>
#include <array>

namespace switchyard::providers {
namespace {

using std::string_view;

// Parameters that LiteLLM reports as unsupported, beyond those of k_classic_params.
constexpr string_view k_like = "user thinking", k_functions = "functions function_call",
                      k_mistral =
                          "functions function_call n stream_options presence_penalty frequency_penalty "
                          "logit_bias user logprobs top_logprobs",
                      k_few = "functions function_call n stream_options logit_bias user response_format seed "
                              "tools tool_choice parallel_tool_calls logprobs top_logprobs",
                      k_fast = "functions function_call n presence_penalty frequency_penalty logit_bias user "
                               "parallel_tool_calls logprobs top_logprobs",
                      k_tiny = "functions function_call temperature top_p n stream_options stop max_tokens "
                               "max_completion_tokens presence_penalty frequency_penalty logit_bias user "
                               "response_format seed parallel_tool_calls logprobs top_logprobs";
// What a chat can ask for and a completion cannot.
constexpr string_view
    k_no_chat = "functions function_call tools tool_choice parallel_tool_calls response_format "
                "modalities audio prediction web_search_options reasoning_effort verbosity thinking",
    k_no_codestral_chat = "functions function_call n user tools tool_choice parallel_tool_calls "
                          "response_format logit_bias logprobs top_logprobs presence_penalty "
                          "frequency_penalty thinking";
// One spelling of the output limit.
constexpr string_view k_to_max_tokens = "max_completion_tokens:max_tokens";
constexpr auto k_generic = ErrorFamily::generic;
constexpr std::uint32_t k_raw = k_raw_errors;
constexpr string_view k_fake = "fake-api-key";

constexpr string_view k_openai = "https://api.openai.com/v1",
                      k_openai_bases = "OPENAI_BASE_URL OPENAI_API_BASE";
constexpr std::uint32_t k_openai_quirks = k_stop_four | k_reasoning_models;

constexpr std::array k_rows{
    // clang-format off
    // name, base URL, base env, key env, endpoints, quirks, unsupported, renames
    ProviderRow{"openai", k_openai, k_openai_bases, "OPENAI_API_KEY", C | T | E | I | A | S | M | Q,
                k_openai_quirks, "thinking"},
    ProviderRow{"text-completion-openai", k_openai, k_openai_bases, "OPENAI_API_KEY", T, k_classic_params,
                k_no_chat, k_to_max_tokens},
    ProviderRow{"custom_openai", "", "", "OPENAI_LIKE_API_KEY", C | T | E | I | A | S | M | Q | R, k_plain,
                k_like},
    ProviderRow{"openai_like", "", "OPENAI_LIKE_API_BASE", "OPENAI_LIKE_API_KEY", C | E, k_raw, k_like, {},
                {}, Auth::bearer, k_generic},
    ProviderRow{"azure", "", "AZURE_API_BASE", "AZURE_API_KEY AZURE_OPENAI_API_KEY", C | T | E | I | A | S |
                Q, k_azure_urls | k_reasoning_models, "thinking", {}, {}, Auth::api_key_header,
                ErrorFamily::azure},
    ProviderRow{"azure_text", "", "AZURE_API_BASE", "AZURE_API_KEY AZURE_OPENAI_API_KEY", T, k_azure_urls |
                k_classic_params, k_no_chat, k_to_max_tokens, {}, Auth::api_key_header, ErrorFamily::azure},
    ProviderRow{"azure_ai", "", "AZURE_AI_API_BASE", "AZURE_AI_API_KEY", C | E | I | R, k_azure_ai_urls |
                k_raw, k_like, {}, {}, Auth::api_key_header},
    ProviderRow{"groq", "https://api.groq.com/openai/v1", "GROQ_API_BASE", "GROQ_API_KEY", C | A | S, k_raw |
                k_drop_assistant_null | k_reasoning_field, "user thinking web_search_options",
                k_to_max_tokens},
    ProviderRow{"mistral", "https://api.mistral.ai/v1", "MISTRAL_API_BASE MISTRAL_AZURE_API_BASE",
                "MISTRAL_AZURE_API_KEY MISTRAL_API_KEY", C | E, k_raw | k_append_v1 | k_tool_choice_any |
                k_reasoning_field | k_flatten_content | k_drop_name_not_tool | k_classic_params, k_mistral,
                "seed:random_seed max_completion_tokens:max_tokens"},
    ProviderRow{"codestral", "https://codestral.mistral.ai/v1", "CODESTRAL_API_BASE", "CODESTRAL_API_KEY", C,
                k_tool_choice_any | k_flatten_content | k_classic_params, k_mistral,
                "seed:random_seed max_completion_tokens:max_tokens"},
    ProviderRow{"text-completion-codestral", "https://codestral.mistral.ai/v1/fim", "", "CODESTRAL_API_KEY",
                T, k_raw | k_classic_params, k_no_codestral_chat,
                "seed:random_seed max_completion_tokens:max_tokens", {}, Auth::bearer, k_generic},
    ProviderRow{"together_ai", "https://api.together.xyz/v1", "TOGETHER_AI_API_BASE",
                "TOGETHER_API_KEY TOGETHER_AI_API_KEY TOGETHERAI_API_KEY TOGETHER_AI_TOKEN", C | T | E | I |
                R, k_raw | k_reasoning_field, k_like},
    ProviderRow{"fireworks_ai", "https://api.fireworks.ai/inference/v1",
                "FIREWORKS_API_BASE FIREWORKS_AI_API_BASE",
                "FIREWORKS_API_KEY FIREWORKS_AI_API_KEY FIREWORKSAI_API_KEY FIREWORKS_AI_TOKEN", C | T | E | A
                | R, k_raw | k_tool_choice_any | k_schema_object | k_model_prefix,
                "functions function_call modalities audio thinking web_search_options "
                "safety_identifier store", "max_completion_tokens:max_tokens", {}, Auth::bearer,
                ErrorFamily::compatible, {}, "accounts/fireworks/models/", {},
                "https://audio-prod.api.fireworks.ai/v1"},
    ProviderRow{"openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_BASE OPENROUTER_BASE_URL",
                "OPENROUTER_API_KEY OR_API_KEY", C | E | I, k_raw | k_keep_cache_claude | k_usage_include |
                k_reasoning_field, "user", {}, {}, Auth::bearer, ErrorFamily::openrouter,
                "HTTP-Referer=OR_SITE_URL|https://litellm.ai X-Title=OR_APP_NAME|liteLLM"},
    ProviderRow{"perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_BASE",
                "PERPLEXITYAI_API_KEY PERPLEXITY_API_KEY", C | E | Q, k_drop_name,
                "functions function_call n stream_options stop modalities prediction audio "
                "logit_bias user seed tools tool_choice parallel_tool_calls logprobs top_logprobs "
                "thinking service_tier store"},
    ProviderRow{"xai", "https://api.x.ai/v1", "XAI_API_BASE", "XAI_API_KEY", C | I | Q, k_raw | k_drop_strict
                | k_drop_name_not_user,
                "functions function_call modalities prediction audio thinking service_tier "
                "safety_identifier prompt_cache_key prompt_cache_retention store", k_to_max_tokens},
    ProviderRow{"deepseek", "https://api.deepseek.com/beta", "DEEPSEEK_API_BASE", "DEEPSEEK_API_KEY", C | T,
                k_raw | k_flatten_content | k_thinking_type, "user"},
    ProviderRow{"deepinfra", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_BASE", "DEEPINFRA_API_KEY",
                C | E | R, k_tool_choice_auto | k_temperature_min | k_classic_params,
                "stream_options user seed parallel_tool_calls logprobs top_logprobs"},
    ProviderRow{"anyscale", "https://api.endpoints.anyscale.com/v1", "ANYSCALE_API_BASE", "ANYSCALE_API_KEY",
                C, k_classic_params, k_few, k_to_max_tokens},
    ProviderRow{"nvidia_nim", "https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_BASE",
                "NVIDIA_NIM_API_KEY", C | E | R, k_classic_params, k_mistral, k_to_max_tokens},
    ProviderRow{"cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_BASE", "CEREBRAS_API_KEY", C,
                k_classic_params | k_reasoning_field,
                "functions function_call n stream_options presence_penalty frequency_penalty "
                "logit_bias parallel_tool_calls logprobs top_logprobs"},
    ProviderRow{"sambanova", "https://api.sambanova.ai/v1", "SAMBANOVA_API_BASE", "SAMBANOVA_API_KEY", C | E,
                k_classic_params | k_flatten_content,
                "functions function_call n presence_penalty frequency_penalty logit_bias user "
                "seed logprobs top_logprobs", k_to_max_tokens},
    ProviderRow{"ai21_chat", "https://api.ai21.com/studio/v1", "AI21_API_BASE", "AI21_API_KEY", C,
                k_classic_params, "functions function_call stream_options presence_penalty frequency_penalty "
                "logit_bias user parallel_tool_calls logprobs top_logprobs", k_to_max_tokens},
    ProviderRow{"volcengine", "https://ark.cn-beijing.volces.com/api/v3", "VOLCENGINE_API_BASE",
                "VOLCENGINE_API_KEY ARK_API_KEY", C | E | I | Q, k_plain,
                "modalities prediction audio user web_search_options service_tier store", k_to_max_tokens},
    ProviderRow{"hosted_vllm", "", "HOSTED_VLLM_API_BASE", "HOSTED_VLLM_API_KEY", C | T | E | R | A | Q, k_raw
                | k_reasoning_field, "user", {}, k_fake},
    ProviderRow{"vllm", "", "HOSTED_VLLM_API_BASE", "HOSTED_VLLM_API_KEY", C | T | E | R | A | Q, k_raw |
                k_reasoning_field, "user", {}, k_fake},
    ProviderRow{"llamafile", "http://127.0.0.1:8080/v1", "LLAMAFILE_API_BASE", "LLAMAFILE_API_KEY", C | T,
                k_plain, k_like, {}, k_fake},
    ProviderRow{"lm_studio", "", "LM_STUDIO_API_BASE", "LM_STUDIO_API_KEY", C | E, k_plain, k_like, {},
                k_fake},
    ProviderRow{"xinference", "http://127.0.0.1:9997/v1", "XINFERENCE_API_BASE", "XINFERENCE_API_KEY", C | E |
                I, k_plain, k_like, k_to_max_tokens, "anything"},
    ProviderRow{"litellm_proxy", "", "LITELLM_PROXY_API_BASE", "LITELLM_PROXY_API_KEY", k_all,
                k_keep_cache_control, {}, {}, k_fake},
    ProviderRow{"github", "https://models.inference.ai.azure.com", "GITHUB_API_BASE", "GITHUB_API_KEY", C | E,
                k_plain, k_like, k_to_max_tokens},
    ProviderRow{"friendliai", "https://api.friendli.ai/serverless/v1", "FRIENDLI_API_BASE",
                "FRIENDLIAI_API_KEY FRIENDLI_TOKEN", C, k_plain, k_like},
    ProviderRow{"galadriel", "https://api.galadriel.com/v1", "GALADRIEL_API_BASE", "GALADRIEL_API_KEY", C,
                k_plain, k_like},
    ProviderRow{"empower", "https://app.empower.dev/api/v1", "EMPOWER_API_BASE", "EMPOWER_API_KEY", C,
                k_plain, k_like},
    ProviderRow{"novita", "https://api.novita.ai/v3/openai", "NOVITA_API_BASE", "NOVITA_API_KEY", C | E | R,
                k_plain, k_like, {}, {}, Auth::bearer, ErrorFamily::compatible, "X-Novita-Source=|litellm"},
    ProviderRow{"meta_llama", "https://api.llama.com/compat/v1", "LLAMA_API_BASE", "LLAMA_API_KEY", C | T,
                k_schema_only, k_like},
    ProviderRow{"featherless_ai", "https://api.featherless.ai/v1", "FEATHERLESS_API_BASE",
                "FEATHERLESS_AI_API_KEY", C | T, k_classic_params,
                "stream_options user response_format seed tools tool_choice parallel_tool_calls "
                "logprobs top_logprobs"},
    ProviderRow{"nscale", "https://inference.api.nscale.com/v1", "NSCALE_API_BASE", "NSCALE_API_KEY", C | I,
                k_classic_params, "functions function_call stream_options user seed tools tool_choice "
                "parallel_tool_calls", k_to_max_tokens},
    ProviderRow{"nebius", "https://api.studio.nebius.ai/v1", "NEBIUS_API_BASE", "NEBIUS_API_KEY", C | T | E,
                k_plain, k_like},
    ProviderRow{"dashscope", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_BASE",
                "DASHSCOPE_API_KEY", C | T | E | I, k_flatten_content, k_like},
    ProviderRow{"moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_BASE", "MOONSHOT_API_KEY", C | T,
                k_temperature_unit | k_tool_choice_hint | k_flatten_content, "functions user",
                k_to_max_tokens},
    ProviderRow{"v0", "https://api.v0.dev/v1", "V0_API_BASE", "V0_API_KEY", C, k_classic_params, k_tiny},
    ProviderRow{"morph", "https://api.morphllm.com/v1", "MORPH_API_BASE", "MORPH_API_KEY", C,
                k_classic_params, k_tiny},
    ProviderRow{"lambda_ai", "https://api.lambda.ai/v1", "LAMBDA_API_BASE", "LAMBDA_API_KEY", C | T, k_plain,
                k_like},
    ProviderRow{"hyperbolic", "https://api.hyperbolic.xyz/v1", "HYPERBOLIC_API_BASE", "HYPERBOLIC_API_KEY", C
                | T, k_classic_params,
                "functions function_call stream_options logit_bias parallel_tool_calls logprobs "
                "top_logprobs", k_to_max_tokens},
    ProviderRow{"vercel_ai_gateway", "https://ai-gateway.vercel.sh/v1", "VERCEL_AI_GATEWAY_API_BASE",
                "VERCEL_AI_GATEWAY_API_KEY VERCEL_OIDC_TOKEN", C | E, k_reasoning_field, k_like, {}, {},
                Auth::bearer, ErrorFamily::compatible,
                "http-referer=VERCEL_SITE_URL| x-title=VERCEL_APP_NAME|"},
    ProviderRow{"wandb", "https://api.inference.wandb.ai/v1", "WANDB_API_BASE", "WANDB_API_KEY", C | T,
                k_plain, k_like},
    ProviderRow{"aiml", "https://api.aimlapi.com/v1", "AIML_API_BASE", "AIML_API_KEY", C | E | I, k_plain},
    ProviderRow{"cometapi", "https://api.cometapi.com/v1", "COMETAPI_API_BASE", "COMETAPI_KEY", C | E | I,
                k_raw, k_like},
    ProviderRow{"clarifai", "https://api.clarifai.com/v2/ext/openai/v1", "", "CLARIFAI_API_KEY", C,
                k_clarifai_model | k_classic_params,
                "functions function_call n stop logit_bias user seed parallel_tool_calls logprobs "
                "top_logprobs", k_to_max_tokens},
    ProviderRow{"ovhcloud", "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1", "", "OVHCLOUD_API_KEY", C | E
                | A, k_raw, k_like, {}, {}, Auth::bearer, k_generic},
    ProviderRow{"lemonade", "http://localhost:8000/api/v1", "LEMONADE_API_BASE", "LEMONADE_API_KEY", C, k_raw,
                {}, {}, "lemonade", Auth::bearer, k_generic},
    ProviderRow{"docker_model_runner", "http://localhost:12434/engines/v1", "DOCKER_MODEL_RUNNER_API_BASE",
                "DOCKER_MODEL_RUNNER_API_KEY", C, k_flatten_content, k_like, k_to_max_tokens, "dummy-key"},
    ProviderRow{"amazon_nova", "https://api.nova.amazon.com/v1", "AMAZON_NOVA_API_BASE",
                "AMAZON_NOVA_API_KEY", C, k_raw | k_classic_params, k_fast, {}, {}, Auth::bearer, k_generic},
    ProviderRow{"zai", "https://api.z.ai/api/paas/v4", "ZAI_API_BASE", "ZAI_API_KEY", C, k_keep_cache_control
                | k_flatten_lines,
                "functions function_call n max_completion_tokens modalities prediction audio "
                "presence_penalty frequency_penalty logit_bias user response_format seed "
                "parallel_tool_calls logprobs top_logprobs web_search_options service_tier "
                "safety_identifier prompt_cache_key prompt_cache_retention store"},
    ProviderRow{"minimax", "https://api.minimax.io/v1", "MINIMAX_API_BASE", "MINIMAX_API_KEY", C, k_raw,
                k_like, {}, {}, Auth::bearer, k_generic},
    ProviderRow{"datarobot", "https://app.datarobot.com", "DATAROBOT_ENDPOINT DATAROBOT_API_BASE",
                "DATAROBOT_API_TOKEN", C, k_raw | k_full_chat_url, k_like, {}, k_fake, Auth::bearer,
                k_generic, {}, {}, "/genai/llmgw/chat/completions/"},
    ProviderRow{"heroku", "https://us.inference.heroku.com", "HEROKU_API_BASE", "HEROKU_API_KEY", C, k_raw |
                k_append_v1, k_like, {}, {}, Auth::bearer, k_generic},
    ProviderRow{"gradient_ai", "https://inference.do-ai.run/v1", "GRADIENT_AI_AGENT_ENDPOINT",
                "GRADIENT_AI_API_KEY", C, k_raw | k_classic_params,
                "functions function_call n logit_bias user response_format seed tools tool_choice "
                "parallel_tool_calls logprobs top_logprobs", {}, {}, Auth::bearer, k_generic},
    ProviderRow{"compactifai", "https://api.compactif.ai/v1", "", "COMPACTIFAI_API_KEY", C, k_raw, k_like, {},
                {}, Auth::bearer, k_generic},
    ProviderRow{"baseten", "https://inference.baseten.co/v1", "", "BASETEN_API_KEY", C, k_baseten_model |
                k_classic_params,
                "functions function_call n logit_bias parallel_tool_calls logprobs top_logprobs"},
    ProviderRow{"helicone", "https://ai-gateway.helicone.ai", "", "HELICONE_API_KEY", C, k_plain, k_functions},
    ProviderRow{"publicai", "https://api.publicai.co/v1", "PUBLICAI_API_BASE", "PUBLICAI_API_KEY", C | T,
                k_flatten_content, k_functions, k_to_max_tokens},
    ProviderRow{"synthetic", "https://api.synthetic.new/openai/v1", "", "SYNTHETIC_API_KEY", C | T, k_plain,
                k_functions, k_to_max_tokens},
    ProviderRow{"apertis", "https://api.stima.tech/v1", "", "STIMA_API_KEY", C | T, k_plain, k_functions,
                k_to_max_tokens},
    ProviderRow{"nano-gpt", "https://nano-gpt.com/api/v1", "", "NANOGPT_API_KEY", C | T, k_plain, k_functions,
                k_to_max_tokens},
    ProviderRow{"poe", "https://api.poe.com/v1", "", "POE_API_KEY", C | T, k_plain, k_functions,
                k_to_max_tokens},
    ProviderRow{"chutes", "https://llm.chutes.ai/v1", "", "CHUTES_API_KEY", C | T, k_plain, k_functions,
                k_to_max_tokens},
    ProviderRow{"xiaomi_mimo", "https://api.xiaomimimo.com/v1", "", "XIAOMI_MIMO_API_KEY", C, k_plain,
                k_functions, k_to_max_tokens, {}, Auth::bearer, k_generic},
    ProviderRow{"llamagate", "https://api.llamagate.dev/v1", "", "LLAMAGATE_API_KEY", C | E, k_plain,
                k_functions, k_to_max_tokens, {}, Auth::bearer, k_generic},
    ProviderRow{"crusoe", "https://managed-inference-api-proxy.crusoecloud.com/v1", "CRUSOE_API_BASE",
                "CRUSOE_API_KEY", C, k_plain, k_functions, k_to_max_tokens, {}, Auth::bearer, k_generic},
    ProviderRow{"charity_engine", "https://api.charityengine.services/remotejobs/v2/inference", "",
                "CHARITY_ENGINE_API_KEY", C, k_plain, k_functions, k_to_max_tokens, {}, Auth::bearer,
                k_generic},
    ProviderRow{"veniceai", "https://api.venice.ai/api/v1", "", "VENICE_AI_API_KEY", C, k_plain, k_functions,
                {}, {}, Auth::bearer, k_generic},
    ProviderRow{"scaleway", "https://api.scaleway.ai/v1", "", "SCW_SECRET_KEY", C, k_plain, k_functions, {},
                {}, Auth::bearer, k_generic},
    ProviderRow{"abliteration", "https://api.abliteration.ai/v1", "", "ABLITERATION_API_KEY", C, k_plain,
                k_functions, {}, {}, Auth::bearer, k_generic},
    ProviderRow{"gmi", "https://api.gmi-serving.com/v1", "", "GMI_API_KEY", C, k_plain, k_functions, {}, {},
                Auth::bearer, k_generic},
    ProviderRow{"assemblyai", "https://llm-gateway.assemblyai.com/v1", "", "ASSEMBLYAI_API_KEY", C, k_plain,
                k_functions, {}, {}, Auth::bearer, k_generic},
    ProviderRow{"aihubmix", "https://aihubmix.com/v1", "AIHUBMIX_API_BASE", "AIHUBMIX_API_KEY", C, k_plain,
                k_functions, {}, {}, Auth::bearer, k_generic},
    ProviderRow{"sarvam", "https://api.sarvam.ai/v1", "", "SARVAM_API_KEY", C, k_subscription_header, {},
                k_to_max_tokens, {}, Auth::bearer, k_generic},
    ProviderRow{"ragflow", "", "RAGFLOW_API_BASE", "RAGFLOW_API_KEY", C, k_ragflow_path, k_like, {}, {},
                Auth::bearer, k_generic},
    ProviderRow{"maritalk", "https://chat.maritaca.ai/api", "", "MARITALK_API_KEY", C, k_raw |
                k_classic_params,
                "functions function_call logit_bias user response_format seed parallel_tool_calls "
                "logprobs top_logprobs", k_to_max_tokens, {}, Auth::key_scheme, k_generic},
    ProviderRow{"oobabooga", "", "", "OOBABOOGA_API_KEY", C | E, k_raw, k_like, {}, k_fake, Auth::bearer,
                k_generic},
    ProviderRow{"dummy", "http://dummy.invalid", "", "", k_all, k_plain, {}, {}, {}, Auth::none},
    // clang-format on
};

// Providers of spec providers.md 1.2 that are not built.
constexpr string_view k_unbuilt = "oci sap gigachat deepgram elevenlabs aws_polly stability recraft "
                                  "black_forest_labs fal_ai runwayml topaz "
                                  "langgraph manus a2a pydantic_ai_agent github_copilot chatgpt";

} // namespace

std::span<const ProviderRow> provider_rows() noexcept { return k_rows; }

const ProviderRow* find_row(string_view name) noexcept {
  auto at =
      std::find_if(k_rows.begin(), k_rows.end(), [name](const ProviderRow& row) { return row.name == name; });
  if (at != k_rows.end()) return &*at;
  auto families = family_rows();
  auto own = std::find_if(families.begin(), families.end(),
                          [name](const ProviderRow* row) { return row->name == name; });
  return own == families.end() ? nullptr : *own;
}

bool is_unbuilt(string_view name) noexcept { return has_word(k_unbuilt, name); }

} // namespace switchyard::providers
