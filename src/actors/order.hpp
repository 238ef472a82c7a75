// The candidates of one pick on their way from filter to filter, then from row to row. Plain data inside
// messages.
#pragma once

#include "actors/limits.hpp"

#include <boost/container/small_vector.hpp>

#include <cstdint>

namespace switchyard::actors {

/// Rows, best first, as indices into the roster. Groups of up to 16 rows need no allocation.
using Order = boost::container::small_vector<std::uint16_t, 16>;

/// The rows that are left for a pick, and what became of the others.
struct Shortlist {
  Order order;
  std::uint16_t level =
      UINT16_MAX; ///< rows of the lowest `order` level; those behind them are for when all of it refuse
  std::uint16_t healthy = 0;    ///< rows before the filters
  bool ignores_cooling = false; ///< asked for by id, or no row is healthy
  bool met_full_row = false;    ///< so that waiting may help,
  bool met_rate_limit =
      false;     ///< unless a row with room refused for its rate: nobody tells when that is over
  Shortfall why; ///< of rows that were left out for a limit, or of the last one
};

} // namespace switchyard::actors
