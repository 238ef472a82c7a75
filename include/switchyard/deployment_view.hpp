// What a deployment actor publishes about itself: single writer (the actor), relaxed readers anywhere. It is
// the actor's state too, so that a new life after a crash goes on from it.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/usage_window.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace switchyard {

inline std::int64_t in_millis(Instant at) noexcept {
  return std::chrono::duration_cast<Millis>(at.time_since_epoch()).count();
}

/// Of the only row of a group: open = refuses until the cooldown is over, half open = one probe is on its
/// way.
enum class Breaker : std::uint8_t { closed, open, half_open };

struct DeploymentView {
  template <class T>
  using Cell = std::atomic<T>;

  Cell<std::uint32_t> in_flight{0};
  Cell<std::int64_t> cooldown_until_ms{0}; ///< steady clock, milliseconds; 0 = not cooling
  Cell<std::uint32_t> minute_success{0}, minute_failure{0};
  Cell<std::uint64_t> total_success{0}, total_failure{0}, total_tokens{0}, total_cooldowns{0};
  Cell<std::uint32_t> latency_us{0}; ///< moving average of whole-request latency
  Cell<std::uint32_t> ttft_us{0};    ///< moving average of time to first token, streams only

  UsageWindow window;                    ///< grants and tokens of the last minute
  Cell<std::uint32_t> parallel_limit{0}; ///< most requests at a time; 0 = any number
  Cell<Breaker> breaker{Breaker::closed};
  Cell<std::int64_t> unhealthy_until_ms{0}; ///< a health check failed; 0 = none did

  /// latency-based-routing: means of the newest samples, seconds (per token where they are known); -1 = none.
  Cell<float> list_latency{-1}, list_first_token{-1};
  Cell<std::int64_t> list_until_ms{0}; ///< when they are forgotten

  /// The newest latencies, for percentiles: entry (count - 1) % k_recent is the last.
  static constexpr std::size_t k_recent = 64;
  std::array<Cell<std::uint32_t>, k_recent> recent_us{};
  Cell<std::uint32_t> recent_count{0};

  bool cooling(Instant now) const noexcept { return pending(cooldown_until_ms, now); }
  bool unhealthy(Instant now) const noexcept { return pending(unhealthy_until_ms, now); }
  bool has_room() const noexcept {
    const auto limit = parallel_limit.load(std::memory_order_relaxed);
    return limit == 0 || in_flight.load(std::memory_order_relaxed) < limit;
  }

 private:
  static bool pending(const Cell<std::int64_t>& until_ms, Instant now) noexcept {
    const auto until = until_ms.load(std::memory_order_relaxed);
    return until != 0 && until > in_millis(now);
  }
};

} // namespace switchyard
