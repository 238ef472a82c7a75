// Databricks' token endpoint is the workspace's own.
#include "providers/credentials/databricks.hpp"

#include "providers/credentials/oauth.hpp"

namespace switchyard::providers {

Result<void> databricks_credentials(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  const auto id = param_or_env(params, "client_id", env, "DATABRICKS_CLIENT_ID");
  const auto secret = param_or_env(params, "client_secret", env, "DATABRICKS_CLIENT_SECRET");
  if (!target.key.empty() || (id.empty() && secret.empty())) return {};
  if (id.empty() || secret.empty())
    return config_error(id.empty() ? "client_id" : "client_secret",
                        "Databricks OAuth needs both client_id and client_secret (DATABRICKS_CLIENT_ID, "
                        "DATABRICKS_CLIENT_SECRET)");
  Grant made;
  made.issuer = {"Databricks", "client_id, client_secret and api_base"};
  made.url = target.base;
  made.url.path = "/oidc/v1/token", made.url.query.clear();
  made.form = {{"grant_type", "client_credentials"}, {"scope", "all-apis"}};
  made.lines = {basic_line(id, secret)};
  made.secrets = {secret};
  const auto place = made.url.host_header + ":" + std::to_string(made.url.origin.port);
  target.tokens = make_plan({"databricks", place, id, secret}, grant(std::move(made)));
  return {};
}

} // namespace switchyard::providers
