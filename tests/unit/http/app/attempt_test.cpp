// The retry and fallback policy, over scripted groups and local answers.
#include "app_fixture.hpp"

namespace switchyard::http::testing {

namespace {

class AttemptTest : public AppTest {
 protected:
  Answer chat(const std::string& extra = "", const std::string& model = "a") {
    FakeExchange exchange(shard_, "POST", "/v1/chat/completions",
                          "{\"model\":\"" + model +
                              "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + extra + "}");
    exchange.header("Content-Type", "application/json");
    run(exchange);
    return exchange;
  }
  static std::string header(const Answer& exchange, const std::string& name) {
    auto at = exchange.headers.find(name + ": ");
    if (at == std::string::npos) return "(absent)";
    at += name.size() + 2;
    return exchange.headers.substr(at, exchange.headers.find("\r\n", at) - at);
  }
  static Config config(std::vector<FallbackRule> fallbacks = {}, int retries = 2) {
    Config config;
    config.router.num_retries = retries;
    config.router.fallbacks = std::move(fallbacks);
    return config;
  }
  static FallbackRule rule(std::string group, std::string target) {
    FallbackRule rule;
    rule.group = std::move(group);
    FallbackTarget to;
    to.model = std::move(target);
    rule.targets.push_back(to);
    return rule;
  }
};

constexpr auto k_internal = "litellm.InternalServerError";
constexpr auto k_rate = "litellm.RateLimitError";
constexpr auto k_context = "litellm.ContextWindowExceededError";

TEST_F(AttemptTest, AFailingRowIsRetriedOnTheNextOne) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("a", k_internal), routing->add("a", "hello");
  routing->finish(reports_);
  use(routing);
  auto exchange = chat();
  EXPECT_EQ(exchange.status, 200) << exchange.body;
  EXPECT_NE(exchange.body.find("hello"), std::string::npos);
  EXPECT_EQ(header(exchange, "x-litellm-attempted-retries"), "1");
  EXPECT_EQ(header(exchange, "x-litellm-model-id"), "a#1");
  ASSERT_EQ(reports_.seen.size(), 2u);
  EXPECT_EQ(reports_.seen[0].second.kind, OutcomeKind::failure);
  EXPECT_EQ(reports_.seen[1].second.kind, OutcomeKind::success);
}

TEST_F(AttemptTest, RetriesAreCountedAndTheFirstErrorIsReturned) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("a", k_internal), routing->add("a", k_internal);
  routing->finish(reports_);
  use(routing);
  auto exchange = chat();
  EXPECT_EQ(exchange.status, 500);
  EXPECT_NE(exchange.body.find("LiteLLM Retried: 2 times, LiteLLM Max Retries: 2"), std::string::npos)
      << exchange.body;
  EXPECT_EQ(reports_.seen.size(), 3u);
}

TEST_F(AttemptTest, TheRequestsRetryCountWins) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("a", k_internal), routing->add("a", k_internal);
  routing->finish(reports_);
  use(routing);
  EXPECT_EQ(chat(",\"num_retries\":0").status, 500);
  EXPECT_EQ(reports_.seen.size(), 1u);
}

TEST_F(AttemptTest, ClientErrorsAreNotRetried) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("a", k_context), routing->add("a", "hello");
  routing->finish(reports_);
  use(routing);
  EXPECT_EQ(chat().status, 400);
  EXPECT_EQ(reports_.seen.size(), 1u);
}

TEST_F(AttemptTest, WhenEveryRowCoolsTheOriginalErrorIsReturned) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("a", k_rate), routing->add("a", k_rate);
  routing->finish(reports_, true);
  use(routing);
  auto exchange = chat();
  EXPECT_EQ(exchange.status, 429);
  EXPECT_NE(exchange.body.find("RateLimitError"), std::string::npos) << exchange.body;
  EXPECT_EQ(reports_.seen.size(), 2u);
  auto again = chat();
  EXPECT_EQ(again.status, 429);
  EXPECT_NE(again.body.find("No deployments available for selected model, Try again in 5 seconds"),
            std::string::npos)
      << again.body;
  EXPECT_EQ(header(again, "Retry-After"), "5");
}

TEST_F(AttemptTest, FallbacksAreTriedInOrderAndNameTheServedModel) {
  auto routing = std::make_shared<FakeRouting>(config({rule("a", "b")}, 0));
  routing->add("a", k_internal), routing->add("b", "from b");
  routing->finish(reports_);
  use(routing);
  auto exchange = chat();
  EXPECT_EQ(exchange.status, 200);
  EXPECT_NE(exchange.body.find("\"model\":\"b\""), std::string::npos) << exchange.body;
  EXPECT_EQ(header(exchange, "x-litellm-attempted-fallbacks"), "1");
  EXPECT_EQ(header(exchange, "x-litellm-model-group"), "b");
}

TEST_F(AttemptTest, CyclesOfFallbacksEnd) {
  auto routing = std::make_shared<FakeRouting>(config({rule("a", "b"), rule("b", "a")}, 0));
  routing->add("a", k_internal), routing->add("b", k_internal);
  routing->finish(reports_);
  use(routing);
  auto exchange = chat();
  EXPECT_EQ(exchange.status, 500);
  EXPECT_EQ(reports_.seen.size(), 2u);
  EXPECT_EQ(exchange.answers, 1);
}

