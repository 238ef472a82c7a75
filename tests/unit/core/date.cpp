// Times as text, checked against dates that calendars get wrong.
#include "core/date.hpp"

#include <gtest/gtest.h>

namespace switchyard::core {
namespace {

std::string iso(std::int64_t milliseconds) {
  std::string out;
  append_iso_time(out, WallTime(std::chrono::milliseconds(milliseconds)));
  return out;
}

TEST(Date, IsoTime) {
  EXPECT_EQ(iso(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso(1795237567123), "2026-11-21T05:06:07.123Z");
  EXPECT_EQ(iso(951782399999), "2000-02-28T23:59:59.999Z");
  EXPECT_EQ(iso(951782400000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(iso(4107542400000), "2100-03-01T00:00:00.000Z");
  EXPECT_EQ(iso(-1), "1969-12-31T23:59:59.999Z");
}

} // namespace
} // namespace switchyard::core
