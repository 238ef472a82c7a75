// Google, Azure, Databricks and watsonx credentials, played against scripted servers.
#include "providers/credentials/azure.hpp"
#include "providers/credentials/databricks.hpp"
#include "providers/credentials/digest.hpp"
#include "providers/credentials/google.hpp"
#include "providers/credentials/watsonx.hpp"
#include "unit/providers/credentials/script.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace switchyard::providers {
namespace {

using namespace script;

/// A key of nobody's, made at run time, so that no private key lies in the repository.
std::string new_key() {
  static const std::string pem = [] {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), EVP_PKEY_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
  }();
  return pem;
}

std::string service_account() {
  return to_json(Value(ValueMap{{"type", Value(std::string("service_account"))},
                                {"project_id", Value(std::string("proj"))},
                                {"private_key_id", Value(std::string("kid1"))},
                                {"private_key", Value(new_key())},
                                {"client_email", Value(std::string("me@proj.iam.gserviceaccount.com"))},
                                {"token_uri", Value(std::string("https://oauth2.example/token"))}}));
}

const std::string k_answer = R"({"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"})";

class GoogleCredentials : public Credentials {
 protected:
  FamilyTarget target;
  Played run(const std::string& credentials, const std::vector<Reply>& replies) {
    auto made = google_credentials(target, params({{"vertex_credentials", credentials}}), env);
    EXPECT_TRUE(made) << made.error().message;
    return play(*target.tokens, replies);
  }
  std::string problem(const std::string& credentials) {
    auto made = google_credentials(target, params({{"vertex_credentials", credentials}}), env);
    return made ? "" : made.error().message;
  }
};

