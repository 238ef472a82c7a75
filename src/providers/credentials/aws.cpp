// The order in which LiteLLM looks for AWS credentials.
#include "providers/credentials/aws.hpp"

#include "providers/credentials/aws_sources.hpp"
#include "providers/credentials/oidc.hpp"

namespace switchyard::providers {

namespace {

struct Asked {
  std::string web_identity, profile;
  Role role;
  Token keys;
  StsPlace sts;
};

/// aws_session_tags: [{"Key": ..., "Value": ...}]
Result<Form> session_tags(const LitellmParams& params) {
  Form tags;
  for (auto& entry : params.raw) {
    if (entry.first != "aws_session_tags" || entry.second.is_null()) continue;
    const auto* list = entry.second.as_list();
    for (auto& tag : list ? *list : ValueList{}) {
      tags.emplace_back(text_at(tag, "Key"), text_at(tag, "Value"));
      if (tags.back().first.empty()) list = nullptr;
      if (!list) break;
    }
    if (!list) return config_error("aws_session_tags", "aws_session_tags must be a list of {Key, Value}");
  }
  return tags;
}

bool complete(const Token& keys) { return !keys.access_key.empty() && !keys.secret_key.empty(); }

Result<Asked> read_params(const FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  Asked asked;
  asked.web_identity = param_or_env(params, "aws_web_identity_token", env, "AWS_WEB_IDENTITY_TOKEN");
  asked.profile = param_or_env(params, "aws_profile_name", env, "AWS_PROFILE_NAME");
  asked.role.arn = param_or_env(params, "aws_role_name", env, "AWS_ROLE_NAME");
  asked.role.session = param_or_env(params, "aws_session_name", env, "AWS_SESSION_NAME");
  asked.role.external_id = param_or_env(params, "aws_external_id", env, "AWS_EXTERNAL_ID");
  auto tags = session_tags(params);
  if (!tags) return tags.error();
  asked.role.tags = std::move(*tags);
  const auto own_key = param(params, "aws_access_key_id");
  asked.keys.access_key = own_key.empty() ? env("AWS_ACCESS_KEY_ID") : own_key;
  asked.keys.secret_key = Secret(param_or_env(params, "aws_secret_access_key", env, "AWS_SECRET_ACCESS_KEY"));
  auto session = param(params, "aws_session_token");
  if (session.empty() && own_key.empty())
    session = env("AWS_SESSION_TOKEN"); // another key's token fits no key
  asked.keys.session_token = Secret(std::move(session));
  if (!own_key.empty() && asked.keys.secret_key.empty())
    return config_error("aws_secret_access_key", "aws_access_key_id is set but aws_secret_access_key is not");
  auto sts = sts_place(param_or_env(params, "aws_sts_endpoint", env, "AWS_STS_ENDPOINT"), target.region);
  if (!sts) return sts.error();
  asked.sts = std::move(*sts);
  return asked;
}

std::string tags_text(const Form& tags) { return to_form(tags); }

std::shared_ptr<const TokenPlan> plan_of(const Asked& asked, Step first) {
  auto& role = asked.role;
  return make_plan({"aws", asked.web_identity, asked.profile, role.arn, role.session, role.external_id,
                    tags_text(role.tags), asked.keys.access_key, asked.keys.secret_key.reveal(),
                    asked.keys.session_token.reveal(), asked.sts.url.public_url, asked.sts.region},
                   std::move(first));
}

/// Keys of the parameters or the environment, a profile, or what the machine offers.
Result<Step> own_credentials(const Asked& asked, EnvLookup env) {
  if (!asked.profile.empty()) return profile_credentials(asked.profile, asked.sts, env);
  if (complete(asked.keys)) return always(asked.keys);
  return ambient_aws(asked.sts, env);
}

Result<Step> first_step(const Asked& asked, EnvLookup env) {
  if (asked.role.arn.empty()) return own_credentials(asked, env);
  if (!asked.web_identity.empty()) {
    auto identity = identity_token(asked.web_identity, "aws_web_identity_token", env);
    if (!identity) return identity.error();
    return assume_role_with_token(asked.sts, asked.role, *identity);
  }
  auto source = own_credentials(asked, env);
  if (!source) return source.error();
  return assume_role(asked.sts, asked.role, *source, !complete(asked.keys));
}

} // namespace

Result<void> aws_credentials(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  auto asked = read_params(target, params, env);
  if (!asked) return asked.error();
  if (asked->role.arn.empty() && !asked->web_identity.empty() &&
      !param(params, "aws_web_identity_token").empty())
    return config_error("aws_role_name", "aws_web_identity_token needs aws_role_name");
  if (asked->role.arn.empty() && asked->profile.empty() && complete(asked->keys)) {
    target.aws = std::make_shared<const Token>(asked->keys);
    return {};
  }
  auto first = first_step(*asked, env);
  if (!first) return first.error();
  target.tokens = plan_of(*asked, std::move(*first));
  return {};
}

} // namespace switchyard::providers
