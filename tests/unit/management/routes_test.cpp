// The table of management routes: sorted, each path once, and paths that mean the same share a handler.
#include "world.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

const Route* route(std::string_view path) {
  for (auto& one : all_routes())
    if (one.path == path) return &one;
  return nullptr;
}

TEST(Routes, SortedAndEachOnce) {
  const auto routes = all_routes();
  EXPECT_TRUE(std::is_sorted(routes.begin(), routes.end(), [](auto& a, auto& b) { return a.path < b.path; }));
  EXPECT_EQ(
      std::adjacent_find(routes.begin(), routes.end(), [](auto& a, auto& b) { return a.path == b.path; }),
      routes.end());
  for (auto& one : routes) EXPECT_FALSE(one.summary.empty()) << one.path;
}

TEST(Routes, OtherNamesShareTheirHandler) {
  struct Pair {
    std::string_view one, other;
  };
  constexpr Pair k_pairs[] = {{"/customer/new", "/end_user/new"},
                              {"/customer/update", "/end_user/update"},
                              {"/customer/info", "/end_user/info"},
                              {"/customer/list", "/end_user/list"},
                              {"/customer/delete", "/end_user/delete"},
                              {"/customer/block", "/end_user/block"},
                              {"/customer/unblock", "/end_user/unblock"},
                              {"/customer/daily/activity", "/end_user/daily/activity"},
                              {"/get/ui_settings", "/ui_settings/get"},
                              {"/update/ui_settings", "/ui_settings/update"},
                              {"/public/litellm_model_cost_map", "/get/litellm_model_cost_map"},
                              {"/v1/access_group/{m}", "/v1/unified_access_group/{m}"}};
  for (auto& pair : k_pairs) {
    ASSERT_TRUE(route(pair.one)) << pair.one;
    ASSERT_TRUE(route(pair.other)) << pair.other;
    EXPECT_EQ(route(pair.one)->handle, route(pair.other)->handle) << pair.other;
    EXPECT_EQ(route(pair.one)->methods, route(pair.other)->methods) << pair.other;
  }
}

} // namespace
} // namespace switchyard::management
