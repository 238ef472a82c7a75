// How a simulated provider answers.
#include "world.hpp"

#include <algorithm>
#include <cmath>

namespace sim {

namespace {

constexpr double k_cache_seconds = 300, k_cache_gain = 0.4;
constexpr double k_read_share = 0.002; ///< of a token's time, per prompt token

/// Around 1: half of all requests take between 0.84 and 1.19 of the usual time.
double jitter(switchyard::Random& random) {
  const double normal =
      std::sqrt(-2 * std::log(random.unit() + 1e-12)) * std::cos(6.283185307 * random.unit());
  return std::exp(0.25 * normal);
}

Reply failure(switchyard::Errc error, std::uint16_t status, double seconds) {
  Reply reply;
  reply.error = error, reply.status = status, reply.seconds = seconds;
  return reply;
}

} // namespace

Reply Server::serve(const Request& request, double now, switchyard::Random& random) {
  ++busy;
  for (const auto& outage : outages)
    if (now >= outage.from && now < outage.to)
      return outage.fault == Fault::hangs ? failure(switchyard::Errc::timeout, 408, k_timeout)
                                          : failure(switchyard::Errc::service_unavailable, 503, 0.05);
  while (!minute.empty() && minute.front() <= now - 60) minute.pop_front();
  if (rpm != 0 && static_cast<int>(minute.size()) >= rpm) {
    auto reply = failure(switchyard::Errc::rate_limit, 429, 0.05);
    reply.retry_after = std::ceil(minute.front() + 60 - now);
    return reply;
  }
  minute.push_back(now);
  if (random.unit() < flaky) return failure(switchyard::Errc::internal_server, 500, 0.2);
  Reply reply;
  const auto known = prefixes.find(request.prefix);
  reply.cached = known != prefixes.end() && now - known->second < k_cache_seconds;
  prefixes[request.prefix] = now;
  const double crowd = std::max(1.0, static_cast<double>(busy) / slots) * jitter(random);
  const double read =
      per_token * k_read_share * request.prompt_tokens * 25 * (reply.cached ? 1 - k_cache_gain : 1);
  reply.first_token = (read + per_token) * crowd;
  reply.seconds = reply.first_token + per_token * request.output_tokens * crowd;
  if (reply.seconds > k_timeout) return failure(switchyard::Errc::timeout, 408, k_timeout);
  return reply;
}

std::vector<Server> twenty_servers(bool faults) {
  constexpr double k_speeds[] = {0.004, 0.008, 0.008, 0.016, 0.032};
  std::vector<Server> servers(20);
  for (std::size_t i = 0; i < servers.size(); ++i) {
    auto& server = servers[i];
    server.id = "row-" + std::to_string(i);
    server.per_token = k_speeds[i % 5];
    server.slots = 12;
    server.price = (i % 5 == 0 ? 8e-6 : 2e-6) * (1 + 0.05 * static_cast<double>(i));
    if (i % 7 == 3) server.rpm = 240;
  }
  if (!faults) return servers;
  servers[1].outages = {{60, 150, Fault::refuses}, {400, 430, Fault::refuses}};
  servers[5].outages = {{120, 240, Fault::hangs}};
  servers[7].outages = {{200, 500, Fault::refuses}};
  servers[12].outages = {{300, 330, Fault::hangs}};
  servers[16].flaky = 0.2;
  return servers;
}

} // namespace sim
