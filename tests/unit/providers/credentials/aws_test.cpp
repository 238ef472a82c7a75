// AWS credentials: LiteLLM's order, STS, profiles, containers, instances.
#include "providers/credentials/aws.hpp"
#include "unit/providers/credentials/script.hpp"

namespace switchyard::providers {
namespace {

using namespace script;

class AwsCredentials : public Credentials {
 protected:
  FamilyTarget target;

  Played run(const LitellmParams& row, const std::vector<Reply>& replies) {
    target.region = "eu-west-1";
    auto made = aws_credentials(target, row, env);
    EXPECT_TRUE(made) << made.error().message;
    if (!target.tokens) return {{}, Error(Errc::none)};
    return play(*target.tokens, replies);
  }
};

const std::string k_role_answer =
    "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>a</Arn></AssumedRoleUser><Credentials>"
    "<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s3</SecretAccessKey><SessionToken>t/+=</SessionToken>"
    "<Expiration>2026-11-21T01:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
const std::string k_json_answer =
    R"({"Code":"Success","AccessKeyId":"ASIA2","SecretAccessKey":"s4","Token":"t2",
    "Expiration":"2026-11-21T06:00:00Z"})";

TEST_F(AwsCredentials, KeysAreThereAtOnce) {
  run(params({{"aws_access_key_id", "AKIA"}, {"aws_secret_access_key", "s"}, {"aws_session_token", "t"}}),
      {});
  ASSERT_TRUE(target.aws);
  EXPECT_EQ(target.aws->access_key, "AKIA");
  EXPECT_EQ(target.aws->session_token.reveal(), "t");
  EXPECT_EQ(target.aws->expires, WallTime::max());
}

TEST_F(AwsCredentials, ASessionTokenOfTheEnvironmentIsForItsOwnKey) {
  variables()["AWS_ACCESS_KEY_ID"] = "ENV", variables()["AWS_SECRET_ACCESS_KEY"] = "es";
  variables()["AWS_SESSION_TOKEN"] = "et";
  run(params({}), {});
  ASSERT_TRUE(target.aws);
  EXPECT_EQ(target.aws->access_key, "ENV");
  EXPECT_EQ(target.aws->session_token.reveal(), "et");
  run(params({{"aws_access_key_id", "AKIA"}, {"aws_secret_access_key", "s"}}), {});
  EXPECT_EQ(target.aws->access_key, "AKIA");
  EXPECT_TRUE(target.aws->session_token.empty());
}

