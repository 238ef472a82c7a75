// An open admission that may cost more than it asked for: a fallback dearer than what was requested.
#include "ledger_fixture.hpp"

namespace switchyard::actors {
namespace {

class LedgerRaise : public LedgerTest {
 protected:
  AdmitAnswer raise(const AdmitAnswer& admission, double worst, BudgetPolicy policy = BudgetPolicy::strict,
                    double input = 0) {
    auto question = query({}, worst, policy);
    question.raises = admission.id, question.worst_input = usd(input);
    return admit(question);
  }
  EntityPtr key = EntityDraft(k_key, "k").budget(10).rpm(5).done();
};

TEST_F(LedgerRaise, ReservesTheDifferenceAndGivesItBack) {
  const auto one = admit({key}, 2, BudgetPolicy::strict);
  EXPECT_TRUE(admitted(raise(one, 7)));
  EXPECT_EQ(reserved(key), usd(7));
  EXPECT_FALSE(admitted(admit({key}, 4, BudgetPolicy::strict)));
  settle(one, 6);
  EXPECT_EQ(reserved(key), usd(0));
  EXPECT_EQ(spent(key), usd(6));
}

TEST_F(LedgerRaise, RefusedItKeepsWhatItHas) {
  const auto one = admit({key}, 4, BudgetPolicy::strict), two = admit({key}, 4, BudgetPolicy::strict);
  const auto answer = raise(two, 7);
  EXPECT_EQ(answer.error.code, Errc::budget_exceeded);
  EXPECT_EQ(reserved(key), usd(8));
  settle(one, 0), settle(two, 0);
  EXPECT_EQ(reserved(key), usd(0));
}

TEST_F(LedgerRaise, IsAllOrNothing) {
  const auto team = EntityDraft(EntityKind::team, "t").budget(3).done();
  const auto one = admit({key, team}, 1, BudgetPolicy::strict);
  EXPECT_FALSE(admitted(raise(one, 5)));
  EXPECT_EQ(reserved(key), usd(1));
}

TEST_F(LedgerRaise, AloneMeansWithoutOthersNotWithoutItself) {
  const auto one = admit({key}, 2);
  EXPECT_TRUE(admitted(raise(one, 50, BudgetPolicy::alone)));
  settle(one, 1);
  const auto two = admit({key}, 2), three = admit({key}, 2);
  EXPECT_FALSE(admitted(raise(two, 50, BudgetPolicy::alone)));
  settle(two, 0), settle(three, 0);
}

TEST_F(LedgerRaise, ClampSaysWhatIsLeftForTheWholeRequest) {
  const auto one = admit({key}, 2, BudgetPolicy::clamp), two = admit({key}, 3, BudgetPolicy::clamp);
  const auto answer = raise(two, 20, BudgetPolicy::clamp, 1);
  EXPECT_TRUE(admitted(answer));
  EXPECT_EQ(answer.allowed, usd(8));
  EXPECT_EQ(reserved(key), usd(10));
  EXPECT_FALSE(admitted(raise(two, 20, BudgetPolicy::clamp, 8)));
  settle(one, 0), settle(two, 0);
}

TEST_F(LedgerRaise, CountsNoRequestAndForgetsTheSettled) {
  const auto one = admit({key}, 1, BudgetPolicy::strict);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(admitted(raise(one, 2)));
  EXPECT_EQ(book.find(k_key, "k")->parallel(), 1u);
  settle(one, 1);
  EXPECT_TRUE(admitted(raise(one, 100)));
  EXPECT_EQ(reserved(key), usd(0));
  EXPECT_EQ(raise(one, 100).id, 0u);
}

TEST_F(LedgerRaise, AFreeRequestPaysFromItsFallbackOn) {
  auto free = query({key}, 0);
  free.budgets = false;
  const auto one = admit(free);
  EXPECT_TRUE(admitted(raise(one, 9)));
  EXPECT_EQ(reserved(key), usd(9));
  spend({key}, 0);
  const auto two = admit(free);
  EXPECT_FALSE(admitted(raise(two, 9)));
  settle(one, 0), settle(two, 0);
}

} // namespace
} // namespace switchyard::actors
