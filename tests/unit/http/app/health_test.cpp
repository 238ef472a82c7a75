// What a health check sends; the monitor's rounds, marks and results on manual time, over local answers; and
// /health from those results.
#include "app_fixture.hpp"
#include "http/health_monitor.hpp"

namespace switchyard::http::testing {

namespace {

// -- what is sent

std::string body_of(const std::string& mode, std::optional<std::int64_t> max_tokens = {}) {
  ModelRow row;
  row.mode = mode, row.health.max_tokens = max_tokens, row.health.voice = "coral";
  HealthSettings settings;
  settings.prompt = "say \"hi\"";
  return check_request(row, settings).body;
}

TEST(CheckRequest, OneFormPerMode) {
  EXPECT_EQ(body_of(""),
            R"({"model":"","messages":[{"role":"user","content":"say \"hi\""}],"max_tokens":5})");
  EXPECT_EQ(body_of("chat", 9),
            R"({"model":"","messages":[{"role":"user","content":"say \"hi\""}],"max_tokens":9})");
  EXPECT_EQ(body_of("completion"), R"({"model":"","prompt":"say \"hi\"","max_tokens":5})");
  EXPECT_EQ(body_of("embedding", 9), R"({"model":"","input":["say \"hi\""]})") << "takes no limit";
  EXPECT_EQ(body_of("responses"), R"({"model":"","input":"say \"hi\"","max_output_tokens":16})");
  EXPECT_EQ(body_of("rerank"), R"({"model":"","query":"say \"hi\"","documents":["test"]})");
  EXPECT_EQ(body_of("image_generation"), R"({"model":"","prompt":"say \"hi\""})");
  EXPECT_EQ(body_of("audio_speech"), R"({"model":"","input":"say \"hi\"","voice":"coral"})");
  EXPECT_EQ(body_of("moderation"), R"({"model":"","input":"say \"hi\""})");
  EXPECT_EQ(body_of("audio_transcription"), "");
}

TEST(CheckResult, IsBadUntilThereIsOne) { EXPECT_FALSE(CheckResult().healthy()); }

// -- rounds

constexpr auto k_rate = "litellm.RateLimitError";

class HealthMonitorTest : public ::testing::Test {
 protected:
  HealthMonitorTest() { config_.health.background = true, config_.router.health_check_interval = 300; }

  FakeRouting& draft() { return *(draft_ = std::make_shared<FakeRouting>(config_)); }
  void publish() {
    draft_->finish(reports_);
    shard_.routing = draft_;
    monitor_.restart();
    settle();
  }
  /// Runs what is ready; bounded, since the heap's timer knows only real time.
  void settle() {
    for (int i = 0; i < 64; ++i) shard_.context.restart(), shard_.context.poll_one();
  }
  void pass(std::chrono::seconds time) {
    clock_.advance(time);
    shard_.deadlines.run_due();
    settle();
  }

  ManualClock clock_;
  ProcessLimits limits_;
  Shard shard_{0, clock_, limits_, 7};
  Config config_;
  Reports reports_;
  std::shared_ptr<FakeRouting> draft_;
  HealthMonitor monitor_{shard_, {&shard_}};
};

TEST_F(HealthMonitorTest, EveryRowIsMarkedAtOnceAndAgainAfterTheInterval) {
  auto& routing = draft();
  routing.add("m", "hello"), routing.add("m", k_rate);
  publish();
  ASSERT_EQ(reports_.marks.size(), 2u);
  EXPECT_EQ(reports_.marks[0].first, "m#0");
  EXPECT_TRUE(reports_.marks[0].second.healthy);
  EXPECT_EQ(reports_.marks[1].first, "m#1");
  EXPECT_FALSE(reports_.marks[1].second.healthy);
  EXPECT_EQ(reports_.marks[1].second.error, Errc::rate_limit);
  EXPECT_EQ(reports_.marks[1].second.status, 429);
  EXPECT_EQ(reports_.marks[1].second.now, clock_.now());
  pass(std::chrono::seconds(299));
  EXPECT_EQ(reports_.marks.size(), 2u);
  pass(std::chrono::seconds(1));
  EXPECT_EQ(reports_.marks.size(), 4u);
  ASSERT_NE(shard_.health, nullptr);
  EXPECT_EQ(shard_.health->finished, clock_.now());
  EXPECT_TRUE(shard_.health->rows.at("m#0").healthy());
  EXPECT_FALSE(shard_.health->rows.at("m#1").healthy());
}

TEST_F(HealthMonitorTest, OffItArmsNothing) {
  config_.health.background = false;
  draft().add("m", "hello");
  publish();
  EXPECT_EQ(shard_.deadlines.size(), 0u);
  EXPECT_TRUE(reports_.marks.empty());
  EXPECT_EQ(shard_.health, nullptr);
  config_.health.background = true, config_.router.health_check_interval = 0;
  draft().add("m", "hello");
  publish();
  EXPECT_EQ(shard_.deadlines.size(), 0u) << "an interval of 0 is never, as in LiteLLM";
}

TEST_F(HealthMonitorTest, AReloadRestartsOrEndsIt) {
  draft().add("m", "hello");
  publish();
  draft().add("n", "hello");
  publish();
  ASSERT_EQ(reports_.marks.size(), 2u);
  EXPECT_EQ(reports_.marks[1].first, "n#0");
  EXPECT_EQ(shard_.health->rows.count("m#0"), 0u);
  config_.health.background = false;
  draft().add("n", "hello");
  publish();
  EXPECT_EQ(shard_.health, nullptr) << "/health makes live calls again";
  EXPECT_EQ(shard_.deadlines.size(), 0u);
  pass(std::chrono::seconds(1000));
  EXPECT_EQ(reports_.marks.size(), 2u);
}

