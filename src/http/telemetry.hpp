// Request metrics of the process: one row per requested model and shard, written by that shard only, added up
// when /metrics is read. The mutex guards the list of rows, which changes only when a model is seen for the
// first time.
#pragma once

#include <switchyard/metrics.hpp>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace switchyard::http {

/// Statuses that get a counter of their own; the last one stands for all others.
inline constexpr std::array k_counted_statuses = {200, 400, 401, 403, 404, 408, 413, 422,
                                                  429, 499, 500, 502, 503, 504, 0};

struct ModelStats {
  std::string model;
  std::array<metrics::Cell, k_counted_statuses.size()> by_status;
  metrics::Cell prompt_tokens, completion_tokens, retries, fallbacks, hedges, coalesced;
  metrics::Histogram total, upstream, overhead, first_token;

  void count_status(int status) noexcept;
};

/// The rows of one shard.
class ShardTelemetry {
 public:
  /// The row of a model; made on first use. Called on the owning shard only.
  ModelStats& of(std::string_view model);
  metrics::Cell in_flight;

 private:
  friend class Telemetry;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::unordered_map<std::string, ModelStats*, Hash, std::equal_to<>> index_;
  std::vector<std::unique_ptr<ModelStats>> rows_;
  std::mutex mutex_;
};

/// All shards together.
class Telemetry {
 public:
  ShardTelemetry& add_shard();
  void render(metrics::Text& text);

 private:
  struct Sum;
  std::vector<std::unique_ptr<ShardTelemetry>> shards_;
  std::mutex mutex_;
};

} // namespace switchyard::http
