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

/// What a window counts, each on its own: `input` leaves out what a prompt cache held, so that it is not
/// `tokens` less `output`.
enum class Unit : std::uint8_t { requests, tokens, input, output };
inline constexpr std::size_t k_unit_count = 4;

struct Amounts {
  std::array<std::uint64_t, k_unit_count> of{};
  std::uint64_t& operator[](Unit unit) noexcept { return of[static_cast<std::size_t>(unit)]; }
  std::uint64_t operator[](Unit unit) const noexcept { return of[static_cast<std::size_t>(unit)]; }
};

/// Sliding, and never too short: what was added counts for 60 to 61 seconds.
class UsageWindow {
 public:
  struct Used {
    std::uint64_t requests = 0, tokens = 0, input = 0, output = 0;
  };
  /// A bucket counts during its own second and this many after it.
  static constexpr std::int64_t k_reach = 60;

  // -- the writer

  /// Shards' clocks may arrive a little out of order: an older second counts as the present one.
  void add(std::int64_t second, const Amounts& more) noexcept {
    advance(second);
    auto& bucket = bucket_of(head());
    for (std::size_t unit = 0; unit < k_unit_count; ++unit) {
      put(bucket[unit], get(bucket[unit]) + more.of[unit]);
      put(sums_[unit], get(sums_[unit]) + more.of[unit]);
    }
  }
  /// Undoes a part of what was added in `second`; what has left the window is not missed.
  void take_back(std::int64_t second, const Amounts& less) noexcept {
    if (second > head() || second < head() - k_reach) return;
    auto& bucket = bucket_of(second);
    for (std::size_t unit = 0; unit < k_unit_count; ++unit) {
      const auto gone = std::min(less.of[unit], get(bucket[unit]));
      put(bucket[unit], get(bucket[unit]) - gone), put(sums_[unit], get(sums_[unit]) - gone);
    }
  }

  // -- readers

  Amounts amounts(std::int64_t second) const noexcept {
    Amounts used;
    const auto newest = head();
    if (second > newest + k_reach) return used;
    for (std::size_t unit = 0; unit < k_unit_count; ++unit) used.of[unit] = get(sums_[unit]);
    for (auto gone = newest - k_reach; gone < second - k_reach; ++gone) {
      const auto& bucket = bucket_of(gone);
      for (std::size_t unit = 0; unit < k_unit_count; ++unit)
        used.of[unit] -= std::min(used.of[unit], get(bucket[unit]));
    }
    return used;
  }
  Used used(std::int64_t second) const noexcept {
    const auto all = amounts(second);
    return {all[Unit::requests], all[Unit::tokens], all[Unit::input], all[Unit::output]};
  }
  /// Seconds from `second` until so much has left; the whole reach when it never will.
  std::int64_t until_leave(std::int64_t second, std::uint64_t excess, Unit unit) const noexcept {
    const auto oldest = std::max(second, head()) - k_reach;
    std::uint64_t gone = 0;
    for (auto leaving = oldest; leaving <= head(); ++leaving)
      if ((gone += get(bucket_of(leaving)[static_cast<std::size_t>(unit)])) >= excess)
        return leaving + k_reach + 1 - second;
    return k_reach + 1;
  }

 private:
  using Cell = std::atomic<std::uint64_t>;
  using Bucket = std::array<Cell, k_unit_count>;
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
      for (std::size_t unit = 0; unit < k_unit_count; ++unit) {
        put(sums_[unit], get(sums_[unit]) - get(left[unit]));
        put(left[unit], 0);
      }
    }
    put(head_, second);
  }

  std::array<Bucket, k_ring> ring_{};
  std::atomic<std::int64_t> head_{0}; ///< the newest bucket's second
  Bucket sums_{};
};

} // namespace switchyard