TEST_F(HealthMonitorTest, RowsThatCannotOrMayNotBeCheckedGetNoMark) {
  auto& routing = draft();
  routing.add("m", "hello").row.health.in_background = false;
  routing.add("m", "hello").row.mode = "audio_transcription";
  routing.add("n/*", "hello", "openai/*");
  routing.add("o/*", "hello", "openai/*").row.health.model = "openai/gpt-4o-mini";
  publish();
  ASSERT_EQ(reports_.marks.size(), 1u);
  EXPECT_EQ(reports_.marks[0].first, "o/*#0");
  EXPECT_EQ(shard_.health->rows.count("m#0"), 0u);
  EXPECT_FALSE(shard_.health->rows.at("m#1").healthy());
  EXPECT_FALSE(shard_.health->rows.at("m#1").called);
  EXPECT_NE(shard_.health->rows.at("n/*#0").error.message.find("health_check_model"), std::string::npos);
}

TEST_F(HealthMonitorTest, StopIsForGood) {
  draft().add("m", "hello");
  publish();
  bool idle = false;
  monitor_.stop([&] { idle = true; });
  EXPECT_TRUE(idle);
  pass(std::chrono::seconds(1000));
  monitor_.restart();
  settle();
  EXPECT_EQ(reports_.marks.size(), 1u);
}

// -- routes

class HealthRouteTest : public AppTest {
 protected:
  std::string get(const std::string& path) {
    FakeExchange exchange(shard_, "GET", path);
    run(exchange);
    EXPECT_EQ(exchange.status, 200) << exchange.body;
    return exchange.body;
  }
};

TEST_F(HealthRouteTest, LiveChecksAnswerAndMarkNothing) {
  auto routing = std::make_shared<FakeRouting>();
  routing->add("a", "hello"), routing->add("a", k_rate);
  routing->finish(reports_);
  use(routing);
  const auto body = get("/health");
  EXPECT_NE(body.find("\"healthy_count\":1,\"unhealthy_count\":1}"), std::string::npos) << body;
  EXPECT_NE(body.find("\"exception_status\":429,\"state\":{\"model_id\":\"a#1\""), std::string::npos) << body;
  EXPECT_TRUE(reports_.marks.empty());
}

TEST_F(HealthRouteTest, CachedResultsOfTheRowsAsTheyAreNow) {
  Config config;
  config.health.background = true, config.health.details = false;
  auto routing = std::make_shared<FakeRouting>(config);
  routing->add("a", "hello"), routing->add("a", "hello"), routing->add("new", "hello");
  routing->finish(reports_);
  use(routing);
  EXPECT_EQ(get("/health"),
            R"({"healthy_endpoints":[],"unhealthy_endpoints":[],"healthy_count":0,"unhealthy_count":0})")
      << "before the first round";
  auto results = std::make_shared<HealthResults>();
  results->finished = shard_.now();
  results->rows["a#0"].error.code = results->rows["gone#0"].error.code = Errc::none;
  results->rows["a#1"].called = true, results->rows["a#1"].error = Error(Errc::not_found, "secret place");
  shard_.health = results;
  const auto body = get("/health");
  EXPECT_TRUE(body.starts_with(
      R"({"healthy_endpoints":[{"model":"openai/gpt-4o","model_id":"a#0"}],)"
      R"("unhealthy_endpoints":[{"model":"openai/gpt-4o","model_id":"a#1","exception_status":404}],)"
      R"("healthy_count":1,"unhealthy_count":1,"checked_seconds_ago":)"))
      << body;
  EXPECT_NE(get("/health?model_id=a%231").find("\"healthy_count\":0,\"unhealthy_count\":1"),
            std::string::npos);
}

TEST_F(HealthRouteTest, RowsThatAreTooManyForLiveCallsAreCounted) {
  for (bool background : {false, true}) {
    Config config;
    config.health.background = background, config.health.details = false;
    auto routing = std::make_shared<FakeRouting>(config);
    auto results = std::make_shared<HealthResults>();
    for (int i = 0; i < 1003; ++i) results->rows[routing->add("a", "hello").row.id].error.code = Errc::none;
    routing->finish(reports_);
    use(routing);
    shard_.health = results;
    const auto body = get("/health");
    const auto end = body.substr(body.find("\"healthy_count\""));
    EXPECT_TRUE(end.starts_with(background ? R"("healthy_count":1003,)" : R"("healthy_count":1000,)")) << end;
    EXPECT_EQ(end.ends_with(R"("not_checked":3})"), !background) << end;
  }
}

TEST_F(HealthRouteTest, ModelListWithoutUnhealthyGroups) {
  Config config;
  config.general.model_list_healthy_only = true;
  auto routing = std::make_shared<FakeRouting>(config);
  auto& bad = routing->add("bad", "hello");
  routing->add("good", "hello");
  routing->finish(reports_);
  use(routing);
  EXPECT_NE(get("/v1/models").find("\"bad\""), std::string::npos);
  bad.view->unhealthy_until_ms = in_millis(shard_.now()) + 60'000;
  const auto body = get("/v1/models");
  EXPECT_EQ(body.find("\"bad\""), std::string::npos);
  EXPECT_NE(body.find("\"good\""), std::string::npos);
}

} // namespace

} // namespace switchyard::http::testing
