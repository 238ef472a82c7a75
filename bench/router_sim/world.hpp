// The upstreams of the simulation: twenty deployments with speeds, capacities, provider limits and outages of
// their own. Plain arithmetic on simulated seconds; knows nothing of the router.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/error.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace sim {

struct Request {
  double arrived = 0;
  std::uint32_t prompt_tokens = 0, output_tokens = 0;
  std::uint64_t prefix = 0; ///< prompts that begin alike
  int attempts = 0;
};

struct Reply {
  double seconds = 0; ///< until it is there
  double first_token = 0;
  switchyard::Errc error = switchyard::Errc::none;
  std::uint16_t status = 200;
  double retry_after = -1;
  bool connection_lost = false;
  bool cached = false; ///< the provider had the prompt's beginning
};

enum class Fault { refuses, hangs };

struct Outage {
  double from, to;
  Fault fault;
};

/// One deployment. Requests above its slots share them; above its rpm it answers 429.
struct Server {
  std::string id;
  double per_token = 0.01; ///< seconds, alone
  int slots = 16;
  int rpm = 0; ///< of the provider; 0 = none
  double flaky = 0;
  double price = 1e-6;
  std::vector<Outage> outages;

  Reply serve(const Request& request, double now, switchyard::Random& random);
  void end() { --busy; }

  int busy = 0;
  std::deque<double> minute;
  std::unordered_map<std::uint64_t, double> prefixes; ///< last use
};

/// An attempt is given up after this long, as router_settings.timeout would.
inline constexpr double k_timeout = 20;

/// Four classes of speed; limits, outages and flakiness spread over them. `faults` = false: always well.
std::vector<Server> twenty_servers(bool faults);

} // namespace sim
