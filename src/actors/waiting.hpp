// Picks that wait for a row with room, in the order in which they are served. A plain container of the
// model_group actor; takes time only from its arguments.
#pragma once

#include "actors/handles.hpp"

#include <map>
#include <optional>

namespace switchyard::actors {

class WaitingRoom {
 public:
  /// A level of priority is worth this much waiting: an urgent request goes first, and nobody starves.
  static constexpr Millis k_level{5000};

  using Places = std::map<std::int64_t, Offer>;

  /// Where a pick that comes now belongs: later for a higher number of its priority, never the same twice.
  std::int64_t new_place(const PickQuery& query);
  void put(Offer waiter) { places_.insert_or_assign(waiter.place, std::move(waiter)); }
  Offer take(Places::iterator at);
  /// The one that would be served last, when that is after `place`.
  std::optional<Offer> take_last_after(std::int64_t place);

  Places& places() noexcept { return places_; }
  std::size_t size() const noexcept { return places_.size(); }
  bool empty() const noexcept { return places_.empty(); }

 private:
  Places places_;
  std::int64_t count_ = 0;
};

} // namespace switchyard::actors
