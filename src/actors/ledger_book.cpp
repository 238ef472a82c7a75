// Admissions over many ledgers, and how ledgers come and go. Pure.
#include "actors/ledger_book.hpp"

#include <algorithm>
#include <array>

namespace switchyard::actors {

namespace {

constexpr std::string_view k_proxy_id = "litellm-proxy-budget";
/// Admissions from one sweep to the next, and buckets that one sweep looks at.
constexpr std::uint32_t k_sweep_every = 256;
constexpr std::size_t k_sweep_buckets = 512;
/// A ledger that nobody used for so long may go, or for two rate windows.
constexpr Millis k_unused{600'000};

bool named_by_clients(EntityKind kind) { return kind == EntityKind::customer || kind == EntityKind::tag; }

/// The kind of ledger that a row is the limits of; k_count for rows without.
EntityKind ledger_kind(Touched::What what) {
  switch (what) {
  case Touched::What::key:
    return EntityKind::key;
  case Touched::What::team:
    return EntityKind::team;
  case Touched::What::user:
    return EntityKind::user;
  case Touched::What::member:
    return EntityKind::member;
  case Touched::What::organization:
    return EntityKind::organization;
  case Touched::What::project:
    return EntityKind::project;
  case Touched::What::customer:
    return EntityKind::customer;
  case Touched::What::tag:
    return EntityKind::tag;
  default:
    return EntityKind::k_count;
  }
}

} // namespace

void LedgerBook::set_rules(LedgerRules rules) {
  rules_ = std::move(rules);
  unused_ = std::max(k_unused, 2 * rules_.rate_window);
  proxy_ = nullptr;
  if (!rules_.proxy.any()) return;
  auto proxy = std::make_shared<Entity>();
  proxy->kind = EntityKind::proxy;
  proxy->id = k_proxy_id;
  proxy->limits = rules_.proxy;
  proxy_ = std::move(proxy);
}

const Ledger* LedgerBook::find(EntityKind kind, std::string_view id) const {
  const auto it = ledgers_.find(NameView(kind, id));
  return it == ledgers_.end() ? nullptr : it->second.get();
}

Ledger* LedgerBook::known(EntityKind kind, std::string_view id) {
  const auto it = ledgers_.find(NameView(kind, id));
  return it == ledgers_.end() ? nullptr : it->second.get();
}

Ledger& LedgerBook::ledger_of(const EntityPtr& entity, WallTime now) {
  auto* ledger = known(entity->kind, entity->id);
  if (!ledger) {
    auto made = std::make_unique<Ledger>(entity, rules_, now);
    ledger = made.get();
    ledgers_.emplace(Name{entity->kind, entity->id}, std::move(made));
  } else if (ledger->entity_ptr() != entity && entity->version >= ledger->entity().version) {
    ledger->learn_limits(entity, rules_, now); // a shard may know of a change before the news comes
  }
  return *ledger;
}

// -- admissions

AdmitAnswer LedgerBook::admit(const AdmitQuery& query) {
  now_ = std::max(now_, query.now), wall_ = std::max(wall_, query.wall);
  if (query.raises != 0) return raise(query);
  if (query.renews.id != 0) settle(query.renews);
  if (++until_sweep_ >= k_sweep_every) until_sweep_ = 0, sweep();
  gather(query);
  AdmitAnswer answer;
  answer.error = Error(Errc::none);
  if (!refused_for_budget(query, answer) && !refused_for_limit(query, answer)) reserve(query, answer);
  tell(query, answer);
  return answer;
}

/// As if the admission asked anew: what it holds does not stand in its own way.
AdmitAnswer LedgerBook::raise(const AdmitQuery& query) {
  AdmitAnswer answer;
  answer.error = Error(Errc::none);
  auto* admission = admission_of(query.raises);
  if (!admission || !query.budgets) return answer;
  auto allowed = Money::most();
  for (auto& hold : admission->holds) {
    hold.ledger->ask(query, rules_);
    const auto over = hold.ledger->over_budget(query, allowed, hold.amount);
    if (!over) continue;
    answer.error = budget_error(hold.ledger->entity(), *over, rules_.budget_status);
    return answer;
  }
  answer.allowed = allowed;
  for (auto& hold : admission->holds) hold.ledger->raise(hold, std::min(query.worst, allowed));
  return answer;
}

void LedgerBook::gather(const AdmitQuery& query) {
  asked_.clear();
  const auto ask = [&](const EntityPtr& entity) {
    if (!entity) return;
    auto& ledger = ledger_of(entity, query.wall);
    if (std::find(asked_.begin(), asked_.end(), &ledger) != asked_.end()) return; // the same tag twice
    ledger.ask(query, rules_);
    asked_.push_back(&ledger);
  };
  for (const auto& entity : query.who) ask(entity);
  ask(proxy_);
}

bool LedgerBook::refused_for_budget(const AdmitQuery& query, AdmitAnswer& answer) {
  if (!query.budgets) return false;
  auto allowed = Money::most();
  for (const auto* ledger : asked_) {
    const auto over = ledger->over_budget(query, allowed);
    if (!over) continue;
    answer.error = budget_error(ledger->entity(), *over, rules_.budget_status);
    return true;
  }
  answer.allowed = allowed;
  return false;
}

bool LedgerBook::refused_for_limit(const AdmitQuery& query, AdmitAnswer& answer) const {
  for (const auto* ledger : asked_) {
    const auto over = ledger->over_limit(query, rules_);
    if (!over) continue;
    answer.error = limit_error(ledger->entity(), *over, query.wall);
    answer.headers = limit_headers(*over, query.wall);
    answer.allowed = Money::most();
    return true;
  }
  return false;
}

void LedgerBook::reserve(const AdmitQuery& query, AdmitAnswer& answer) {
  if (asked_.empty()) return;
  if (free_.empty())
    free_.push_back(static_cast<std::uint32_t>(admissions_.size())), admissions_.emplace_back();
  const auto slot = free_.back();
  free_.pop_back();
  auto& admission = admissions_[slot];
  admission.open = true;
  ++admission.count;
  answer.id = std::uint64_t{admission.count} << 32 | (slot + 1);
  const auto worst = std::min(query.worst, answer.allowed);
  for (auto* ledger : asked_) admission.holds.push_back(ledger->take(query, worst, rules_));
}

void LedgerBook::tell(const AdmitQuery& query, AdmitAnswer& answer) {
  bool found_key = false;
  for (auto* ledger : asked_) {
    const auto& entity = ledger->entity();
    if (entity.kind == EntityKind::key && !std::exchange(found_key, true))
      answer.key_spend = ledger->settled();
    if (answer.id != 0)
      if (auto state = ledger->limit_state(query.now, rules_)) answer.limits.push_back(*state);
    if (ledger->crosses_soft_budget()) answer.soft_crossed.emplace_back(entity.kind, entity.id);
  }
}

/// Null when it is settled.
LedgerBook::Admission* LedgerBook::admission_of(std::uint64_t id) {
  const auto slot = static_cast<std::uint32_t>(id) - 1;
  if (slot >= admissions_.size()) return nullptr;
  auto& admission = admissions_[slot];
  return admission.open && admission.count == id >> 32 ? &admission : nullptr;
}

void LedgerBook::settle(const Settle& how) {
  auto* admission = admission_of(how.id);
  if (!admission) return;
  for (const auto& hold : admission->holds) hold.ledger->settle(hold, how, rules_);
  admission->holds.clear();
  admission->open = false;
  free_.push_back(static_cast<std::uint32_t>(how.id) - 1);
}

// -- news

void LedgerBook::news(const LedgerNews& news) {
  for (const auto& part : news.flushed)
    if (auto* ledger = known(part.kind, part.id)) ledger->flush(part.amount, news.version);
  committed_ = std::max(committed_, news.version);
  for (const auto& row : news.entities)
    if (row) learn(row, news.spend_is_set);
  for (const auto& touched : news.forget) forget(touched);
  sweep();
}

void LedgerBook::learn(const EntityPtr& row, bool set) {
  auto* ledger = known(row->kind, row->id);
  if (!ledger) return;
  ledger->learn_spend(*row, committed_, set);
  // The whole proxy's limits are the configuration's; its row has the spend only.
  if (row->kind != EntityKind::proxy) ledger->learn_limits(row, rules_, wall_);
}

void LedgerBook::forget(const Touched& touched) {
  const auto it = ledgers_.find(NameView(ledger_kind(touched.what), touched.id));
  if (it == ledgers_.end()) return;
  it->second->forget();
  if (it->second->parallel() == 0) ledgers_.erase(it); // else sweep() takes it
}

/// A part of the table at a time. What a budget has spent may not be in the record that the next request
/// brings, so budgets stay as long as the number of ledgers is reasonable.
void LedgerBook::sweep() {
  std::vector<Name> gone;
  for (std::size_t i = 0; i < std::min(k_sweep_buckets, ledgers_.bucket_count()); ++i) {
    if (next_bucket_ >= ledgers_.bucket_count()) next_bucket_ = 0;
    const auto bucket = next_bucket_++;
    for (auto it = ledgers_.begin(bucket); it != ledgers_.end(bucket); ++it) {
      const bool crowded = ledgers_.size() > k_most && named_by_clients(it->first.kind);
      if (it->second->idle(now_ - unused_) && (crowded || it->second->dispensable(wall_)))
        gone.push_back(it->first);
    }
  }
  for (const auto& name : gone) ledgers_.erase(name);
}

} // namespace switchyard::actors