TEST_F(AwsCredentials, WebIdentityComesFirst) {
  auto row = params({{"aws_web_identity_token", "oidc/file//run/token"},
                     {"aws_role_name", "arn:aws:iam::1:role/r"},
                     {"aws_session_name", "me"},
                     {"aws_access_key_id", "AKIA"},
                     {"aws_secret_access_key", "s"}});
  auto played = run(row, {{200, "a.b.c\n"}, {200, k_role_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_EQ(played.asked[0], "file /run/token");
  EXPECT_THAT(played.asked[1], HasSubstr("https://sts.eu-west-1.amazonaws.com:443 POST / HTTP/1.1"));
  EXPECT_THAT(played.asked[1],
              HasSubstr("Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam"
                        "%3A%3A1%3Arole%2Fr&RoleSessionName=me&DurationSeconds=3600&"
                        "WebIdentityToken=a.b.c"));
  EXPECT_THAT(played.asked[1], Not(HasSubstr("Authorization")));
  EXPECT_EQ(played.token->access_key, "ASIA1");
  EXPECT_EQ(played.token->session_token.reveal(), "t/+=");
  EXPECT_EQ(life(*played.token), 3600);
}

TEST_F(AwsCredentials, ARoleIsAssumedWithTheKeysGiven) {
  auto row = params({{"aws_role_name", "arn:aws:iam::1:role/r"},
                     {"aws_external_id", "x y"},
                     {"aws_access_key_id", "AKIA"},
                     {"aws_secret_access_key", "s"},
                     {"aws_sts_endpoint", "http://127.0.0.1:4566"}});
  auto played = run(row, {{200, k_role_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  ASSERT_EQ(played.asked.size(), 1u);
  EXPECT_THAT(played.asked[0], HasSubstr("http://127.0.0.1:4566 POST / HTTP/1.1\r\nHost: 127.0.0.1:4566"));
  EXPECT_THAT(played.asked[0], HasSubstr("Credential=AKIA/20261121/eu-west-1/sts/aws4_request, "
                                         "SignedHeaders=content-type;host;x-amz-date"));
  EXPECT_THAT(played.asked[0],
              HasSubstr("RoleSessionName=switchyard-1795219200&DurationSeconds=3600&ExternalId=x%20y"));
}

TEST_F(AwsCredentials, ARoleThatTheMachineHasAlreadyIsNotAssumedAgain) {
  variables()["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/c";
  auto row = params({{"aws_role_name", "arn:aws:iam::123:role/path/app"}});
  const std::string same = "<Arn>arn:aws:sts::123:assumed-role/app/session</Arn>",
                    other = "<Arn>arn:aws:sts::124:assumed-role/app/session</Arn>";
  auto played = run(row, {{404, ""}, {404, ""}, {200, k_json_answer}, {200, same}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_EQ(played.token->access_key, "ASIA2");
  EXPECT_THAT(played.asked[2], HasSubstr("http://169.254.170.2:80 GET /v2/c"));
  EXPECT_THAT(played.asked[3], HasSubstr("Action=GetCallerIdentity"));
  played = run(row, {{404, ""}, {404, ""}, {200, k_json_answer}, {200, other}, {200, k_role_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_EQ(played.token->access_key, "ASIA1");
}

TEST_F(AwsCredentials, ProfilesOverOtherProfiles) {
  const std::string credentials = "# keys\n[base]\naws_access_key_id = AKIABASE\naws_secret_access_key=bs\n",
                    config =
                        "[default]\nregion=x\n[profile top]\r\nrole_arn = arn:aws:iam::1:role/top\r\n"
                        "source_profile = base\nexternal_id = e ; no comment\ns3 =\n  role_arn = not ours\n";
  auto played =
      run(params({{"aws_profile_name", "top"}}), {{200, credentials}, {200, config}, {200, k_role_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_EQ(played.asked[0], "file /home/me/.aws/credentials");
  EXPECT_EQ(played.asked[1], "file /home/me/.aws/config");
  EXPECT_THAT(played.asked[2], HasSubstr("Credential=AKIABASE/"));
  EXPECT_THAT(played.asked[2], HasSubstr("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Ftop&"));
  played = run(params({{"aws_profile_name", "base"}}), {{200, credentials}, {404, ""}});
  EXPECT_EQ(played.token->access_key, "AKIABASE");
}

TEST_F(AwsCredentials, ProfilesThatCannotServeSayWhy) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[profile p]\nregion=x\n", "it holds no credentials"},
      {"[profile q]\nregion=x\n", "it is not there"},
      {"[profile p]\nrole_arn=a\nsource_profile=q\n[profile q]\nrole_arn=b\nsource_profile=p\n",
       "in circles"},
      {"[profile p]\nrole_arn=a\nsource_profile=q\n", "AWS profile 'q': it is not there"},
      {"[profile p]\ncredential_process=/bin/sh\n", "credential_process is not supported"},
      {"[profile p]\nsso_session=s\n", "single sign-on is not supported"},
      {"[profile p]\nrole_arn=a\ncredential_source=Environment\n", "credential_source 'Environment'"},
      {"[\n]\n=\n[]\n[profile p\nx\n", "it holds no credentials"}};
  for (auto& [config, why] : cases) {
    auto played = run(params({{"aws_profile_name", "p"}}), {{404, ""}, {200, config}});
    ASSERT_FALSE(played.token) << config;
    EXPECT_EQ(played.token.error().code, Errc::authentication);
    EXPECT_THAT(played.token.error().message, HasSubstr(why));
  }
}

TEST_F(AwsCredentials, TheInstancesRole) {
  auto played = run(
      params({}),
      {{404, ""}, {404, ""}, {200, "session"}, {200, "my-role\n"}, {200, "session2"}, {200, k_json_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_THAT(played.asked[2], HasSubstr("http://169.254.169.254:80 PUT /latest/api/token HTTP/1.1"));
  EXPECT_THAT(played.asked[2], HasSubstr("X-aws-ec2-metadata-token-ttl-seconds: 300"));
  EXPECT_THAT(played.asked[3], HasSubstr("GET /latest/meta-data/iam/security-credentials/ HTTP/1.1"));
  EXPECT_THAT(played.asked[3], HasSubstr("X-aws-ec2-metadata-token: session\r\n"));
  EXPECT_THAT(played.asked[5], HasSubstr("GET /latest/meta-data/iam/security-credentials/my-role HTTP/1.1"));
  EXPECT_EQ(life(*played.token), 6 * 3600);
}

TEST_F(AwsCredentials, WithoutAnythingTheMessageSaysWhatToSet) {
  auto played = run(params({}), {{404, ""}, {404, ""}, {0, "refused"}});
  ASSERT_FALSE(played.token);
  EXPECT_EQ(played.token.error().code, Errc::authentication);
  EXPECT_THAT(played.token.error().message, HasSubstr("no credentials were found. Check aws_access_key_id"));
  variables()["AWS_EC2_METADATA_DISABLED"] = "true";
  EXPECT_EQ(run(params({}), {{404, ""}, {404, ""}}).asked.size(), 2u);
}

TEST_F(AwsCredentials, RefusalsOfStsAreShownWithoutSecrets) {
  auto row = params({{"aws_role_name", "arn:aws:iam::1:role/r"},
                     {"aws_access_key_id", "AKIA"},
                     {"aws_secret_access_key", "very-secret"}});
  auto played = run(row, {{403, "<Error><Code>AccessDenied</Code><Message>not allowed\n</Message></Error>"}});
  ASSERT_FALSE(played.token);
  EXPECT_EQ(played.token.error().message,
            "litellm.AuthenticationError: AWS STS: the request for credentials was refused with status 403 "
            "(AccessDenied: not allowed ). Check aws_role_name, its trust policy and the credentials that "
            "call it.");
  EXPECT_EQ(run(row, {{503, "<html>"}}).token.error().code, Errc::service_unavailable);
  EXPECT_EQ(run(row, {}).token.error().code, Errc::service_unavailable);
  EXPECT_EQ(run(row, {{200, "<Credentials>"}}).token.error().code, Errc::authentication);
}

TEST_F(AwsCredentials, MistakesOfTheConfigurationNameTheField) {
  const auto field = [&](const LitellmParams& row) {
    return aws_credentials(target, row, env).error().extra().param;
  };
  EXPECT_EQ(field(params({{"aws_access_key_id", "A"}})), "aws_secret_access_key");
  EXPECT_EQ(field(params({{"aws_web_identity_token", "x"}})), "aws_role_name");
  EXPECT_EQ(field(params({{"aws_role_name", "r"}, {"aws_sts_endpoint", "sts"}})), "aws_sts_endpoint");
  EXPECT_EQ(field(params({{"aws_role_name", "r"}, {"aws_session_tags", "x"}})), "aws_session_tags");
  EXPECT_EQ(field(params({{"aws_role_name", "r"}, {"aws_web_identity_token", "oidc/what/"}})),
            "aws_web_identity_token");
  variables()["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/x";
  EXPECT_EQ(field(params({})), "AWS_CONTAINER_CREDENTIALS_FULL_URI");
}

TEST_F(AwsCredentials, PlansAreTheSameWhereTheirTokensAre) {
  const auto id = [&](const LitellmParams& row) {
    EXPECT_TRUE(aws_credentials(target, row, env));
    return target.tokens->id;
  };
  const auto one = id(params({{"aws_profile_name", "a"}}));
  EXPECT_EQ(one, id(params({{"aws_profile_name", "a"}})));
  EXPECT_NE(one, id(params({{"aws_profile_name", "b"}})));
  EXPECT_EQ(one.size(), 64u);
}

} // namespace
} // namespace switchyard::providers
