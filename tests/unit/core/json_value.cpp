// Readers of single JSON values and the walk over an array.
#include <switchyard/json_scan.hpp>

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(JsonValue, Booleans) {
  EXPECT_EQ(as_bool("true"), true);
  EXPECT_EQ(as_bool("false"), false);
  for (const auto raw : {"", "1", "\"true\"", "True", "null"}) EXPECT_EQ(as_bool(raw), std::nullopt) << raw;
}

TEST(JsonValue, Numbers) {
  EXPECT_EQ(as_number("0.5"), 0.5);
  EXPECT_EQ(as_number("-1e3"), -1000.0);
  EXPECT_EQ(as_number("7"), 7.0);
  for (const auto raw : {"", "-", "inf", "nan", "-inf", "\"1\"", "1x", "1e999", "null", "+1"})
    EXPECT_EQ(as_number(raw), std::nullopt) << raw;
}

TEST(JsonValue, Integers) {
  EXPECT_EQ(as_int("0"), 0);
  EXPECT_EQ(as_int("-42"), -42);
  EXPECT_EQ(as_int("9223372036854775807"), 9223372036854775807);
  for (const auto raw : {"", "1.0", "1e2", "9223372036854775808", "\"1\"", "true"})
    EXPECT_EQ(as_int(raw), std::nullopt) << raw;
}

std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> out;
  std::string_view element;
  for (std::size_t pos = 0; next_element(array, pos, element);) out.push_back(element);
  return out;
}

TEST(JsonValue, WalksArrays) {
  using List = std::vector<std::string_view>;
  EXPECT_EQ(elements("[]"), List{});
  EXPECT_EQ(elements("[ \n]"), List{});
  EXPECT_EQ(elements("[1]"), List{"1"});
  EXPECT_EQ(elements("[1 , -2.5e1,null]"), (List{"1", "-2.5e1", "null"}));
  EXPECT_EQ(elements(R"(["a,]\"\\", {"b":[1,{"]":"}"}]}, [[ ],[2]],])"),
            (List{R"("a,]\"\\")", R"({"b":[1,{"]":"}"}]})", "[[ ],[2]]"}));
  EXPECT_EQ(elements("{\"a\":1}"), List{});
  EXPECT_EQ(elements("\"[1]\""), List{});
}

TEST(JsonValue, WalkEndsOnTextsThatWereNeverScanned) {
  for (const auto text : {"[", "[1", "[\"a", "[\"\\", "[[", "[}", "[{]", ""})
    EXPECT_LE(elements(text).size(), 1u) << text;
}

} // namespace
} // namespace switchyard
