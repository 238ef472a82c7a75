// The transport's counters of all shards as Prometheus text. Any thread.
#pragma once

#include <switchyard/metrics.hpp>

#include <vector>

namespace switchyard::http {

class Shard;

void render_shard_metrics(metrics::Text& text, const std::vector<Shard*>& shards);

} // namespace switchyard::http
