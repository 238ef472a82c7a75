// A limit on parallel requests that follows the row's latency (the gradient method): while the newest
// latencies are like the usual ones it grows, when they rise it shrinks in proportion. Part of the deployment
// actor; pure.
#pragma once

#include <switchyard/graph.hpp>

#include <algorithm>
#include <cstdint>

namespace switchyard::actors {

class AdaptiveLimit {
 public:
  static constexpr std::uint32_t k_first = 20, k_most = 1000;

  /// `in_flight` counts the reported request too.
  void learn(const Outcome& outcome, std::uint32_t in_flight);
  std::uint32_t limit() const noexcept { return static_cast<std::uint32_t>(limit_); }

 private:
  void measure_best();

  double limit_ = k_first;
  double newest_ = 0, best_ = 0; ///< seconds: moving average, and the lowest it was
  int samples_ = 0;              ///< since the best was measured
};

} // namespace switchyard::actors
