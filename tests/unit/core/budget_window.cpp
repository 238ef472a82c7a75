// When budget windows end, against dates worked out by hand (Python's zoneinfo
// agrees).
#include "core/time_zone.hpp"

#include <switchyard/budget_window.hpp>

#include <gtest/gtest.h>

namespace switchyard {
namespace {

namespace ch = std::chrono;

WallTime at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0) {
  return ch::sys_days(ch::year_month_day(ch::year(year), ch::month(month), ch::day(day))) + ch::hours(hour) +
         ch::minutes(minute) + ch::seconds(second);
}

void expect_reset(const char* duration, WallTime now, const char* zone, WallTime end) {
  const auto found = next_reset(duration, now, zone);
  ASSERT_TRUE(found) << duration << ": " << found.error().message;
  EXPECT_EQ(ch::system_clock::to_time_t(*found), ch::system_clock::to_time_t(end)) << duration << " " << zone;
}

TEST(Duration, TakesAPrefixOnly) {
  EXPECT_EQ(*duration_of("30min"), ch::minutes(30));
  EXPECT_EQ(*duration_of("10s"), ch::seconds(10));
  EXPECT_EQ(*duration_of("2w"), ch::days(14));
  EXPECT_EQ(*duration_of("1month"), ch::days(30));
  EXPECT_EQ(*duration_of("1mo"), ch::days(30));
}

TEST(Duration, ErrorsNameTheText) {
  for (const char* bad : {"", "d", "-1", "-1d", "1", "1y", " 1d", "+1d", "1.5d", "99999999999999999999d",
                          "9223372036854775807d", "10000000000000mo"}) {
    const auto read = duration_of(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_NE(read.error().message.find("\"" + std::string(bad) + "\""), std::string::npos);
    EXPECT_FALSE(next_reset(bad, at(2026, 1, 1), "UTC"));
  }
}

TEST(Duration, MonthsGoByTheCalendar) {
  EXPECT_EQ(*after("1mo", at(2026, 1, 31, 5)), at(2026, 2, 28, 5));
  EXPECT_EQ(*after("12mo", at(2024, 2, 29)), at(2025, 2, 28));
  EXPECT_EQ(*after("90m", at(2026, 12, 31, 23)), at(2027, 1, 1, 0, 30));
}

TEST(NextReset, CalendarInUtc) {
  const WallTime now = at(2026, 11, 21, 19, 22, 24); // a Saturday
  expect_reset("1d", now, "", at(2026, 11, 22));
  expect_reset("24h", now, "UTC", at(2026, 11, 22));
  expect_reset("7d", now, "UTC", at(2026, 11, 23));
  expect_reset("1w", now, "UTC", at(2026, 11, 23));
  expect_reset("30d", now, "UTC", at(2026, 12, 1));
  expect_reset("1mo", now, "UTC", at(2026, 12, 1));
  expect_reset("2mo", now, "UTC", at(2027, 1, 1));
  expect_reset("10d", now, "UTC", at(2026, 12, 1));
  expect_reset("2w", now, "UTC", at(2026, 12, 5));
  expect_reset("1h", now, "UTC", at(2026, 11, 21, 20));
  expect_reset("5h", now, "UTC", at(2026, 11, 21, 20));
  expect_reset("15m", now, "UTC", at(2026, 11, 21, 19, 30));
  expect_reset("30s", now, "UTC", at(2026, 11, 21, 19, 22, 30));
}

TEST(NextReset, IsAlwaysLater) {
  expect_reset("1d", at(2026, 11, 23), "UTC", at(2026, 11, 24));
  expect_reset("7d", at(2026, 11, 23), "UTC", at(2026, 11, 30)); // a Monday
  expect_reset("1mo", at(2026, 12, 1), "UTC", at(2027, 1, 1));
  expect_reset("1h", at(2026, 12, 1, 4), "UTC", at(2026, 12, 1, 5));
  EXPECT_EQ(*next_reset("0d", at(2026, 12, 1), "UTC"), at(2026, 12, 1));
}

TEST(NextReset, FollowsTheZone) {
  expect_reset("1d", at(2026, 7, 1, 21, 59), "Europe/Berlin", at(2026, 7, 1, 22));
  expect_reset("1d", at(2026, 7, 1, 22, 0), "Europe/Berlin", at(2026, 7, 2, 22));
  expect_reset("1mo", at(2026, 10, 5), "Europe/Berlin", at(2026, 10, 31, 23)); // summer time ended
  expect_reset("7d", at(2026, 11, 23, 4), "America/New_York", at(2026, 11, 23, 5));
  expect_reset("1d", at(2026, 11, 21, 18, 29), "Asia/Kolkata", at(2026, 11, 21, 18, 30));
  expect_reset("1d", at(2060, 7, 1, 12), "Europe/Berlin", at(2060, 7, 1, 22)); // behind the listed ones
}

TEST(NextReset, ClocksThatJump) {
  // 29 March 2026, Berlin: 01:00 UTC is 03:00 local; 02:xx does not exist.
  expect_reset("1h", at(2026, 3, 29, 0, 30), "Europe/Berlin", at(2026, 3, 29, 1));
  expect_reset("1d", at(2026, 3, 28, 23, 0), "Europe/Berlin", at(2026, 3, 29, 22));
  // 25 October 2026: 02:00-03:00 happens twice, 00:00-01:00 and 01:00-02:00
  // UTC.
  expect_reset("10m", at(2026, 10, 25, 0, 35), "Europe/Berlin", at(2026, 10, 25, 0, 40));
  expect_reset("10m", at(2026, 10, 25, 1, 35), "Europe/Berlin", at(2026, 10, 25, 1, 40));
}

TEST(NextReset, UnknownZonesAreErrors) {
  for (const char* bad : {"Mars/Base", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/Berlin "}) {
    const auto found = next_reset("1d", at(2026, 1, 1), bad);
    ASSERT_FALSE(found) << bad;
    EXPECT_EQ(found.error().code, Errc::config);
  }
}

TEST(TimeZone, PosixRules) {
  core::TzRule rule;
  ASSERT_TRUE(core::read_tz_rule("AEST-10AEDT,M10.1.0,M4.1.0/3", rule));
  EXPECT_EQ(core::offset_by_rule(rule, ch::system_clock::to_time_t(at(2050, 1, 1))), 11 * 3600);
  EXPECT_EQ(core::offset_by_rule(rule, ch::system_clock::to_time_t(at(2050, 7, 1))), 10 * 3600);
  core::TzRule fixed;
  ASSERT_TRUE(core::read_tz_rule("<+0530>-5:30", fixed));
  EXPECT_EQ(core::offset_by_rule(fixed, 0), 19800);
  for (const char* bad :
       {"", "X", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M1.1.0", "<+03", "CET-1CEST,M3.5.0"}) {
    core::TzRule none;
    EXPECT_FALSE(core::read_tz_rule(bad, none)) << bad;
  }
}

TEST(TimeZone, BrokenFilesAreErrors) {
  EXPECT_FALSE(core::TimeZone::parse(""));
  EXPECT_FALSE(core::TimeZone::parse("TZif2"));
  EXPECT_FALSE(core::TimeZone::parse(std::string("TZif2") + std::string(39, '\xff')));
}

} // namespace
} // namespace switchyard
