// Metrics: single-writer cells per shard, added up when /metrics is read. No lock and no shared cache line on
// the request path. A Scope belongs to one shard thread; render() may run on any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::metrics {

/// Plain add by its one writer, relaxed reads elsewhere.
class Cell {
 public:
  void add(std::uint64_t n = 1) noexcept {
    v_.store(v_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void sub(std::uint64_t n = 1) noexcept {
    v_.store(v_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  void set(std::uint64_t n) noexcept { v_.store(n, std::memory_order_relaxed); }
  std::uint64_t get() const noexcept { return v_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> v_{0};
};

/// LiteLLM's buckets, in seconds (spec router.md 7.4).
inline constexpr std::array k_buckets = {.005, .00625, .0125, .025, .05,   .1,    .5,    1.0,  1.5,
                                         2.0,  2.5,    3.0,   3.5,  4.0,   4.5,   5.0,   5.5,  6.0,
                                         6.5,  7.0,    7.5,   8.0,  8.5,   9.0,   9.5,   10.0, 15.0,
                                         20.0, 25.0,   30.0,  60.0, 120.0, 180.0, 240.0, 300.0};

class Histogram {
 public:
  void observe_us(std::uint64_t microseconds) noexcept; ///< O(log buckets)
  std::array<Cell, k_buckets.size() + 1> buckets;       ///< not cumulative
  Cell sum_us, count;
};

/// Text in Prometheus' exposition format, built line by line. Label values are escaped.
class Text {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help);
  using Label = std::pair<std::string_view, std::string_view>;
  void sample(std::string_view name, std::initializer_list<Label> labels, double value);
  void sample(std::string_view name, std::initializer_list<Label> labels, std::uint64_t value);
  /// Sums the given histograms into name_bucket/_sum/_count (seconds).
  void histogram(std::string_view name, std::initializer_list<Label> labels,
                 const std::vector<const Histogram*>& parts);
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

} // namespace switchyard::metrics
