// Counters of one shard, written by its thread only and added up when /metrics is read.
#pragma once

#include <switchyard/metrics.hpp>

#include <array>

namespace switchyard::http {

struct ShardStats {
  metrics::Cell connections_accepted, connections_open;
  metrics::Cell connections_refused;    ///< over max_connections
  metrics::Cell connections_handed_off; ///< given to a less loaded shard
  metrics::Cell requests, requests_in_flight;
  std::array<metrics::Cell, 6> responses; ///< by status / 100
  metrics::Cell bytes_in, bytes_out;
  metrics::Cell malformed, client_timeouts, clients_gone;
};

} // namespace switchyard::http
