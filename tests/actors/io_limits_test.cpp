// itpm and otpm: input and output tokens per minute of a row, each a limit of its own (spec router.md 1.4),
// through the actors on simulated time.
#include "actors/graph_fixture.hpp"

namespace switchyard::actors {
namespace {

using std::chrono::seconds;

class IoLimitTest : public GraphTest {
 protected:
  ModelRow& row(const std::string& id) { return draft.row("m", "openai/" + id, id); }
  void enforce() { draft.config.router.enforce_model_rate_limits = true; }
  PickQuery asking(std::uint32_t prompt, std::uint32_t output) {
    auto question = query();
    question.prompt_tokens = prompt, question.output_tokens = output;
    return question;
  }
  UsageWindow::Used used_now() { return view("m", 0).window.used(second_of(clock.now())); }
  ConfigDraft draft;
};

TEST_F(IoLimitTest, InputTokensAreReservedAndRefusedExactly) {
  row("a").itpm = 1000;
  enforce();
  build(draft);
  EXPECT_TRUE(group("m")->needs.tokens);
  Lease first(pick_with("m", asking(600, 90000)));
  ASSERT_TRUE(first) << "its output is no input";
  const auto refused = pick_with("m", asking(401, 1));
  EXPECT_EQ(refused.refusal, Refusal::itpm);
  EXPECT_EQ(refused.limit, 1000);
  EXPECT_EQ(refused.used, 600);
  EXPECT_EQ(refused.retry_after, seconds(61));
  EXPECT_EQ(picked("m", asking(400, 1)), "a");
}

TEST_F(IoLimitTest, OutputTokensAreReservedAndSettled) {
  row("a").otpm = 1000;
  enforce();
  build(draft);
  auto grant = pick_with("m", asking(90000, 800));
  EXPECT_EQ(pick_with("m", asking(1, 300)).refusal, Refusal::otpm);
  report(std::move(grant), used(Micros{1}, 90000, 100));
  EXPECT_EQ(used_now().output, 100u);
  EXPECT_EQ(picked("m", asking(1, 900)), "a");
}

TEST_F(IoLimitTest, TokensFromTheProvidersCacheAreNoInput) {
  row("a").itpm = 1000;
  enforce();
  build(draft);
  auto outcome = used(Micros{1}, 900, 10);
  outcome.cached_tokens = 850;
  report(pick_with("m", asking(900, 10)), outcome);
  EXPECT_EQ(used_now().input, 50u);
  EXPECT_EQ(used_now().tokens, 910u) << "tpm counts them";
  EXPECT_EQ(picked("m", asking(950, 1)), "a");
}

TEST_F(IoLimitTest, AnAnswerAboveOtpmReservesTheWholeMinute) {
  row("a").otpm = 100;
  enforce();
  build(draft);
  Lease lease(pick_with("m", asking(1, 5000)));
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease.grant().hold.output_tokens, 100u);
  EXPECT_EQ(pick_with("m", asking(1, 1)).refusal, Refusal::otpm);
}

TEST_F(IoLimitTest, TheMinuteSlides) {
  row("a").otpm = 100;
  enforce();
  build(draft);
  report(pick_with("m", asking(1, 1)), used(Micros{1}, 1, 500));
  EXPECT_EQ(pick_with("m", asking(1, 1)).refusal, Refusal::otpm);
  clock.advance(seconds(61));
  EXPECT_EQ(picked("m", asking(1, 1)), "a");
}

TEST_F(IoLimitTest, WithoutEnforcementTheyFilterWhereRpmDoes) {
  row("a").otpm = 100;
  row("b");
  build(draft);
  report(pick("m", 0), used(Micros{1}, 1, 500));
  bool hinted = false;
  for (int i = 0; i < 40; ++i) hinted = hinted || picked("m") == "a";
  EXPECT_TRUE(hinted) << "simple-shuffle: not looked at";
  draft.config.router.routing_strategy = "usage-based-routing";
  build(draft);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(picked("m"), "b");
}

TEST_F(IoLimitTest, ACancelledRequestReadItsPrompt) {
  row("a").itpm = 1000;
  enforce();
  build(draft);
  { Lease lease(pick_with("m", asking(300, 500))); }
  run();
  EXPECT_EQ(used_now().input, 300u);
  EXPECT_EQ(used_now().output, 0u);
}

TEST_F(IoLimitTest, TwoHundredAtOnceAgainstFiftyPromptsLetFiftyThrough) {
  row("a").itpm = 50 * 20;
  enforce();
  build(draft);
  const auto to = group("m");
  std::vector<std::unique_ptr<Pending<PickAnswer>>> pending;
  auto* drain = std::exchange(run_actors_inline, nullptr);
  for (int i = 0; i < 200; ++i)
    pending.push_back(std::make_unique<Pending<PickAnswer>>(to->pick, asking(20, 1), home()));
  run_actors_inline = drain;
  run();
  EXPECT_EQ(view("m", 0).in_flight, 50u);
}

// -- what the price map knows about a row

TEST_F(IoLimitTest, ContextWindowsAndPricesComeFromThePriceMap) {
  row("small"), row("big");
  draft.config.router.enable_pre_call_checks = true;
  draft.config.router.routing_strategy = "cost-based-routing";
  providers.price = [](Deployment& deployment) {
    auto price = std::make_shared<ModelPrice>();
    const bool small = deployment.row.id == "small";
    price->max_input_tokens = small ? 100 : 1000;
    price->base.input = price->base.output = Price::from_usd(small ? 1e-6 : 2e-6);
    deployment.price = std::move(price);
  };
  build(draft);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(picked("m", asking(50, 1)), "small") << "the cheaper one";
    EXPECT_EQ(picked("m", asking(500, 1)), "big");
  }
  const auto refused = pick_with("m", asking(5000, 1));
  EXPECT_EQ(refused.refusal, Refusal::context_window);
  EXPECT_EQ(refused.limit, 1000);
}

} // namespace
} // namespace switchyard::actors
