// The ledgers actor: one for the process, so that an admission over many ledgers is one message and exact on
// all shards. The book decides; this file carries messages. Takes time only from messages, never blocks.
#pragma once

#include "actors/address.hpp"
#include "actors/ledger_book.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <string>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::Admit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::Settle)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::LedgerNews)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::actors::LedgerRules)

namespace switchyard::actors {

using LedgersHandle =
    caf::typed_actor<caf::reacts_to<Admit>, caf::reacts_to<Settle>, caf::reacts_to<LedgerNews>,
                     caf::reacts_to<LedgerRules>, caf::reacts_to<Retire>>;

class LedgersAddress final : public Address<LedgersHandle>,
                             public Mailbox<Admit>::Sink,
                             public Mailbox<Settle>::Sink,
                             public Mailbox<LedgerNews>::Sink {
 public:
  using Address::Address;
  void send(Admit question) const override { tell(std::move(question)); }
  void send(Settle settle) const override { tell(settle); }
  void send(LedgerNews news) const override { tell(std::move(news)); }
};

class LedgersActor final : public LedgersHandle::base {
 public:
  /// Rows that one message may bring: more would keep the shard from its sockets for too long.
  static constexpr std::size_t k_rows_at_once = 256;

  LedgersActor(caf::actor_config& config, LedgerRules rules, std::shared_ptr<const LedgersAddress> self);
  const char* name() const override { return "ledgers"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override { settle_ = {}; }

 private:
  void admit(const Admit& question);
  void learn(LedgerNews& news);

  LedgerBook book_;
  Mailbox<Settle> settle_; ///< goes with every admission
};

LedgerRules rules_from(const LedgerOptions& options);

/// Starts the actor under supervision; `fatal` is called when it crashes.
std::shared_ptr<LedgersAddress> start_ledgers(caf::actor_system& system, const SupervisorHandle& supervisor,
                                              LedgerRules rules, std::uint64_t number,
                                              std::function<void(const std::string&)> fatal);

Ledgers mailboxes_of(const std::shared_ptr<LedgersAddress>& address);

} // namespace switchyard::actors
