// Dates as text. Pure; any thread.
#include "core/date.hpp"

#include <chrono>
#include <cstdio>

namespace switchyard::core {

void append_iso_time(std::string& out, WallTime when) {
  namespace ch = std::chrono;
  const auto day = ch::floor<ch::days>(when);
  const ch::year_month_day date{day};
  const ch::hh_mm_ss time{ch::floor<ch::milliseconds>(when - day)};
  char buffer[64];
  const int size =
      std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()),
                    unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                    int(time.minutes().count()), int(time.seconds().count()), int(time.subseconds().count()));
  out.append(buffer, static_cast<std::size_t>(size));
}

} // namespace switchyard::core
