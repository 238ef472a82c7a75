// The model_group actor's handlers.
#include "actors/model_group.hpp"

#include "actors/crash.hpp"

namespace switchyard::actors {

ModelGroup::ModelGroup(caf::actor_config& config) : GroupHandle::base(config) { quiet_crashes(*this); }

ModelGroup::behavior_type ModelGroup::make_behavior() {
  return {[this](GroupPick& message) { pick(message); }, [this](const Retire&) { quit(); }};
}

void ModelGroup::pick(GroupPick& message) {
  const auto roster = std::move(message.roster); // kept: the offer may die on another shard
  const auto& query = message.ask.query;
  auto list = make_shortlist(*roster, query);
  if (list.order.empty()) return refuse(*roster, query.now, message.ask.duty, list.why);
  Offer offer{query, std::move(message.ask.duty), roster, std::move(list.order)};
  offer.healthy = list.healthy;
  offer.ignores_cooling = list.ignores_cooling;
  offer.why = list.why;
  roster->seats[offer.order.front()].address->tell(std::move(offer));
}

} // namespace switchyard::actors
