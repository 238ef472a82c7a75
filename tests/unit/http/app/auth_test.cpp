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
  FakeExchange get(std::string path, std::string authorization) {
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

} // namespace

} // namespace switchyard::http::testing
