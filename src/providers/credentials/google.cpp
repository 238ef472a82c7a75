// Google's application default credentials, in their order.
#include "providers/credentials/google.hpp"

#include "providers/credentials/google_account.hpp"

namespace switchyard::providers {

namespace {

const Issuer k_metadata{"Google",
                        "vertex_credentials, GOOGLE_APPLICATION_CREDENTIALS, or the service account of this "
                        "machine"};
constexpr Millis k_patience{3000};

Result<Next> use_file(const std::string& path, std::string_view text, EnvLookup env, WallTime now) {
  auto file = parse_json(text);
  if (!file || !file->as_map())
    return credentials_error({"Google", path}, "the credential file is not a JSON object");
  auto step = google_account(*file, env);
  if (!step) return credentials_error({"Google", path}, step.error().message);
  return (*step)(now, UpstreamAnswer{});
}

/// `maybe` = a missing file is no error but Errc::not_found.
Step of_file(std::string path, EnvLookup env, bool maybe) {
  return [=](WallTime, const UpstreamAnswer&) {
    return read_file(path, [=](WallTime now, const UpstreamAnswer& answer) -> Result<Next> {
      if (answer.status == 200) return use_file(path, answer.body, env, now);
      auto error = credentials_error({"Google", "vertex_credentials or GOOGLE_APPLICATION_CREDENTIALS"},
                                     "the credential file " + path + " cannot be read");
      if (maybe) error.code = Errc::not_found;
      return error;
    });
  };
}

Result<TokenRequest> metadata_get(const BaseUrl& url, std::string path) {
  TokenCall call;
  call.path = "/computeMetadata/v1/" + std::move(path), call.timeout = k_patience;
  call.lines = {{"Metadata-Flavor", "Google"}};
  return make_request(k_metadata, url, std::move(call));
}

/// The machine's service account, and the project it is in.
Step of_machine(const BaseUrl& url) {
  return [url](WallTime, const UpstreamAnswer&) {
    return ask(metadata_get(url, "project/project-id"),
               [url](WallTime, const UpstreamAnswer& answer) -> Result<Next> {
                 if (answer.status == 0)
                   return credentials_error(k_metadata, "no credentials were found: there is no credential "
                                                        "file and no metadata server");
                 const std::string project(succeeded(answer) ? answer.body : std::string_view{});
                 return ask(metadata_get(url, "instance/service-accounts/default/token"),
                            [project](WallTime now, const UpstreamAnswer& found) -> Result<Next> {
                              auto token = oauth_token(k_metadata, found, now);
                              if (!token) return token.error();
                              token->project = project;
                              return done(std::move(*token));
                            });
               });
  };
}

Result<Step> default_credentials(EnvLookup env) {
  if (auto path = env("GOOGLE_APPLICATION_CREDENTIALS"); !path.empty())
    return of_file(std::move(path), env, false);
  const auto host = env("GCE_METADATA_HOST");
  auto url = token_url("GCE_METADATA_HOST", "http://" + (host.empty() ? "metadata.google.internal" : host));
  if (!url) return url.error();
  auto folder = env("CLOUDSDK_CONFIG");
  if (folder.empty()) folder = env("HOME") + "/.config/gcloud";
  return or_else(of_file(folder + "/application_default_credentials.json", env, true), of_machine(*url));
}

} // namespace

Result<void> google_credentials(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  auto given = param(params, "vertex_credentials");
  if (given.empty()) given = param_or_env(params, "vertex_ai_credentials", env, "VERTEXAI_CREDENTIALS");
  Result<Step> first = Step();
  if (given.empty()) {
    first = default_credentials(env);
  } else if (given.find('{') == std::string::npos) {
    first = of_file(given, env, false);
  } else {
    auto file = parse_json(given);
    if (!file || !file->as_map()) return google_file_error("the text is not a JSON object");
    if (target.project.empty()) target.project = google_project(*file);
    first = google_account(*file, env);
  }
  if (!first) return first.error();
  target.tokens = make_plan({"google", given}, std::move(*first));
  return {};
}

} // namespace switchyard::providers
