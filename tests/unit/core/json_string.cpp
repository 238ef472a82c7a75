// JSON strings both ways: unescape, escape, and that one undoes the other.
#include <switchyard/json_scan.hpp>

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(JsonString, Unescapes) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"("")", ""},
      {R"("plain")", "plain"},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("\u0041\u00e9\u20AC")", "A\xC3\xA9\xE2\x82\xAC"},
      {R"("x\ud83d\ude00y")", "x\xF0\x9F\x98\x80y"},
      {R"("\udbff\udfff")", "\xF4\x8F\xBF\xBF"},
      {R"("\\u0041")", "\\u0041"},
  };
  for (const auto& [token, text] : cases) {
    const Result<std::string> result = unescape(token);
    ASSERT_TRUE(result) << token;
    EXPECT_EQ(*result, text);
  }
  EXPECT_EQ(*unescape(R"("\u0000")"), std::string(1, '\0'));
}

TEST(JsonString, UnescapeRefusesWhatIsNoToken) {
  const std::string_view cases[] = {"",
                                    "\"",
                                    "x",
                                    "12",
                                    "\"abc",
                                    R"("\ud800")",
                                    R"("\udc00")",
                                    R"("\ud800\u0041")",
                                    R"("\ud800\ud800\udc00")",
                                    R"("\")",
                                    R"("\u12")",
                                    R"("\ud83d\u12")",
                                    R"("\uZZZZ")"};
  for (const auto token : cases) EXPECT_FALSE(unescape(token)) << token;
}

TEST(JsonString, Escapes) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("a\"\\/\n\r\t\b\f\x01\x1F\x7F"), "\"a\\\"\\\\/\\n\\r\\t\\b\\f\\u0001\\u001f\x7F\"");
  EXPECT_EQ(json_string(std::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(json_string("\xE2\x82\xAC"), "\"\xE2\x82\xAC\"");
}

TEST(JsonString, InvalidUtf8BecomesTheReplacementCharacter) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(json_string("a\xFFz"), "\"a" + r + "z\"");
  EXPECT_EQ(json_string("\xC3"), "\"" + r + "\"");
  EXPECT_EQ(json_string("\xC3\""), "\"" + r + "\\\"\"");
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"" + r + r + r + "\"");
  EXPECT_EQ(json_string("\xC0\xAF"), "\"" + r + r + "\"");
}

TEST(JsonString, EscapesWhereverTheByteStands) { // texts are read sixteen bytes at a time
  for (std::size_t size = 1; size < 50; ++size)
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      const auto expected = [&](std::string_view escaped) {
        return "\"" + text.substr(0, at) + std::string(escaped) + text.substr(at + 1) + "\"";
      };
      for (auto [byte, escaped] :
           {std::pair{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\xFF', "\xEF\xBF\xBD"}}) {
        text[at] = byte;
        EXPECT_EQ(json_string(text), expected(escaped)) << size << " " << at;
      }
    }
}

TEST(JsonString, EveryByteSurvivesTheRoundTrip) {
  std::string text;
  for (int c = 0; c < 0x80; ++c) text += static_cast<char>(c);
  text += "\xC3\xA9\xF0\x9F\x98\x80";
  EXPECT_EQ(*unescape(json_string(text)), text);
}

} // namespace
} // namespace switchyard
