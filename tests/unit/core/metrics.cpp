// Histograms fall into the right buckets; the text is what Prometheus reads.
#include <switchyard/metrics.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace switchyard::metrics {
namespace {

std::size_t bucket_of(std::uint64_t microseconds) {
  Histogram histogram;
  histogram.observe_us(microseconds);
  for (std::size_t i = 0; i < histogram.buckets.size(); ++i)
    if (histogram.buckets[i].get() != 0) return i;
  return histogram.buckets.size();
}

TEST(Metrics, CellCounts) {
  Cell cell;
  cell.add(), cell.add(5), cell.sub(2);
  EXPECT_EQ(cell.get(), 4u);
  cell.set(9);
  EXPECT_EQ(cell.get(), 9u);
}

TEST(Metrics, BoundsAreInclusive) {
  EXPECT_EQ(bucket_of(0), 0u);
  for (std::size_t i = 0; i < k_buckets.size(); ++i) {
    const auto bound = static_cast<std::uint64_t>(k_buckets[i] * 1e6 + .5);
    EXPECT_EQ(bucket_of(bound), i);
    EXPECT_EQ(bucket_of(bound + 1), i + 1);
  }
}

TEST(Metrics, HistogramIsCumulativeOverShards) {
  Histogram a, b;
  a.observe_us(4'000), a.observe_us(60'000'000), b.observe_us(1'000'000), b.observe_us(999'000'000);
  Text text;
  text.histogram("t", {{"model", "m"}}, {&a, &b});
  const std::string out = text.take();
  for (const auto line : {"t_bucket{model=\"m\",le=\"0.005\"} 1\n", "t_bucket{model=\"m\",le=\"0.5\"} 1\n",
                          "t_bucket{model=\"m\",le=\"1.0\"} 2\n", "t_bucket{model=\"m\",le=\"60.0\"} 3\n",
                          "t_bucket{model=\"m\",le=\"300.0\"} 3\n", "t_bucket{model=\"m\",le=\"+Inf\"} 4\n",
                          "t_sum{model=\"m\"} 1060.004\n", "t_count{model=\"m\"} 4\n"})
    EXPECT_NE(out.find(line), out.npos) << line << out;
}

TEST(Metrics, EscapesAndFormats) {
  Text text;
  text.family("up", "gauge", "Is it\nup? \"yes\" \\");
  text.sample("up", {}, std::uint64_t{1});
  text.sample("up", {{"a", "x\"y\\z\n"}, {"b", ""}}, 0.25);
  text.sample("up", {}, std::numeric_limits<double>::infinity());
  text.sample("up", {}, -std::numeric_limits<double>::infinity());
  text.sample("up", {}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(
      text.take(),
      "# HELP up Is it\\nup? \"yes\" \\\\\n# TYPE up gauge\nup 1\nup{a=\"x\\\"y\\\\z\\n\",b=\"\"} 0.25\n"
      "up +Inf\nup -Inf\nup NaN\n");
}

} // namespace
} // namespace switchyard::metrics
