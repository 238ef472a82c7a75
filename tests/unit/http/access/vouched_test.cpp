// How long answers of others are kept.
#include "http/access/vouched.hpp"

#include <switchyard/json.hpp>

#include <gtest/gtest.h>

namespace switchyard::http::access {
namespace {

Value json(std::string_view text) { return *parse_json(text); }

double life(std::string_view info, std::string cache_control, double most = 60) {
  Fetched answer;
  answer.cache_control = std::move(cache_control);
  return life_of(answer, json(info), WallTime(std::chrono::seconds(1000)), most);
}

TEST(Vouched, MaxAgeIsRead) {
  EXPECT_EQ(max_age_of("private, Max-Age=30"), 30);
  EXPECT_EQ(max_age_of("max-age=30, no-store"), std::nullopt);
  EXPECT_EQ(max_age_of("max-age=-1"), std::nullopt);
  EXPECT_EQ(max_age_of("max-age=99999999999"), std::nullopt);
  EXPECT_EQ(max_age_of(""), std::nullopt);
}

TEST(Vouched, AnIntrospectionLivesAsLongAsItSays) {
  EXPECT_EQ(life(R"({})", ""), 0);
  EXPECT_EQ(life(R"({"exp": 1010})", ""), 10);
  EXPECT_EQ(life(R"({"exp": 9000})", ""), 60);
  EXPECT_EQ(life(R"({"exp": 900})", ""), 0);
  EXPECT_EQ(life(R"({"exp": 1030})", "max-age=20"), 20);
  EXPECT_EQ(life(R"({"exp": 1010})", "max-age=20"), 10);
  EXPECT_EQ(life(R"({"exp": 1010})", "no-store"), 0);
  EXPECT_EQ(life(R"({})", "max-age=20"), 20);
}

TEST(Vouched, IsGoneWhenItsTimeIsOver) {
  Vouched kept;
  const Instant now{std::chrono::seconds(100)};
  kept.keep("a", std::make_shared<const Value>(json("{}")), now + std::chrono::seconds(5));
  EXPECT_TRUE(kept.find("a", now));
  EXPECT_FALSE(kept.find("b", now));
  EXPECT_FALSE(kept.find("a", now + std::chrono::seconds(5)));
}

} // namespace
} // namespace switchyard::http::access
