// What the database tells: rows read before and after batches, resets, limits that change, ledgers that go.
#include "actors/ledger_fixture.hpp"

namespace switchyard::actors {
namespace {

using namespace std::chrono_literals;

TEST_F(LedgerTest, AFlushMovesSpendAndAddsNone) {
  const auto key = EntityDraft(k_key, "h").spent(2).done();
  spend({key}, 3);
  flush(key, 3, 1);
  EXPECT_EQ(spent(key), usd(5));
  EXPECT_EQ(book.find(k_key, "h")->unflushed(), Money{});
}

TEST_F(LedgerTest, AFlushOfWhatWasSpentBeforeTheRestartAdds) {
  const auto key = EntityDraft(k_key, "h").spent(2).done();
  spend({key}, 1);
  flush(key, 5, 1); // four of them from the journals
  EXPECT_EQ(spent(key), usd(7));
}

TEST_F(LedgerTest, ARowReadAfterABatchIsTakenAsItIs) {
  const auto key = EntityDraft(k_key, "h").spent(2).done();
  spend({key}, 3);
  flush(key, 3, 1);
  read_again(EntityDraft(k_key, "h").spent(9, 1).done()); // other nodes spend too
  EXPECT_EQ(spent(key), usd(9));
  read_again(EntityDraft(k_key, "h").spent(8, 1).done());
  EXPECT_EQ(spent(key), usd(8));
}

TEST_F(LedgerTest, ARowReadBeforeTheLastBatchNeverLowers) {
  const auto key = EntityDraft(k_key, "h").spent(2).done();
  spend({key}, 3);
  flush(key, 3, 1);
  read_again(EntityDraft(k_key, "h").spent(2, 0).done());
  EXPECT_EQ(spent(key), usd(5));
  read_again(EntityDraft(k_key, "h").spent(6, 0).done());
  EXPECT_EQ(spent(key), usd(6));
}

TEST_F(LedgerTest, ARowThatIsAheadOfTheFlushIsNotCountedTwice) {
  const auto key = EntityDraft(k_key, "h").spent(2).done();
  spend({key}, 3);
  read_again(EntityDraft(k_key, "h").spent(5, 1).done()); // holds batch 1, which we have not heard of
  EXPECT_EQ(spent(key), usd(8)) << "too much for a moment rather than too little";
  flush(key, 3, 1);
  EXPECT_EQ(spent(key), usd(5));
}

TEST_F(LedgerTest, AResetTakesTheRowsSpend) {
  const auto key = EntityDraft(k_key, "h").budget(5).spent(5, 3).done();
  EXPECT_FALSE(admitted(admit({key})));
  read_again(EntityDraft(k_key, "h").budget(5).spent(0, 3).done(), true);
  EXPECT_TRUE(admitted(admit({key})));
  EXPECT_EQ(spent(key), Money{});
}

TEST_F(LedgerTest, ARowOfTheOldWindowDoesNotUndoAReset) {
  auto draft = EntityDraft(k_key, "h").budget(5).spent(5, 0);
  draft.limits.budget_duration = "1h";
  draft.limits.budget_reset_at = clock.wall() + 10min;
  const auto key = draft.done();
  spend({key}, 0);
  clock.advance(10min);
  spend({key}, 1);
  read_again(draft.spent(5, 7).done()); // the job has not run
  EXPECT_EQ(spent(key), usd(1));
  flush(key, 1, 8);
  EXPECT_EQ(spent(key), usd(1));
  draft.limits.budget_reset_at = clock.wall() + 50min;
  read_again(draft.spent(0.5, 8).done()); // now it has
  EXPECT_EQ(spent(key), usd(0.5));
}

TEST_F(LedgerTest, SpendOnItsWayToTheDatabaseBelongsToTheOldWindow) {
  auto draft = EntityDraft(k_key, "h").budget(5);
  draft.limits.budget_duration = "1h";
  draft.limits.budget_reset_at = clock.wall() + 10min;
  const auto key = draft.done();
  spend({key}, 4);
  clock.advance(10min);
  spend({key}, 1);
  EXPECT_EQ(spent(key), usd(1));
  flush(key, 4, 1);
  EXPECT_EQ(spent(key), usd(1));
  flush(key, 1, 2);
  EXPECT_EQ(spent(key), usd(1));
}

TEST_F(LedgerTest, LimitsFollowTheRecordAtOnceAndKeepWhatWasUsed) {
  spend({EntityDraft(k_key, "h").budget(1).done()}, 1);
  EXPECT_FALSE(admitted(admit({EntityDraft(k_key, "h").budget(1).done()})));
  EXPECT_TRUE(admitted(admit({EntityDraft(k_key, "h").budget(2).done()})));
  read_again(EntityDraft(k_key, "h").budget(0.5).done());
  const auto older = EntityDraft(k_key, "h").budget(9);
  EXPECT_TRUE(admitted(admit({older.done()}))) << "same version: the shard may be ahead of the news";
  read_again(EntityDraft(k_key, "h").budget(0.5).spent(1, 4).done());
  EXPECT_FALSE(admitted(admit({older.done()}))) << "read before what the ledger knows";
}

TEST_F(LedgerTest, AWindowKeepsItsSpendWhenItsLimitChanges) {
  auto draft = EntityDraft(k_key, "h");
  draft.limits.windows = {{"1d", usd(1)}};
  spend({draft.done()}, 1);
  draft.limits.windows = {{"1h", usd(5)}, {"1d", usd(2)}};
  spend({draft.done()}, 1);
  EXPECT_FALSE(admitted(admit({draft.done()})));
}

TEST_F(LedgerTest, AForgottenRowsLedgerGoes) {
  const auto key = EntityDraft(k_key, "h").budget(1).spent(1).done();
  spend({key}, 0);
  LedgerNews news;
  news.forget.push_back({Touched::What::key, "h"});
  book.news(news);
  EXPECT_EQ(book.find(k_key, "h"), nullptr);
}

TEST_F(LedgerTest, AForgottenRowsLedgerWaitsForItsRequests) {
  const auto key = EntityDraft(k_key, "h").budget(9).done();
  const auto running = admit({key}, 1);
  LedgerNews news;
  news.forget.push_back({Touched::What::key, "h"});
  book.news(news);
  settle(running, 1);
  EXPECT_EQ(spent(key), usd(1));
  clock.advance(11min);
  spend({EntityDraft(k_key, "other").done()}, 0);
  book.news({});
  EXPECT_EQ(book.find(k_key, "h"), nullptr);
}

TEST_F(LedgerTest, IdleLedgersWithoutLimitsGoAndBudgetsStay) {
  for (int i = 0; i < 1000; ++i)
    spend({EntityDraft(EntityKind::customer, "c" + std::to_string(i)).done()}, 1);
  const auto limited = EntityDraft(EntityKind::customer, "limited").budget(5).done();
  spend({limited}, 1);
  const auto running = admit({EntityDraft(EntityKind::tag, "running").done()});
  clock.advance(11min);
  for (int i = 0; i < 10; ++i) spend({EntityDraft(k_key, "h").done()}, 0), book.news({});
  EXPECT_EQ(book.size(), 3u);
  EXPECT_EQ(spent(limited), usd(1));
  settle(running, 1);
}

TEST_F(LedgerTest, NewsOfWhatNobodyAskedForMakesNoLedger) {
  read_again(EntityDraft(k_key, "h").budget(5).done());
  flush(EntityDraft(k_key, "h").done(), 5, 1);
  EXPECT_EQ(book.size(), 0u);
}

} // namespace
} // namespace switchyard::actors
