// Candidates of one pick, best first, as indices into the roster. Plain data inside messages.
#pragma once

#include <boost/container/small_vector.hpp>

#include <cstdint>

namespace switchyard::actors {

/// Groups of up to 16 rows need no allocation.
using Order = boost::container::small_vector<std::uint16_t, 16>;

} // namespace switchyard::actors
