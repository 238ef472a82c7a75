// Moves are found by comparing the row that goes first with the one that would if all of its level were well.
#include "actors/pins.hpp"

#include "actors/rendezvous.hpp"

#include <algorithm>

namespace switchyard::actors {

namespace {

/// The row of this level that the hash gives, cooling or not.
std::uint64_t home_of(const Roster& roster, std::uint64_t who, std::int64_t level) {
  std::uint64_t home = 0;
  double lowest = 0;
  for (std::size_t i = 0; i < roster.seats.size(); ++i) {
    if (filters::level_of(roster, static_cast<std::uint16_t>(i)) != level) continue;
    const auto& row = roster.seats[i];
    const auto score = rendezvous(who, row.id_hash, row.shares[0].value_or(1));
    if (home == 0 || score < lowest) home = row.id_hash, lowest = score;
  }
  return home;
}

} // namespace

void Pins::apply(const Roster& roster, const PickQuery& query, Shortlist& list) {
  if (query.affinity == 0 || roster.affinity_ttl <= Millis{0} || list.order.empty()) return;
  const auto count = std::min<std::size_t>(list.order.size(), list.level);
  if (count == roster.seats.size() && young_.empty() && old_.empty())
    return; // all rows are well: the usual case
  const auto end = list.order.begin() + static_cast<std::ptrdiff_t>(count);
  const auto id_of = [&](std::uint16_t seat) { return roster.seats[seat].id_hash; };
  const auto pinned = take(query.affinity, query.now);
  if (pinned) {
    const auto found =
        std::find_if(list.order.begin(), end, [&](auto seat) { return id_of(seat) == *pinned; });
    if (found != end) std::rotate(list.order.begin(), found, found + 1);
  }
  const auto first = list.order.front();
  const auto home = home_of(roster, query.affinity, filters::level_of(roster, first));
  if (id_of(first) != home) put(query.affinity, {id_of(first), query.now + roster.affinity_ttl});
}

std::optional<std::uint64_t> Pins::take(std::uint64_t who, Instant now) {
  for (auto* pins : {&young_, &old_}) {
    const auto found = pins->find(who);
    if (found == pins->end()) continue;
    const auto pin = found->second;
    pins->erase(found);
    if (now < pin.until) return pin.row;
  }
  return std::nullopt;
}

void Pins::put(std::uint64_t who, Pin pin) {
  if (young_.size() >= k_kept) old_ = std::exchange(young_, {});
  young_.insert_or_assign(who, pin);
}

} // namespace switchyard::actors
