// parse_json: what it takes, what it refuses and where; the property test and the fuzz target hold it against
// simdjson.
#include <switchyard/json.hpp>

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(JsonParse, EveryKindOfValue) {
  const std::string_view texts[] = {"null",
                                    "true",
                                    "false",
                                    "0",
                                    "-1",
                                    "1.5",
                                    "\"\"",
                                    "\"a \\\" b\"",
                                    "[]",
                                    "{}",
                                    R"({"a":[1,{"b":null}],"c":"d"})",
                                    R"([[],[[]],{"x":{}}])"};
  for (const auto text : texts) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(to_json(*value), text);
  }
  EXPECT_EQ(to_json(*parse_json(" \n{ \"a\" :\t[ 1 , 2 ] } ")), R"({"a":[1,2]})");
}

TEST(JsonParse, NumbersKeepTheirKind) {
  EXPECT_EQ(*parse_json("9223372036854775807")->as_int(), INT64_MAX);
  EXPECT_EQ(*parse_json("-9223372036854775808")->as_int(), INT64_MIN);
  double real = 0;
  EXPECT_FALSE(parse_json("9223372036854775808")->as_int());
  EXPECT_TRUE(parse_json("9223372036854775808")->number(real));
  EXPECT_EQ(real, 9223372036854775808.0);
  EXPECT_FALSE(parse_json("1.0")->as_int());
  EXPECT_TRUE(parse_json("1e-400")->number(real));
  EXPECT_EQ(real, 0);
  EXPECT_FALSE(parse_json("1e400"));
}

TEST(JsonParse, ARepeatedKeyKeepsItsLastValueAtItsFirstPlace) {
  EXPECT_EQ(to_json(*parse_json(R"({"a":1,"b":2,"a":3})")), R"({"a":3,"b":2})");
  EXPECT_EQ(to_json(*parse_json(R"({"a":1,"\u0061":{"c":1},"d":4})")), R"({"a":{"c":1},"d":4})");
  std::string many = "{", expected = "{";
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 3000; ++i) {
      const auto member = "\"k" + std::to_string(i) + "\":" + std::to_string(round);
      many += (many.size() > 1 ? "," : "") + member;
      if (round == 1) expected += (expected.size() > 1 ? "," : "") + member;
    }
  EXPECT_EQ(to_json(*parse_json(many + "}")), expected + "}");
}

TEST(JsonParse, DepthEnds) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(256)));
  EXPECT_FALSE(parse_json(nested(257)));
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
}

TEST(JsonParse, RefusesWhatIsNoJson) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "JSON: unexpected end at byte 0"},
      {"  ", "JSON: unexpected end at byte 2"},
      {"nul", "JSON: expected a value at byte 0"},
      {"{\"a\":1,}", "JSON: expected a string key at byte 7"},
      {"[1,]", "JSON: expected a value at byte 3"},
      {"[1 2]", "JSON: expected ',' or ']' at byte 3"},
      {"{\"a\" 1}", "JSON: expected ':' at byte 5"},
      {"{\"a\":1]", "JSON: expected ',' or '}' at byte 6"},
      {"1 2", "JSON: unexpected text after the value at byte 2"},
      {"\"abc", "JSON: unterminated string at byte 4"},
      {"\"abc\\", "JSON: unterminated string at byte 5"},
      {"\"a\nb\"", "JSON: control character in a string at byte 2"},
      {R"("\ud800")", "JSON: bad escape in the string that ends at byte 8"},
      {R"("\x")", "JSON: bad escape in the string that ends at byte 4"},
      {"01", "JSON: leading zero in the number that ends at byte 2"},
      {"-", "JSON: expected a value at byte 1"},
      {"1.", "JSON: expected a value at byte 2"},
      {"1e400", "JSON: the number that ends is too large at byte 5"},
      {"\"\xFF\"", "JSON: invalid UTF-8"},
      {"\xEF\xBB\xBF{}", "JSON: expected a value at byte 0"},
  };
  for (const auto& [text, problem] : cases) {
    const auto value = parse_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().message, problem) << text;
  }
}

} // namespace
} // namespace switchyard
