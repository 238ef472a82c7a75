// The deployment actor: in-flight, limits, statistics and cooldown of one row. Only writer of its
// DeploymentView, which is nearly all of its state: a new life after a crash goes on from there. Takes time
// only from messages.
#pragma once

#include "actors/adaptive.hpp"
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
  void publish_limit();
  void consider(Offer& offer);
  Shortfall shortfall(const Offer& offer, const Hold& hold) const;
  void grant(Offer& offer, Hold hold);
  void pass_on(Offer& offer);
  void give_back(Offer& offer);
  void record(Report& report);
  void succeed(const Outcome& outcome);
  void fail(const Outcome& outcome);
  void mark(const HealthMark& mark);
  void want(const Want& want);
  void answer_wants(Instant now);

  Facts facts_;
  Cooling cooling_;
  LatencyList latencies_;
  AdaptiveLimit adaptive_;
  std::uint32_t usual_output_ = 0;                       ///< mean completion tokens
  std::vector<std::weak_ptr<const GroupAddress>> wants_; ///< groups that wait for room
};

} // namespace switchyard::actors
