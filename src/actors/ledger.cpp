// Arithmetic of one ledger. Pure.
#include "actors/ledger.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace switchyard::actors {

namespace {

constexpr std::string_view k_requests = "requests", k_tokens = "tokens", k_parallel = "max_parallel_requests";
/// A slot may become free at any moment; LiteLLM says a whole window.
constexpr Millis k_parallel_wait{1000};

std::uint64_t bound(std::int64_t limit) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(limit, 0));
}
std::int64_t left_of(std::uint64_t limit, std::uint64_t used) {
  return static_cast<std::int64_t>(limit - std::min(limit, used));
}

} // namespace

Ledger::Ledger(EntityPtr entity, const LedgerRules& rules, WallTime now)
    : base_(entity->spend), base_version_(entity->version) {
  learn_limits(std::move(entity), rules, now);
}

bool Ledger::idle(Instant since) const noexcept {
  return parallel_ == 0 && reserved_ == Money{} && used_ <= since;
}

bool Ledger::dispensable(WallTime now) const noexcept {
  if (forgotten_ || !entity_->limits.any()) return true;
  const auto empty = [now](const Window& window) {
    return window.budget.spent == Money{} || (window.reset_at && *window.reset_at <= now);
  };
  return settled() == entity_->spend && !told_soft_ && std::all_of(windows_.begin(), windows_.end(), empty);
}

// -- admissions

void Ledger::turn(WallTime now, const LedgerRules& rules) {
  if (reset_at_ && *reset_at_ <= now) {
    base_ = Money{} - unflushed_; // what is on its way to the database belongs to the old window
    turned_ = now;
    reset_at_ = rules.next_reset(entity_->limits.budget_duration, now);
  }
  for (auto& window : windows_)
    if (window.reset_at && *window.reset_at <= now)
      window.budget.spent = Money{}, window.reset_at = rules.next_reset(window.budget.duration, now);
}

Money Ledger::cap(WallTime now) const {
  const auto& limits = entity_->limits;
  const bool over = limits.increase_ends && *limits.increase_ends <= now;
  return over ? *limits.max_budget - limits.increase : *limits.max_budget;
}

bool Ledger::has_room(const Budget& budget, const AdmitQuery& query, Money others, Money& allowed) {
  if (budget.full()) return false;
  const auto left = budget.most - budget.spent - others;
  if (query.worst <= Money{} || query.worst <= left) return true;
  switch (query.policy) {
  case BudgetPolicy::alone:
    return others == Money{};
  case BudgetPolicy::clamp:
    if (left <= std::max(query.worst_input, Money{})) return false; // no room for any output
    allowed = std::min(allowed, left);
    return true;
  case BudgetPolicy::strict:
    break;
  }
  return false;
}

std::optional<OverBudget> Ledger::check(const Budget& budget, std::string_view window,
                                        const AdmitQuery& query, Money others, Money& allowed) const {
  if (has_room(budget, query, others, allowed)) return std::nullopt;
  // A refusal because of requests that are running shows what they may cost, else it would not make sense.
  return OverBudget{window, budget.full() ? budget.spent : budget.spent + others, budget.most};
}

std::optional<OverBudget> Ledger::over_budget(const AdmitQuery& query, Money& allowed, Money own) const {
  const auto others = reserved_ - own;
  if (entity_->limits.max_budget) {
    const Budget budget{cap(query.wall), settled(), full_at_cap(entity_->kind)};
    if (auto over = check(budget, {}, query, others, allowed)) return over;
  }
  for (auto& window : windows_) {
    const Budget budget{window.budget.most, window.budget.spent,
                        full_at_cap(entity_->kind) || !per_model(entity_->kind)};
    if (auto over = check(budget, window.budget.duration, query, others, allowed)) return over;
  }
  return std::nullopt;
}

std::optional<OverLimit> Ledger::over_limit(const AdmitQuery& query, const LedgerRules& rules) const {
  const auto& limits = entity_->limits;
  const bool open = rate_open(query.now, rules);
  const auto requests = open ? requests_ : 0, tokens = open ? tokens_ : 0;
  const auto wait =
      open ? std::chrono::ceil<Millis>(opened_ + rules.rate_window - query.now) : rules.rate_window;
  if (limits.rpm && !limits.best_effort && requests + 1 > bound(*limits.rpm))
    return OverLimit{k_requests, *limits.rpm, left_of(bound(*limits.rpm), requests), wait};
  if (limits.tpm && !limits.best_effort) {
    const auto tpm = bound(*limits.tpm);
    const bool fits = tokens < tpm && tokens + wanted_tokens(query) <= tpm;
    const bool alone = tokens == 0 && tpm > 0; // larger than the limit: it would never get through
    if (!fits && !alone) return OverLimit{k_tokens, *limits.tpm, left_of(tpm, tokens), wait};
  }
  if (limits.parallel && std::uint64_t{parallel_} + 1 > bound(*limits.parallel))
    return OverLimit{k_parallel, *limits.parallel, left_of(bound(*limits.parallel), parallel_),
                     k_parallel_wait};
  return std::nullopt;
}

void Ledger::open_rate(Instant now) {
  open_ = true, opened_ = now;
  requests_ = tokens_ = 0;
  largest_before_ = std::exchange(largest_, 0);
  if (++round_ == 0) ++round_; // 0 is a hold that counts in no window
}

