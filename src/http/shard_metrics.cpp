// Adds up the transport's counters of the shards.
#include "http/shard_metrics.hpp"

#include "http/shard.hpp"
#include "http/shard_stats.hpp"
#include "http/upstream/client.hpp"

#include <array>
#include <string>

namespace switchyard::http {

namespace {

struct Row {
  const char* name;
  const char* type;
  const char* help;
  std::uint64_t (*read)(const Shard&);
};

constexpr std::array k_rows = {
    Row{"switchyard_connections_open", "gauge", "Client connections.",
        [](const Shard& s) { return s.stats->connections_open.get(); }},
    Row{"switchyard_connections_accepted_total", "counter", "Client connections accepted.",
        [](const Shard& s) { return s.stats->connections_accepted.get(); }},
    Row{"switchyard_connections_refused_total", "counter", "Client connections over the cap.",
        [](const Shard& s) { return s.stats->connections_refused.get(); }},
    Row{"switchyard_requests_total", "counter", "HTTP requests.",
        [](const Shard& s) { return s.stats->requests.get(); }},
    Row{"switchyard_requests_in_flight", "gauge", "HTTP requests being served.",
        [](const Shard& s) { return s.stats->requests_in_flight.get(); }},
    Row{"switchyard_received_bytes_total", "counter", "Bytes from clients.",
        [](const Shard& s) { return s.stats->bytes_in.get(); }},
    Row{"switchyard_sent_bytes_total", "counter", "Bytes to clients.",
        [](const Shard& s) { return s.stats->bytes_out.get(); }},
    Row{"switchyard_malformed_requests_total", "counter", "Requests refused as malformed HTTP.",
        [](const Shard& s) { return s.stats->malformed.get(); }},
    Row{"switchyard_client_timeouts_total", "counter", "Clients that were too slow.",
        [](const Shard& s) { return s.stats->client_timeouts.get(); }},
    Row{"switchyard_clients_gone_total", "counter", "Clients that left before their answer.",
        [](const Shard& s) { return s.stats->clients_gone.get(); }},
    Row{"switchyard_upstream_connects_total", "counter", "Connections opened to upstreams.",
        [](const Shard& s) { return s.client->connects(); }},
};

} // namespace

void render_shard_metrics(metrics::Text& text, const std::vector<Shard*>& shards) {
  for (auto& row : k_rows) {
    text.family(row.name, row.type, row.help);
    std::uint64_t sum = 0;
    for (auto* shard : shards) sum += row.read(*shard);
    text.sample(row.name, {}, sum);
  }
  text.family("switchyard_responses_total", "counter", "HTTP responses by status class.");
  for (std::size_t cls = 1; cls < 6; ++cls) {
    std::uint64_t sum = 0;
    for (auto* shard : shards) sum += shard->stats->responses[cls].get();
    auto name = std::to_string(cls) + "xx";
    text.sample("switchyard_responses_total", {{"class", name}}, sum);
  }
}

} // namespace switchyard::http
