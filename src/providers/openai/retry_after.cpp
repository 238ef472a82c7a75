// How long an upstream asks to wait. Pure: a date is read against the answer's own Date header, so that no
// clock is needed.
#include "providers/openai/errors.hpp"

#include <switchyard/ascii.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

namespace switchyard::providers {
namespace {

using std::string_view;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds k_none{-1};
constexpr double k_longest = 86400.0 * 30; // seconds; beyond is nonsense

string_view header(string_view lines, string_view name) {
  while (!lines.empty()) {
    auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (!starts_with_text(line, name)) continue;
    auto value = line.substr(name.size() + 1);
    auto begin = value.find_first_not_of(" \t");
    if (begin == string_view::npos) return {};
    return value.substr(begin, value.find_last_not_of(" \t\r") - begin + 1);
  }
  return {};
}

std::optional<double> number(string_view text) {
  double value = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool whole = problem == std::errc() && end == text.data() + text.size();
  if (!whole || !std::isfinite(value) || value < 0 || value > k_longest * 1000) return {};
  return value;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" -> seconds since 1970
std::optional<std::int64_t> http_date(string_view text) {
  std::array<char, 4> month{};
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  std::string copy(text.substr(0, 40));
  if (std::sscanf(copy.c_str(), "%*3s, %2d %3s %4d %2d:%2d:%2d", &day, month.data(), &year, &hour, &minute,
                  &second) != 6)
    return {};
  constexpr string_view k_months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  auto at = k_months.find(string_view(month.data()));
  if (at == string_view::npos || at % 3 != 0) return {};
  namespace c = std::chrono;
  c::year_month_day date{c::year(year), c::month(static_cast<unsigned>(at / 3 + 1)),
                         c::day(static_cast<unsigned>(day))};
  if (!date.ok()) return {};
  return c::sys_days(date).time_since_epoch().count() * std::int64_t{86400} + hour * 3600 + minute * 60 +
         second;
}

} // namespace

Milliseconds parse_retry_after(string_view headers) {
  if (auto ms = number(header(headers, "retry-after-ms")))
    return Milliseconds(static_cast<std::int64_t>(*ms));
  auto value = header(headers, "retry-after");
  if (auto seconds = number(value); seconds && *seconds <= k_longest)
    return Milliseconds(static_cast<std::int64_t>(*seconds * 1000));
  auto until = http_date(value), now = http_date(header(headers, "date"));
  if (!until || !now) return k_none;
  return Milliseconds(std::max<std::int64_t>(0, *until - *now) * 1000);
}

} // namespace switchyard::providers
