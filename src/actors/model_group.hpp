// The model_group actor: filters cooling rows, lets the strategy order the rest and hands the pick to the
// first candidate. Global to the process, so that picks of all shards pass one place. Takes time only from
// messages.
#pragma once

#include "actors/handles.hpp"
#include "actors/roster.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace switchyard::actors {

class ModelGroup final : public GroupHandle::base {
 public:
  explicit ModelGroup(caf::actor_config& config);
  const char* name() const override { return "model_group"; }

 protected:
  behavior_type make_behavior() override;

 private:
  void pick(GroupPick& message);
};

/// The mailbox of a group in one snapshot: adds that snapshot's roster to every pick.
class GroupDoor final : public Mailbox<Pick>::Sink {
 public:
  GroupDoor(std::shared_ptr<const GroupAddress> group, RosterPtr roster)
      : group_(std::move(group)), roster_(std::move(roster)) {}
  void send(Pick pick) const override { group_->tell(GroupPick{std::move(pick), roster_}); }

 private:
  std::shared_ptr<const GroupAddress> group_;
  RosterPtr roster_;
};

} // namespace switchyard::actors
