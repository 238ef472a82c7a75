// Durations as LiteLLM writes them ("30d", "1mo", "24h") and when a budget's
// window ends. Pure but for the zone files below /usr/share/zoneinfo, which
// every thread reads once; not for the request path.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/error.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace switchyard {

struct Duration {
  std::int64_t count = 0;
  char unit = 's'; ///< s m h d w, or M for calendar months
};
/// Prefix grammar ^(\d+)(mo|[smhdw]): "30min" is thirty minutes. Errors:
/// invalid_request, names the text.
Result<Duration> read_duration(std::string_view text);
/// Its length; a month counts 30 days.
Result<std::chrono::seconds> duration_of(std::string_view text);
/// now + duration; months by the calendar (UTC), 31 January + 1mo = 28
/// February. For expiry dates.
Result<WallTime> after(std::string_view duration, WallTime now);

/// The end of the budget window that holds `now`: "1d" and "24h" next midnight,
/// "7d" and "1w" next Monday, "30d" and "1mo" the first of next month, other
/// days midnight today + N, hours, minutes and seconds the next multiple
/// counted from midnight; all in `timezone` (IANA; "" = UTC). A zero duration
/// ends now. Errors: invalid_request for the duration, config for a zone that
/// is not installed.
Result<WallTime> next_reset(std::string_view duration, WallTime now, std::string_view timezone);

} // namespace switchyard
