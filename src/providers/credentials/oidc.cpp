// Where identity tokens come from.
#include "providers/credentials/oidc.hpp"

#include <switchyard/ascii.hpp>

namespace switchyard::providers {

namespace {

Result<Next> yield_text(const Issuer& issuer, std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  text = trim(text);
  if (text.empty()) return credentials_error(issuer, "the identity token is empty");
  Token token;
  token.bearer = Secret(std::string(text));
  return done(std::move(token));
}

Step literal(std::string text) {
  Token token;
  token.bearer = Secret(std::move(text));
  return always(std::move(token));
}

/// One GET whose whole answer (`member` empty) or a member of it is the token.
Step fetched(Issuer issuer, BaseUrl url, TokenCall call, std::string member) {
  return [=](WallTime, const UpstreamAnswer&) {
    return ask(make_request(issuer, url, call), [=](WallTime, const UpstreamAnswer& answer) -> Result<Next> {
      if (!succeeded(answer)) return token_refused(issuer, answer);
      if (member.empty()) return yield_text(issuer, answer.body);
      auto json = json_answer(issuer, answer);
      if (!json) return json.error();
      return yield_text(issuer, text_at(*json, member));
    });
  };
}

Result<Step> google_identity(const std::string& audience, EnvLookup env) {
  auto host = env("GCE_METADATA_HOST");
  auto url = token_url("GCE_METADATA_HOST", "http://" + (host.empty() ? "metadata.google.internal" : host));
  if (!url) return url.error();
  TokenCall call;
  call.path =
      "/computeMetadata/v1/instance/service-accounts/default/identity?audience=" + path_segment(audience);
  call.lines = {{"Metadata-Flavor", "Google"}};
  return fetched({"Google's metadata server", "that this machine has a service account"}, *url, call, "");
}

Result<Step> github_identity(const std::string& audience, EnvLookup env) {
  const auto where = env("ACTIONS_ID_TOKEN_REQUEST_URL"), with = env("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  if (where.empty() || with.empty())
    return config_error("ACTIONS_ID_TOKEN_REQUEST_URL", "oidc/github/ needs ACTIONS_ID_TOKEN_REQUEST_URL and "
                                                        "ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  auto url = token_url("ACTIONS_ID_TOKEN_REQUEST_URL", where);
  if (!url) return url.error();
  TokenCall call;
  call.path =
      url->path + "?" + url->query + (url->query.empty() ? "" : "&") + "audience=" + path_segment(audience);
  call.lines = {{"Authorization", "Bearer " + with, true}, {"Accept", "application/json"}};
  return fetched({"GitHub's token service", "the job's permission id-token: write"}, *url, call, "value");
}

Result<Step> of_variable(std::string_view field, const std::string& name, EnvLookup env) {
  auto text = env(name);
  if (text.empty())
    return config_error(field, std::string(field) + ": the environment variable " + name + " is not set");
  return literal(std::move(text));
}

Result<Step> of_named_file(std::string_view field, const std::string& name, EnvLookup env) {
  auto path = env(name);
  if (path.empty())
    return config_error(field, std::string(field) + ": the environment variable " + name + " is not set");
  return token_file({std::string(field), "the file that " + name + " names"}, std::move(path));
}

} // namespace

Step token_file(Issuer issuer, std::string path) {
  return [=](WallTime, const UpstreamAnswer&) {
    return read_file(path, [=](WallTime, const UpstreamAnswer& answer) -> Result<Next> {
      if (answer.status != 200) return credentials_error(issuer, "the file " + path + " cannot be read");
      return yield_text(issuer, answer.body);
    });
  };
}

Result<Step> identity_token(std::string_view reference, std::string_view field, EnvLookup env) {
  const auto file_hint = Issuer{std::string(field), "the file's path and its permissions"};
  if (reference.starts_with('/')) return token_file(file_hint, std::string(reference));
  if (!reference.starts_with("oidc/")) {
    auto named = reference.find('.') == std::string_view::npos ? env(reference) : std::string();
    return literal(named.empty() ? std::string(reference) : std::move(named));
  }
  reference.remove_prefix(5);
  const auto slash = std::min(reference.find('/'), reference.size());
  const auto kind = reference.substr(0, slash);
  const std::string rest(reference.substr(std::min(slash + 1, reference.size())));
  if (kind == "google") return google_identity(rest, env);
  if (kind == "github") return github_identity(rest, env);
  if (kind == "azure") return of_named_file(field, "AZURE_FEDERATED_TOKEN_FILE", env);
  if (kind == "circleci") return of_variable(field, "CIRCLE_OIDC_TOKEN", env);
  if (kind == "circleci_v2") return of_variable(field, "CIRCLE_OIDC_TOKEN_V2", env);
  if (kind == "env") return of_variable(field, rest, env);
  if (kind == "env_path") return of_named_file(field, rest, env);
  if (kind == "file") return token_file(file_hint, rest);
  return config_error(field,
                      std::string(field) + ": oidc/" + std::string(kind) +
                          " is not known; there are google, github, azure, circleci, circleci_v2, env, "
                          "env_path and file");
}

} // namespace switchyard::providers
