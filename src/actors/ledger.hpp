// What one entity has spent, reserved and used: the arithmetic of budgets and rate limits. Pure state of the
// ledgers actor; time comes with each call. It never decides for others: LedgerBook asks all ledgers first.
#pragma once

#include "actors/ledger_words.hpp"

#include <switchyard/ledger.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::actors {

struct LedgerRules {
  Millis rate_window{60'000};
  /// The end of the budget window that holds `now`; nothing for a duration that cannot be read.
  std::function<std::optional<WallTime>(std::string_view duration, WallTime now)> next_reset;
  int budget_status = 400;
  Limits proxy;
};

class Ledger {
 public:
  /// What one admission took from this ledger.
  struct Hold {
    Ledger* ledger = nullptr;
    Money amount;
    std::uint32_t tokens = 0;
    std::uint32_t round = 0; ///< rate window that the request and its tokens count in
  };

  Ledger(EntityPtr entity, const LedgerRules& rules, WallTime now);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  const Entity& entity() const noexcept { return *entity_; }
  const EntityPtr& entity_ptr() const noexcept { return entity_; }
  Money settled() const noexcept { return base_ + unflushed_; }
  Money unflushed() const noexcept { return unflushed_; }
  Money reserved() const noexcept { return reserved_; }
  std::uint32_t parallel() const noexcept { return parallel_; }
  std::uint64_t tokens() const noexcept { return tokens_; }
  /// Nothing is open and nobody used it since `since`.
  bool idle(Instant since) const noexcept;
  /// Limits nothing, or one made anew from its entity would be the same.
  bool dispensable(WallTime now) const noexcept;
  /// Its row is gone: it may go when it is idle.
  void forget() noexcept { forgotten_ = true; }

  // -- admissions
  /// Somebody asks: begins the budget windows that are due.
  void ask(const AdmitQuery& query, const LedgerRules& rules) { used_ = query.now, turn(query.wall, rules); }
  /// Lowers `allowed` when the policy clamps. `own`: reserved by the asker himself already.
  std::optional<OverBudget> over_budget(const AdmitQuery& query, Money& allowed, Money own = {}) const;
  std::uint32_t wanted_tokens(const AdmitQuery& query) const noexcept;
  std::optional<OverLimit> over_limit(const AdmitQuery& query, const LedgerRules& rules) const;
  /// Reserves `worst` and the query's tokens, counts the request.
  Hold take(const AdmitQuery& query, Money worst, const LedgerRules& rules);
  /// The hold's reservation is at least `worst` from now on.
  void raise(Hold& hold, Money worst);
  void settle(const Hold& hold, const Settle& how, const LedgerRules& rules);
  std::optional<LimitState> limit_state(Instant now, const LedgerRules& rules) const;
  /// True once when the spend passes the soft budget.
  bool crosses_soft_budget();

  // -- news
  /// The entity's limits; its spend is not looked at.
  void learn_limits(EntityPtr entity, const LedgerRules& rules, WallTime now);
  /// The row's spend. `committed`: batches that this process heard of. `set`: it may be lower than ours.
  void learn_spend(const Entity& row, std::uint64_t committed, bool set);
  /// A committed batch holds `part` of this entity's spend.
  void flush(Money part, std::uint64_t version);

 private:
  struct Window {
    BudgetWindow budget;
    std::optional<WallTime> reset_at;
  };
  bool has_budget() const noexcept { return entity_->limits.max_budget.has_value() || !windows_.empty(); }
  void turn(WallTime now, const LedgerRules& rules);
  Money cap(WallTime now) const;
  /// One budget, the main one or a window's.
  struct Budget {
    Money most, spent;
    bool full_at_cap;
    bool full() const noexcept { return full_at_cap ? spent >= most : spent > most; }
  };
  std::optional<OverBudget> check(const Budget& budget, std::string_view window, const AdmitQuery& query,
                                  Money others, Money& allowed) const;
  static bool has_room(const Budget& budget, const AdmitQuery& query, Money others, Money& allowed);
  void settle_rates(const Hold& hold, const Settle& how, const LedgerRules& rules);
  bool rate_open(Instant now, const LedgerRules& rules) const noexcept {
    return open_ && now < opened_ + rules.rate_window;
  }
  void open_rate(Instant now);

  EntityPtr entity_;
  // Spend = base + unflushed. base is what the database has, minus what was spent before a reset that the
  // database does not know of yet; so it may be negative.
  Money base_, unflushed_, reserved_;
  std::uint64_t base_version_ = 0; ///< batches that are part of base
  std::optional<WallTime> reset_at_;
  WallTime turned_{}; ///< when this ledger last began a budget window by itself
  std::vector<Window> windows_;
  Instant opened_{}, used_{};
  std::uint32_t largest_ = 0, largest_before_ = 0; ///< tokens of one request, in this window and the last
  std::uint64_t requests_ = 0, tokens_ = 0; ///< in the rate window, tokens of open requests as reserved
  std::uint32_t round_ = 0, parallel_ = 0;
  bool open_ = false, told_soft_ = false, forgotten_ = false;
};

} // namespace switchyard::actors
