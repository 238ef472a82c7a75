// One run: the real actors on simulated time in front of the simulated upstreams.
#pragma once

#include "world.hpp"

#include <switchyard/config.hpp>

#include <functional>
#include <string>
#include <vector>

namespace sim {

struct Scenario {
  std::string name;
  std::vector<Server> servers;
  double seconds = 600;
  double rate = 40;    ///< requests per second, Poisson
  double patience = 0; ///< seconds that a request waits for room
  int retries = 2;
  std::function<void(switchyard::RouterSettings&)> settings;
  std::function<void(const Server&, switchyard::LitellmParams&)> row; ///< more parameters of a row
};

struct Figures {
  std::uint64_t served = 0, failed = 0, refused = 0, attempts = 0, cached = 0;
  std::uint64_t in_time = 0; ///< served within ten seconds
  double cost = 0, seconds = 0;
  std::vector<double> latencies, error_latencies; ///< sorted
  double at(const std::vector<double>& sorted, double share) const {
    return sorted.empty() ? 0
                          : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  }
};

Figures run(const Scenario& scenario);

} // namespace sim