TEST_F(AttemptTest, RequestFallbacksReplaceTheConfigured) {
  auto routing = std::make_shared<FakeRouting>(config({rule("a", "b")}, 0));
  routing->add("a", k_internal), routing->add("b", "from b"), routing->add("c", "from c");
  routing->finish(reports_);
  use(routing);
  EXPECT_NE(chat(R"(,"fallbacks":["c"])").body.find("from c"), std::string::npos);
  EXPECT_NE(chat(R"(,"fallbacks":[{"a":["c"]}])").body.find("from c"), std::string::npos);
  EXPECT_NE(chat(R"(,"fallbacks":[{"model":"c","temperature":0}])").body.find("from c"), std::string::npos);
  EXPECT_EQ(chat(R"(,"disable_fallbacks":true)").status, 500);
  EXPECT_EQ(chat(R"(,"fallbacks":[])").status, 500);
  auto bad = chat(R"(,"fallbacks":{"a":1})");
  EXPECT_EQ(bad.status, 400);
  EXPECT_NE(bad.body.find("\"param\":\"fallbacks\""), std::string::npos) << bad.body;
}

TEST_F(AttemptTest, ContextErrorsUseTheirOwnList) {
  auto settings = config({rule("a", "b")}, 0);
  settings.router.context_window_fallbacks.push_back(rule("a", "c"));
  auto routing = std::make_shared<FakeRouting>(settings);
  routing->add("a", k_context), routing->add("b", "from b"), routing->add("c", "from c");
  routing->finish(reports_);
  use(routing);
  EXPECT_NE(chat().body.find("from c"), std::string::npos);
}

TEST_F(AttemptTest, UnknownModels) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("a", "hello");
  routing->finish(reports_);
  use(routing);
  auto exchange = chat("", "nope");
  EXPECT_EQ(exchange.status, 400);
  EXPECT_NE(exchange.body.find("/chat/completions: Invalid model name passed in model=nope."),
            std::string::npos)
      << exchange.body;
  auto with_default = std::make_shared<FakeRouting>(config({rule("*", "a")}));
  with_default->add("a", "hello");
  with_default->finish(reports_);
  use(with_default);
  EXPECT_EQ(chat("", "nope").status, 200);
}

TEST_F(AttemptTest, StreamsOfALocalAnswerEndWithDone) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("a", "hello world");
  routing->finish(reports_);
  use(routing);
  auto exchange = chat(R"(,"stream":true)");
  EXPECT_EQ(exchange.status, 200);
  EXPECT_TRUE(exchange.finished);
  EXPECT_TRUE(exchange.body.starts_with("data: {")) << exchange.body;
  EXPECT_TRUE(exchange.body.ends_with("data: [DONE]\n\n")) << exchange.body;
}

TEST_F(AttemptTest, ClientSetUpstreamsAreRefused) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("a", "hello");
  routing->finish(reports_);
  use(routing);
  for (auto field :
       {"api_base", "base_url", "api_key", "user_config", "custom_llm_provider", "extra_headers"}) {
    auto exchange = chat(std::string(",\"") + field + "\":\"http://evil\"");
    EXPECT_EQ(exchange.status, 400) << field;
    EXPECT_NE(exchange.body.find(field), std::string::npos) << exchange.body;
  }
  EXPECT_TRUE(reports_.seen.empty());
}

TEST_F(AttemptTest, ABodyNeverNamesTwoModels) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("a", "hello");
  routing->finish(reports_);
  use(routing);
  for (auto extra : {R"(,"model":"b")", R"(,"mod\u0065l":"b")"}) {
    auto exchange = chat(extra);
    EXPECT_EQ(exchange.status, 400) << extra;
    EXPECT_NE(exchange.body.find("model"), std::string::npos);
  }
}

TEST_F(AttemptTest, WrongTypesNameTheField) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("a", "hello");
  routing->finish(reports_);
  use(routing);
  for (auto extra : {R"(,"stream":"yes")", R"(,"num_retries":-1)", R"(,"timeout":"soon")", R"(,"timeout":0)",
                     R"(,"stream_options":[])", R"(,"disable_fallbacks":1)"})
    EXPECT_EQ(chat(extra).status, 400) << extra;
}

TEST_F(AttemptTest, TrailingCommasOfTheSeedsAreAccepted) {
  auto routing = std::make_shared<FakeRouting>(config());
  routing->add("gpt-3.5-turbo", "hello");
  routing->finish(reports_);
  use(routing);
  FakeExchange exchange(
      shard_, "POST", "/chat/completions",
      " {\n\"model\": \"gpt-3.5-turbo\",\n\"messages\": [\n{\n\"role\": \"user\",\n\"content\": "
      "\"what llm are you\"\n}\n],\n}\n");
  run(exchange);
  EXPECT_EQ(exchange.status, 200) << exchange.body;
}

} // namespace

} // namespace switchyard::http::testing
