// Filters between health and strategy (spec router.md 2.5 to 2.9), through the actors: who is left, and why
// nobody is.
#include "actors/filter_fixture.hpp"

namespace switchyard::actors {
namespace {

using std::chrono::seconds;

// -- order

class OrderTest : public FilterTest {
 protected:
  OrderTest() {
    row("c"); // without order: last
    row("b1").params.order = 2, row("b2").params.order = 2;
    row("a1").params.order = 1, row("a2").params.order = 1;
  }
};

TEST_F(OrderTest, TheLowestLevelThatIsLeftIsUsed) {
  build(draft);
  EXPECT_EQ(picked_ids(), (Ids{"a1", "a2"}));
  serve("m", failed(Errc::rate_limit, 429), 3);
  EXPECT_EQ(picked_ids(), Ids{"a2"});
  serve("m", failed(Errc::rate_limit, 429), 4);
  EXPECT_EQ(picked_ids(), (Ids{"b1", "b2"}));
  serve("m", failed(Errc::rate_limit, 429), 1), serve("m", failed(Errc::rate_limit, 429), 2);
  EXPECT_EQ(picked_ids(), Ids{"c"});
  clock.advance(seconds(5));
  EXPECT_EQ(picked_ids(), (Ids{"a1", "a2"}));
}

TEST_F(OrderTest, ARequestMayAskForTheNextLevel) {
  build(draft);
  auto question = query();
  question.above_order = 1;
  EXPECT_EQ(picked_ids(question), (Ids{"b1", "b2"}));
  question.above_order = 2;
  EXPECT_EQ(picked_ids(question), Ids{"c"});
  question.above_order = INT32_MAX;
  draft.config.models[0].params.order = 3;
  build(draft);
  EXPECT_EQ(pick_with("m", question).refusal, Refusal::order);
}

TEST_F(OrderTest, LaterLevelsTakeWhatTheFirstRefuses) {
  for (auto& model : draft.config.models) model.params.rpm = 1;
  router().enforce_model_rate_limits = true;
  build(draft);
  std::vector<std::string> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(picked("m"));
  EXPECT_EQ(Ids(ids.begin(), ids.begin() + 2), (Ids{"a1", "a2"}));
  EXPECT_EQ(Ids(ids.begin() + 2, ids.begin() + 4), (Ids{"b1", "b2"}));
  EXPECT_EQ(ids[4], "c");
  EXPECT_EQ(ids[5], "(none)");
}

// -- tags

class TagTest : public FilterTest {
 protected:
  TagTest() {
    row("free").params.tags = {"free", "eu"};
    row("paid").params.tags = {"paid", "eu"};
    row("plain");
    router().enable_tag_filtering = true;
  }
};

TEST_F(TagTest, OneCommonTagIsEnough) {
  build(draft);
  EXPECT_EQ(picked_ids(wanting({"free"})), Ids{"free"});
  EXPECT_EQ(picked_ids(wanting({"eu", "nonsense"})), (Ids{"free", "paid"}));
}

TEST_F(TagTest, OrTheRowHasToHaveAll) {
  router().tag_filtering_match_any = false;
  build(draft);
  EXPECT_EQ(picked_ids(wanting({"eu", "paid"})), Ids{"paid"});
  EXPECT_EQ(pick_with("m", wanting({"paid", "free"})).refusal, Refusal::tags);
}

TEST_F(TagTest, WithoutAMatchTheDefaultRowsServe) {
  draft.config.models[2].params.tags = {"default"};
  build(draft);
  EXPECT_EQ(picked_ids(wanting({"nonsense"})), Ids{"plain"});
  EXPECT_EQ(picked_ids(wanting({})), Ids{"plain"}) << "and requests without tags";
}

TEST_F(TagTest, WithoutADefaultRowATaggedRequestIsRefusedAndAnUntaggedOneIsFree) {
  build(draft);
  const auto refused = pick_with("m", wanting({"nonsense"}));
  EXPECT_EQ(refused.error, Errc::no_deployments);
  EXPECT_EQ(refused.refusal, Refusal::tags);
  EXPECT_EQ(picked_ids(), (Ids{"free", "paid", "plain"}));
}

TEST_F(TagTest, OffMeansOff) {
  router().enable_tag_filtering = false;
  build(draft);
  EXPECT_EQ(picked_ids(wanting({"free"})), (Ids{"free", "paid", "plain"}));
}

TEST_F(TagTest, ExclamationExcludesAndAmpersandRequires) {
  build(draft);
  EXPECT_EQ(picked_ids(wanting({"!paid"})), (Ids{"free", "plain"}));
  EXPECT_EQ(picked_ids(wanting({"eu", "!paid"})), Ids{"free"});
  EXPECT_EQ(picked_ids(wanting({"&eu"})), (Ids{"free", "paid"}));
  EXPECT_EQ(picked_ids(wanting({"free", "&eu"})), Ids{"free"});
  EXPECT_EQ(pick_with("m", wanting({"plain", "&eu"})).refusal, Refusal::tags);
}

TEST_F(TagTest, ARegexFindsTheUserAgent) {
  draft.config.models[2].params.tag_regex = {"^User-Agent: claude-cli/"};
  build(draft);
  auto wants = std::make_shared<PickWants>();
  wants->user_agent = "User-Agent: claude-cli/2.0";
  auto question = query();
  question.wants = wants;
  EXPECT_EQ(picked_ids(question), Ids{"plain"});
  wants->tags = {"free"};
  EXPECT_EQ(picked_ids(question), (Ids{"free", "plain"})) << "tags or the pattern";
  wants->tags.clear(), wants->user_agent = "User-Agent: curl/8";
  EXPECT_EQ(picked_ids(question), (Ids{"free", "paid", "plain"})) << "no tag, no match: all rows";
}

// -- what a group looks at

TEST_F(FilterTest, NeedsSayWhatTheRowsLookAt) {
  row("a");
  build(draft);
  auto needs = group("m")->needs;
  EXPECT_FALSE(needs.tokens || needs.wants || needs.prefix || needs.room || needs.levels);
  draft.config.models[0].params.max_parallel_requests = 2;
  draft.config.models[0].params.order = 1, draft.config.models[0].params.tpm = 10;
  router().enforce_model_rate_limits = router().enable_tag_filtering = true;
  router().routing_strategy = "prefix-affinity";
  build(draft);
  needs = group("m")->needs;
  EXPECT_TRUE(needs.tokens && needs.wants && needs.prefix && needs.room && needs.levels);
  router().max_queued_requests = 0;
  build(draft);
  EXPECT_FALSE(group("m")->needs.room) << "nobody waits";
}

// -- region

TEST_F(FilterTest, RegionsByNameAndByClass) {
  router().enable_pre_call_checks = true;
  row("ireland").params.region_name = "eu-west-1";
  row("paris").params.region_name = "FranceCentral";
  row("iowa").params.region_name = "us-central1";
  row("virginia").params.region_name = "eastus2";
  row("sydney").params.region_name = "australiaeast";
  row("unknown");
  auto& oregon = row("oregon").params.raw.emplace_back();
  oregon.first = "aws_region_name", oregon.second.data() = std::string("us-west-2");
  build(draft);
  EXPECT_EQ(picked_ids(wanting({}, "eu")), (Ids{"ireland", "paris"}));
  EXPECT_EQ(picked_ids(wanting({}, "US")), (Ids{"iowa", "virginia", "oregon"}));
  EXPECT_EQ(picked_ids(wanting({}, "eu-west-1")), Ids{"ireland"});
  EXPECT_EQ(pick_with("m", wanting({}, "mars")).refusal, Refusal::region);
  EXPECT_EQ(picked_ids().size(), 7u);
}

TEST_F(FilterTest, RegionNeedsPreCallChecks) {
  row("a").params.region_name = "us-east-1";
  build(draft);
  EXPECT_EQ(picked("m", wanting({}, "eu")), "a");
}

// -- context window

class ContextTest : public FilterTest {
 protected:
  ContextTest() {
    row("small").max_input_tokens = 1000;
    row("large").max_input_tokens = 9000;
    router().enable_pre_call_checks = true;
  }
  PickQuery prompt(std::uint32_t tokens) {
    auto question = query();
    question.prompt_tokens = tokens;
    return question;
  }
};

TEST_F(ContextTest, PromptsThatDoNotFitGoToLargerWindows) {
  build(draft);
  EXPECT_EQ(picked_ids(prompt(1000)), (Ids{"small", "large"}));
  EXPECT_EQ(picked_ids(prompt(1001)), Ids{"large"});
}

TEST_F(ContextTest, NoWindowIsLargeEnough) {
  build(draft);
  const auto refused = pick_with("m", prompt(9001));
  EXPECT_EQ(refused.error, Errc::context_window_exceeded) << "so that context_window_fallbacks apply";
  EXPECT_EQ(refused.refusal, Refusal::context_window);
  EXPECT_EQ(refused.limit, 9000);
  EXPECT_EQ(refused.used, 9001);
}

TEST_F(ContextTest, ARowThatIsOnlyBusyMakesItARateLimit) {
  draft.config.models[1].params.rpm = 1;
  build(draft);
  EXPECT_EQ(picked("m", prompt(5000)), "large");
  const auto refused = pick_with("m", prompt(5000));
  EXPECT_EQ(refused.error, Errc::no_deployments);
  EXPECT_EQ(refused.refusal, Refusal::rpm);
}

TEST_F(ContextTest, ARowWithoutAWindowTakesEverything) {
  row("open");
  build(draft);
  EXPECT_EQ(picked_ids(prompt(1000000)), Ids{"open"});
}

TEST_F(ContextTest, OffMeansOff) {
  router().enable_pre_call_checks = false;
  build(draft);
  EXPECT_EQ(picked_ids(prompt(9001)), (Ids{"small", "large"}));
}

// -- response_format and rows that alone can serve a request

class FormatTest : public FilterTest {
 protected:
  FormatTest() {
    row("able"), row("old").params.model = "plain/old";
    router().enable_pre_call_checks = true;
    providers.takes = [](const Deployment& deployment, std::string_view parameter) {
      EXPECT_EQ(parameter, "response_format");
      return !deployment.row.params.model.starts_with("plain/");
    };
  }
  PickQuery formatted() {
    auto wants = std::make_shared<PickWants>();
    wants->response_format = true;
    auto question = query();
    question.wants = wants;
    return question;
  }
};

TEST_F(FormatTest, RowsThatWouldRefuseItAreLeftOut) {
  build(draft);
  EXPECT_EQ(picked_ids(formatted()), Ids{"able"});
  EXPECT_EQ(picked_ids(wanting({})), (Ids{"able", "old"}));
}

TEST_F(FormatTest, NobodyTakesIt) {
  draft.config.models[0].params.model = "plain/able";
  build(draft);
  EXPECT_EQ(pick_with("m", formatted()).refusal, Refusal::response_format);
}

TEST_F(FormatTest, OffMeansOff) {
  router().enable_pre_call_checks = false;
  build(draft);
  EXPECT_EQ(picked_ids(formatted()), (Ids{"able", "old"}));
}

class WithinTest : public FilterTest {
 protected:
  WithinTest() {
    row("a"), row("b"), row("c");
    router().max_queued_requests = 0;
  }
  PickQuery within(std::uint64_t rows) {
    auto wants = std::make_shared<PickWants>();
    wants->within = rows;
    auto question = query();
    question.wants = wants;
    return question;
  }
};

TEST_F(WithinTest, OnlyThoseRowsAreAsked) {
  build(draft);
  EXPECT_EQ(picked_ids(within(0b101)), (Ids{"a", "c"}));
  auto question = within(0b101);
  question.prefer = 2;
  EXPECT_EQ(picked_ids(question), Ids{"c"}) << "the others are for when it is away";
}

TEST_F(WithinTest, WhenTheyCoolTheRequestIsRefusedThoughOthersAreWell) {
  build(draft);
  EXPECT_TRUE(serve("m", failed(Errc::authentication, 401), 0).cooled);
  const auto refused = pick_with("m", within(0b001));
  EXPECT_EQ(refused.error, Errc::no_deployments);
  EXPECT_EQ(refused.refusal, Refusal::cooling);
  EXPECT_EQ(refused.retry_after, Millis{5000});
  EXPECT_EQ(picked_ids(within(0b011)), Ids{"b"});
}

// -- health marks

class HealthTest : public FilterTest {
 protected:
  HealthTest() {
    row("a"), row("b");
    router().enable_health_check_routing = true;
    router().health_check_interval = 100;
  }
};

TEST_F(HealthTest, AFailingRowIsLeftOutUntilItsMarkIsStaleOrGood) {
  build(draft);
  mark(0, false);
  EXPECT_EQ(picked_ids(), Ids{"b"});
  clock.advance(seconds(199));
  EXPECT_EQ(picked_ids(), Ids{"b"});
  clock.advance(seconds(1));
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"})) << "twice the interval";
  mark(0, false);
  mark(0, true);
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"}));
}

TEST_F(HealthTest, WhenNoRowIsHealthyHealthAndCooldownAreIgnored) {
  build(draft);
  serve("m", failed(Errc::rate_limit, 429), 0);
  mark(0, false), mark(1, false);
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"}));
}

TEST_F(HealthTest, TransientErrorsCanBeIgnored) {
  router().health_check_ignore_transient_errors = true;
  build(draft);
  mark(0, false, Errc::rate_limit), mark(0, false, Errc::timeout);
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"}));
  mark(0, false, Errc::service_unavailable);
  EXPECT_EQ(picked_ids(), Ids{"b"});
}

TEST_F(HealthTest, StalenessIsASetting) {
  router().health_check_staleness_threshold = 7;
  build(draft);
  mark(0, false);
  clock.advance(seconds(6));
  EXPECT_EQ(picked_ids(), Ids{"b"});
  clock.advance(seconds(1));
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"}));
}

TEST_F(HealthTest, WithAllowedFailsPolicyMarksOnlyFeedTheCounters) {
  AllowedFailsPolicy policy;
  policy.internal_server = 1;
  router().allowed_fails_policy = policy;
  build(draft);
  mark(0, false);
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"}));
  mark(0, false);
  EXPECT_TRUE(view("m", 0).cooling(clock.now()));
  EXPECT_EQ(picked_ids(), Ids{"b"});
}

TEST_F(HealthTest, LostConnectionsOfChecksCountAsThoseOfCallsDo) {
  AllowedFailsPolicy policy;
  policy.internal_server = 1;
  router().allowed_fails_policy = policy;
  build(draft);
  for (int i = 0; i < 10; ++i) mark(0, false, Errc::api_connection);
  EXPECT_FALSE(view("m", 0).cooling(clock.now()));
}

TEST_F(HealthTest, WithoutTheSettingMarksAreOnlyKept) {
  router().enable_health_check_routing = false;
  build(draft);
  mark(0, false);
  EXPECT_EQ(picked_ids(), (Ids{"a", "b"}));
  EXPECT_TRUE(view("m", 0).unhealthy(clock.now()));
}

} // namespace
} // namespace switchyard::actors
