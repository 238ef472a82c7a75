// find_control: its wide steps and its byte loop must agree for every length and position.
#include "http/header_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace switchyard::http {
namespace {

constexpr std::size_t k_longest = 70; // four 16-byte steps, an 8-byte step and a tail
constexpr std::size_t k_guard = 16;

bool allowed(int byte) { return byte == '\t' || (byte >= 0x20 && byte != 0x7f); }

/// Where find_control stops, at an address of every alignment and with bad bytes around the text.
std::size_t found(const std::string& text, std::size_t shift) {
  std::string padded(k_guard + shift, '\0');
  padded += text + std::string(k_guard, '\0');
  const char* begin = padded.data() + k_guard + shift;
  return static_cast<std::size_t>(find_control(begin, begin + text.size()) - begin);
}

TEST(FindControl, AcceptsCleanTextOfEveryLength) {
  for (std::size_t size = 0; size <= k_longest; ++size)
    for (std::size_t shift = 0; shift < 8; ++shift) {
      EXPECT_EQ(found(std::string(size, 'a'), shift), size);
      EXPECT_EQ(found(std::string(size, '\t'), shift), size);
      EXPECT_EQ(found(std::string(size, '\x80'), shift), size);
      EXPECT_EQ(found(std::string(size, '\xff'), shift), size);
    }
}

TEST(FindControl, JudgesEveryByteAtEveryPosition) {
  for (std::size_t size = 1; size <= k_longest; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'v');
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(found(text, 0), allowed(byte) ? size : at) << size << " " << byte;
      }
}

TEST(FindControl, TheFirstOfSeveralCounts) {
  for (std::size_t size = 2; size <= k_longest; ++size)
    for (std::size_t first = 0; first + 1 < size; ++first)
      for (char bad : {'\0', '\r', '\n', '\x1f', '\x7f'}) {
        std::string text(size, '~');
        text[first] = bad;
        for (std::size_t later = first + 1; later < size; ++later) text[later] = '\x01';
        ASSERT_EQ(found(text, 3), first) << size;
      }
}

TEST(FindControl, NeighboursThatBorrowDoNotHideAByte) {
  // Tabs and high bytes beside a bad one are where an eight-byte step could be fooled.
  for (std::size_t size = 8; size < 16; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (char fill : {'\t', '\x80', '\xff', '\x20', '\x7e'})
        for (char bad : {'\0', '\x08', '\x1f', '\x7f'}) {
          std::string text(size, fill);
          text[at] = bad;
          ASSERT_EQ(found(text, 1), at) << size << " " << static_cast<int>(fill);
        }
}

TEST(HeaderText, ComparesWithoutAsciiCaseOnly) {
  EXPECT_TRUE(same_text("Content-Length", "cONTENT-lENGTH"));
  EXPECT_FALSE(same_text("a", "ab"));
  EXPECT_FALSE(same_text("@", "`"));
  EXPECT_FALSE(same_text("\xc4", "\xe4")); // letters of Latin-1 are bytes here
  EXPECT_TRUE(starts_with_text("Bearer x", "bearer "));
  EXPECT_FALSE(starts_with_text("Bear", "bearer"));
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t"), "");
}

} // namespace
} // namespace switchyard::http
