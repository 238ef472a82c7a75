// Messages inside the graph and the typed handles that take them. They never leave the process, so CAF need
// not serialise them; all are copyable, and moved along the request path.
#pragma once

#include "actors/cooldown.hpp"
#include "actors/latency.hpp"
#include "actors/order.hpp"

#include <switchyard/graph.hpp>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace switchyard::actors {

struct Roster;
using RosterPtr = std::shared_ptr<const Roster>;
class GroupAddress;

/// The last holder of the address is gone: nothing more can arrive.
struct Retire {};

/// A pick with the rows as its snapshot knows them: a request stays on the graph it started with.
struct GroupPick {
  Pick ask;
  RosterPtr roster;
};

/// A pick on its way along the ordered candidates. Whoever holds it grants, passes it on or refuses.
struct Offer {
  PickQuery query;
  Duty<PickAnswer> duty;
  RosterPtr roster;
  Shortlist list;
  std::uint16_t next = 0; ///< position in list.order of the deployment that gets it
  std::int64_t place = 0; ///< in the waiting room that it comes from; 0 = it has not waited
};

/// Back to the group: every row refused, one for lack of room, and the request may wait.
struct Parked {
  Offer offer;
};
/// To a row without room: tell this group when there is some.
struct Want {
  std::weak_ptr<const GroupAddress> group;
};
/// From a row: it has room, or it has answered a pick that had waited.
struct Freed {
  Instant now{};
  std::uint64_t row = 0; ///< number of its address; 0 = it was not a Want that is answered
};

/// What a health check's result does to a row.
struct HealthRule {
  Millis staleness{600 * 1000};
  bool ignores_transient = false; ///< 429 and 408 say nothing
  bool feeds_cooldown = false;    ///< with allowed_fails_policy failures are only counted
};

/// What a deployment is told at birth and on every reload.
struct Facts {
  std::string id;
  std::shared_ptr<DeploymentView> view;
  CooldownRule cooldown;
  LimitRule limits;
  LatencyRule latency;
  HealthRule health;
  std::uint64_t number = 0; ///< of the row's address
};

/// A child for the supervisor. Sent again on a reload, without `first`, when its facts changed.
struct Watch {
  std::uint64_t number = 0; ///< identity of the child's address
  std::string name;         ///< for the log
  /// Begins the next life behind the same address; null when nobody holds the address any more.
  std::function<caf::strong_actor_ptr()> start;
  std::function<void()> refresh; ///< tells the present life its new facts; may be empty
  caf::strong_actor_ptr first;   ///< the life that the builder started
  /// Not empty: what a crash means instead of a next life.
  std::function<void(const std::string& reason)> fatal;
};

using DeploymentHandle =
    caf::typed_actor<caf::reacts_to<Offer>, caf::reacts_to<Report>, caf::reacts_to<HealthMark>,
                     caf::reacts_to<Want>, caf::reacts_to<Facts>, caf::reacts_to<Retire>>;
using GroupHandle = caf::typed_actor<caf::reacts_to<GroupPick>, caf::reacts_to<Parked>, caf::reacts_to<Freed>,
                                     caf::reacts_to<Poke>, caf::reacts_to<Retire>>;
using SupervisorHandle = caf::typed_actor<caf::reacts_to<Watch>>;

} // namespace switchyard::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::Report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::HealthMark)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::Poke)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::actors::Retire)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::actors::GroupPick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::actors::Offer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::actors::Parked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::actors::Want)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::actors::Freed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::actors::Facts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(switchyard::actors::Watch)
