// Claude on Azure AI: Anthropic's Messages format at https://<resource>.services.ai.azure.com/anthropic.
// Pure, any thread.
#include "providers/anthropic/messages.hpp"
#include "providers/credentials/azure.hpp"
#include "providers/specialists/families.hpp"

namespace switchyard::providers::specialists {
namespace {

constexpr std::string_view k_endpoint = "/v1/messages";

/// Where the resource's Anthropic API is, however much of it was written.
std::string messages_path(std::string path) {
  if (path.ends_with(k_endpoint)) return path;
  if (path.ends_with("/v1")) path.resize(path.size() - 3);
  if (!path.ends_with("/anthropic")) path += "/anthropic";
  return path.append(k_endpoint);
}

Result<void> prepare(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  target.provider = "azure_ai"; // the row's name only tells its format
  if (target.base.origin.host.empty())
    return config_error("api_base",
                        "Claude on Azure needs api_base: set litellm_params.api_base, AZURE_AI_API_BASE or "
                        "AZURE_API_BASE to https://<resource>.services.ai.azure.com/anthropic");
  target.route = messages_path(target.base.path);
  if (!target.key.empty()) {
    target.lines.push_back({"x-api-key", std::string(target.key.reveal()), true});
    return {};
  }
  auto plan = azure_plan(params, env);
  if (!plan) return plan.error();
  if (target.tokens = std::move(*plan); target.tokens) return {};
  auto token = std::string(params.azure_ad_token.reveal());
  if (token.empty()) token = env("AZURE_AD_TOKEN");
  if (!token.empty()) {
    target.lines.push_back({"Authorization", "Bearer " + token, true});
    target.key = Secret(std::move(token)); // kept out of messages
  }
  return {};
}

Result<void> encode(Job& job, Upstream& out) {
  auto body = anthropic::encode(job, anthropic::k_azure_ai);
  if (!body) return body.error();
  out.path = job.target.route + (job.call.endpoint == Endpoint::messages_count ? "/count_tokens" : "");
  if (!job.target.base.query.empty()) out.path += "?" + job.target.base.query;
  anthropic::add_headers(*body, out.lines);
  out.body = std::move(body->json);
  return {};
}

} // namespace

const Family k_azure_claude{.name = "azure_anthropic",
                            .prepare = prepare,
                            .takes = anthropic::takes,
                            .encode = encode,
                            .decode = anthropic::decode,
                            .stream = anthropic::stream,
                            .classify = anthropic::classify};

} // namespace switchyard::providers::specialists
