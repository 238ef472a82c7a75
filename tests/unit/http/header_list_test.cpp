// HeaderList: the filter may save a search, never hide a line.
#include "http/header_list.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace switchyard::http {
namespace {

TEST(HeaderList, FindsWithoutCaseTheFirstOfItsName) {
  HeaderList list;
  EXPECT_EQ(list.line("host"), nullptr);
  list.add({"X-Tag", "one"});
  list.add({"x-tag", "two"});
  list.add({"Accept", ""});
  EXPECT_EQ(list.size(), 3u);
  EXPECT_EQ(list.find("X-TAG"), "one");
  EXPECT_EQ(list.line("x-tAg"), &list[0]);
  ASSERT_NE(list.line("accept"), nullptr); // there, though its value is empty
  EXPECT_EQ(list.find("accept"), "");
  EXPECT_EQ(list.line("x-tab"), nullptr);
  EXPECT_EQ(list.line("x-ta"), nullptr);
}

TEST(HeaderList, EveryNameIsFoundInEveryCase) {
  // Every first and last byte that a name could have, with its other case.
  for (int front = 0; front < 256; ++front)
    for (int back = 0; back < 256; ++back)
      for (std::size_t size : {2u, 3u, 19u}) {
        std::string name(size, 'm');
        name.front() = static_cast<char>(front), name.back() = static_cast<char>(back);
        std::string other = name;
        for (char& c : other)
          if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 32);
          else
            c = lower(c);
        HeaderList list;
        list.add({name, "v"});
        ASSERT_EQ(list.find(other), "v") << front << " " << back;
      }
}

TEST(HeaderList, AbsentNamesAreAbsentWhateverTheFilterSays) {
  std::vector<std::string> names;
  for (std::size_t size = 1; size < 40; ++size)
    for (char c = 'a'; c <= 'z'; ++c) names.push_back(std::string(size, c));
  HeaderList full;
  for (std::size_t i = 0; i < names.size(); i += 2) full.add({names[i], names[i]});
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto* line = full.line(names[i]);
    ASSERT_EQ(line != nullptr, i % 2 == 0) << names[i];
    if (line) ASSERT_EQ(line->value, names[i]);
  }
}

TEST(HeaderList, ClearForgetsAndEmptyNamesAreHarmless) {
  HeaderList list;
  EXPECT_EQ(list.line(""), nullptr);
  list.add({"", "nameless"});
  list.add({"host", "h"});
  EXPECT_EQ(list.find(""), "nameless");
  list.clear();
  EXPECT_EQ(list.size(), 0u);
  EXPECT_EQ(list.line("host"), nullptr);
  EXPECT_EQ(list.line(""), nullptr);
  list.add({"via", "v"});
  EXPECT_EQ(list.find("Via"), "v");
  EXPECT_EQ(list.begin() + 1, list.end());
}

} // namespace
} // namespace switchyard::http
