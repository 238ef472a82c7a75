// Budgets: the three policies, the comparison of each kind, windows, soft budgets, refusals word for word.
#include "actors/ledger_fixture.hpp"

namespace switchyard::actors {
namespace {

using namespace std::chrono_literals;
using enum EntityKind;

int admitted_of_500(LedgerBook& book, const AdmitQuery& query) {
  int count = 0;
  for (int i = 0; i < 500; ++i) count += book.admit(query).error.code == Errc::none;
  return count;
}

TEST_F(LedgerTest, OfFiveHundredAtATimeStrictLetsTenThrough) {
  const auto key = EntityDraft(k_key, "k").budget(10).done();
  EXPECT_EQ(admitted_of_500(book, query({key}, 1, BudgetPolicy::strict)), 10);
  EXPECT_EQ(reserved(key), usd(10));
}

TEST_F(LedgerTest, AloneLetsWhatFitsThroughAndOvershootsByOneAtMost) {
  const auto key = EntityDraft(k_key, "k").budget(10).done();
  std::vector<AdmitAnswer> open;
  for (int i = 0; i < 500; ++i)
    if (auto answer = admit({key}, 3); admitted(answer)) open.push_back(std::move(answer));
  EXPECT_EQ(open.size(), 3u);
  for (auto& answer : open) settle(answer, 3);
  const auto last = admit({key}, 3);
  EXPECT_TRUE(admitted(last)) << "one dollar is left and nobody else runs";
  EXPECT_FALSE(admitted(admit({key}, 3)));
  settle(last, 3);
  EXPECT_EQ(spent(key), usd(12));
  EXPECT_FALSE(admitted(admit({key}, 3)));
}

TEST_F(LedgerTest, ClampLowersWhatARequestMayCost) {
  const auto key = EntityDraft(k_key, "k").budget(10).done();
  const auto team = EntityDraft(EntityKind::team, "t").budget(6).done();
  auto ask = query({key, team}, 8, BudgetPolicy::clamp);
  ask.worst_input = usd(1);
  const auto first = admit(ask);
  ASSERT_TRUE(admitted(first));
  EXPECT_EQ(first.allowed, usd(6));
  EXPECT_EQ(reserved(key), usd(6));
  EXPECT_EQ(reserved(team), usd(6));
  settle(first, 5.5);
  EXPECT_FALSE(admitted(admit(ask))) << "fifty cents do not pay for the prompt";
}

TEST_F(LedgerTest, ClampAdmitsWhatFitsUnchanged) {
  const auto key = EntityDraft(k_key, "k").budget(10).done();
  EXPECT_EQ(admit({key}, 8, BudgetPolicy::clamp).allowed, Money::most());
}

TEST_F(LedgerTest, ARefusalReservesNowhere) {
  const auto key = EntityDraft(k_key, "k").budget(10).rpm(5).done();
  const auto team = EntityDraft(EntityKind::team, "t").budget(1).spent(2).done();
  EXPECT_FALSE(admitted(admit({key, team}, 1)));
  EXPECT_EQ(reserved(key), Money{});
  EXPECT_EQ(book.open(), 0u);
  EXPECT_EQ(admit({key}, 1).limits[0].rpm_left, 4);
}

TEST_F(LedgerTest, ErrorsAndAbortsGiveTheReservationBack) {
  const auto key = EntityDraft(k_key, "k").budget(10).done();
  const auto answer = admit({key}, 10, BudgetPolicy::strict);
  EXPECT_FALSE(admitted(admit({key}, 1, BudgetPolicy::strict)));
  settle(answer, 0);
  settle(answer, 5); // a second time: ignored
  EXPECT_EQ(spent(key), Money{});
  EXPECT_TRUE(admitted(admit({key}, 10, BudgetPolicy::strict)));
}

TEST_F(LedgerTest, AnOldIdDoesNotSettleWhoeverGotItsSlot) {
  const auto key = EntityDraft(k_key, "k").budget(10).done();
  const auto first = admit({key}, 1);
  settle(first, 1);
  const auto second = admit({key}, 1);
  EXPECT_NE(first.id, second.id);
  settle(first, 1);
  EXPECT_EQ(reserved(key), usd(1));
}

TEST_F(LedgerTest, FreeModelsAndUnknownPrices) {
  const auto full = EntityDraft(k_key, "k").budget(1).spent(1).done();
  auto free = query({full});
  free.budgets = false;
  EXPECT_TRUE(admitted(admit(free)));
  EXPECT_FALSE(admitted(admit({full}, 0)));
  const auto other = EntityDraft(k_key, "o").budget(1).done();
  const auto running = admit({other}, 1, BudgetPolicy::strict);
  EXPECT_TRUE(admitted(admit({other}, 0, BudgetPolicy::strict))) << "no price, so nothing to reserve";
}

TEST_F(LedgerTest, TheSameEntityTwiceCountsOnce) {
  const auto tag = EntityDraft(EntityKind::tag, "a").budget(1).done();
  settle(admit({tag, tag, nullptr}, 1), 0.5);
  EXPECT_EQ(spent(tag), usd(0.5));
}

struct AtCap {
  EntityKind kind;
  bool refused;
};
class LedgerAtCap : public LedgerTest, public ::testing::WithParamInterface<AtCap> {};

TEST_P(LedgerAtCap, ComparesAsLiteLLM) {
  const auto entity = EntityDraft(GetParam().kind, "a:b").budget(2).spent(2).done();
  EXPECT_NE(admitted(admit({entity}, 0)), GetParam().refused);
  const auto none = EntityDraft(GetParam().kind, "c:d").budget(0).done();
  EXPECT_NE(admitted(admit({none}, 0)), GetParam().refused);
  const auto over = EntityDraft(GetParam().kind, "e:f").budget(2).spent(2.000000001).done();
  EXPECT_FALSE(admitted(admit({over}, 0)));
}
INSTANTIATE_TEST_SUITE_P(All, LedgerAtCap,
                         ::testing::Values(AtCap{key, true}, AtCap{user, true}, AtCap{member, true},
                                           AtCap{organization, true}, AtCap{team, false},
                                           AtCap{project, false}, AtCap{tag, false}, AtCap{customer, false},
                                           AtCap{key_model, false}, AtCap{proxy, false}));

TEST_F(LedgerTest, ModelsNameTheirOwnerWhateverColonsItHas) {
  auto customer = EntityDraft(customer_model, "crm:7:gpt-4").budget(1).spent(2);
  customer.owner_size = 5;
  EXPECT_EQ(admit({customer.done()}).error.message,
            "LiteLLM End User: crm:7, exceeded budget for model=gpt-4");
  auto member = EntityDraft(member_model, "t:u:gpt-4").budget(1).spent(2);
  member.owner_size = 3;
  EXPECT_EQ(admit({member.done()}).error.message,
            "LiteLLM Team Member: user=u, team=t, exceeded budget for model=gpt-4");
}

/// What the row says of a model's spend is in the ledger's own already.
TEST_F(LedgerTest, RowsReadAgainDoNotAddToABudgetOfAModel) {
  const auto before = EntityDraft(key_model, "h:m").budget(3).done();
  spend({before}, 2);
  read_again(EntityDraft(key_model, "h:m").budget(3).spent(2, 5).done());
  EXPECT_EQ(spent(before), usd(2));
  EXPECT_TRUE(admitted(admit({before})));
}

struct Words {
  EntityKind kind;
  const char* id;
  const char* message;
};
class LedgerWords : public LedgerTest, public ::testing::WithParamInterface<Words> {};

TEST_P(LedgerWords, OfABudgetRefusal) {
  const auto entity = EntityDraft(GetParam().kind, GetParam().id).budget(1).spent(1.5).done();
  const auto answer = admit({entity}, 0);
  EXPECT_EQ(answer.error.message, GetParam().message);
  EXPECT_EQ(answer.error.code, Errc::budget_exceeded);
}
INSTANTIATE_TEST_SUITE_P(
    All, LedgerWords,
    ::testing::Values(
        Words{key, "h", "Budget has been exceeded! Current cost: 1.5, Max budget: 1.0"},
        Words{key_model, "h:gpt-4:x",
              "LiteLLM Virtual Key: h, key_alias: None, exceeded budget for model=gpt-4:x"},
        Words{user_model, "u:m", "LiteLLM User: u, exceeded budget for model=m"},
        Words{organization_model, "o:m", "LiteLLM Organization: o, exceeded budget for model=m"},
        Words{user, "u", "ExceededBudget: User=u over budget. Spend=1.5, Budget=1.0"},
        Words{team, "t", "Budget has been exceeded! Team=t Current cost: 1.5, Max budget: 1.0"},
        Words{member, "t:u", "Budget has been exceeded! User=u in Team=t Current cost: 1.5, Max budget: 1.0"},
        Words{project, "p", "Budget has been exceeded! Project=p Current cost: 1.5, Max budget: 1.0"},
        Words{organization, "o",
              "Budget has been exceeded! Organization=o Current cost: 1.5, Max budget: 1.0"},
        Words{tag, "a", "Budget has been exceeded! Tag=a Current cost: 1.5, Max budget: 1.0"},
        Words{customer, "c", "ExceededBudget: End User=c over budget. Spend=1.5, Budget=1.0"},
        Words{proxy, "litellm-proxy-budget",
              "Budget has been exceeded! Current cost: 1.5, Max budget: 1.0"}));

TEST_F(LedgerTest, TheEnvelopeOfABudgetRefusal) {
  auto rules = rules_for_tests();
  rules.budget_status = 429;
  book.set_rules(rules);
  const auto key = EntityDraft(k_key, "h").budget(0.000072).spent(0.000072).done();
  EXPECT_EQ(to_json(admit({key}).error),
            R"({"error":{"message":"Budget has been exceeded! Current cost: 7.2e-05, Max budget: 7.2e-05",)"
            R"("type":"budget_exceeded","param":null,"code":"429"}})");
}

TEST_F(LedgerTest, ARefusalForRunningRequestsShowsWhatTheyMayCost) {
  const auto key = EntityDraft(k_key, "h").budget(10).spent(1).done();
  const auto running = admit({key}, 8);
  EXPECT_EQ(admit({key}, 8).error.message, "Budget has been exceeded! Current cost: 9.0, Max budget: 10.0");
}

TEST_F(LedgerTest, WindowsBesideTheBudget) {
  auto draft = EntityDraft(k_key, "h").budget(100);
  draft.limits.windows = {{"1h", usd(2)}, {"1d", usd(3)}};
  const auto key = draft.done();
  spend({key}, 2);
  EXPECT_EQ(admit({key}).error.message, "ExceededBudget: Key over 1h budget. Spend=$2.0000, Limit=$2.00");
  clock.advance(1h);
  spend({key}, 1);
  EXPECT_EQ(admit({key}).error.message, "ExceededBudget: Key over 1d budget. Spend=$3.0000, Limit=$3.00");
  clock.advance(24h);
  EXPECT_TRUE(admitted(admit({key})));
  auto team = EntityDraft(EntityKind::team, "t");
  team.limits.windows = {{"1h", usd(0)}};
  EXPECT_EQ(admit({team.done()}).error.message,
            "ExceededBudget: Team=t over 1h budget. Spend=$0.0000, Limit=$0.00");
}

TEST_F(LedgerTest, AWindowGoesOnFromWhatTheDatabaseTells) {
  auto draft = EntityDraft(EntityKind::key_model, "h:m");
  draft.label = "ann";
  draft.limits.windows = {{"1d", usd(2), usd(2.5), next_hour_or_day("1d", clock.wall())}};
  EXPECT_EQ(admit({draft.done()}).error.message,
            "LiteLLM Virtual Key: h, key_alias: ann, exceeded budget for model=m");
  auto old = EntityDraft(EntityKind::key_model, "h:n");
  old.limits.windows = {{"1d", usd(2), usd(2.5), clock.wall()}};
  EXPECT_TRUE(admitted(admit({old.done()}))) << "it was read in a window that is over";
}

TEST_F(LedgerTest, ABudgetStartsAgainWithoutTheJob) {
  auto draft = EntityDraft(k_key, "h").budget(5).spent(5);
  draft.limits.budget_duration = "1h";
  draft.limits.budget_reset_at = clock.wall() + 10min;
  const auto key = draft.done();
  EXPECT_FALSE(admitted(admit({key})));
  clock.advance(10min);
  spend({key}, 5);
  EXPECT_EQ(spent(key), usd(5));
  EXPECT_FALSE(admitted(admit({key}))) << "the next window is the hour's";
  clock.advance(50min);
  EXPECT_TRUE(admitted(admit({key})));
}

TEST_F(LedgerTest, ATemporaryIncreaseEnds) {
  auto draft = EntityDraft(k_key, "h").budget(15).spent(12);
  draft.limits.increase = usd(5);
  draft.limits.increase_ends = clock.wall() + 1h;
  const auto key = draft.done();
  EXPECT_TRUE(admitted(admit({key})));
  clock.advance(1h);
  EXPECT_EQ(admit({key}).error.message, "Budget has been exceeded! Current cost: 12.0, Max budget: 10.0");
}

TEST_F(LedgerTest, ASoftBudgetIsToldOncePerCrossing) {
  auto draft = EntityDraft(k_key, "h");
  draft.limits.soft_budget = usd(1);
  draft.limits.budget_duration = "1h";
  draft.limits.budget_reset_at = clock.wall() + 1h;
  const auto key = draft.done();
  EXPECT_TRUE(admit({key}).soft_crossed.empty());
  spend({key}, 1);
  const auto crossed = admit({key}).soft_crossed;
  ASSERT_EQ(crossed.size(), 1u);
  EXPECT_EQ(crossed[0].second, "h");
  EXPECT_TRUE(admit({key}).soft_crossed.empty());
  clock.advance(1h);
  spend({key}, 1);
  EXPECT_EQ(admit({key}).soft_crossed.size(), 1u);
}

TEST_F(LedgerTest, TheWholeProxyIsPartOfEveryAdmission) {
  auto rules = rules_for_tests();
  rules.proxy.max_budget = usd(2);
  book.set_rules(rules);
  const auto key = EntityDraft(k_key, "h").done();
  spend({key}, 3);
  EXPECT_EQ(admit({key}).error.message, "Budget has been exceeded! Current cost: 3.0, Max budget: 2.0");
  EXPECT_FALSE(admitted(admit(std::vector<EntityPtr>{})));
  book.set_rules(rules_for_tests());
  EXPECT_TRUE(admitted(admit({key})));
}

TEST_F(LedgerTest, BudgetsOfAllComeBeforeLimitsOfAnybody) {
  const auto key = EntityDraft(k_key, "h").rpm(0).done();
  const auto team = EntityDraft(EntityKind::team, "t").budget(1).spent(2).done();
  EXPECT_EQ(admit({key, team}).error.code, Errc::budget_exceeded);
}

} // namespace
} // namespace switchyard::actors
