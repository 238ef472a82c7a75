// POSIX TZ strings, the footer of TZif files: what holds behind the last listed
// transition. Pure.
#include "core/time_zone.hpp"

#include <charconv>
#include <chrono>

namespace switchyard::core {
namespace {

namespace ch = std::chrono;

bool number(std::string_view& text, int& out) {
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc() || text.front() == '-' || out > 10000) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool skip(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/// "CET" or "<+03>"
bool name(std::string_view& text) {
  std::size_t size = 0;
  if (skip(text, '<')) {
    size = text.find('>');
    if (size == text.npos) return false;
    text.remove_prefix(size + 1);
    return true;
  }
  while (size < text.size() && is_letter(text[size])) ++size;
  text.remove_prefix(size);
  return size >= 3;
}

/// [+-]hh[:mm[:ss]] as seconds
bool clock(std::string_view& text, std::int64_t& out) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int hours = 0, minutes = 0, seconds = 0;
  if (!number(text, hours)) return false;
  if (skip(text, ':') && !number(text, minutes)) return false;
  if (skip(text, ':') && !number(text, seconds)) return false;
  if (hours > 167 || minutes > 59 || seconds > 59) return false;
  out = hours * 3600 + minutes * 60 + seconds;
  if (negative) out = -out;
  return true;
}

bool yearly(std::string_view& text, YearlyRule& out) {
  if (!skip(text, ',')) return false;
  out.kind = 'N';
  if (skip(text, 'M')) {
    out.kind = 'M';
    if (!number(text, out.month) || !skip(text, '.') || !number(text, out.week) || !skip(text, '.'))
      return false;
    if (out.month < 1 || out.month > 12 || out.week < 1 || out.week > 5) return false;
  } else if (skip(text, 'J')) {
    out.kind = 'J';
  }
  if (!number(text, out.day) || out.day > (out.kind == 'M' ? 6 : 365)) return false;
  return !skip(text, '/') || clock(text, out.second);
}

/// Local seconds since 1970 at which the rule takes effect in that year.
std::int64_t moment(const YearlyRule& rule, ch::year year) {
  const ch::sys_days january(ch::year_month_day(year, ch::January, ch::day(1)));
  ch::sys_days day = january + ch::days(rule.day);
  if (rule.kind == 'J') day = january + ch::days(rule.day - 1 + (year.is_leap() && rule.day >= 60 ? 1 : 0));
  if (rule.kind == 'M') {
    const ch::month month(static_cast<unsigned>(rule.month));
    const ch::weekday weekday(static_cast<unsigned>(rule.day));
    day = rule.week == 5 ? ch::sys_days(year / month / weekday[ch::last])
                         : ch::sys_days(year / month / weekday[static_cast<unsigned>(rule.week)]);
  }
  return ch::duration_cast<ch::seconds>(day.time_since_epoch()).count() + rule.second;
}

} // namespace

bool read_tz_rule(std::string_view text, TzRule& out) {
  std::int64_t west = 0;
  if (!name(text) || text.empty() || !clock(text, west)) return false;
  out.standard = -west;
  if (text.empty()) return true;
  out.has_summer = true;
  out.summer = out.standard + 3600;
  if (!name(text)) return false;
  if (!text.empty() && text.front() != ',') {
    if (!clock(text, west)) return false;
    out.summer = -west;
  }
  return yearly(text, out.begins) && yearly(text, out.ends) && text.empty();
}

std::int64_t offset_by_rule(const TzRule& rule, std::int64_t utc) {
  if (!rule.has_summer) return rule.standard;
  const ch::sys_seconds local{ch::seconds(utc + rule.standard)};
  const ch::year year = ch::year_month_day(ch::floor<ch::days>(local)).year();
  const std::int64_t begins = moment(rule.begins, year) - rule.standard;
  const std::int64_t ends = moment(rule.ends, year) - rule.summer;
  // South of the equator summer spans the new year.
  const bool summer = begins < ends ? utc >= begins && utc < ends : utc >= begins || utc < ends;
  return summer ? rule.summer : rule.standard;
}

} // namespace switchyard::core
