// AWS's two profile files: keys, roles over other profiles, web identities. What needs a program or a browser
// (credential_process, sso) is refused by name.
#include "providers/credentials/aws_sources.hpp"
#include "providers/credentials/oidc.hpp"

#include <switchyard/ascii.hpp>

#include <map>

namespace switchyard::providers {

namespace {

using Profile = std::map<std::string, std::string, std::less<>>;
using Profiles = std::map<std::string, Profile, std::less<>>;
constexpr int k_most_hops = 5; ///< of source_profile

/// The paths and the sources besides files, as the environment has them at start-up.
struct Setup {
  std::string credentials_path, config_path;
  StsPlace sts;
  Step environment, container, instance; ///< null = not there
};

Error profile_error(const std::string& name, std::string_view why) {
  return credentials_error({"AWS profile '" + name + "'", "~/.aws/credentials and ~/.aws/config"}, why);
}

/// "[profile name]" of the config file, "[name]" of the other.
std::string section_name(std::string_view line, bool config) {
  auto name =
      trim(line.substr(1, line.find(']') == std::string_view::npos ? line.size() : line.find(']') - 1));
  if (config && name.starts_with("profile ")) return std::string(trim(name.substr(8)));
  return std::string(config && name != "default" ? std::string_view{}
                                                 : name); // sso-session, services: not ours
}

void read_ini(std::string_view text, bool config, Profiles& out) {
  Profile* section = nullptr;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto raw = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto line = trim(raw.ends_with('\r') ? raw.substr(0, raw.size() - 1) : raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      const auto name = section_name(line, config);
      section = name.empty() ? nullptr : &out[name];
      continue;
    }
    const auto equals = line.find('=');
    const bool nested = raw.front() == ' ' || raw.front() == '\t'; // "s3 =" and its indented settings
    if (!section || equals == std::string_view::npos || nested) continue;
    auto value = trim(line.substr(equals + 1));
    if (const auto comment = value.find(" #"); comment != std::string_view::npos)
      value = trim(value.substr(0, comment));
    section->try_emplace(lower_case(trim(line.substr(0, equals))), value);
  }
}

const std::string& value_of(const Profile& profile, std::string_view key) {
  static const std::string none;
  const auto found = profile.find(key);
  return found == profile.end() ? none : found->second;
}

Result<Step> resolve(const Setup& setup, const Profiles& all, const std::string& name, int hops);

Result<Step> named_source(const Setup& setup, const std::string& profile, const std::string& source) {
  const auto& step = source == "Environment"           ? setup.environment
                     : source == "EcsContainer"        ? setup.container
                     : source == "Ec2InstanceMetadata" ? setup.instance
                                                       : nullptr;
  if (!step)
    return profile_error(profile, "there are no credentials of its credential_source '" + source + "'");
  return step;
}

Token static_keys(const Profile& profile) {
  Token token;
  token.access_key = value_of(profile, "aws_access_key_id");
  token.secret_key = Secret(value_of(profile, "aws_secret_access_key"));
  token.session_token = Secret(value_of(profile, "aws_session_token"));
  return token;
}

Result<Step> resolve_role(const Setup& setup, const Profiles& all, const std::string& name, int hops) {
  auto& profile = all.find(name)->second;
  Role role;
  role.arn = value_of(profile, "role_arn"), role.session = value_of(profile, "role_session_name");
  role.external_id = value_of(profile, "external_id");
  if (auto& path = value_of(profile, "web_identity_token_file"); !path.empty())
    return assume_role_with_token(
        setup.sts, role, token_file({"AWS profile '" + name + "'", "web_identity_token_file"}, path));
  auto& parent = value_of(profile, "source_profile");
  auto source = parent.empty()   ? named_source(setup, name, value_of(profile, "credential_source"))
                : parent == name ? Result<Step>(always(static_keys(profile)))
                                 : resolve(setup, all, parent, hops + 1);
  if (!source) return source.error();
  return assume_role(setup.sts, role, *source, false);
}

Result<Step> resolve(const Setup& setup, const Profiles& all, const std::string& name, int hops) {
  const auto found = all.find(name);
  if (found == all.end() || hops > k_most_hops) {
    auto error = profile_error(name, hops > k_most_hops ? "its source_profile goes round in circles"
                                                        : "it is not there");
    if (hops == 0) error.code = Errc::not_found;
    return error;
  }
  auto& profile = found->second;
  if (!value_of(profile, "role_arn").empty()) return resolve_role(setup, all, name, hops);
  auto keys = static_keys(profile);
  if (!keys.access_key.empty() && !keys.secret_key.empty()) return always(std::move(keys));
  if (!value_of(profile, "credential_process").empty())
    return profile_error(name, "credential_process is not supported, programs are not run");
  if (!value_of(profile, "sso_session").empty() || !value_of(profile, "sso_start_url").empty())
    return profile_error(name, "single sign-on is not supported, export its credentials");
  auto error = profile_error(name, "it holds no credentials");
  error.code = Errc::not_found;
  return error;
}

std::string home_file(EnvLookup env, std::string_view variable, std::string_view name) {
  auto path = env(variable);
  if (path.starts_with("~/")) return env("HOME") + path.substr(1);
  return path.empty() ? env("HOME") + "/.aws/" + std::string(name) : path;
}

/// A source that the environment offers, or null.
Result<Step> optional(Result<Step> step) {
  if (!step && step.error().code == Errc::not_found) return Step();
  return step;
}

} // namespace

Result<Step> profile_credentials(std::string name, StsPlace sts, EnvLookup env) {
  auto setup = std::make_shared<Setup>();
  setup->credentials_path = home_file(env, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  setup->config_path = home_file(env, "AWS_CONFIG_FILE", "config");
  setup->sts = std::move(sts);
  auto container = optional(container_credentials(env)), instance = optional(instance_credentials(env));
  if (!container || !instance) return container ? instance.error() : container.error();
  setup->container = *container, setup->instance = *instance;
  const Profile keys = {{"aws_access_key_id", env("AWS_ACCESS_KEY_ID")},
                        {"aws_secret_access_key", env("AWS_SECRET_ACCESS_KEY")},
                        {"aws_session_token", env("AWS_SESSION_TOKEN")}};
  if (!value_of(keys, "aws_access_key_id").empty()) setup->environment = always(static_keys(keys));
  return Step([setup, name](WallTime, const UpstreamAnswer&) {
    return read_file(setup->credentials_path, [setup, name](WallTime, const UpstreamAnswer& credentials) {
      auto profiles = std::make_shared<Profiles>();
      if (credentials.status == 200) read_ini(credentials.body, false, *profiles);
      return read_file(setup->config_path, [=](WallTime now, const UpstreamAnswer& config) -> Result<Next> {
        if (config.status == 200) read_ini(config.body, true, *profiles);
        auto step = resolve(*setup, *profiles, name, 0);
        if (!step) return step.error();
        return (*step)(now, UpstreamAnswer{});
      });
    });
  });
}

} // namespace switchyard::providers
