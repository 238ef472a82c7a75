// Latencies in constant memory: log-linear buckets, 128 per power of two (0.8 % wide). One thread.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace switchyard::load {

class Histogram {
 public:
  void add(std::uint64_t ns) {
    counts_[index(ns)]++;
    total_++;
    sum_ += ns;
    max_ = std::max(max_, ns);
  }
  std::uint64_t count() const { return total_; }
  double max_ms() const { return static_cast<double>(max_) / 1e6; }
  double mean_ms() const {
    return total_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(total_) / 1e6;
  }

  /// The value below which `share` of the samples lie, in ms; 0 without samples.
  double at(double share) const {
    auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); i++) {
      seen += counts_[i];
      if (seen > wanted) return std::min(static_cast<double>(upper(i)) / 1e6, max_ms());
    }
    return max_ms();
  }

 private:
  static constexpr int k_bits = 7;
  static constexpr std::uint64_t k_sub = 1u << k_bits;

  static std::size_t index(std::uint64_t v) {
    if (v < k_sub) return static_cast<std::size_t>(v);
    int shift = std::bit_width(v) - k_bits - 1;
    return static_cast<std::size_t>((static_cast<std::uint64_t>(shift) + 1) * k_sub + (v >> shift) - k_sub);
  }
  static std::uint64_t upper(std::size_t i) {
    if (i < k_sub) return i;
    auto shift = i / k_sub - 1;
    return ((i % k_sub + k_sub + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - k_bits + 1) * k_sub> counts_{};
  std::uint64_t total_ = 0, sum_ = 0, max_ = 0;
};

} // namespace switchyard::load
