// JsonSkim: the members that the strict scanner finds, and an error for text that is cut off.
#include "json_skim_oracle.hpp"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

std::string members(std::string_view text) {
  std::string out;
  JsonSkim skim(text);
  while (skim.next()) {
    out.append(skim.key()).append("=");
    out.append(skim.value()).append(";");
  }
  return out + (skim.complete() ? "" : "!");
}

std::string nested(std::size_t depth) {
  return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

TEST(JsonSkim, FindsMembersAsWritten) {
  EXPECT_EQ(members("{}"), "");
  EXPECT_EQ(members(" \t\r\n{ } \n"), "");
  EXPECT_EQ(members(R"({"a":1,"b":"x","c":null,"d":true,"e":false,"f":-1.5e+3})"),
            R"(a=1;b="x";c=null;d=true;e=false;f=-1.5e+3;)");
  EXPECT_EQ(members("{ \"a\" : [ 1 , {} ]\n,\t\"b\" : { } } "), "a=[ 1 , {} ];b={ };");
  EXPECT_EQ(members(R"({"mod\u0065l":"x","\ud800":1})"), "model=\"x\";\xED\xA0\x80=1;");
  EXPECT_EQ(members(R"({"a":1,"a":2})"), "a=1;a=2;");
}

TEST(JsonSkim, BracketsInStringsAreText) {
  EXPECT_EQ(members(R"({"a":["]","}","\"]"],"model":"m"})"), R"(a=["]","}","\"]"];model="m";)");
  EXPECT_EQ(members(R"({"a":{"k]":"\\"},"model":"m"})"), R"(a={"k]":"\\"};model="m";)");
  EXPECT_EQ(members(R"({"a":"{\"model\":\"x\"}","model":"m"})"), R"(a="{\"model\":\"x\"}";model="m";)");
  EXPECT_EQ(members(R"({"a":[{"model":"x"}]})"), R"(a=[{"model":"x"}];)");
}

// Escapes, quotes and brackets at every offset from the 16 and 64 byte blocks' edges.
TEST(JsonSkim, BlockEdgesChangeNothing) {
  for (std::size_t pad = 0; pad < 140; ++pad) {
    for (const char* core : {R"(\"]})", R"(\\)", R"(\\\"}])", "[{", "", R"(\u005d)"}) {
      const std::string value =
          "[{\"k\":\"" + std::string(pad, 'x') + core + std::string(pad % 7, '{') + "\"}]";
      const std::string text = "{\"a\":" + value + ",\"model\":\"" + core + "\"}";
      EXPECT_EQ(members(text), "a=" + value + ";model=\"" + core + "\";") << text;
      EXPECT_EQ(test::cut_disagreement(text), "");
    }
  }
}

TEST(JsonSkim, RefusesWhatIsNoWholeObject) {
  for (const char* text : {"",
                           "  ",
                           "[]",
                           "\"a\"",
                           "\xEF\xBB\xBF{}",
                           "{",
                           "{\"a",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1",
                           "{\"a\":1,",
                           "{\"a\":1,}",
                           "{,}",
                           "{\"a\":}",
                           "{\"a\" 1}",
                           "{a:1}",
                           "{'a':1}",
                           "{\"a\":tru}",
                           "{\"a\":NaN}",
                           "{\"a\":+1}",
                           "{\"a\":[1}",
                           "{\"a\":[",
                           "{\"a\":[\"]}",
                           "{\"a\":[\"\\\"]}",
                           "{\"a\":\"\\",
                           "{}x",
                           "{} {}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\\",
                           "{\"a\":{\"b\":1}",
                           "<html>"})
    EXPECT_EQ(members(text).back(), '!') << text;
}

TEST(JsonSkim, LimitsDepthAsTheScannerDoes) {
  EXPECT_EQ(members(nested(256)).back(), ';');
  EXPECT_EQ(members(nested(257)), "a=;!");
  EXPECT_EQ(members("{\"a\":" + std::string(1 << 20, '[')), "a=;!");
  const std::string inner = "{\"a\":" + nested(256) + "}";
  JsonSkim skim(inner);
  ASSERT_TRUE(skim.next());
  JsonSkim inside = skim.inside();
  EXPECT_TRUE(inside.next());
  EXPECT_FALSE(inside.next());
  skim.leave(inside);
  EXPECT_FALSE(skim.next());
  EXPECT_FALSE(skim.complete());
}

TEST(JsonSkim, ValuesMayBeReadFromInside) {
  JsonSkim skim(R"({"a":{"b":{"c":1},"d":2},"e":3})");
  ASSERT_TRUE(skim.next());
  ASSERT_EQ(skim.kind(), '{');
  JsonSkim inside = skim.inside();
  std::string seen;
  while (inside.next()) seen.append(inside.key()).append("=").append(inside.value()).append(";");
  EXPECT_EQ(seen, R"(b={"c":1};d=2;)");
  skim.leave(inside);
  ASSERT_TRUE(skim.next());
  EXPECT_EQ(skim.key(), "e");
  EXPECT_EQ(skim.value(), "3");
  EXPECT_FALSE(skim.next());
  EXPECT_TRUE(skim.complete());
}

TEST(JsonSkim, AWalkMayGoOnInATextThatBeginsAlike) {
  const std::string_view text = R"({"a":1,"b":[2],"c":3})";
  JsonSkim skim = JsonSkim::at_value(text, text.find('['));
  EXPECT_EQ(skim.value(), "[2]");
  ASSERT_TRUE(skim.next());
  EXPECT_EQ(skim.key(), "c");
  EXPECT_FALSE(skim.next());
  EXPECT_TRUE(skim.complete());
  for (const std::size_t beyond : {text.size(), text.size() + 5}) {
    JsonSkim none = JsonSkim::at_value(text, beyond);
    EXPECT_EQ(none.value(), "");
    EXPECT_FALSE(none.next());
    EXPECT_FALSE(none.complete());
  }
}

TEST(JsonSkim, AnUnfinishedInsideIsAnErrorOfTheWhole) {
  JsonSkim skim(R"({"a":{"b":1)");
  ASSERT_TRUE(skim.next());
  JsonSkim inside = skim.inside();
  while (inside.next()) {
  }
  skim.leave(inside);
  EXPECT_FALSE(skim.next());
  EXPECT_FALSE(skim.complete());
}

} // namespace
} // namespace switchyard
