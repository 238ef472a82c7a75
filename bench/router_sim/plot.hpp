// A bar chart as SVG text. Pure.
#pragma once

#include <string>
#include <vector>

namespace sim {

/// Latencies of one run, in seconds.
struct Bars {
  std::string name;
  double p50, p95, p99;
};

/// One row per run, three bars each, on one logarithmic axis.
std::string plot(const std::vector<Bars>& rows);

} // namespace sim
