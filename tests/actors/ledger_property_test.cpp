// Random interleavings of admissions, ends, aborts, flushes, resets and rows read again, against a model that
// only knows the rules: nothing negative, nothing above a cap that is strict, no cent lost or made.
#include "actors/ledger_fixture.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace switchyard::actors {
namespace {

using namespace std::chrono_literals;

struct Running {
  AdmitAnswer answer;
  std::vector<std::size_t> who;
  Money worst;
  std::uint32_t tokens = 0;
};

/// What must be true of one entity, kept beside the book.
struct Expected {
  EntityPtr entity;
  Money database, unflushed, reserved; ///< the row's spend; settled and on its way; promised to requests
  std::uint32_t parallel = 0;
};

class LedgerProperty : public LedgerTest, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  static constexpr std::size_t k_entities = 6;
  std::uint64_t below(std::uint64_t most) { return random.next() % most; }

  void make(bool strict_only) {
    constexpr std::array k_kinds = {EntityKind::key,          EntityKind::team, EntityKind::user,
                                    EntityKind::organization, EntityKind::tag,  EntityKind::member};
    only_strict = strict_only;
    for (std::size_t i = 0; i < k_entities; ++i) {
      EntityDraft draft(k_kinds[i], "e" + std::to_string(i));
      if (below(3) != 0) draft.limits.max_budget = Money::nanos(static_cast<std::int64_t>(below(200)) + 20);
      if (below(3) == 0) draft.parallel(static_cast<std::int64_t>(below(6)) + 1);
      if (below(3) == 0) draft.tpm(static_cast<std::int64_t>(below(300)) + 50);
      expected[i].entity = draft.done();
    }
  }
  void begin() {
    AdmitQuery question = query({});
    Running running;
    for (std::size_t i = 0; i < k_entities; ++i)
      if (below(2) == 0) running.who.push_back(i), question.who.push_back(expected[i].entity);
    running.worst = question.worst = Money::nanos(static_cast<std::int64_t>(below(30)));
    question.worst_input = Money::nanos(question.worst.nanos() / 3);
    running.tokens = question.tokens = static_cast<std::uint32_t>(below(40));
    constexpr std::array k_policies = {BudgetPolicy::strict, BudgetPolicy::clamp, BudgetPolicy::alone};
    question.policy = k_policies[only_strict ? below(2) : below(3)];
    running.answer = book.admit(question);
    if (running.answer.id == 0) return;
    running.worst = std::min(running.worst, running.answer.allowed);
    for (const auto i : running.who) {
      if (expected[i].entity->limits.max_budget) expected[i].reserved += running.worst;
      ++expected[i].parallel;
    }
    open.push_back(std::move(running));
  }
  void end() {
    if (open.empty()) return;
    std::swap(open[below(open.size())], open.back());
    const auto running = std::move(open.back());
    open.pop_back();
    Settle how;
    how.id = running.answer.id, how.now = clock.now(), how.wall = clock.wall();
    if (below(3) != 0) { // else it was aborted
      how.cost = Money::nanos(
          static_cast<std::int64_t>(below(static_cast<std::uint64_t>(running.worst.nanos()) + 1)));
      how.tokens = static_cast<std::uint32_t>(below(running.tokens + 1));
    }
    book.settle(how);
    for (const auto i : running.who) {
      if (expected[i].entity->limits.max_budget) expected[i].reserved -= running.worst;
      expected[i].unflushed += how.cost;
      --expected[i].parallel;
    }
  }
  /// A batch is committed; the ledgers hear of it at once, and sometimes rows are read in between.
  void flush_all() {
    LedgerNews news;
    news.version = ++batches;
    for (auto& each : expected) {
      const auto part = below(2) == 0 ? each.unflushed : Money::nanos(each.unflushed.nanos() / 2);
      if (part == Money{}) continue;
      news.flushed.push_back({each.entity->kind, each.entity->id, part});
      each.database += part, each.unflushed -= part;
    }
    if (below(3) == 0) read_rows(); // they hold what the news is about to say
    book.news(news);
  }
  void read_rows() {
    LedgerNews news;
    for (auto& each : expected) {
      auto row = std::make_shared<Entity>(*each.entity);
      row->spend = each.database, row->version = batches;
      each.entity = row;
      news.entities.push_back(std::move(row));
    }
    book.news(news);
  }
  void reset_one() {
    auto& each = expected[below(k_entities)];
    each.database = Money{};
    auto row = std::make_shared<Entity>(*each.entity);
    row->spend = Money{}, row->version = batches;
    each.entity = row;
    LedgerNews news;
    news.entities.push_back(std::move(row));
    news.spend_is_set = true;
    book.news(news);
  }
  void check() {
    for (const auto& each : expected) {
      const auto* ledger = book.find(each.entity->kind, each.entity->id);
      if (!ledger) continue;
      ASSERT_EQ(ledger->reserved(), each.reserved);
      ASSERT_GE(ledger->reserved(), Money{});
      ASSERT_EQ(ledger->parallel(), each.parallel);
      ASSERT_EQ(ledger->unflushed(), each.unflushed);
      ASSERT_EQ(ledger->settled(), each.database + each.unflushed);
      const auto& limits = each.entity->limits;
      ASSERT_TRUE(!only_strict || !limits.max_budget ||
                  ledger->settled() + ledger->reserved() <= *limits.max_budget);
      ASSERT_LE(ledger->parallel(), limits.parallel.value_or(INT64_MAX));
      ASSERT_LE(ledger->tokens(), static_cast<std::uint64_t>(limits.tpm.value_or(INT64_MAX)));
    }
  }
  void step() {
    const auto what = below(100);
    if (what < 45)
      begin();
    else if (what < 88)
      end();
    else if (what < 92)
      flush_all();
    else if (what < 94)
      read_rows();
    else if (what < 95)
      reset_one();
    else
      clock.advance(std::chrono::seconds(below(30)));
  }

  Random random{GetParam()};
  bool only_strict = true;
  std::array<Expected, k_entities> expected;
  std::vector<Running> open;
  std::uint64_t batches = 0;
};

TEST_P(LedgerProperty, StrictAndClampHoldEveryCap) {
  make(true);
  for (int i = 0; i < 4000 && !HasFatalFailure(); ++i) step(), check();
}

TEST_P(LedgerProperty, AllPoliciesKeepTheBooks) {
  make(false);
  for (int i = 0; i < 4000 && !HasFatalFailure(); ++i) step(), check();
  while (!open.empty()) end();
  check();
  EXPECT_EQ(book.open(), 0u);
  for (const auto& each : expected) EXPECT_EQ(each.reserved, Money{});
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerProperty, ::testing::Range<std::uint64_t>(1, 21));

} // namespace
} // namespace switchyard::actors
