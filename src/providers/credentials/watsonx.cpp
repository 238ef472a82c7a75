// IBM Cloud's identity service turns API keys into tokens of an hour.
#include "providers/credentials/watsonx.hpp"

#include "providers/credentials/oauth.hpp"

namespace switchyard::providers {

Result<void> watsonx_credentials(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  const auto line = [&](std::string value) {
    target.lines.push_back({"Authorization", std::move(value), true});
  };
  if (auto zen = param_or_env(params, "zen_api_key", env, "WATSONX_ZENAPIKEY"); !zen.empty())
    return line("ZenApiKey " + zen), Result<void>();
  if (auto token = param_or_env(params, "token", env, "WATSONX_TOKEN"); !token.empty())
    return line("Bearer " + token), Result<void>();
  std::string key(target.key.reveal());
  if (key.empty()) key = first_env("WATSONX_APIKEY WATSONX_API_KEY WX_API_KEY", env);
  if (key.empty())
    return config_error("api_key",
                        "watsonx needs api_key (WATSONX_APIKEY), token (WATSONX_TOKEN) or zen_api_key "
                        "(WATSONX_ZENAPIKEY)");
  auto where = env("WATSONX_IAM_URL");
  auto url = token_url("WATSONX_IAM_URL", where.empty() ? "https://iam.cloud.ibm.com/identity/token" : where);
  if (!url) return url.error();
  Grant made;
  made.issuer = {"IBM Cloud IAM", "api_key and WATSONX_IAM_URL"};
  made.form = {{"grant_type", "urn:ibm:params:oauth:grant-type:apikey"}, {"apikey", key}};
  made.secrets = {key};
  made.url = std::move(*url);
  target.tokens = make_plan({"watsonx", made.url.public_url, key}, grant(std::move(made)));
  return {};
}

} // namespace switchyard::providers
