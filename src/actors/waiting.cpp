// Places are milliseconds of arrival plus priority, with a counter below for the order of arrival.
#include "actors/waiting.hpp"

#include <algorithm>

namespace switchyard::actors {

namespace {
constexpr int k_counter_bits = 16;
constexpr std::int64_t k_highest_priority = 1'000'000;
} // namespace

std::int64_t WaitingRoom::new_place(const PickQuery& query) {
  const auto priority = std::clamp<std::int64_t>(query.priority, 0, k_highest_priority);
  const auto due = in_millis(query.now) + priority * k_level.count();
  auto place = (due << k_counter_bits) + ++count_ % (1 << k_counter_bits);
  while (place == 0 || places_.count(place) != 0) ++place;
  return place;
}

Offer WaitingRoom::take(Places::iterator at) {
  auto waiter = std::move(at->second);
  places_.erase(at);
  return waiter;
}

std::optional<Offer> WaitingRoom::take_last_after(std::int64_t place) {
  if (places_.empty() || places_.rbegin()->first < place) return std::nullopt;
  return take(std::prev(places_.end()));
}

} // namespace switchyard::actors
