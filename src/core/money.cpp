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
  std::string out = (nanos_ < 0 ? "-" : "") + std::to_string(magnitude / 1'000'000'000);
  auto rest = std::to_string(magnitude % 1'000'000'000);
  rest.insert(0, 9 - rest.size(), '0');
  rest.erase(rest.find_last_not_of('0') + 1);
  return rest.empty() ? out : out + "." + rest;
}

} // namespace switchyard
