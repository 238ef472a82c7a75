// Requests and tokens of one deployment in the last minute, in buckets of one second. Written by the
// deployment actor alone, read relaxed anywhere: a reader on another thread may be one update behind. Takes
// time as a number.
#pragma once

#include <switchyard/clock.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

namespace switchyard {

/// The second that `at` belongs to, on the steady clock.
inline std::int64_t second_of(Instant at) noexcept {
  return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}

/// Sliding, and never too short: what was added counts for 60 to 61 seconds.
class UsageWindow {
 public:
  struct Used {
    std::uint64_t requests = 0, tokens = 0;
  };
  /// A bucket counts during its own second and this many after it.
  static constexpr std::int64_t k_reach = 60;

  // -- the writer

  /// Shards' clocks may arrive a little out of order: an older second counts as the present one.
  void add(std::int64_t second, std::uint64_t requests, std::uint64_t tokens) noexcept {
    advance(second);
    auto& bucket = bucket_of(head());
    put(bucket.requests, get(bucket.requests) + requests), put(requests_, get(requests_) + requests);
    put(bucket.tokens, get(bucket.tokens) + tokens), put(tokens_, get(tokens_) + tokens);
  }
  /// Undoes a part of what was added in `second`; what has left the window is not missed.
  void take_back(std::int64_t second, std::uint64_t requests, std::uint64_t tokens) noexcept {
    if (second > head() || second < head() - k_reach) return;
    auto& bucket = bucket_of(second);
    requests = std::min(requests, get(bucket.requests)), tokens = std::min(tokens, get(bucket.tokens));
    put(bucket.requests, get(bucket.requests) - requests), put(requests_, get(requests_) - requests);
    put(bucket.tokens, get(bucket.tokens) - tokens), put(tokens_, get(tokens_) - tokens);
  }

  // -- readers

  Used used(std::int64_t second) const noexcept {
    Used used{get(requests_), get(tokens_)};
    const auto newest = head();
    if (second > newest + k_reach) return {};
    for (auto gone = newest - k_reach; gone < second - k_reach; ++gone) {
      const auto& bucket = bucket_of(gone);
      used.requests -= std::min(used.requests, get(bucket.requests));
      used.tokens -= std::min(used.tokens, get(bucket.tokens));
    }
    return used;
  }
  /// Seconds from `second` until so much has left; the whole reach when it never will.
  std::int64_t until_requests_leave(std::int64_t second, std::uint64_t excess) const noexcept {
    return until_leave(second, excess, &Bucket::requests);
  }
  std::int64_t until_tokens_leave(std::int64_t second, std::uint64_t excess) const noexcept {
    return until_leave(second, excess, &Bucket::tokens);
  }

 private:
  using Cell = std::atomic<std::uint64_t>;
  struct Bucket {
    Cell requests{0}, tokens{0};
  };
  static constexpr std::size_t k_ring = 64; ///< a power of two above the reach

  template <class T>
  static T get(const std::atomic<T>& cell) noexcept {
    return cell.load(std::memory_order_relaxed);
  }
  template <class T, class Value>
  static void put(std::atomic<T>& cell, Value value) noexcept {
    cell.store(static_cast<T>(value), std::memory_order_relaxed);
  }
  std::int64_t head() const noexcept { return get(head_); }
  Bucket& bucket_of(std::int64_t second) noexcept { return ring_[static_cast<std::size_t>(second) % k_ring]; }
  const Bucket& bucket_of(std::int64_t second) const noexcept {
    return ring_[static_cast<std::size_t>(second) % k_ring];
  }

  /// Empties the buckets that left, so that each is zero when its turn comes again.
  void advance(std::int64_t second) noexcept {
    const auto newest = head();
    if (second <= newest) return;
    const auto first = std::max(newest + 1, second - static_cast<std::int64_t>(k_ring) + 1);
    for (auto entered = first; entered <= second; ++entered) {
      auto& left = bucket_of(entered - k_reach - 1);
      put(requests_, get(requests_) - get(left.requests)), put(tokens_, get(tokens_) - get(left.tokens));
      put(left.requests, 0), put(left.tokens, 0);
    }
    put(head_, second);
  }
  std::int64_t until_leave(std::int64_t second, std::uint64_t excess, Cell Bucket::*cell) const noexcept {
    const auto oldest = std::max(second, head()) - k_reach;
    std::uint64_t gone = 0;
    for (auto leaving = oldest; leaving <= head(); ++leaving)
      if ((gone += get(bucket_of(leaving).*cell)) >= excess) return leaving + k_reach + 1 - second;
    return k_reach + 1;
  }

  std::array<Bucket, k_ring> ring_;
  std::atomic<std::int64_t> head_{0}; ///< the newest bucket's second
  Cell requests_{0}, tokens_{0};
};

} // namespace switchyard