TEST_F(GoogleCredentials, AServiceAccountSignsItsAssertion) {
  auto played = run(service_account(), {{200, k_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_EQ(target.project, "proj");
  EXPECT_EQ(played.token->bearer.reveal(), "ya29.x");
  EXPECT_EQ(played.token->project, "proj");
  EXPECT_EQ(life(*played.token), 3599);
  const auto& asked = played.asked[0];
  EXPECT_THAT(asked, HasSubstr("https://oauth2.example:443 POST /token HTTP/1.1"));
  const auto body = asked.substr(asked.find("\r\n\r\n") + 4);
  const std::string start = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  ASSERT_EQ(body.substr(0, start.size()), start);
  const auto jwt = body.substr(start.size());
  const auto claims = R"({"iss":"me@proj.iam.gserviceaccount.com","sub":"me@proj.iam.gserviceaccount.com",)"
                      R"("scope":"https://www.googleapis.com/auth/cloud-platform",)"
                      R"("aud":"https://oauth2.example/token","iat":1795219200,"exp":1795222800})";
  const auto text = to_base64url(R"({"alg":"RS256","typ":"JWT","kid":"kid1"})") + "." + to_base64url(claims);
  EXPECT_EQ(jwt, text + "." + to_base64url(*sign_rs256(new_key(), text)));
}

TEST_F(GoogleCredentials, AFileIsReadWhenTheTokenIsFetched) {
  auto played = run("/etc/sa.json", {{200, service_account()}, {200, k_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_EQ(played.asked[0], "file /etc/sa.json");
  EXPECT_EQ(played.token->project, "proj");
  EXPECT_THAT(run("/etc/sa.json", {{404, ""}}).token.error().message,
              HasSubstr("/etc/sa.json cannot be read"));
  EXPECT_THAT(run("/etc/sa.json", {{200, "[]"}}).token.error().message, HasSubstr("not a JSON object"));
  EXPECT_THAT(run("/etc/sa.json", {{200, "{}"}}).token.error().message, HasSubstr("'type' is missing"));
}

TEST_F(GoogleCredentials, AUsersLoginIsRefreshed) {
  auto played =
      run(R"({"type":"authorized_user","client_id":"c","client_secret":"hush-hush","refresh_token":"r/1",
      "quota_project_id":"q"})",
          {{200, k_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_THAT(played.asked[0], HasSubstr("https://oauth2.googleapis.com:443 POST /token"));
  EXPECT_THAT(played.asked[0],
              HasSubstr("grant_type=refresh_token&client_id=c&client_secret=hush-hush&refresh_token=r%2F1"));
  EXPECT_EQ(played.token->project, "q");
}

const std::string k_external = R"({"type":"external_account","audience":"//iam/aud",
    "subject_token_type":"urn:ietf:params:oauth:token-type:jwt","token_url":"https://sts.googleapis.com/v1/token",)";

TEST_F(GoogleCredentials, AnExternalIdentityOfAFileIsExchanged) {
  auto played = run(k_external + R"("credential_source":{"file":"/run/id","format":{"type":"json",
      "subject_token_field_name":"tok"}}})",
                    {{200, R"({"tok":"a.b.c"})"}, {200, k_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_EQ(played.asked[0], "file /run/id");
  EXPECT_THAT(played.asked[1], HasSubstr("https://sts.googleapis.com:443 POST /v1/token"));
  EXPECT_THAT(played.asked[1],
              HasSubstr("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&"
                        "audience=%2F%2Fiam%2Faud&"));
  EXPECT_THAT(played.asked[1], HasSubstr("&subject_token=a.b.c"));
}

TEST_F(GoogleCredentials, AnExternalIdentityOfAUrlImpersonatesAServiceAccount) {
  auto played =
      run(k_external + R"("credential_source":{"url":"http://localhost:5000/t","headers":{"X-A":"b"}},
      "service_account_impersonation_url":"https://iamcredentials.googleapis.com/v1/sa:generateAccessToken"})",
          {{200, "a.b.c\n"}, {200, k_answer}, {200, R"({"accessToken":"ya29.y",
      "expireTime":"2026-11-21T01:00:00Z"})"}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_THAT(played.asked[0], HasSubstr("http://localhost:5000 GET /t HTTP/1.1"));
  EXPECT_THAT(played.asked[0], HasSubstr("X-A: b\r\n"));
  EXPECT_THAT(played.asked[2], HasSubstr("POST /v1/sa:generateAccessToken"));
  EXPECT_THAT(played.asked[2], HasSubstr("Authorization: Bearer ya29.x\r\n"));
  EXPECT_THAT(
      played.asked[2],
      HasSubstr(R"({"scope":["https://www.googleapis.com/auth/cloud-platform"],"lifetime":"3600s"})"));
  EXPECT_EQ(played.token->bearer.reveal(), "ya29.y");
  EXPECT_EQ(life(*played.token), 3600);
}

TEST_F(GoogleCredentials, AnAwsIdentityIsASignedQuestion) {
  variables()["AWS_REGION"] = "us-east-2", variables()["AWS_ACCESS_KEY_ID"] = "AKIA";
  variables()["AWS_SECRET_ACCESS_KEY"] = "s";
  auto played =
      run(k_external + R"("credential_source":{"environment_id":"aws1","regional_cred_verification_url":
      "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}})",
          {{200, k_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_THAT(played.asked[0], HasSubstr("&subject_token=%257B%2522headers%2522"));
  EXPECT_THAT(played.asked[0], HasSubstr("AWS4-HMAC-SHA256%2520Credential%253DAKIA%252F20261121%252Fus-east-2"
                                         "%252Fsts%252Faws4_request"));
  EXPECT_THAT(played.asked[0], HasSubstr("x-goog-cloud-target-resource"));
}

TEST_F(GoogleCredentials, WithoutAFileTheMachineIsAsked) {
  auto played = run("", {{404, ""}, {200, "machine-project"}, {200, k_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_EQ(played.asked[0], "file /home/me/.config/gcloud/application_default_credentials.json");
  EXPECT_THAT(played.asked[1],
              HasSubstr("http://metadata.google.internal:80 GET /computeMetadata/v1/project/project-id"));
  EXPECT_THAT(played.asked[2], HasSubstr("/computeMetadata/v1/instance/service-accounts/default/token"));
  EXPECT_THAT(played.asked[2], HasSubstr("Metadata-Flavor: Google\r\n"));
  EXPECT_EQ(played.token->project, "machine-project");
  auto nothing = run("", {{404, ""}, {0, "refused"}});
  EXPECT_EQ(nothing.token.error().code, Errc::authentication);
  EXPECT_THAT(nothing.token.error().message, HasSubstr("no credentials were found"));
  variables()["GOOGLE_APPLICATION_CREDENTIALS"] = "/adc";
  EXPECT_EQ(run("", {}).asked[0], "file /adc");
}

TEST_F(GoogleCredentials, MistakesAreToldAtStartUp) {
  EXPECT_THAT(problem("{"), HasSubstr("not a JSON object"));
  EXPECT_THAT(problem(R"({"type":"gdch"})"), HasSubstr("type 'gdch' is not supported"));
  EXPECT_THAT(problem(R"({"type":5})"), HasSubstr("'type' is missing"));
  EXPECT_THAT(problem(R"({"type":"service_account","client_email":"a"})"),
              HasSubstr("'private_key' is missing"));
  EXPECT_THAT(problem(R"({"type":"service_account","client_email":"a","private_key":"hush"})"),
              ::testing::AllOf(HasSubstr("RSA key in PEM"), Not(HasSubstr("hush"))));
  EXPECT_THAT(problem(k_external + R"("credential_source":{"executable":{"command":"sh"}}})"),
              HasSubstr("neither file"));
  EXPECT_THAT(problem(k_external + R"("credential_source":{"url":"http://h/","headers":{"A\r\nB":"c"}}})"),
              HasSubstr("headers"));
  EXPECT_THAT(problem(R"({"type":"impersonated_service_account","source_credentials":{}})"),
              HasSubstr("type"));
}

class AzureCredentials : public Credentials {
 protected:
  std::shared_ptr<const TokenPlan> plan(std::initializer_list<std::pair<std::string, std::string>> row) {
    auto made = azure_plan(params(row), env);
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : nullptr;
  }
};

TEST_F(AzureCredentials, AnApplicationsSecret) {
  auto played = play(*plan({{"tenant_id", "t"}, {"client_id", "c"}, {"client_secret", "hush-hush"}}),
                     {{200, k_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_THAT(played.asked[0], HasSubstr("https://login.microsoftonline.com:443 POST /t/oauth2/v2.0/token"));
  EXPECT_THAT(played.asked[0],
              HasSubstr("client_id=c&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default&"
                        "client_secret=hush-hush&grant_type=client_credentials"));
  auto refused =
      play(*plan({{"tenant_id", "t"}, {"client_id", "c"}, {"client_secret", "hush-hush"}}),
           {{401, R"({"error":"invalid_client","error_description":"Invalid secret hush-hush"})"}});
  EXPECT_EQ(refused.token.error().message,
            "litellm.AuthenticationError: Azure AD: the request for credentials was refused with status 401 "
            "(invalid_client: Invalid secret ***). Check tenant_id, client_id and client_secret.");
}

TEST_F(AzureCredentials, APassword) {
  auto played = play(*plan({{"client_id", "c"}, {"azure_username", "u@x"}, {"azure_password", "pw"}}),
                     {{200, k_answer}});
  EXPECT_THAT(played.asked[0], HasSubstr("POST /organizations/oauth2/v2.0/token"));
  EXPECT_THAT(played.asked[0], HasSubstr("grant_type=password&username=u%40x&password=pw"));
}

TEST_F(AzureCredentials, AnIdentityOfSomebodyElse) {
  variables()["AZURE_TENANT_ID"] = "t", variables()["AZURE_CLIENT_ID"] = "c";
  variables()["AZURE_FEDERATED_TOKEN_FILE"] = "/run/azure";
  auto played = play(*plan({{"azure_ad_token", "oidc/azure/x"}}), {{200, "a.b.c"}, {200, k_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_EQ(played.asked[0], "file /run/azure");
  EXPECT_THAT(played.asked[1],
              HasSubstr("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type"
                        "%3Ajwt-bearer&client_assertion=a.b.c"));
  EXPECT_FALSE(plan({{"azure_ad_token", "a.b.c"}})) << "a token is not fetched";
}

TEST_F(AzureCredentials, TheMachinesIdentity) {
  EXPECT_FALSE(plan({}));
  auto played = play(*plan({{"enable_azure_ad_token_refresh", "true"}}),
                     {{200, R"({"access_token":"m","expires_in":"86399","expires_on":"1"})"}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_THAT(played.asked[0],
              HasSubstr("http://169.254.169.254:80 GET /metadata/identity/oauth2/token?api-version="
                        "2018-02-01&resource=https%3A%2F%2Fcognitiveservices.azure.com HTTP/1.1"));
  EXPECT_THAT(played.asked[0], HasSubstr("Metadata: true\r\n"));
  EXPECT_EQ(life(*played.token), 86399);
  variables()["IDENTITY_ENDPOINT"] = "http://127.0.0.1:41/msi/token", variables()["IDENTITY_HEADER"] = "h";
  played = play(*plan({{"enable_azure_ad_token_refresh", "true"}}), {{200, k_answer}});
  EXPECT_THAT(played.asked[0],
              HasSubstr("http://127.0.0.1:41 GET /msi/token?api-version=2019-08-01&resource="));
  EXPECT_THAT(played.asked[0], HasSubstr("X-IDENTITY-HEADER: h\r\n"));
}

TEST_F(AzureCredentials, MistakesNameTheField) {
  const auto field = [](std::initializer_list<std::pair<std::string, std::string>> row) {
    return azure_plan(params(row), env).error().extra().param;
  };
  EXPECT_EQ(field({{"client_secret", "s"}}), "client_secret");
  EXPECT_EQ(field({{"azure_username", "s"}}), "azure_username");
  EXPECT_EQ(field({{"azure_ad_token", "oidc/azure/"}}), "azure_ad_token");
}

TEST_F(Credentials, DatabricksAsksTheWorkspace) {
  FamilyTarget target;
  target.base = *parse_base_url("https://ws.cloud.databricks.com/serving-endpoints");
  variables()["DATABRICKS_CLIENT_ID"] = "id", variables()["DATABRICKS_CLIENT_SECRET"] = "se/cret";
  ASSERT_TRUE(databricks_credentials(target, params({}), env));
  auto played = play(*target.tokens, {{200, k_answer}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_THAT(played.asked[0], HasSubstr("https://ws.cloud.databricks.com:443 POST /oidc/v1/token HTTP/1.1"));
  EXPECT_THAT(played.asked[0], HasSubstr("Authorization: Basic aWQ6c2UlMkZjcmV0\r\n"));
  EXPECT_THAT(played.asked[0], HasSubstr("grant_type=client_credentials&scope=all-apis"));
  target.tokens.reset(), target.key = Secret("dapi");
  ASSERT_TRUE(databricks_credentials(target, params({}), env));
  EXPECT_FALSE(target.tokens);
}

TEST_F(Credentials, WatsonxTradesItsKey) {
  FamilyTarget target;
  EXPECT_EQ(watsonx_credentials(target, params({}), env).error().extra().param, "api_key");
  target.key = Secret("k-1");
  ASSERT_TRUE(watsonx_credentials(target, params({}), env));
  auto played = play(*target.tokens, {{200, R"({"access_token":"ibm","expires_in":3600,"expiration":1})"}});
  ASSERT_TRUE(played.token) << played.token.error().message;
  EXPECT_THAT(played.asked[0], HasSubstr("https://iam.cloud.ibm.com:443 POST /identity/token"));
  EXPECT_THAT(played.asked[0],
              HasSubstr("grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=k-1"));
  target.tokens.reset();
  variables()["WATSONX_ZENAPIKEY"] = "zen";
  ASSERT_TRUE(watsonx_credentials(target, params({}), env));
  EXPECT_EQ(target.lines.back().value, "ZenApiKey zen");
}

TEST_F(Credentials, HostileAnswersAreErrors) {
  variables()["AZURE_TENANT_ID"] = "t", variables()["AZURE_CLIENT_ID"] = "c";
  variables()["AZURE_CLIENT_SECRET"] = "s";
  const auto plan = *azure_plan(params({}), env);
  const std::vector<std::string> bodies = {"",
                                           "[]",
                                           "{",
                                           "null",
                                           R"({"access_token":5})",
                                           R"({"access_token":""})",
                                           R"({"access_token":"a\r\nX: y"})",
                                           std::string(1000, '[')};
  for (auto& body : bodies)
    EXPECT_EQ(play(*plan, {{200, body}}).token.error().code, Errc::authentication) << body;
  for (auto life_text : {"-5", "1e300", "\"x\"", "null", "[]"})
    EXPECT_TRUE(
        play(*plan, {{200, R"({"access_token":"a","expires_in":)" + std::string(life_text) + "}"}}).token);
  EXPECT_LT(play(*plan, {{400, std::string(100'000, 'x')}}).token.error().message.size(), 1000u);
  EXPECT_EQ(play(*plan, {{429, "{}"}}).token.error().code, Errc::service_unavailable);
}

} // namespace
} // namespace switchyard::providers
