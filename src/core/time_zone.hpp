// UTC offsets of an IANA zone from its TZif file (RFC 8536), since GCC 12 has
// no std::chrono::time_zone. Immutable once loaded.
#pragma once

#include <switchyard/error.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::core {

/// "M3.5.0/2", "J60" or "59": a day of each year and a second of that day.
struct YearlyRule {
  char kind = 'M'; ///< M: week of month, J: day without 29 February (1-365), N:
                   ///< day of year (0-365)
  int month = 0, week = 0, day = 0;
  std::int64_t second = 2 * 3600;
};

/// What holds behind the last transition: a POSIX TZ string.
struct TzRule {
  std::int64_t standard = 0, summer = 0; ///< seconds east of UTC
  bool has_summer = false;
  YearlyRule begins, ends;
};

class TimeZone {
 public:
  /// Reads <directory>/<name>; names with anything but letters, digits, "_+-/"
  /// are refused.
  static Result<std::shared_ptr<const TimeZone>> load(std::string_view name,
                                                      const std::string& directory = "/usr/share/zoneinfo");
  /// Any bytes; broken files are an error.
  static Result<TimeZone> parse(std::string_view file);

  /// Seconds to add to UTC at `utc` (unix seconds).
  std::int64_t offset_at(std::int64_t utc) const;
  /// Unix seconds of a local time: of two (clocks go back) the first behind
  /// `after`, of none (clocks go forward) with the offset before.
  std::int64_t to_utc(std::int64_t local, std::int64_t after) const;

 private:
  struct Transition {
    std::int64_t at, offset;
  };
  std::int64_t first_ = 0; ///< before the first transition
  std::vector<Transition> transitions_;
  TzRule rule_;
  bool has_rule_ = false;
};

/// "CET-1CEST,M3.5.0,M10.5.0/3"
bool read_tz_rule(std::string_view text, TzRule& out);
std::int64_t offset_by_rule(const TzRule& rule, std::int64_t utc);

} // namespace switchyard::core
