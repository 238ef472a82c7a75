// Timestamps as LiteLLM writes them in JSON, and the ISO forms that clients and databases send. Pure.
#include <switchyard/store.hpp>

#include <charconv>

namespace switchyard::storage {
namespace {

using namespace std::chrono;

/// `count` digits at `text`, which moves behind them; false = not there.
bool digits(std::string_view& text, std::size_t count, int& out) {
  if (text.size() < count) return false;
  auto [end, problem] = std::from_chars(text.data(), text.data() + count, out);
  if (problem != std::errc() || end != text.data() + count || text.front() == '-') return false;
  text.remove_prefix(count);
  return true;
}

bool skip(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool read_date(std::string_view& text, sys_days& out) {
  int year_ = 0, month_ = 0, day_ = 0;
  if (!digits(text, 4, year_) || !skip(text, '-') || !digits(text, 2, month_) || !skip(text, '-') ||
      !digits(text, 2, day_))
    return false;
  // Nanoseconds end in 2262; later dates mean "never", earlier ones "long ago".
  if (year_ > 2261) year_ = 2261, month_ = 12, day_ = 31;
  if (year_ < 1700) year_ = 1700;
  const year_month_day date{year(year_), month(static_cast<unsigned>(month_)),
                            day(static_cast<unsigned>(day_))};
  return date.ok() && (out = date, true);
}

/// "10:11:12.345678", seconds and fraction may be missing.
bool read_clock(std::string_view& text, microseconds& out) {
  int hour_ = 0, minute_ = 0, second_ = 0;
  if (!digits(text, 2, hour_) || !skip(text, ':') || !digits(text, 2, minute_)) return false;
  if (skip(text, ':') && !digits(text, 2, second_)) return false;
  if (hour_ > 23 || minute_ > 59 || second_ > 60) return false;
  out = hours(hour_) + minutes(minute_) + seconds(second_);
  if (!skip(text, '.')) return true;
  std::int64_t unit = 100'000;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), unit /= 10)
    out += microseconds((text.front() - '0') * unit);
  return true;
}

/// "", "Z", "+02", "+02:00", "+0200"
bool read_zone(std::string_view text, minutes& out) {
  if (text.empty() || text == "Z" || text == "z") return true;
  const bool west = text.front() == '-';
  if (!west && text.front() != '+') return false;
  text.remove_prefix(1);
  int hour_ = 0, minute_ = 0;
  if (!digits(text, 2, hour_)) return false;
  skip(text, ':');
  if (!text.empty() && !digits(text, 2, minute_)) return false;
  out = hours(hour_) + minutes(minute_);
  if (west) out = -out;
  return text.empty();
}

/// `count` digits of `value` behind `out`, which moves behind them.
void put(char*& out, std::uint64_t value, int count) {
  for (char* at = out + count; at != out; value /= 10) *--at = static_cast<char>('0' + value % 10);
  out += count;
}

} // namespace

std::string wire_time(WallTime when) {
  const auto date = floor<days>(when);
  const year_month_day ymd(date);
  const hh_mm_ss clock(floor<microseconds>(when - date));
  std::string text("0000-00-00T00:00:00.000000Z");
  char* at = text.data();
  const auto next = [&at](auto value, int count) { put(at, static_cast<std::uint64_t>(value), count), ++at; };
  next(int(ymd.year()), 4), next(unsigned(ymd.month()), 2), next(unsigned(ymd.day()), 2);
  next(clock.hours().count(), 2), next(clock.minutes().count(), 2), next(clock.seconds().count(), 2);
  next(clock.subseconds().count(), 6);
  return text;
}

Result<WallTime> read_time(std::string_view text) {
  const std::string_view whole = text;
  const auto bad = [whole] {
    return Error(Errc::invalid_request, "not a date: " + std::string(whole.substr(0, 64)));
  };
  sys_days date;
  microseconds clock{0};
  minutes zone{0};
  if (!read_date(text, date)) return bad();
  if (text.empty()) return WallTime(date);
  if (!skip(text, 'T') && !skip(text, 't') && !skip(text, ' ')) return bad();
  if (!read_clock(text, clock) || !read_zone(text, zone)) return bad();
  return time_point_cast<WallTime::duration>(date + clock - zone);
}

} // namespace switchyard::storage
