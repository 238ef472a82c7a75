// Google's credential files: whom to ask for a token, and with what.
#include "providers/credentials/google_account.hpp"

#include "providers/credentials/digest.hpp"
#include "providers/credentials/oauth.hpp"

#include <array>

namespace switchyard::providers {

namespace {

constexpr std::string_view k_token_uri = "https://oauth2.googleapis.com/token";
constexpr int k_life = 3600; ///< seconds that we ask for

std::string text_of(const Value& file, std::string_view key, std::string_view fallback = {}) {
  return std::string(text_at(file, key, fallback));
}

Result<void> need(const Value& file, std::initializer_list<std::string_view> keys) {
  for (auto key : keys)
    if (text_at(file, key).empty()) return google_file_error("'" + std::string(key) + "' is missing");
  return {};
}

Value text(std::string_view value) { return Value(std::string(value)); }

struct Signer {
  std::string email, key_id, audience, private_key;
};

Result<std::string> assertion(const Signer& signer, WallTime now) {
  const auto issued = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const ValueMap header = {{"alg", text("RS256")}, {"typ", text("JWT")}, {"kid", text(signer.key_id)}};
  const ValueMap claims = {
      {"iss", text(signer.email)},          {"sub", text(signer.email)},
      {"scope", text(k_google_scope)},      {"aud", text(signer.audience)},
      {"iat", Value(std::int64_t{issued})}, {"exp", Value(std::int64_t{issued + k_life})}};
  auto token = to_base64url(to_json(Value(header))) + "." + to_base64url(to_json(Value(claims)));
  auto signature = sign_rs256(signer.private_key, token);
  if (!signature) return google_file_error("'private_key': " + signature.error().message);
  return token + "." + to_base64url(*signature);
}

Result<Grant> new_grant(const Value& file, std::string_view uri_key, std::string hint) {
  auto url = token_url(uri_key, text_at(file, uri_key, k_token_uri));
  if (!url) return google_file_error("'" + std::string(uri_key) + "' is not a URL");
  Grant made;
  made.issuer = {"Google", std::move(hint)}, made.url = std::move(*url);
  return made;
}

Result<Step> service_account(const Value& file, EnvLookup) {
  if (auto good = need(file, {"client_email", "private_key"}); !good) return good.error();
  const Signer signer{text_of(file, "client_email"), text_of(file, "private_key_id"),
                      text_of(file, "token_uri", k_token_uri), text_of(file, "private_key")};
  if (auto probe = assertion(signer, WallTime{}); !probe) return probe.error();
  auto made = new_grant(file, "token_uri", "that the service account " + signer.email + " and its key exist");
  if (!made) return made.error();
  made->form = {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}};
  made->assertion_field = "assertion";
  const Step identity = [signer](WallTime now, const UpstreamAnswer&) -> Result<Next> {
    auto jwt = assertion(signer, now);
    if (!jwt) return jwt.error();
    Token token;
    token.bearer = Secret(std::move(*jwt));
    return done(std::move(token));
  };
  return grant_with(std::move(*made), identity);
}

Result<Step> authorized_user(const Value& file, EnvLookup) {
  if (auto good = need(file, {"client_id", "client_secret", "refresh_token"}); !good) return good.error();
  auto made =
      new_grant(file, "token_uri", "the user's login, for example: gcloud auth application-default login");
  if (!made) return made.error();
  made->form = {{"grant_type", "refresh_token"},
                {"client_id", text_of(file, "client_id")},
                {"client_secret", text_of(file, "client_secret")},
                {"refresh_token", text_of(file, "refresh_token")}};
  made->secrets = {text_of(file, "client_secret"), text_of(file, "refresh_token")};
  return grant(std::move(*made));
}

/// IAM Credentials: the source's token becomes one of another service account.
Result<Step> impersonated(const Value& file, Step source) {
  const Issuer issuer{"Google IAM", "the role Service Account Token Creator at the impersonated account"};
  auto url =
      token_url("service_account_impersonation_url", text_at(file, "service_account_impersonation_url"));
  if (!url) return google_file_error("'service_account_impersonation_url' is not a URL");
  std::int64_t life = k_life;
  if (auto options = file.find("service_account_impersonation"))
    if (auto seconds = options->find("token_lifetime_seconds"); seconds && seconds->as_int())
      life = *seconds->as_int();
  ValueMap body = {{"scope", Value(ValueList{text(k_google_scope)})},
                   {"lifetime", text(std::to_string(life) + "s")}};
  if (auto delegates = file.find("delegates"); delegates && delegates->as_list())
    body.emplace_back("delegates", *delegates);
  const auto json = to_json(Value(std::move(body)));
  return and_then(std::move(source), [issuer, place = *url, json](WallTime, const Token& token) {
    TokenCall call;
    call.method = "POST", call.body = json;
    call.lines = {{"Authorization", "Bearer " + std::string(token.bearer.reveal()), true},
                  {"Content-Type", "application/json"}};
    return ask(make_request(issuer, place, call),
               [issuer](WallTime now, const UpstreamAnswer& answer) -> Result<Next> {
                 auto found = oauth_token(issuer, answer, now);
                 if (!found) return found.error();
                 return done(std::move(*found));
               });
  });
}

Result<Step> external_account(const Value& file, EnvLookup env) {
  if (auto good = need(file, {"audience", "subject_token_type", "token_url"}); !good) return good.error();
  auto made = new_grant(file, "token_url", "the workload identity pool, its provider and the audience");
  if (!made) return made.error();
  made->form = {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                {"audience", text_of(file, "audience")},
                {"scope", std::string(k_google_scope)},
                {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                {"subject_token_type", text_of(file, "subject_token_type")}};
  if (auto project = text_at(file, "workforce_pool_user_project"); !project.empty())
    made->form.emplace_back("options", to_json(Value(ValueMap{{"userProject", text(project)}})));
  if (auto id = text_at(file, "client_id"); !id.empty())
    made->lines = {basic_line(id, text_at(file, "client_secret"))};
  made->assertion_field = "subject_token";
  auto identity = external_identity(file, env);
  if (!identity) return identity.error();
  auto exchanged = grant_with(std::move(*made), *identity);
  return text_at(file, "service_account_impersonation_url").empty() ? Result<Step>(exchanged)
                                                                    : impersonated(file, exchanged);
}

Result<Step> impersonated_account(const Value& file, EnvLookup env) {
  const auto* source = file.find("source_credentials");
  if (!source || text_at(*source, "type") == "impersonated_service_account")
    return google_file_error("'source_credentials' is missing or impersonates again");
  auto step = google_account(*source, env);
  if (!step) return step.error();
  return impersonated(file, *step);
}

struct Kind {
  std::string_view type;
  Result<Step> (*make)(const Value&, EnvLookup);
};
constexpr std::array k_kinds{
    Kind{"service_account", service_account}, Kind{"authorized_user", authorized_user},
    Kind{"external_account", external_account}, Kind{"impersonated_service_account", impersonated_account}};

} // namespace

Error google_file_error(std::string_view why) {
  return config_error("vertex_credentials",
                      "Google credentials: " + std::string(why) +
                          ": vertex_credentials is the JSON of a credential file, or its path");
}

std::string google_project(const Value& file) {
  return std::string(text_at(file, "project_id", text_at(file, "quota_project_id")));
}

Result<Step> google_account(const Value& file, EnvLookup env) {
  const auto type = text_at(file, "type");
  for (auto& kind : k_kinds)
    if (kind.type == type) {
      auto step = kind.make(file, env);
      if (!step) return step.error();
      return and_then(*step, [project = google_project(file)](WallTime, const Token& token) {
        auto named = token;
        if (!project.empty()) named.project = project;
        return done(std::move(named));
      });
    }
  return google_file_error(type.empty() ? "'type' is missing"
                                        : "type '" + std::string(type) + "' is not supported");
}

} // namespace switchyard::providers