std::uint32_t Ledger::wanted_tokens(const AdmitQuery& query) const noexcept {
  const auto usual = std::max(largest_, largest_before_);
  if (query.least_tokens == 0 || usual == 0) return query.tokens;
  return std::max(query.least_tokens, std::min(query.tokens, usual));
}

Ledger::Hold Ledger::take(const AdmitQuery& query, Money worst, const LedgerRules& rules) {
  Hold hold;
  hold.ledger = this;
  ++parallel_;
  if (query.budgets && has_budget()) hold.amount = std::max(worst, Money{});
  reserved_ += hold.amount;
  if (!entity_->limits.rpm && !entity_->limits.tpm) return hold;
  if (!rate_open(query.now, rules)) open_rate(query.now);
  hold.tokens = wanted_tokens(query);
  ++requests_, tokens_ += hold.tokens;
  hold.round = round_;
  return hold;
}

void Ledger::raise(Hold& hold, Money worst) {
  if (!has_budget() || worst <= hold.amount) return;
  reserved_ += worst - hold.amount;
  hold.amount = worst;
}

void Ledger::settle(const Hold& hold, const Settle& how, const LedgerRules& rules) {
  turn(how.wall, rules);
  used_ = std::max(used_, how.now);
  --parallel_;
  reserved_ -= hold.amount;
  const auto cost = std::max(how.cost, Money{});
  unflushed_ += cost;
  for (auto& window : windows_) window.budget.spent += cost;
  settle_rates(hold, how, rules);
}

/// What was reserved counts in the window of the admission, what came unexpected from when it is known.
void Ledger::settle_rates(const Hold& hold, const Settle& how, const LedgerRules& rules) {
  if (hold.round == 0) return;
  largest_ = std::max(largest_, how.tokens);
  if (hold.round == round_ && rate_open(how.now, rules)) {
    tokens_ = tokens_ - hold.tokens + how.tokens;
    if (!how.ran) --requests_;
  } else if (how.tokens > hold.tokens) {
    if (!rate_open(how.now, rules)) open_rate(how.now);
    tokens_ += how.tokens - hold.tokens;
  }
}

std::optional<LimitState> Ledger::limit_state(Instant now, const LedgerRules& rules) const {
  const auto& limits = entity_->limits;
  if (!limits.rpm && !limits.tpm) return std::nullopt;
  const bool open = rate_open(now, rules);
  LimitState state;
  state.kind = entity_->kind;
  if (limits.rpm) {
    state.rpm_limit = *limits.rpm;
    state.rpm_left = left_of(bound(*limits.rpm), open ? requests_ : 0);
  }
  if (limits.tpm) {
    state.tpm_limit = *limits.tpm;
    state.tpm_left = left_of(bound(*limits.tpm), open ? tokens_ : 0);
  }
  state.reset = open ? std::chrono::ceil<Millis>(opened_ + rules.rate_window - now) : Millis{0};
  return state;
}

bool Ledger::crosses_soft_budget() {
  const auto& soft = entity_->limits.soft_budget;
  const bool passed = soft && settled() >= *soft;
  return !std::exchange(told_soft_, passed) && passed;
}

// -- news

void Ledger::learn_limits(EntityPtr entity, const LedgerRules& rules, WallTime now) {
  entity_ = std::move(entity);
  forgotten_ = false;
  const auto& limits = entity_->limits;
  if (limits.budget_reset_at) {
    // Else the database has not begun the window that this ledger is in already.
    if (*limits.budget_reset_at > turned_) reset_at_ = limits.budget_reset_at;
  } else if (!per_model(entity_->kind) || limits.budget_duration.empty()) {
    // Budgets of single models have no date in the database: their windows are the calendar's.
    reset_at_.reset();
  } else if (!reset_at_) {
    reset_at_ = rules.next_reset(limits.budget_duration, now);
  }
  const auto old = std::exchange(windows_, {});
  for (const auto& budget : limits.windows) {
    const auto known = std::find_if(old.begin(), old.end(), [&](const Window& window) {
      return window.budget.duration == budget.duration;
    });
    windows_.push_back({budget, std::nullopt});
    auto& window = windows_.back();
    if (known != old.end()) {
      window.budget.spent = known->budget.spent, window.reset_at = known->reset_at;
      continue;
    }
    window.reset_at = rules.next_reset(budget.duration, now);
    if (budget.ends != window.reset_at) window.budget.spent = Money{}; // of a window that is over
  }
}

void Ledger::learn_spend(const Entity& row, std::uint64_t committed, bool set) {
  if (per_model(entity_->kind)) return; // batches do not tell of these: what is in `row` is in unflushed_ too
  const auto& reset = row.limits.budget_reset_at;
  if (!set && reset && *reset <= turned_) return; // spend of a window that has ended here
  if (set || row.version >= std::max(base_version_, committed)) {
    base_ = row.spend;
    base_version_ = std::max(base_version_, row.version);
  } else {
    base_ = std::max(base_, row.spend); // read before the last batch
  }
}

void Ledger::flush(Money part, std::uint64_t version) {
  unflushed_ -= std::min(part, unflushed_); // the rest was spent before this ledger was made
  if (version == 0 || version > base_version_) base_ += part;
}

} // namespace switchyard::actors
