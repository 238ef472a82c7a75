// Where AWS credentials come from: STS, containers, EC2's metadata server, profile files. Each is a step that
// yields a Token of access_key, secret_key and session_token. Pure; the environment is read at start-up.
#pragma once

#include "providers/credentials/exchange.hpp"
#include "providers/credentials/steps.hpp"

namespace switchyard::providers {

struct StsPlace {
  BaseUrl url;
  std::string region; ///< requests are signed for
};
/// `endpoint` = aws_sts_endpoint; "" = the region's own, or the global one without a region.
Result<StsPlace> sts_place(std::string_view endpoint, std::string_view region);

struct Role {
  std::string arn, session; ///< session "" = one is made
  std::string external_id;
  Form tags;
};
/// AssumeRole with the credentials of `source`. `unless_it_is` = the source's own credentials serve when they
/// are the role's already.
Step assume_role(StsPlace sts, Role role, Step source, bool unless_it_is);
/// AssumeRoleWithWebIdentity with the identity token (`bearer`) of `source`.
Step assume_role_with_token(StsPlace sts, Role role, Step source);

/// {AccessKeyId, SecretAccessKey, Token, Expiration}
Result<Token> aws_json_token(const Issuer& issuer, const UpstreamAnswer& answer);
/// ECS and EKS; Errc::not_found without the AWS_CONTAINER_CREDENTIALS_* variables.
Result<Step> container_credentials(EnvLookup env);
/// IMDSv2. A server that cannot be reached is Errc::not_found.
Result<Step> instance_credentials(EnvLookup env);
/// The region that the environment or EC2's metadata server names, as `bearer`.
Step ambient_region(EnvLookup env);
/// The environment's keys, its web identity, ~/.aws, the container, the machine: the first that is there.
Result<Step> ambient_aws(const StsPlace& sts, EnvLookup env);
/// ~/.aws/credentials and ~/.aws/config. Without the profile: Errc::not_found.
Result<Step> profile_credentials(std::string profile, StsPlace sts, EnvLookup env);

} // namespace switchyard::providers
