// Which provider a model string means: prefix, custom_llm_provider, api_base host, then known bare names
// (spec providers.md 2). Pure; called at start-up and for rows whose model is "*".
#include "providers/resolve.hpp"

#include "providers/row.hpp"

#include <algorithm>
#include <array>

namespace switchyard::providers {
namespace {

using std::string_view;

struct Known {
  string_view key, provider;
};

constexpr auto k_names = std::to_array<Known>({
#include "providers/model_names.inc"
});
constexpr auto k_prefixes = std::to_array<Known>({
#include "providers/model_prefixes.inc"
});

// Hosts that tell the provider of a model without a prefix.
constexpr auto k_hosts = std::to_array<Known>({
    {"api.perplexity.ai", "perplexity"},
    {"api.endpoints.anyscale.com/v1", "anyscale"},
    {"api.deepinfra.com/v1/openai", "deepinfra"},
    {"api.mistral.ai/v1", "mistral"},
    {"codestral.mistral.ai/v1/chat/completions", "codestral"},
    {"codestral.mistral.ai/v1/fim/completions", "text-completion-codestral"},
    {"api.groq.com/openai/v1", "groq"},
    {"integrate.api.nvidia.com/v1", "nvidia_nim"},
    {"api.deepseek.com/v1", "deepseek"},
    {"api.together.xyz/v1", "together_ai"},
    {"app.empower.dev/api/v1", "empower"},
    {"api.friendli.ai/serverless/v1", "friendliai"},
    {"api.sambanova.ai/v1", "sambanova"},
    {"api.x.ai/v1", "xai"},
    {"ollama.com", "ollama"},
    {"api.galadriel.ai/v1", "galadriel"},
    {"api.llama.com/compat/v1", "meta_llama"},
    {"api.featherless.ai/v1", "featherless_ai"},
    {"inference.api.nscale.com/v1", "nscale"},
    {"api.studio.nebius.ai/v1", "nebius"},
    {"dashscope-intl.aliyuncs.com/compatible-mode/v1", "dashscope"},
    {"api.moonshot.ai/v1", "moonshot"},
    {"api.publicai.co/v1", "publicai"},
    {"api.synthetic.new/openai/v1", "synthetic"},
    {"api.stima.tech/v1", "apertis"},
    {"nano-gpt.com/api/v1", "nano-gpt"},
    {"api.poe.com/v1", "poe"},
    {"llm.chutes.ai/v1", "chutes"},
    {"api.v0.dev/v1", "v0"},
    {"api.morphllm.com/v1", "morph"},
    {"api.lambda.ai/v1", "lambda_ai"},
    {"api.hyperbolic.xyz/v1", "hyperbolic"},
    {"ai-gateway.helicone.ai", "helicone"},
    {"ai-gateway.vercel.sh/v1", "vercel_ai_gateway"},
    {"api.inference.wandb.ai/v1", "wandb"},
    {"api.clarifai.com/v2/ext/openai/v1", "clarifai"},
});

// First segments that mean another provider for some models.
struct Rewrite {
  string_view prefix, model_start, provider;
  bool keep_prefix;
};
constexpr auto k_rewrites = std::to_array<Rewrite>({
    {"azure", "mistral/", "openai", true}, // Azure AI Studio's serverless endpoints
    {"azure", "command-r", "openai", true},
    {"cohere", "command-r", "cohere_chat", false},
    {"cohere", "command-a", "cohere_chat", false},
    {"anthropic", "claude-2", "anthropic_text", false},
    {"anthropic", "claude-instant-1", "anthropic_text", false},
    {"ai21", "j2", "ai21", false}, // the old completion models; the rest chats
    {"ai21", "", "ai21_chat", false},
});

constexpr std::size_t k_replicate_hash = 64;

bool is_known(string_view name) { return find_row(name) || is_unbuilt(name); }

/// Models of Baseten's first one-shot route have ids of seven characters, today's have eight.
bool is_old_baseten(string_view prefix, string_view rest) {
  return prefix == "baseten" && rest.size() == 7 && std::all_of(rest.begin(), rest.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
         });
}

/// Claude has a format of its own on Azure. An Azure OpenAI deployment may have any name, so there the base
/// tells.
bool is_azure_claude(string_view prefix, string_view rest, string_view api_base) {
  if (!rest.starts_with("claude")) return false;
  return prefix == "azure_ai" || (prefix == "azure" && api_base.find("/anthropic") != string_view::npos);
}

Resolution by_prefix(string_view prefix, string_view whole, string_view rest, string_view api_base) {
  if (is_old_baseten(prefix, rest)) return {"baseten_predict", rest};
  if (is_azure_claude(prefix, rest, api_base)) return {"azure_anthropic", rest};
  for (auto& rewrite : k_rewrites)
    if (rewrite.prefix == prefix && rest.starts_with(rewrite.model_start))
      return {rewrite.provider, rewrite.keep_prefix ? whole : rest};
  return {prefix, rest};
}

string_view by_host(string_view api_base) {
  if (api_base.empty()) return {};
  for (auto& host : k_hosts)
    if (api_base.find(host.key) != string_view::npos) return host.provider;
  return {};
}

string_view by_name(string_view model) {
  if (model == "*") return "openai";
  auto exact = std::lower_bound(k_names.begin(), k_names.end(), model,
                                [](const Known& known, string_view name) { return known.key < name; });
  if (exact != k_names.end() && exact->key == model) return exact->provider;
  const Known* best = nullptr;
  for (auto& rule : k_prefixes)
    if (model.starts_with(rule.key) && (!best || rule.key.size() > best->key.size())) best = &rule;
  if (best) return best->provider;
  auto colon = model.rfind(':');
  bool replicate = colon != string_view::npos && model.size() - colon - 1 == k_replicate_hash;
  return replicate ? "replicate" : "";
}

} // namespace

Resolution resolve(string_view model, string_view custom_llm_provider, string_view api_base) {
  auto slash = model.find('/');
  auto first = slash == string_view::npos ? string_view{} : model.substr(0, slash);
  auto rest = slash == string_view::npos ? string_view{} : model.substr(slash + 1);
  if (!custom_llm_provider.empty())
    return by_prefix(custom_llm_provider, model, first == custom_llm_provider && !rest.empty() ? rest : model,
                     api_base);
  if (!rest.empty() && is_known(first)) return by_prefix(first, model, rest, api_base);
  if (auto provider = by_host(api_base); !provider.empty()) return {provider, model};
  return {by_name(model), model};
}

string_view provider_name(string_view model, string_view custom_llm_provider, string_view api_base) {
  return resolve(model, custom_llm_provider, api_base).provider;
}

} // namespace switchyard::providers
