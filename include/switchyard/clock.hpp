// Injected time. Real clocks on the shards, ManualClock in tests; actors read only the `now` of a message.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>

namespace switchyard {

using Instant = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Millis = std::chrono::milliseconds;
using Micros = std::chrono::microseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  /// Up to 4 ms behind now(), at a fraction of its cost: for deadlines, not for measuring.
  virtual Instant coarse_now() const { return now(); }
  virtual WallTime wall() const = 0; ///< for dates: whole milliseconds count
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  Instant now() const override { return std::chrono::steady_clock::now(); }
  Instant coarse_now() const override { return Instant{read(CLOCK_MONOTONIC_COARSE)}; }
  WallTime wall() const override {
    return WallTime{std::chrono::duration_cast<WallTime::duration>(read(CLOCK_REALTIME_COARSE))};
  }

 private:
  static std::chrono::nanoseconds read(clockid_t id) noexcept {
    timespec time{};
    ::clock_gettime(id, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
};

/// Time that moves only when a test says so. Not thread safe.
class ManualClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  WallTime wall() const override { return wall_; }
  void advance(std::chrono::nanoseconds by) {
    now_ += std::chrono::duration_cast<Instant::duration>(by);
    wall_ += std::chrono::duration_cast<WallTime::duration>(by);
  }

 private:
  Instant now_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::hours(24 * 365 * 50)};
};

/// Small, fast, injectable randomness (xorshift64*). Not for secrets. One per shard or per test.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed ? seed : 0x9E3779B97F4A7C15ull) {}
  std::uint64_t next() {
    state_ ^= state_ >> 12, state_ ^= state_ << 25, state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Dull;
  }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

} // namespace switchyard
