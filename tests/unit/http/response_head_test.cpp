// Response head parts, body memory accounting and the CPU quota text.
#include "http/body_buffer.hpp"
#include "http/cpus.hpp"
#include "http/response_head.hpp"

#include <gtest/gtest.h>

namespace switchyard::http {
namespace {

TEST(ResponseHead, DateIsFormattedPerSecond) {
  DateLine date;
  WallTime example{std::chrono::seconds(784111777)};
  EXPECT_EQ(date.at(example), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(date.at(example + Millis{999}), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_EQ(date.at(example + Millis{1000}), "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
  EXPECT_EQ(date.at(WallTime{std::chrono::seconds(951827696)}), "Date: Tue, 29 Feb 2000 12:34:56 GMT\r\n");
}

TEST(ResponseHead, StatusLines) {
  std::string out;
  append_status_line(out, 404);
  append_status_line(out, 299);
  append_content_length(out, 1234);
  append_chunk_size(out, 255);
  EXPECT_EQ(out, "HTTP/1.1 404 Not Found\r\nHTTP/1.1 299 \r\nContent-Length: 1234\r\nff\r\n");
}

TEST(BodyBuffer, ChargesOnlyBigBodiesAndGivesBack) {
  ProcessLimits limits;
  limits.max_buffered_bytes = 300 * 1024;
  {
    BodyBuffer small(limits), big(limits), more(limits);
    EXPECT_TRUE(small.append("some bytes"));
    EXPECT_EQ(limits.buffered_bytes, 0u);
    EXPECT_TRUE(big.append(std::string(200 * 1024, 'b')));
    EXPECT_EQ(limits.buffered_bytes, 200u * 1024);
    EXPECT_FALSE(more.append(std::string(200 * 1024, 'm')));
    EXPECT_TRUE(more.append("fits"));
    EXPECT_EQ(more.view(), "fits");
    big.release();
    EXPECT_EQ(limits.buffered_bytes, 0u);
    EXPECT_TRUE(more.append(std::string(200 * 1024, 'm')));
    EXPECT_EQ(more.view().substr(0, 6), "fitsmm");
  }
  EXPECT_EQ(limits.buffered_bytes, 0u);
}

TEST(Cpus, QuotaIsRoundedUp) {
  EXPECT_EQ(cpus_of_quota("max 100000"), 0);
  EXPECT_EQ(cpus_of_quota("200000 100000"), 2);
  EXPECT_EQ(cpus_of_quota("150000 100000"), 2);
  EXPECT_EQ(cpus_of_quota("50000 100000"), 1);
  EXPECT_EQ(cpus_of_quota("-1 100000"), 0);
  EXPECT_EQ(cpus_of_quota(""), 0);
  EXPECT_GE(usable_cpus(), 1);
}

} // namespace
} // namespace switchyard::http
