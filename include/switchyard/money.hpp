// Money as integer nano-dollars, and prices fine enough that a token's never rounds. Plain values, any
// thread.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard {

/// US dollars in steps of 1e-9; up to 9.2 billion dollars. Sums saturate instead of wrapping.
class Money {
 public:
  constexpr Money() = default;
  static constexpr Money nanos(std::int64_t value) noexcept { return Money(value); }
  static constexpr Money most() noexcept { return Money(INT64_MAX); }
  /// Rounded half away from zero; NaN is 0, out of range saturates. For numbers that arrive as doubles.
  static Money from_usd(double dollars) noexcept;

  constexpr std::int64_t nanos() const noexcept { return nanos_; }
  constexpr double usd() const noexcept { return static_cast<double>(nanos_) / 1e9; }
  /// Shortest plain decimal: "0", "0.00025", "-1.5".
  std::string text() const;

  constexpr Money& operator+=(Money other) noexcept {
    if (__builtin_add_overflow(nanos_, other.nanos_, &nanos_))
      nanos_ = other.nanos_ < 0 ? INT64_MIN : INT64_MAX;
    return *this;
  }
  constexpr Money& operator-=(Money other) noexcept {
    if (__builtin_sub_overflow(nanos_, other.nanos_, &nanos_))
      nanos_ = other.nanos_ < 0 ? INT64_MAX : INT64_MIN;
    return *this;
  }
  friend constexpr Money operator+(Money a, Money b) noexcept { return a += b; }
  friend constexpr Money operator-(Money a, Money b) noexcept { return a -= b; }
  friend constexpr auto operator<=>(Money, Money) noexcept = default;

 private:
  explicit constexpr Money(std::int64_t nanos) noexcept : nanos_(nanos) {}
  std::int64_t nanos_ = 0;
};

} // namespace switchyard
