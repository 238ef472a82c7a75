// HeapTrim: one collection behind a busy time, and no timer afterwards.
#include "http/heap_trim.hpp"

#include <gtest/gtest.h>

namespace switchyard::http {
namespace {

int g_collected = 0;

TEST(HeapTrim, CollectsOnceWhenRequestsHaveEnded) {
  g_collected = 0;
  asio::io_context context;
  HeapTrim trim(context.get_executor(), std::chrono::milliseconds(1), [] { ++g_collected; });
  trim.busy();
  trim.busy();
  context.run(); // returns: nothing is armed behind the collection
  EXPECT_EQ(g_collected, 1);
  context.restart();
  context.run();
  EXPECT_EQ(g_collected, 1);
  trim.busy();
  context.restart();
  context.run();
  EXPECT_EQ(g_collected, 2);
}

TEST(HeapTrim, WaitsWhileRequestsCome) {
  g_collected = 0;
  asio::io_context context;
  HeapTrim trim(context.get_executor(), std::chrono::milliseconds(1), [] { ++g_collected; });
  trim.busy();
  trim.busy(); // within the first look's time
  context.run_one();
  EXPECT_EQ(g_collected, 0);
  context.run_one();
  EXPECT_EQ(g_collected, 1);
}

} // namespace
} // namespace switchyard::http
