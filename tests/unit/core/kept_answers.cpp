// Several answers as one body: what goes in comes out, and broken bodies end quietly.
#include <switchyard/kept_answers.hpp>

#include <gtest/gtest.h>

using namespace switchyard::providers;

TEST(KeptAnswers, ComeBackAsTheyWere) {
  const std::vector<KeptAnswer> kept = {{"a: 1\r\n", R"({"x":1})"}, {"", ""}, {"b: 2\r\n", "7:5:"}};
  const auto all = unpack_answers(pack_answers(kept, "c: 3\r\n", "last"));
  ASSERT_EQ(all.size(), 4u);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(all[i].headers, kept[i].headers);
    EXPECT_EQ(all[i].body, kept[i].body);
  }
  EXPECT_EQ(all[3].headers, "c: 3\r\n");
  EXPECT_EQ(all[3].body, "last");
}

TEST(KeptAnswers, OneAnswerIsNone) {
  for (auto body : {"", "{}", "[1]", "parts:1:a1:b", "3:abc"})
    EXPECT_TRUE(unpack_answers(body).empty()) << body;
}

TEST(KeptAnswers, WhatIsCutOffIsLeftOut) {
  const auto whole = pack_answers({{"h", "body"}}, "h", "last");
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_LE(unpack_answers(std::string_view(whole).substr(0, size)).size(), 1u);
  for (auto broken : {"\x01parts:99999999999999999999:a", "\x01parts:-1:a", "\x01parts:5", "\x01parts::"})
    EXPECT_TRUE(unpack_answers(broken).empty());
}
