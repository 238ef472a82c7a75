// The model_group actor's handlers. While nobody waits a pick costs a shortlist and one message; while
// somebody does, new picks wait behind them.
#include "actors/model_group.hpp"

#include "actors/cell.hpp"
#include "actors/crash.hpp"

#include <algorithm>

namespace switchyard::actors {

namespace {
/// Waiters that are looked at when a row has room: the first of them usually fits it.
constexpr int k_looked_at = 32;

bool any_room(const Roster& roster, const Order& order) {
  return std::any_of(order.begin(), order.end(),
                     [&](auto seat) { return roster.seats[seat].deployment->view->has_room(); });
}
} // namespace

ModelGroup::ModelGroup(caf::actor_config& config, std::shared_ptr<GroupView> view)
    : GroupHandle::base(config), view_(std::move(view)) {
  quiet_crashes(*this);
  put(view_->waiting, 0);
}

ModelGroup::behavior_type ModelGroup::make_behavior() {
  return {[this](GroupPick& message) { pick(message); }, [this](Parked& message) { admit(message.offer); },
          [this](const Freed& freed) { wanted_.erase(freed.row), serve(freed.now); },
          [this](const Poke& poke) { leave(poke); }, [this](const Retire&) { quit(); }};
}

void ModelGroup::pick(GroupPick& message) {
  Offer offer{std::move(message.ask.query), std::move(message.ask.duty), std::move(message.roster), {}};
  const bool waits = may_wait(*offer.roster, offer.query);
  if (waits && !waiting_.empty()) return admit(offer);
  if (offer.query.except >= 0 && !waiting_.empty())
    return refuse(*offer.roster, offer.query.now, offer.duty, {});
  shortlist(offer);
  if (!offer.list.order.empty()) return send(offer);
  if (waits && offer.list.met_full_row) return admit(offer);
  refuse(*offer.roster, offer.query.now, offer.duty, offer.list.why);
}

void ModelGroup::shortlist(Offer& offer) {
  fill_shortlist(*offer.roster, offer.query, offer.list);
  pins_.apply(*offer.roster, offer.query, offer.list);
}

void ModelGroup::send(Offer& offer) {
  const auto roster = offer.roster; // kept: the offer may die on another shard
  roster->seats[offer.list.order.front()].address->tell(std::move(offer));
}

// -- the waiting room

void ModelGroup::admit(Offer& offer) {
  now_ = std::max(now_, offer.query.now);
  if (offer.place == 0) {
    offer.place = waiting_.new_place(offer.query);
    add(view_->total_waited, 1);
    if (waiting_.size() >= offer.roster->most_waiting) {
      const auto last = waiting_.take_last_after(offer.place);
      if (!last) return turn_away(offer, Refusal::queue_full);
      turn_away(*last, Refusal::queue_full);
    }
  }
  waiting_.put(std::move(offer));
  serve(now_);
}

/// One pick is sent; the row that answers it tells us to go on. When none can be, the full rows are asked to
/// tell.
void ModelGroup::serve(Instant now) {
  now_ = std::max(now_, now);
  expire();
  if (!serve_one()) want_room();
  put(view_->waiting, waiting_.size());
}

bool ModelGroup::serve_one() {
  int looked_at = 0;
  auto& places = waiting_.places();
  for (auto at = places.begin(); at != places.end() && looked_at < k_looked_at; ++looked_at) {
    const auto here = at++;
    auto& waiter = here->second;
    waiter.query.now = now_;
    waiter.list = {}, waiter.next = 0;
    shortlist(waiter);
    if (any_room(*waiter.roster, waiter.list.order)) {
      auto offer = waiting_.take(here);
      send(offer);
      return true;
    }
    if (waiter.list.order.empty() && !waiter.list.met_full_row) give_up_on(waiting_.take(here));
  }
  return false;
}

/// No row is merely full any more: they cool, or are over a rate. Nobody tells when that is over.
void ModelGroup::give_up_on(const Offer& waiter) {
  refuse(*waiter.roster, now_, waiter.duty, waiter.list.why);
}

void ModelGroup::expire() {
  auto& places = waiting_.places();
  for (auto at = places.begin(); at != places.end();) {
    const auto here = at++;
    if (here->second.query.give_up <= now_) turn_away(waiting_.take(here), Refusal::queue_timeout);
  }
}

void ModelGroup::leave(const Poke& poke) {
  auto& places = waiting_.places();
  const auto found = std::find_if(places.begin(), places.end(), [&](const auto& place) {
    return poke.leave != 0 && place.second.query.random == poke.leave;
  });
  if (found != places.end()) turn_away(waiting_.take(found), Refusal::queue_timeout);
  wanted_.clear(); // a row that crashed has forgotten what we want
  serve(poke.now);
}

/// Asks the full rows of those who wait. A row that has room by now answers at once.
void ModelGroup::want_room() {
  int looked_at = 0;
  for (const auto& [place, waiter] : waiting_.places()) {
    if (++looked_at > k_looked_at) return;
    for (const auto& seat : waiter.roster->seats) {
      if (seat.deployment->view->has_room() || !wanted_.insert(seat.address->number).second) continue;
      seat.address->tell(Want{waiter.roster->group});
    }
  }
}

void ModelGroup::turn_away(const Offer& waiter, Refusal why) {
  auto reason = waiter.list.why;
  for (const auto& seat : waiter.roster->seats) keep_better(reason, room_shortfall(*seat.deployment->view));
  reason.which = why;
  add(view_->total_turned_away, 1);
  refuse(*waiter.roster, now_, waiter.duty, reason);
}

} // namespace switchyard::actors
