// UTF-8 by the byte against the table of RFC 3629.
#include "core/utf8.hpp"

#include <gtest/gtest.h>

namespace switchyard::core {
namespace {

TEST(Utf8, LengthsOfWellFormedSequences) {
  const std::pair<std::string_view, std::size_t> cases[] = {{"a", 1},
                                                            {"\x7F", 1},
                                                            {"\xC2\x80", 2},
                                                            {"\xE0\xA0\x80", 3},
                                                            {"\xED\x9F\xBF", 3},
                                                            {"\xEE\x80\x80", 3},
                                                            {"\xF0\x90\x80\x80", 4},
                                                            {"\xF4\x8F\xBF\xBF", 4},
                                                            {"\x80", 0},
                                                            {"\xC1\xBF", 0},
                                                            {"\xC2", 0},
                                                            {"\xC2\x41", 0},
                                                            {"\xE0\x9F\xBF", 0},
                                                            {"\xED\xA0\x80", 0},
                                                            {"\xE2\x82", 0},
                                                            {"\xE2\x82\x41", 0},
                                                            {"\xF0\x8F\xBF\xBF", 0},
                                                            {"\xF4\x90\x80\x80", 0},
                                                            {"\xF5\x80\x80\x80", 0},
                                                            {"\xFF", 0}};
  for (const auto& [text, length] : cases) EXPECT_EQ(utf8_length(text, 0), length) << text;
}

TEST(Utf8, FindsTheFirstInvalidByte) {
  EXPECT_EQ(find_invalid_utf8(""), std::string_view::npos);
  EXPECT_EQ(find_invalid_utf8("a\xC3\xA9"), std::string_view::npos);
  EXPECT_EQ(find_invalid_utf8("a\xC3\xA9\xC3z"), 3u);
}

TEST(Utf8, AppendsWhatItReads) {
  for (const std::uint32_t code : {0x41u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    std::string text;
    append_utf8(text, code);
    EXPECT_EQ(utf8_length(text, 0), text.size()) << code;
  }
}

} // namespace
} // namespace switchyard::core
