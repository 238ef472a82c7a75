// Sorting of candidates by a score, ties at random: what most strategies share. Pure.
#pragma once

#include "actors/roster.hpp"

#include <algorithm>
#include <limits>

namespace switchyard::actors::strategies {

/// A candidate while it is ranked; `rank` breaks ties.
struct Ranked {
  double score;
  std::uint32_t rank;
  std::uint16_t seat;
  friend bool operator<(const Ranked& left, const Ranked& right) noexcept {
    return left.score != right.score ? left.score < right.score : left.rank < right.rank;
  }
};

/// Lowest score first. Scores up to `tolerance` (a share) above the lowest count as equal to it.
template <class Score>
void rank(const PickQuery& query, Candidates order, double tolerance, Score score) {
  boost::container::small_vector<Ranked, 16> ranked;
  Random random(query.random);
  double lowest = std::numeric_limits<double>::max();
  for (auto seat : order) {
    ranked.push_back({score(seat), static_cast<std::uint32_t>(random.next() >> 32), seat});
    lowest = std::min(lowest, ranked.back().score);
  }
  for (auto& one : ranked)
    if (one.score <= lowest * (1 + tolerance)) one.score = lowest;
  const auto drawn = ranked.begin() + static_cast<std::ptrdiff_t>(std::min(ranked.size(), k_drawn));
  std::partial_sort(ranked.begin(), drawn, ranked.end());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = ranked[i].seat;
}

} // namespace switchyard::actors::strategies
