// Who was moved off the row that affinity's hash gives him (it cooled, it was full) and stays where he went
// until he has not asked for a while. Nobody is here while all rows are well. A plain container of the
// model_group actor; bounded, since clients name their sessions; takes time only from its arguments.
#pragma once

#include "actors/roster.hpp"

#include <unordered_map>

namespace switchyard::actors {

class Pins {
 public:
  /// How many are kept for sure; of the rest the hash decides.
  static constexpr std::size_t k_kept = 10'000;

  /// `list` is ordered, the hash's choice first: puts the row before it that query.affinity was moved to, or
  /// remembers the move.
  void apply(const Roster& roster, const PickQuery& query, Shortlist& list);
  std::size_t size() const noexcept { return young_.size() + old_.size(); }

 private:
  struct Pin {
    std::uint64_t row = 0; ///< Seat::id_hash, so that a reload does not matter
    Instant until{};
  };
  using Map = std::unordered_map<std::uint64_t, Pin>;

  std::optional<std::uint64_t> take(std::uint64_t who, Instant now);
  void put(std::uint64_t who, Pin pin);

  Map young_, old_; ///< two generations: when the young ones are many, the old are forgotten
};

} // namespace switchyard::actors
