// Where a key is read from, and what a wrong one gets.
#include "app_fixture.hpp"
#include "http/auth.hpp"

namespace switchyard::http::testing {

namespace {

struct KeyCase {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string target, header_name, expected;
};

class PresentedKeyTest : public AppTest {};

TEST_F(PresentedKeyTest, TakesTheFirstSourceThatIsNotEmpty) {
  const std::vector<KeyCase> cases = {
      {{{"Authorization", "Bearer sk-1"}}, "/", "", "sk-1"},
      {{{"authorization", "bearer   sk-1 "}}, "/", "", "sk-1"},
      {{{"Authorization", "sk-1"}}, "/", "", "sk-1"},
      {{{"Authorization", "Basic cGs6c2stMQ=="}}, "/", "", "sk-1"},
      {{{"Authorization", "AWS4-HMAC-SHA256 Credential=sk-1/20260101/us/bedrock/aws4_request, Signature=x"}},
       "/",
       "",
       "sk-1"},
      {{{"Authorization", "AWS4-HMAC-SHA256 Credential=Bearer sk-1/2026"}}, "/", "", "sk-1"},
      {{{"x-litellm-api-key", "Bearer sk-2"}, {"Authorization", "Bearer sk-1"}}, "/", "", "sk-2"},
      {{{"api-key", "sk-3"}}, "/", "", "sk-3"},
      {{{"x-api-key", "sk-4"}}, "/", "", "sk-4"},
      {{{"x-goog-api-key", "sk-5"}}, "/", "", "sk-5"},
      {{{"Ocp-Apim-Subscription-Key", "sk-6"}}, "/", "", "sk-6"},
      {{}, "/v1/models?a=b&key=sk-7", "", "sk-7"},
      {{{"X-Team-Key", "Bearer sk-8"}, {"Authorization", "Bearer sk-1"}}, "/", "x-team-key", "sk-8"},
      {{{"Authorization", "Bearer sk-1"}}, "/", "x-team-key", ""},
      {{{"Authorization", "Bearer"}}, "/", "", ""},
  };
  for (auto& c : cases) {
    FakeExchange exchange(shard_, "GET", c.target);
    for (auto& [name, value] : c.headers) exchange.header(name, value);
    EXPECT_EQ(presented_key(exchange.head, c.header_name).value, c.expected) << c.expected;
  }
}

class AuthTest : public AppTest {
 protected:
  AuthTest() {
    Config config;
    config.general.master_key = Secret("sk-1234");
    auto routing = std::make_shared<FakeRouting>(std::move(config));
    routing->add("gpt", "hello");
    routing->finish(reports_);
    use(routing);
  }
  Answer get(std::string path, std::string authorization) {
    FakeExchange exchange(shard_, "GET", std::move(path));
    if (!authorization.empty()) exchange.header("Authorization", authorization);
    run(exchange);
    return exchange;
  }
};

TEST_F(AuthTest, TheMasterKeyOpensAndEverythingElseIs401) {
  EXPECT_EQ(get("/v1/models", "Bearer sk-1234").status, 200);
  for (auto key : {"Bearer sk-12345", "Bearer sk-123", "Bearer x", "Bearer ", "sk-", ""}) {
    auto exchange = get("/v1/models", key);
    EXPECT_EQ(exchange.status, 401) << key;
    EXPECT_NE(exchange.body.find("\"code\":\"401\""), std::string::npos) << exchange.body;
  }
}

TEST_F(AuthTest, AWrongKeyIsNotEchoed) {
  auto exchange = get("/v1/models", "Bearer sk-abcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(exchange.body.find("abcdefghijklmnop"), std::string::npos);
  EXPECT_NE(exchange.body.find("token_not_found_in_db"), std::string::npos);
}

TEST_F(AuthTest, PublicRoutesNeedNoKey) {
  for (auto path : {"/health/liveliness", "/health/liveness", "/health/readiness", "/routes", "/metrics", "/",
                    "/openapi.json"})
    EXPECT_EQ(get(path, "").status, 200) << path;
}

TEST_F(AuthTest, UnknownRoutesAndMethodsAnswerAsFastApiDoes) {
  auto unknown = get("/nothing", "");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, R"({"detail":"Not Found"})");
  auto wrong = get("/v1/chat/completions", "");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.body, R"({"detail":"Method Not Allowed"})");
}

class SettingsTest : public AuthTest {
 protected:
  void with(void (*change)(GeneralSettings&)) {
    Config config;
    config.general.master_key = Secret("sk-1234");
    change(config.general);
    auto routing = std::make_shared<FakeRouting>(std::move(config));
    routing->add("gpt", "hello");
    routing->finish(reports_);
    use(routing);
  }
};

TEST_F(SettingsTest, PublicRoutes) {
  with([](GeneralSettings& general) { general.public_routes = {"/v1/models", "/model/*"}; });
  EXPECT_EQ(get("/v1/models", "").status, 200);
  EXPECT_EQ(get("/model/info", "").status, 200);
  EXPECT_EQ(get("/models", "").status, 401);
}

TEST_F(SettingsTest, AllowedRoutes) {
  with([](GeneralSettings& general) { general.allowed_routes = {"LiteLLMRoutes.openai_routes"}; });
  EXPECT_EQ(get("/v1/models", "Bearer sk-1234").status, 200);
  auto refused = get("/model/info", "Bearer sk-1234");
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("Route /model/info not allowed"), std::string::npos) << refused.body;
  EXPECT_EQ(get("/health/liveliness", "").status, 200);
}

TEST_F(SettingsTest, AllowedIps) {
  with([](GeneralSettings& general) { general.allowed_ips = {"10.0.0.1"}; });
  EXPECT_EQ(get("/v1/models", "Bearer sk-1234").status, 403);
  with([](GeneralSettings& general) { general.allowed_ips = {"127.0.0.1"}; });
  EXPECT_EQ(get("/v1/models", "Bearer sk-1234").status, 200);
}

TEST_F(SettingsTest, GlobalParallelRequests) {
  with([](GeneralSettings& general) { general.global_max_parallel_requests = 1; });
  const std::string body = R"({"model":"gpt","messages":[]})";
  limits_.llm_requests = 1;
  FakeExchange refused(shard_, "POST", "/chat/completions", body);
  refused.header("Authorization", "Bearer sk-1234");
  run(refused);
  EXPECT_EQ(refused.status, 429);
  limits_.llm_requests = 0;
  FakeExchange served(shard_, "POST", "/chat/completions", body);
  served.header("Authorization", "Bearer sk-1234");
  run(served);
  EXPECT_EQ(served.status, 200);
  EXPECT_EQ(limits_.llm_requests, 0);
}

} // namespace

} // namespace switchyard::http::testing
