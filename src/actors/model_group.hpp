// The model_group actor: filters the rows, lets the strategy order the rest and hands the pick to the first
// candidate; when all rows are full, picks wait here in order. Global to the process, so that picks of all
// shards pass one place. Takes time only from messages.
#pragma once

#include "actors/handles.hpp"
#include "actors/pins.hpp"
#include "actors/roster.hpp"
#include "actors/waiting.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <unordered_set>

namespace switchyard::actors {

class ModelGroup final : public GroupHandle::base {
 public:
  ModelGroup(caf::actor_config& config, std::shared_ptr<GroupView> view);
  const char* name() const override { return "model_group"; }

 protected:
  behavior_type make_behavior() override;

 private:
  void pick(GroupPick& message);
  void shortlist(Offer& offer);
  void send(Offer& offer);
  // -- the waiting room
  void admit(Offer& offer);
  void serve(Instant now);
  bool serve_one();
  void expire();
  void leave(const Poke& poke);
  void want_room();
  void give_up_on(const Offer& waiter);
  void turn_away(const Offer& waiter, Refusal why);

  std::shared_ptr<GroupView> view_;
  WaitingRoom waiting_;
  Pins pins_;
  std::unordered_set<std::uint64_t> wanted_; ///< rows that will tell us when they have room
  Instant now_{};                            ///< the latest that a message knew
};

/// The mailboxes of a group in one snapshot: adds that snapshot's roster to every pick.
class GroupDoor final : public Mailbox<Pick>::Sink, public Mailbox<Poke>::Sink {
 public:
  GroupDoor(std::shared_ptr<const GroupAddress> group, RosterPtr roster)
      : group_(std::move(group)), roster_(std::move(roster)) {}
  void send(Pick pick) const override { group_->tell(GroupPick{std::move(pick), roster_}); }
  void send(Poke poke) const override { group_->tell(poke); }

 private:
  std::shared_ptr<const GroupAddress> group_;
  RosterPtr roster_;
};

} // namespace switchyard::actors
