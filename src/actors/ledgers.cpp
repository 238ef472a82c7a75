// The ledgers actor's handlers and its birth. On the shard threads.
#include "actors/ledgers.hpp"

#include "actors/crash.hpp"

#include <switchyard/budget_window.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace switchyard::actors {

LedgersActor::LedgersActor(caf::actor_config& config, LedgerRules rules,
                           std::shared_ptr<const LedgersAddress> self)
    : LedgersHandle::base(config), book_(std::move(rules)), settle_(std::move(self)) {
  quiet_crashes(*this);
}

LedgersActor::behavior_type LedgersActor::make_behavior() {
  return {[this](const Admit& question) { admit(question); },
          [this](const Settle& how) { book_.settle(how); }, [this](LedgerNews& news) { learn(news); },
          [this](const LedgerRules& rules) { book_.set_rules(rules); }, [this](const Retire&) { quit(); }};
}

void LedgersActor::admit(const Admit& question) {
  auto answer = book_.admit(question.query);
  Settle undo;
  undo.id = answer.id, undo.ran = false;
  if (answer.id != 0) answer.settle = settle_;
  if (!question.duty.answer(std::move(answer)) && undo.id != 0) book_.settle(undo); // the asker is gone
}

void LedgersActor::learn(LedgerNews& news) {
  LedgerNews rest;
  if (news.entities.size() > k_rows_at_once) {
    const auto from = news.entities.begin() + k_rows_at_once;
    rest.entities.assign(std::make_move_iterator(from), std::make_move_iterator(news.entities.end()));
    news.entities.erase(from, news.entities.end());
    rest.version = news.version, rest.spend_is_set = news.spend_is_set;
  }
  book_.news(news);
  if (!rest.entities.empty()) send(this, std::move(rest));
}

LedgerRules rules_from(const LedgerOptions& options) {
  LedgerRules rules;
  if (options.rate_window > 0 && options.rate_window <= 1e9) // a century in milliseconds fits anywhere
    rules.rate_window = Millis{std::max<std::int64_t>(std::llround(options.rate_window * 1000), 1)};
  rules.next_reset = [zone = options.timezone](std::string_view duration,
                                               WallTime now) -> std::optional<WallTime> {
    const auto end = next_reset(duration, now, zone);
    if (!end) return std::nullopt;
    return *end;
  };
  rules.budget_status = options.budget_status;
  rules.proxy = options.proxy;
  return rules;
}

std::shared_ptr<LedgersAddress> start_ledgers(caf::actor_system& system, const SupervisorHandle& supervisor,
                                              LedgerRules rules, std::uint64_t number,
                                              std::function<void(const std::string&)> fatal) {
  auto address = std::make_shared<LedgersAddress>(number);
  const auto handle = system.spawn<LedgersActor>(std::move(rules), address);
  address->point_to(handle);
  Watch watch;
  watch.number = number;
  watch.name = "ledgers";
  watch.start = [] { return caf::strong_actor_ptr(); }; // never a second life
  watch.first = caf::actor_cast<caf::strong_actor_ptr>(handle);
  watch.fatal = std::move(fatal);
  caf::anon_send(supervisor, std::move(watch));
  return address;
}

Ledgers mailboxes_of(const std::shared_ptr<LedgersAddress>& address) {
  Ledgers ledgers;
  ledgers.admit = Mailbox<Admit>(address);
  ledgers.settle = Mailbox<Settle>(address);
  ledgers.news = Mailbox<LedgerNews>(address);
  return ledgers;
}

} // namespace switchyard::actors
