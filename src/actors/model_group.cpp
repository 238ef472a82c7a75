// The model_group actor's handlers. Pre-call checks, tag and order filters belong between filter and
// strategy.
#include "actors/model_group.hpp"

#include "actors/crash.hpp"

namespace switchyard::actors {

namespace {

/// A row asked for by id: that row and no other, cooling or not. Empty when there is no such row.
Order only_seat(const Roster& roster, std::int32_t seat) {
  Order order;
  if (static_cast<std::size_t>(seat) < roster.seats.size()) order.push_back(static_cast<std::uint16_t>(seat));
  return order;
}

} // namespace

ModelGroup::ModelGroup(caf::actor_config& config) : GroupHandle::base(config) { quiet_crashes(*this); }

ModelGroup::behavior_type ModelGroup::make_behavior() {
  return {[this](GroupPick& message) { pick(message); }, [this](const Retire&) { quit(); }};
}

void ModelGroup::pick(GroupPick& message) {
  const auto roster = std::move(message.roster); // kept: the offer may die on another shard
  const auto& query = message.ask.query;
  Offer offer{query, std::move(message.ask.duty), roster, healthy_seats(*roster, query.now)};
  offer.healthy = static_cast<std::uint16_t>(offer.order.size());
  if (query.only >= 0)
    offer.order = only_seat(*roster, query.only);
  else if (!offer.order.empty())
    roster->strategy->order(*roster, query, offer.order);
  if (offer.order.empty()) return refuse(*roster, query.now, offer.duty);
  roster->seats[offer.order.front()].address->tell(std::move(offer));
}

} // namespace switchyard::actors
