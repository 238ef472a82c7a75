// What a machine, a container or its environment offers without being configured.
#include "providers/credentials/aws_sources.hpp"
#include "providers/credentials/oidc.hpp"

#include <switchyard/ascii.hpp>

#include <array>

namespace switchyard::providers {

namespace {

const Issuer k_container{"AWS container credentials", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI"};
const Issuer k_instance{"EC2's metadata server",
                        "that the instance has a role and that the hop limit allows containers"};
constexpr Millis k_patience{
    2000}; ///< these servers are on the machine: no answer means that they are not there

Error not_here(const Issuer& issuer, std::string_view why) {
  auto error = credentials_error(issuer, why);
  error.code = Errc::not_found;
  return error;
}

/// The hosts that AWS's own tools allow without TLS.
bool is_near(const BaseUrl& url) {
  constexpr std::array near{"localhost",     "127.0.0.1",      "::1",
                            "169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
  for (auto host : near)
    if (url.origin.host == host) return true;
  return url.origin.tls;
}

Result<Next> take_credentials(const Issuer& issuer, const UpstreamAnswer& answer) {
  auto token = aws_json_token(issuer, answer);
  if (!token) return token.error();
  return done(std::move(*token));
}

Step container_request(const BaseUrl& url, Step authorization) {
  return and_then(std::move(authorization), [=](WallTime, const Token& with) {
    TokenCall call;
    call.timeout = k_patience;
    if (!with.bearer.empty()) call.lines = {{"Authorization", std::string(with.bearer.reveal()), true}};
    return ask(make_request(k_container, url, call),
               [](WallTime, const UpstreamAnswer& answer) { return take_credentials(k_container, answer); });
  });
}

/// GET /latest/meta-data/<path> in a session of IMDSv2; `take` reads the answer.
Step instance_get(const BaseUrl& url, const std::string& path, Step take) {
  TokenCall open, get;
  open.method = "PUT", open.path = url.path + "/latest/api/token", open.timeout = k_patience;
  open.lines = {{"X-aws-ec2-metadata-token-ttl-seconds", "300"}};
  get.path = url.path + "/latest/meta-data/" + path, get.timeout = k_patience;
  return [=](WallTime, const UpstreamAnswer&) {
    return ask(make_request(k_instance, url, open),
               [=](WallTime, const UpstreamAnswer& session) -> Result<Next> {
                 if (session.status == 0) return not_here(k_instance, "the server was not reached");
                 if (!succeeded(session)) return token_refused(k_instance, session);
                 auto call = get;
                 call.lines = {{"X-aws-ec2-metadata-token", std::string(trim(session.body)), true}};
                 return ask(make_request(k_instance, url, call), take);
               });
  };
}

/// The answer's first line as `bearer`: the name of the role, the region.
Result<Next> take_line(WallTime, const UpstreamAnswer& answer) {
  if (answer.status == 404) return not_here(k_instance, "the instance has no role");
  if (!succeeded(answer)) return token_refused(k_instance, answer);
  Token token;
  token.bearer = Secret(std::string(trim(answer.body.substr(0, answer.body.find('\n')))));
  if (token.bearer.empty()) return not_here(k_instance, "the instance has no role");
  return done(std::move(token));
}

Result<BaseUrl> instance_url(EnvLookup env) {
  const auto own = env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  return token_url("AWS_EC2_METADATA_SERVICE_ENDPOINT", own.empty() ? "http://169.254.169.254" : own);
}

bool said_yes(const std::string& text) { return same_text(text, "true") || text == "1"; }

Token environment_keys(EnvLookup env) {
  Token token;
  token.access_key = env("AWS_ACCESS_KEY_ID");
  token.secret_key = Secret(env("AWS_SECRET_ACCESS_KEY"));
  token.session_token = Secret(env("AWS_SESSION_TOKEN"));
  return token;
}

Step nowhere() {
  return [](WallTime, const UpstreamAnswer&) -> Result<Next> {
    return not_here({"AWS",
                     "aws_access_key_id and aws_secret_access_key, aws_profile_name, aws_role_name, or the "
                     "role of this machine"},
                    "no credentials were found");
  };
}

} // namespace

Result<Token> aws_json_token(const Issuer& issuer, const UpstreamAnswer& answer) {
  auto json = json_answer(issuer, answer);
  if (!json) return json.error();
  Token token;
  token.access_key = text_at(*json, "AccessKeyId");
  token.secret_key = Secret(std::string(text_at(*json, "SecretAccessKey")));
  token.session_token = Secret(std::string(text_at(*json, "Token")));
  if (token.access_key.empty() || token.secret_key.empty())
    return credentials_error(issuer, "the answer holds no credentials (" +
                                         std::string(text_at(*json, "Code", "no Code")) + ")");
  WallTime until{};
  if (parse_time(text_at(*json, "Expiration"), until)) token.expires = until;
  return token;
}

Result<Step> container_credentials(EnvLookup env) {
  const auto relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
             full = env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && full.empty()) return not_here(k_container, "this is no container with a role");
  auto url = relative.empty()
                 ? token_url("AWS_CONTAINER_CREDENTIALS_FULL_URI", full)
                 : token_url("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "http://169.254.170.2" + relative);
  if (!url) return url.error();
  if (!is_near(*url))
    return config_error("AWS_CONTAINER_CREDENTIALS_FULL_URI",
                        "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http to this machine");
  if (auto path = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !path.empty())
    return container_request(*url, token_file(k_container, std::move(path)));
  Token with;
  with.bearer = Secret(env("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
  return container_request(*url, always(std::move(with)));
}

Result<Step> instance_credentials(EnvLookup env) {
  if (said_yes(env("AWS_EC2_METADATA_DISABLED")))
    return not_here(k_instance, "AWS_EC2_METADATA_DISABLED is set");
  auto url = instance_url(env);
  if (!url) return url.error();
  const std::string path = "iam/security-credentials/";
  return and_then(instance_get(*url, path, take_line), [place = *url, path](WallTime now, const Token& role) {
    const auto take = [](WallTime, const UpstreamAnswer& answer) {
      return take_credentials(k_instance, answer);
    };
    return instance_get(place, path + path_segment(role.bearer.reveal()), take)(now, UpstreamAnswer{});
  });
}

Step ambient_region(EnvLookup env) {
  Token region;
  region.bearer = Secret(first_env("AWS_REGION AWS_DEFAULT_REGION", env));
  if (!region.bearer.empty()) return always(std::move(region));
  auto url = instance_url(env);
  if (url) return instance_get(*url, "placement/region", take_line);
  return [error = url.error()](WallTime, const UpstreamAnswer&) -> Result<Next> { return error; };
}

Result<Step> ambient_aws(const StsPlace& sts, EnvLookup env) {
  auto keys = environment_keys(env);
  if (!keys.access_key.empty() && !keys.secret_key.empty()) return always(std::move(keys));
  if (auto path = env("AWS_WEB_IDENTITY_TOKEN_FILE"); !path.empty() && !env("AWS_ROLE_ARN").empty()) {
    Role role;
    role.arn = env("AWS_ROLE_ARN"), role.session = env("AWS_ROLE_SESSION_NAME");
    Issuer issuer{"AWS web identity", "AWS_WEB_IDENTITY_TOKEN_FILE"};
    return assume_role_with_token(sts, std::move(role), token_file(std::move(issuer), std::move(path)));
  }
  auto profile = first_env("AWS_PROFILE AWS_DEFAULT_PROFILE", env);
  auto files = profile_credentials(profile.empty() ? "default" : profile, sts, env);
  if (!files) return files.error();
  auto last = nowhere();
  auto machine = container_credentials(env);
  if (!machine && machine.error().code == Errc::not_found) machine = instance_credentials(env);
  if (!machine && machine.error().code != Errc::not_found) return machine.error();
  if (machine) last = or_else(*machine, last);
  return or_else(*files, last);
}

} // namespace switchyard::providers
