// Exactly once: whatever fails and wherever the process ends, every event is one row and totals are exact.
#include "unit/storage/spend_fixture.hpp"

namespace switchyard::storage {
namespace {

using test::numbered;

SPEND_SUITE(SpendRecovery);

TEST_P(SpendRecovery, ADatabaseThatFailsAnywhereLosesAndDoublesNothing) {
  insert("VerificationToken", {{"token", text(numbered(0).api_key)}, {"spend", Value(0.0)}});
  const auto writer = pump(directory.path());
  const auto journal = *writer->open_journal();
  Random random(7);
  Money all;
  for (int i = 0; i < 120; ++i) {
    const auto ticket = *journal->begin(numbered(i));
    ASSERT_TRUE(journal->end(ticket, numbered(i)));
    all += numbered(i).spend;
    if (i % 3 != 0) continue;
    faults.left = static_cast<int>(random.next() % 16);
    faults.behind_commit = random.next() % 2;
    (void)writer->write_all();
    if (i % 12 == 0) clock.advance(std::chrono::minutes(1)), writer->step();
  }
  faults.left = -1;
  ASSERT_TRUE(writer->write_all());
  const auto rows = rows_by_number();
  EXPECT_EQ(rows.size(), 120u);
  for (const auto& [number, count] : rows) EXPECT_EQ(count, 1) << number;
  EXPECT_EQ(sum_of_rows(), all);
  EXPECT_EQ(spend_of("VerificationToken", "token", numbered(0).api_key), all);
  EXPECT_GT(writer->stats().failures, 10u);
  EXPECT_EQ(writer->stats().written, 120u);
  Money told;
  for (const auto& batch : flushed)
    for (const auto& part : batch.parts)
      if (part.kind == EntityKind::key) told += part.amount;
  EXPECT_EQ(told, all);
}

/// A process that ends at any moment: a copy of its files, cut anywhere behind what it had answered.
TEST_P(SpendRecovery, KillsAtAnyPointGiveOneRowPerAnsweredCall) {
  insert("VerificationToken", {{"token", text(numbered(0).api_key)}, {"spend", Value(0.0)}});
  Random random(11);
  int next = 0;
  Money all;
  std::map<int, bool> answered;
  for (int run = 0; run < 25; ++run) {
    const auto writer = pump(directory.path());
    const auto journal = *writer->open_journal();
    faults.left = random.next() % 3 ? -1 : static_cast<int>(random.next() % 30);
    faults.behind_commit = random.next() % 2;
    writer->start();
    std::vector<std::pair<int, JournalTicket>> running;
    const int steps = static_cast<int>(random.next() % 60);
    for (int i = 0; i < steps; ++i) {
      running.emplace_back(next, *journal->begin(numbered(next)));
      answered[next++] = false;
      if (random.next() % 4 == 0) continue;
      const auto [number, ticket] = running[random.next() % running.size()];
      if (answered[number]) continue;
      ASSERT_TRUE(journal->end(ticket, numbered(number)));
      answered[number] = true;
      all += numbered(number).spend;
      if (random.next() % 5 == 0) (void)writer->write_all();
      if (random.next() % 9 == 0) clock.advance(std::chrono::seconds(20)), writer->step();
    }
  } // no finish(): killed
  faults.left = -1;
  const auto last = pump(directory.path());
  last->start();
  ASSERT_TRUE(last->write_all());
  const auto rows = rows_by_number();
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(next));
  for (const auto& [number, count] : rows) EXPECT_EQ(count, 1) << number;
  EXPECT_EQ(select({"SpendLogs", {{"status", "=", text("success")}}}).size(),
            static_cast<std::size_t>(
                std::count_if(answered.begin(), answered.end(), [](auto& a) { return a.second; })));
  EXPECT_EQ(sum_of_rows(), all);
  EXPECT_EQ(spend_of("VerificationToken", "token", numbered(0).api_key), all);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  EXPECT_TRUE(select({"Switchyard_Journal"}).empty());
}

TEST_P(SpendRecovery, ACrashBetweenCommitAndRemovalDoublesNothing) {
  constexpr auto over =
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing;
  test::TemporaryDirectory copy;
  {
    const auto first = pump(directory.path());
    const auto journal = *first->open_journal();
    (void)*journal->begin(numbered(100));
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(journal->end(*journal->begin(numbered(i)), numbered(i)));
  }
  std::filesystem::copy(directory.path(), copy.path(), over);
  // Every statement fails once, the commit and the one that forgets the journal too; and the files come back
  // after each try, as if nothing had been unlinked.
  for (int statements = 0; statements < 60; ++statements) {
    const auto writer = pump(directory.path());
    writer->start();
    faults.left = statements;
    faults.behind_commit = statements % 2;
    (void)writer->write_all();
    faults.left = -1;
    if (!select({"SpendLogs"}).empty() && select({"Switchyard_Journal"}).empty()) break; // all was done
    std::filesystem::copy(copy.path(), directory.path(), over);
  }
  const auto writer = pump(directory.path());
  writer->start();
  ASSERT_TRUE(writer->write_all());
  EXPECT_EQ(select({"SpendLogs"}).size(), 21u);
  EXPECT_EQ(select({"SpendLogs", {{"status", "=", text("interrupted")}}}).size(), 1u);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST_P(SpendRecovery, RecoveredBatchesSayThatNoLedgerCountedThem) {
  {
    const auto journal = *pump(directory.path())->open_journal();
    ASSERT_TRUE(journal->end(*journal->begin(numbered(1)), numbered(1)));
  }
  const auto writer = pump(directory.path());
  const auto journal = *writer->open_journal();
  writer->start();
  ASSERT_TRUE(journal->end(*journal->begin(numbered(2)), numbered(2)));
  ASSERT_TRUE(writer->write_all());
  ASSERT_EQ(flushed.size(), 2u);
  EXPECT_TRUE(flushed[0].recovered);
  EXPECT_FALSE(flushed[1].recovered);
}

TEST_P(SpendRecovery, FinishMakesInterruptedRowsAndLeavesNoFiles) {
  const auto writer = pump(directory.path());
  const auto journal = *writer->open_journal();
  const auto shard = shard_side(journal);
  ASSERT_TRUE(shard->end(*shard->begin(numbered(1)), numbered(1)));
  (void)*shard->begin(numbered(2));
  journal->close();
  writer->finish();
  EXPECT_EQ(select({"SpendLogs"}).size(), 2u);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST_P(SpendRecovery, WithTheDatabaseDownNothingIsHeldInMemoryAndNothingIsLost) {
  const auto writer = pump(directory.path(), 1u << 16);
  const auto journal = *writer->open_journal();
  faults.left = 0;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(journal->end(*journal->begin(numbered(i)), numbered(i)));
    if (i % 100 != 0) continue;
    faults.left = 0;
    clock.advance(std::chrono::minutes(1));
    writer->step();
  }
  EXPECT_GE(writer->stats().waiting, 900u);
  faults.left = -1;
  clock.advance(std::chrono::minutes(1));
  writer->step();
  EXPECT_EQ(writer->stats().waiting, 0u);
  EXPECT_EQ(rows_by_number().size(), 1000u);
}

} // namespace
} // namespace switchyard::storage
