// Money's conversions at the edges. Pure, any thread.
#include <switchyard/money.hpp>

#include <cmath>

namespace switchyard {

Money Money::from_usd(double dollars) noexcept {
  const double scaled = std::round(dollars * 1e9);
  if (std::isnan(scaled)) return {};
  if (scaled >= 9.2233720368547e18) return most();
  if (scaled <= -9.2233720368547e18) return Money(INT64_MIN);
  return Money(static_cast<std::int64_t>(scaled));
}

std::string Money::text() const {
  const auto magnitude =
      nanos_ < 0 ? ~static_cast<std::uint64_t>(nanos_) + 1 : static_cast<std::uint64_t>(nanos_);
  char buffer[32]; // filled from its end
  char* const end = buffer + sizeof buffer;
  char* at = end;
  auto whole = magnitude / 1'000'000'000, part = magnitude % 1'000'000'000;
  if (part != 0) {
    int places = 9;
    for (; part % 10 == 0; part /= 10) --places;
    for (; places > 0; --places, part /= 10) *--at = static_cast<char>('0' + part % 10);
    *--at = '.';
  }
  do *--at = static_cast<char>('0' + whole % 10);
  while ((whole /= 10) != 0);
  if (nanos_ < 0) *--at = '-';
  return {at, end};
}

} // namespace switchyard
