// Makes a deployment ready: which provider, which key, which URL, which policy. Start-up, reload, and once
// per request for rows whose model is "*". All its failures are configuration errors that name the field.
#include "providers/credentials/azure.hpp"
#include "providers/family/target.hpp"
#include "providers/openai/head.hpp"
#include "providers/openai/provider.hpp"
#include "providers/resolve.hpp"
#include "providers/text/text.hpp"

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

// LiteLLM's words, its line break included.
Error no_provider(string_view model) {
  return config_error("model",
                      "litellm.BadRequestError: LLM Provider NOT provided. Pass in the LLM provider you "
                      "are trying to call. You passed model=" +
                          std::string(model) +
                          "\n Pass model as E.g. For 'Huggingface' inference endpoints pass in "
                          "`completion(model='huggingface/starcoder',..)` Learn more: "
                          "https://docs.litellm.ai/docs/providers");
}

std::string or_list(string_view words) {
  std::string out;
  any_word(words,
           [&](string_view word) { return out += (out.empty() ? "" : " or ") + std::string(word), false; });
  return out;
}

void fill_policy(OpenAiTarget& target, const LitellmParams& params) {
  for (auto& item : params.defaults)
    if (item.json != "null" && !is_gateway_param(item.name) && item.name != "model")
      target.defaults.push_back(item);
  target.extra_body = params.extra_body;
  for (auto& name : params.additional_drop_params)
    (name.find_first_of(".[") == std::string::npos ? target.drop_names : target.drop_paths).push_back(name);
  target.allowed = params.allowed_openai_params;
  target.drop_params = params.drop_params;
  target.mock_response = params.mock_response;
  target.mock_timeout = params.mock_timeout;
  target.mock_timeout_flag = params.mock_timeout_flag;
}

/// azure/o_series/<d>, azure/gpt5_series/<d>: the prefix names the rules and goes.
void take_family_prefix(OpenAiTarget& target) {
  struct Prefix {
    string_view text;
    ModelFamily family;
  };
  static constexpr std::array k_prefixes{Prefix{"o_series/", ModelFamily::o_series},
                                         Prefix{"gpt5_series/", ModelFamily::gpt5}};
  if (!target.row->has(k_azure_urls)) return;
  for (auto& prefix : k_prefixes)
    if (target.model.starts_with(prefix.text)) {
      target.model.erase(0, prefix.text.size());
      target.forced_family = prefix.family;
    }
}

Result<Credentials> find_credentials(const ProviderRow& row, const LitellmParams& params, EnvLookup env) {
  const bool azure = row.has(k_azure_urls) || row.has(k_azure_ai_urls);
  Credentials out;
  out.key = std::string(params.api_key.reveal());
  if (out.key.empty() && (params.azure_ad_token.empty() || !azure)) out.key = first_env(row.key_env, env);
  if (out.key.empty()) out.key = row.default_key;
  if (!out.key.empty() || !azure) return out;
  auto plan = azure_plan(params, env);
  if (!plan) return plan.error();
  if (out.tokens = std::move(*plan); out.tokens) return out;
  out.ad_token = std::string(params.azure_ad_token.reveal());
  if (out.ad_token.empty()) out.ad_token = env("AZURE_AD_TOKEN");
  return out;
}

bool is_baseten_id(const std::string& model) {
  return model.size() == 8 && std::all_of(model.begin(), model.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

Result<BaseUrl> find_base(const OpenAiTarget& target, const LitellmParams& params, EnvLookup env) {
  auto& row = *target.row;
  auto text = params.api_base;
  if (text.empty()) text = first_env(row.base_env, env);
  if (text.empty() && row.has(k_baseten_model) && is_baseten_id(target.model))
    text = "https://model-" + target.model + ".api.baseten.co/environments/production/sync/v1";
  if (text.empty()) text = row.base_url;
  if (text.empty())
    return config_error("api_base", "api_base is missing: provider '" + target.provider +
                                        "' has no default, set litellm_params.api_base" +
                                        (row.base_env.empty() ? "" : " or " + or_list(row.base_env)));
  return parse_base_url(text);
}

bool answers_locally(const OpenAiTarget& target) {
  return target.row->name == "dummy" || !target.mock_response.empty() || target.mock_timeout ||
         target.mock_timeout_flag;
}

Result<void> connect(OpenAiTarget& target, const LitellmParams& params, EnvLookup env) {
  if (target.row->has(k_ragflow_path) && std::count(target.model.begin(), target.model.end(), '/') != 2)
    return config_error("model", "ragflow models are written chat/<id>/<model> or agent/<id>/<model>, not '" +
                                     target.model + "'");
  auto credentials = find_credentials(*target.row, params, env);
  if (!credentials) return credentials.error();
  auto base = find_base(target, params, env);
  if (!base) return base.error();
  target.tokens = credentials->tokens;
  return build_heads(target, params, *base, *credentials, env);
}

} // namespace

namespace {

bool is_mocked(const LitellmParams& params) {
  return !params.mock_response.empty() || params.mock_timeout || params.mock_timeout_flag;
}

Result<Prepared> prepare_openai(const ProviderRow& row, const Resolution& found, const LitellmParams& params,
                                EnvLookup env) {
  auto target = std::make_shared<OpenAiTarget>();
  target->provider = found.provider, target->model = found.model, target->row = &row;
  const bool completes_only = (row.endpoints & (C | T)) == T;
  target->translator = completes_only ? &text_provider() : &openai_provider();
  for (auto& item : params.raw)
    if (completes_only || has_word("add_function_to_prompt merge_reasoning_content_in_choices", item.first))
      target->prompt.push_back(item);
  fill_policy(*target, params);
  take_family_prefix(*target);
  prepare_policy(*target);
  target->answers_locally = answers_locally(*target);
  if (!target->answers_locally)
    if (auto ready = connect(*target, params, env); !ready) return ready.error();
  return Prepared{target->translator, std::move(target)};
}

} // namespace

Result<Prepared> prepare(const LitellmParams& params, string_view model, EnvLookup env) {
  auto found = resolve(model, params.custom_llm_provider, params.api_base);
  if (found.provider.empty()) return no_provider(model);
  auto* row = find_row(found.provider);
  // A mocked row needs no provider at all.
  if ((!row || row->family) && is_mocked(params)) row = find_row("dummy");
  if (!row) {
    if (!is_unbuilt(found.provider)) return no_provider(model);
    return config_error("model", "provider '" + std::string(found.provider) + "' is not built yet (model " +
                                     std::string(model) + ")");
  }
  if (!row->family) return prepare_openai(*row, found, params, env);
  auto target = make_family_target(*row, found.provider, found.model, params, env);
  if (!target) return target.error();
  return Prepared{(*target)->translator, std::move(*target)};
}

std::span<const string_view> known_providers() {
  static const auto k_names = [] {
    std::vector<string_view> names;
    for (auto& row : provider_rows()) names.push_back(row.name);
    for (auto* row : family_rows()) names.push_back(row->name);
    std::sort(names.begin(), names.end());
    return names;
  }();
  return k_names;
}

} // namespace switchyard::providers
