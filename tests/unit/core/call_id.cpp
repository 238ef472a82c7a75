// Call ids are version 4 UUIDs, do not repeat, and a client's own id must be harmless.
#include <switchyard/call_id.hpp>

#include <gtest/gtest.h>

#include <unordered_set>

namespace switchyard {
namespace {

TEST(CallId, IsAVersion4Uuid) {
  CallIds ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = ids.next();
    ASSERT_EQ(id.size(), 36u);
    for (std::size_t at = 0; at < id.size(); ++at) {
      const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
      ASSERT_TRUE(dash ? id[at] == '-'
                       : std::string_view("0123456789abcdef").find(id[at]) != std::string_view::npos)
          << id;
    }
    ASSERT_EQ(id[14], '4');
    ASSERT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos) << id;
    ASSERT_TRUE(valid_call_id(id));
  }
}

TEST(CallId, DoesNotRepeat) {
  CallIds a, b;
  std::unordered_set<std::string> seen;
  for (int i = 0; i < 20000; ++i) ASSERT_TRUE(seen.insert((i % 2 ? a : b).next()).second);
}

TEST(CallId, FollowsItsSeed) {
  CallIds a({1, 2, 3, 4}), b({1, 2, 3, 4}), c({1, 2, 3, 5}), zero(CallIds::Seed{});
  const std::string first = a.next();
  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, c.next());
  zero.next();
  EXPECT_NE(zero.next(), zero.next());
  EXPECT_NE(random_seed(), random_seed());
}

TEST(CallId, ClientIds) {
  for (const auto id : {"a", "A-Z_0.9:x", "3f2b8c1e-9a4d-4e6f-8b7a-0c1d2e3f4a5b"})
    EXPECT_TRUE(valid_call_id(id)) << id;
  EXPECT_TRUE(valid_call_id(std::string(128, 'x')));
  EXPECT_FALSE(valid_call_id(std::string(129, 'x')));
  for (const auto id :
       {"", " a", "a b", "a\r\nSet-Cookie: x", "a\"", "a/b", "a%0d", "\xC3\xA9", "a;b", "<x>"})
    EXPECT_FALSE(valid_call_id(id)) << id;
  EXPECT_FALSE(valid_call_id(std::string_view("a\0b", 3)));
}

} // namespace
} // namespace switchyard
