// Entra ID's token endpoint and the managed identities of Azure's machines.
#include "providers/credentials/azure.hpp"

#include "providers/credentials/oauth.hpp"
#include "providers/credentials/oidc.hpp"

namespace switchyard::providers {

namespace {

using Plan = Result<std::shared_ptr<const TokenPlan>>;

struct Asked {
  std::string tenant, client, secret, username, password, token, scope, authority;
};

Asked read_params(const LitellmParams& params, EnvLookup env) {
  Asked asked;
  asked.tenant = param_or_env(params, "tenant_id", env, "AZURE_TENANT_ID");
  asked.client = param_or_env(params, "client_id", env, "AZURE_CLIENT_ID");
  asked.secret = param_or_env(params, "client_secret", env, "AZURE_CLIENT_SECRET");
  asked.username = param_or_env(params, "azure_username", env, "AZURE_USERNAME");
  asked.password = param_or_env(params, "azure_password", env, "AZURE_PASSWORD");
  asked.token = std::string(params.azure_ad_token.reveal());
  if (asked.token.empty()) asked.token = param_or_env(params, "azure_ad_token", env, "AZURE_AD_TOKEN");
  asked.scope = param_or_env(params, "azure_scope", env, "AZURE_SCOPE");
  if (asked.scope.empty()) asked.scope = "https://cognitiveservices.azure.com/.default";
  asked.authority = env("AZURE_AUTHORITY_HOST");
  if (asked.authority.empty()) asked.authority = "https://login.microsoftonline.com";
  if (asked.authority.find("://") == std::string::npos) asked.authority = "https://" + asked.authority;
  return asked;
}

Result<Grant> new_grant(const Asked& asked, std::string_view tenant, std::string hint) {
  auto url = token_url("AZURE_AUTHORITY_HOST", asked.authority);
  if (!url) return url.error();
  Grant grant;
  grant.issuer = {"Azure AD", std::move(hint)};
  grant.url = std::move(*url);
  grant.url.path += "/" + path_segment(tenant) + "/oauth2/v2.0/token";
  grant.form = {{"client_id", asked.client}, {"scope", asked.scope}};
  return grant;
}

std::shared_ptr<const TokenPlan> plan_of(const Asked& asked, std::string_view kind, Step first) {
  return make_plan({"azure", kind, asked.tenant, asked.client, asked.secret, asked.username, asked.password,
                    asked.token, asked.scope, asked.authority},
                   std::move(first));
}

Plan client_secret_plan(const Asked& asked) {
  auto made = new_grant(asked, asked.tenant, "tenant_id, client_id and client_secret");
  if (!made) return made.error();
  made->form.emplace_back("client_secret", asked.secret),
      made->form.emplace_back("grant_type", "client_credentials");
  made->secrets = {asked.secret};
  return plan_of(asked, "secret", grant(std::move(*made)));
}

Plan password_plan(const Asked& asked) {
  auto made = new_grant(asked, asked.tenant.empty() ? "organizations" : asked.tenant,
                        "client_id, azure_username and azure_password");
  if (!made) return made.error();
  made->form.emplace_back("grant_type", "password");
  made->form.emplace_back("username", asked.username), made->form.emplace_back("password", asked.password);
  made->secrets = {asked.password};
  return plan_of(asked, "password", grant(std::move(*made)));
}

Plan federated_plan(const Asked& asked, const std::string& reference, EnvLookup env) {
  if (asked.tenant.empty() || asked.client.empty())
    return config_error("azure_ad_token",
                        "azure_ad_token with oidc/ needs tenant_id and client_id (AZURE_TENANT_ID, "
                        "AZURE_CLIENT_ID)");
  auto made =
      new_grant(asked, asked.tenant, "tenant_id, client_id and the application's federated credential");
  if (!made) return made.error();
  auto identity = identity_token(reference, "azure_ad_token", env);
  if (!identity) return identity.error();
  made->form.emplace_back("grant_type", "client_credentials");
  made->form.emplace_back("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  made->assertion_field = "client_assertion";
  return plan_of(asked, "federated " + reference, grant_with(std::move(*made), *identity));
}

/// App Service and its relatives name an endpoint; virtual machines have one at a fixed address.
Plan managed_identity_plan(const Asked& asked, EnvLookup env) {
  const Issuer issuer{"Azure managed identity",
                      "that this machine has an identity, AZURE_CLIENT_ID when it is the "
                      "user's own, and its role at the resource"};
  const auto endpoint = env("IDENTITY_ENDPOINT"), header = env("IDENTITY_HEADER");
  const bool service = !endpoint.empty() && !header.empty();
  auto url = token_url("IDENTITY_ENDPOINT",
                       service ? endpoint : "http://169.254.169.254/metadata/identity/oauth2/token");
  if (!url) return url.error();
  constexpr std::string_view suffix = "/.default";
  auto resource = asked.scope;
  if (resource.ends_with(suffix)) resource.resize(resource.size() - suffix.size());
  TokenCall call;
  call.path = url->path + (service ? "?api-version=2019-08-01" : "?api-version=2018-02-01") +
              "&resource=" + path_segment(resource);
  if (!asked.client.empty()) call.path += "&client_id=" + path_segment(asked.client);
  call.lines = {service ? HeadLine{"X-IDENTITY-HEADER", header, true} : HeadLine{"Metadata", "true"}};
  const auto place = *url;
  return plan_of(asked, "managed", [=](WallTime, const UpstreamAnswer&) {
    return ask(make_request(issuer, place, call),
               [=](WallTime now, const UpstreamAnswer& answer) -> Result<Next> {
                 auto token = oauth_token(issuer, answer, now);
                 if (!token) return token.error();
                 return done(std::move(*token));
               });
  });
}

} // namespace

Plan azure_plan(const LitellmParams& params, EnvLookup env, bool refresh) {
  const auto asked = read_params(params, env);
  const auto own = param(params, "client_secret").empty() ? "azure_username" : "client_secret";
  if (!asked.tenant.empty() && !asked.client.empty() && !asked.secret.empty())
    return client_secret_plan(asked);
  if (!asked.client.empty() && !asked.username.empty() && !asked.password.empty())
    return password_plan(asked);
  if (!param(params, own).empty())
    return config_error(own,
                        std::string(own) == "client_secret"
                            ? "client_secret needs tenant_id and client_id (AZURE_TENANT_ID, AZURE_CLIENT_ID)"
                            : "azure_username needs azure_password and client_id (AZURE_CLIENT_ID)");
  if (asked.token.starts_with("oidc/")) return federated_plan(asked, asked.token, env);
  if (!asked.token.empty()) return std::shared_ptr<const TokenPlan>();
  const auto wanted = param(params, "enable_azure_ad_token_refresh");
  if (!refresh && wanted != "true" && wanted != "True") return std::shared_ptr<const TokenPlan>();
  if (auto path = env("AZURE_FEDERATED_TOKEN_FILE");
      !path.empty() && !asked.tenant.empty() && !asked.client.empty())
    return federated_plan(asked, "oidc/file/" + path, env);
  return managed_identity_plan(asked, env);
}

} // namespace switchyard::providers
