// Models that repeat themselves.
#include "http/loop_guard.hpp"

#include <gtest/gtest.h>

namespace switchyard::http {
namespace {

std::string saying(std::string_view text) {
  return R"([{"delta":{"content":")" + std::string(text) + "\"}}]";
}

/// Number of the first chunk that is too many, or 0.
int stops_at(LoopGuard& guard, const std::string& choices, int chunks) {
  for (int i = 1; i <= chunks; ++i)
    if (guard.repeats(choices)) return i;
  return 0;
}

TEST(LoopGuard, OneMoreThanTheLimitIsTooMany) {
  LoopGuard guard(100);
  EXPECT_EQ(stops_at(guard, saying("again"), 300), 101);
}

TEST(LoopGuard, ShortTextsMayRepeat) {
  for (auto text : {"", "--", "\xC3\xA9\xC3\xA9"}) {
    LoopGuard guard(10);
    EXPECT_EQ(stops_at(guard, saying(text), 100), 0) << text;
  }
  LoopGuard guard(10);
  EXPECT_EQ(stops_at(guard, saying("\xC3\xA9\xC3\xA9\xC3\xA9"), 100), 11);
}

TEST(LoopGuard, AnotherChunkStartsTheCountAgain) {
  LoopGuard guard(10);
  EXPECT_EQ(stops_at(guard, saying("again"), 10), 0);
  EXPECT_EQ(stops_at(guard, saying("other"), 10), 0);
  EXPECT_EQ(stops_at(guard, saying("again"), 10), 0);
  EXPECT_TRUE(guard.repeats(saying("again")));
}

TEST(LoopGuard, ZeroMeansNoLimit) {
  LoopGuard guard(0);
  EXPECT_EQ(stops_at(guard, saying("again"), 1000), 0);
}

TEST(LoopGuard, ChunksWithoutChoicesAreNoRepetition) {
  LoopGuard guard(1);
  EXPECT_EQ(stops_at(guard, "", 10), 0);
}

} // namespace
} // namespace switchyard::http
