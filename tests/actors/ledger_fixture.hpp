// A book of ledgers on simulated time. Budget windows of these tests are whole hours and days of UTC.
#pragma once

#include "actors/ledger_book.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace switchyard::actors {

inline Money usd(double dollars) { return Money::from_usd(dollars); }

/// "1h" and "1d" only; the calendar has its own tests.
inline std::optional<WallTime> next_hour_or_day(std::string_view duration, WallTime now) {
  using namespace std::chrono;
  if (duration == "1h") return floor<hours>(now) + hours(1);
  if (duration == "1d") return floor<hours>(now) + hours(24);
  return std::nullopt;
}

inline LedgerRules rules_for_tests() {
  LedgerRules rules;
  rules.next_reset = next_hour_or_day;
  return rules;
}

/// An entity in the making.
struct EntityDraft : Entity {
  EntityDraft(EntityKind k, std::string name) {
    kind = k, id = std::move(name);
    if (per_model(kind)) owner_size = static_cast<std::uint32_t>(id.find(':'));
  }
  EntityDraft& budget(double dollars) { return limits.max_budget = usd(dollars), *this; }
  EntityDraft& spent(double dollars, std::uint64_t at = 0) {
    return spend = usd(dollars), version = at, *this;
  }
  EntityDraft& rpm(std::int64_t most) { return limits.rpm = most, *this; }
  EntityDraft& tpm(std::int64_t most) { return limits.tpm = most, *this; }
  EntityDraft& parallel(std::int64_t most) { return limits.parallel = most, *this; }
  EntityPtr done() const { return std::make_shared<const Entity>(*this); }
};

class LedgerTest : public ::testing::Test {
 protected:
  AdmitQuery query(std::vector<EntityPtr> who, double worst = 0,
                   BudgetPolicy policy = BudgetPolicy::alone) const {
    AdmitQuery query;
    query.now = clock.now(), query.wall = clock.wall();
    query.who = std::move(who);
    query.worst = usd(worst);
    query.policy = policy;
    return query;
  }
  AdmitQuery tokens(std::vector<EntityPtr> who, std::uint32_t count) const {
    auto result = query(std::move(who));
    result.tokens = count;
    return result;
  }
  AdmitAnswer admit(const AdmitQuery& question) { return book.admit(question); }
  AdmitAnswer admit(std::vector<EntityPtr> who, double worst = 0, BudgetPolicy policy = BudgetPolicy::alone) {
    return book.admit(query(std::move(who), worst, policy));
  }
  void settle(const AdmitAnswer& answer, double cost, std::uint32_t used = 0, bool ran = true) {
    Settle how;
    how.id = answer.id;
    how.now = clock.now(), how.wall = clock.wall();
    how.cost = usd(cost), how.tokens = used, how.ran = ran;
    book.settle(how);
  }
  /// One request from admission to its end.
  void spend(std::vector<EntityPtr> who, double cost) { settle(admit(std::move(who), cost), cost); }
  static bool admitted(const AdmitAnswer& answer) { return answer.error.code == Errc::none; }
  Money spent(const EntityPtr& entity) const { return book.find(entity->kind, entity->id)->settled(); }
  Money reserved(const EntityPtr& entity) const { return book.find(entity->kind, entity->id)->reserved(); }
  void flush(const EntityPtr& entity, double amount, std::uint64_t version) {
    LedgerNews news;
    news.flushed.push_back({entity->kind, entity->id, usd(amount)});
    news.version = version;
    book.news(news);
  }
  void read_again(const EntityPtr& row, bool spend_is_set = false) {
    LedgerNews news;
    news.entities.push_back(row);
    news.spend_is_set = spend_is_set;
    book.news(news);
  }
  static constexpr auto k_key = EntityKind::key;

  ManualClock clock;
  LedgerBook book{rules_for_tests()};
};

} // namespace switchyard::actors
