// Durations and the ends of budget windows (spec management.md 2.1). Not for
// the request path: the first use of a zone reads its file.
#include "core/time_zone.hpp"

#include <switchyard/budget_window.hpp>

#include <algorithm>
#include <charconv>

namespace switchyard {
namespace {

namespace ch = std::chrono;

constexpr std::int64_t k_day = 24 * 3600;
/// Longer than any business, short enough that dates stay dates.
constexpr std::int64_t k_most_days = 365 * 200;

std::int64_t unit_seconds(char unit) {
  switch (unit) {
  case 'm':
    return 60;
  case 'h':
    return 3600;
  case 'd':
    return k_day;
  case 'w':
    return 7 * k_day;
  case 'M':
    return 30 * k_day;
  default:
    return 1;
  }
}

ch::sys_days add_months(ch::year_month_day date, std::int64_t count) {
  ch::year_month_day moved = date + ch::months(count);
  if (!moved.ok()) moved = moved.year() / moved.month() / ch::last;
  return ch::sys_days(moved);
}

/// The zone that this thread asked for last: reset rounds ask thousands of
/// times for the same.
Result<std::shared_ptr<const core::TimeZone>> zone_of(std::string_view name) {
  thread_local std::string last;
  thread_local std::shared_ptr<const core::TimeZone> zone;
  if (zone && last == name) return zone;
  auto loaded = core::TimeZone::load(name);
  if (loaded) last = name, zone = *loaded;
  return loaded;
}

std::int64_t start_of_day(std::int64_t local) {
  return ch::floor<ch::days>(ch::seconds(local)).count() * k_day;
}

/// The end of the window in local seconds.
std::int64_t local_end(Duration duration, std::int64_t local) {
  const std::int64_t midnight = start_of_day(local);
  if (duration.unit == 'w') duration = {duration.count * 7, 'd'};
  if (duration.unit == 'd' && duration.count == 30) duration = {1, 'M'};
  const ch::sys_days today{ch::days(midnight / k_day)};
  if (duration.unit == 'M') {
    const ch::year_month_day date(today);
    return ch::seconds(add_months(date.year() / date.month() / 1, duration.count).time_since_epoch()).count();
  }
  if (duration.unit == 'd' && duration.count == 7)
    return midnight + (8 - static_cast<std::int64_t>(ch::weekday(today).iso_encoding())) * k_day;
  if (duration.unit == 'd') return midnight + duration.count * k_day;
  const std::int64_t step = duration.count * unit_seconds(duration.unit);
  return midnight + ((local - midnight) / step + 1) * step;
}

} // namespace

Result<Duration> read_duration(std::string_view text) {
  const Error bad(Errc::invalid_request, "Invalid duration format: \"" + std::string(text.substr(0, 64)) +
                                             "\". Expected a number and s, m, h, d, w or mo, e.g. \"30d\"");
  Duration out;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out.count);
  if (problem != std::errc() || out.count < 0 || text.front() == '-') return bad;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.empty() || std::string_view("smhdw").find(text.front()) == std::string_view::npos) return bad;
  out.unit = text.starts_with("mo") ? 'M' : text.front();
  if (out.count > k_most_days * k_day / unit_seconds(out.unit)) return bad;
  return out;
}

Result<ch::seconds> duration_of(std::string_view text) {
  auto duration = read_duration(text);
  if (!duration) return duration.error();
  return ch::seconds(duration->count * unit_seconds(duration->unit));
}

Result<WallTime> after(std::string_view text, WallTime now) {
  auto duration = read_duration(text);
  if (!duration) return duration.error();
  if (duration->unit != 'M') return now + ch::seconds(duration->count * unit_seconds(duration->unit));
  const ch::sys_days today = ch::floor<ch::days>(now);
  return add_months(today, duration->count) + (now - today);
}

Result<WallTime> next_reset(std::string_view text, WallTime now, std::string_view timezone) {
  auto duration = read_duration(text);
  if (!duration) return duration.error();
  auto zone = zone_of(timezone);
  if (!zone) return zone.error();
  if (duration->count == 0) return now;
  const std::int64_t utc = ch::floor<ch::seconds>(now.time_since_epoch()).count();
  const std::int64_t end = local_end(*duration, utc + (*zone)->offset_at(utc));
  // Where clocks go back, a time of the repeated hour may lie behind us twice:
  // then the step ends with it.
  return WallTime(ch::seconds(std::max((*zone)->to_utc(end, utc), utc + 1)));
}

} // namespace switchyard
