// Azure OpenAI's and Azure AI's URL forms and api-version rules (spec providers.md 3.9). Start-up only.
#include "providers/openai/head.hpp"

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr string_view k_deployments = "/openai/deployments/";
constexpr string_view k_default_version = "2025-02-01-preview", k_default_ai_version = "2024-05-01-preview";

bool is_v1(string_view version) { return version == "v1" || version == "latest" || version == "preview"; }

bool is_services_host(const BaseUrl& base) { return base.origin.host.ends_with(".services.ai.azure.com"); }

/// "/x/openai/deployments/foo/chat/completions" -> "/x/openai/deployments/foo"
std::string deployment_base(const std::string& path) {
  auto name = path.find(k_deployments) + k_deployments.size();
  return path.substr(0, path.find('/', name));
}

std::string without_suffix(std::string path, string_view suffix) {
  if (path.ends_with(suffix)) path.resize(path.size() - suffix.size());
  return path;
}

} // namespace

std::string azure_version(const OpenAiTarget& target, const LitellmParams& params, const BaseUrl& base,
                          EnvLookup env) {
  if (!params.api_version.empty()) return params.api_version;
  constexpr string_view k_key = "api-version=";
  if (auto at = base.query.find(k_key); at != std::string::npos) {
    auto value = base.query.substr(at + k_key.size());
    return value.substr(0, value.find('&'));
  }
  if (target.row->has(k_azure_ai_urls)) return std::string(k_default_ai_version);
  auto from_env = env("AZURE_API_VERSION");
  return from_env.empty() ? std::string(k_default_version) : from_env;
}

bool azure_bearer(const OpenAiTarget& target, const BaseUrl& base, string_view version) {
  if (target.row->has(k_azure_ai_urls))
    return !is_services_host(base) && !base.origin.host.ends_with(".openai.azure.com");
  return is_v1(version);
}

EndpointUrl azure_url(const OpenAiTarget& target, const BaseUrl& base, Endpoint endpoint,
                      string_view version) {
  EndpointUrl url;
  auto query = "?api-version=" + std::string(version);
  auto path = endpoint_path(endpoint);
  auto root = without_suffix(base.path, "/openai");
  bool has_deployment = base.path.find(k_deployments) != std::string::npos;
  if (is_v1(version)) {
    auto start = without_suffix(without_suffix(base.path, "/v1"), "/openai");
    url.target = start + "/openai/v1" + std::string(path) + (version == "preview" ? query : "");
  } else if (endpoint == Endpoint::responses) {
    auto start = has_deployment ? base.path.substr(0, base.path.find(k_deployments)) : root;
    url.target = start + "/openai/responses?api-version=preview";
  } else if (has_deployment) {
    url.target = deployment_base(base.path) + std::string(path) + query;
  } else {
    bool gateway = base.origin.host == "gateway.ai.cloudflare.com";
    url.target = gateway ? base.path + "/" : root + std::string(k_deployments);
    if (target.model.find('*') != std::string::npos)
      url.model_at = url.target.size();
    else
      url.target += path_segment(target.model);
    url.target += std::string(path) + query;
  }
  return url;
}

EndpointUrl azure_ai_url(const BaseUrl& base, Endpoint endpoint, string_view version) {
  EndpointUrl url;
  std::string path(endpoint_path(endpoint));
  if (base.path.ends_with(path))
    url.target = base.path;
  else if (is_services_host(base) && endpoint != Endpoint::rerank)
    return url.target = without_suffix(base.path, "/models") + "/models" + path +
                        "?api-version=" + std::string(version),
           url;
  else
    url.target = (base.path.empty() ? "/v1" : base.path) + path;
  if (!base.query.empty()) url.target += "?" + base.query;
  return url;
}

} // namespace switchyard::providers
