// The deployment actor: in-flight, limits, statistics and cooldown of one row. Only writer of its
// DeploymentView, which is nearly all of its state: a new life after a crash goes on from there. Takes time
// only from messages.
#pragma once

#include "actors/cooling.hpp"
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
  void learn(const Facts& facts);
  void consider(Offer& offer);
  Shortfall shortfall(const Offer& offer, const Hold& hold) const;
  void grant(Offer& offer, Hold hold);
  void pass_on(Offer& offer);
  void record(Report& report);
  void succeed(const Outcome& outcome);
  void fail(const Outcome& outcome);
  void mark(const HealthMark& mark);

  Facts facts_;
  Cooling cooling_;
  LatencyList latencies_;
  std::uint32_t usual_output_ = 0; ///< mean completion tokens
};

} // namespace switchyard::actors
