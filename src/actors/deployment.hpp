// The deployment actor: in-flight, statistics and cooldown of one row. Only writer of its DeploymentView,
// which is its state: a new life after a crash goes on from there. Takes time only from messages.
#pragma once

#include "actors/handles.hpp"
#include "actors/roster.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace switchyard::actors {

class DeploymentActor final : public DeploymentHandle::base {
 public:
  DeploymentActor(caf::actor_config& config, Facts facts);
  const char* name() const override { return "deployment"; }

 protected:
  behavior_type make_behavior() override;

 private:
  void consider(Offer& offer);
  void grant(Offer& offer);
  void record(Report& report);
  void succeed(const Outcome& outcome);
  void fail(const Outcome& outcome);
  void cool(Instant now, Millis length);
  void enter_minute(Instant now);

  Facts facts_;
  std::int64_t minute_ = -1; ///< which minute the view's minute counts belong to
};

} // namespace switchyard::actors
