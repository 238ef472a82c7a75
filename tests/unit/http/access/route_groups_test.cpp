// Route groups, lists of routes, roles, and the refusals of a caller's route.
#include "http/access/route_access.hpp"
#include "http/access/route_groups.hpp"
#include "records.hpp"

#include <gtest/gtest.h>

namespace switchyard::http::access::testing {
namespace {

TEST(RouteGroups, NamesWithAndWithoutThePrefix) {
  EXPECT_TRUE(in_group("openai_routes", "/chat/completions"));
  EXPECT_TRUE(in_group("LiteLLMRoutes.openai_routes", "/v1/chat/completions"));
  EXPECT_TRUE(in_group("llm_api_routes", "/v1/embeddings"));
  EXPECT_TRUE(in_group("llm_api_routes", "/v1/messages"));
  EXPECT_TRUE(in_group("openai_routes", "/engines/openai/gpt-4/chat/completions"));
  EXPECT_FALSE(in_group("llm_api_routes", "/key/generate"));
  EXPECT_FALSE(in_group("llm_api_routes", "/v1/key/generate"));
  EXPECT_TRUE(in_group("management_routes", "/key/abc/regenerate"));
  EXPECT_FALSE(in_group("key_management_routes", "/key/a/b/regenerate"));
  EXPECT_FALSE(in_group("no_such_routes", "/chat/completions"));
  EXPECT_FALSE(is_group("openai"));
}

TEST(RouteGroups, EntriesAreExactOrPrefixesOrTemplates) {
  EXPECT_TRUE(covers("/spend/logs", "/spend/logs"));
  EXPECT_FALSE(covers("/spend/logs", "/spend/logs/v2"));
  EXPECT_TRUE(covers("/spend/*", "/spend/logs/v2"));
  EXPECT_FALSE(covers("/spend/*", "/spend"));
  EXPECT_FALSE(covers("/spend/*", "/spendings"));
  EXPECT_TRUE(covers("/files/{file_id}/content", "/files/f-1/content"));
  EXPECT_FALSE(covers("/files/{file_id}/content", "/files/a/b/content"));
  EXPECT_FALSE(covers("/files/{file_id}/content", "/files//content"));
  EXPECT_FALSE(covers("/files/{file_id}", "/files/f-1/content"));
  EXPECT_TRUE(covers("*", "/anything"));
  EXPECT_FALSE(covers("", "/anything"));
  EXPECT_FALSE(covers("/files/{broken", "/files/x"));
}

TEST(RouteGroups, ATemplateOfManyPartsStaysCheap) {
  std::string pattern, path;
  for (int i = 0; i < 2000; ++i) pattern += "/{a}", path += "/x";
  EXPECT_TRUE(covers(pattern, path));
  EXPECT_FALSE(covers(pattern, path + "/"));
}

struct RoleCase {
  std::string_view role, method, path;
  bool open;
};

TEST(Roles, TheTableOfWhoMayCallWhat) {
  constexpr RoleCase k_cases[] = {
      {"proxy_admin", "POST", "/key/generate", true},
      {"proxy_admin", "POST", "/config/update", true},
      {"proxy_admin_viewer", "GET", "/user/list", true},
      {"proxy_admin_viewer", "GET", "/global/spend/logs", true},
      {"proxy_admin_viewer", "GET", "/audit", true},
      {"proxy_admin_viewer", "POST", "/v2/key/info", true},
      {"proxy_admin_viewer", "POST", "/chat/completions", true},
      {"proxy_admin_viewer", "POST", "/key/generate", false},
      {"proxy_admin_viewer", "POST", "/team/new", false},
      {"proxy_admin_viewer", "DELETE", "/organization/delete", false},
      {"proxy_admin_viewer", "POST", "/config/update", false},
      {"internal_user", "POST", "/v1/chat/completions", true},
      {"internal_user", "POST", "/key/generate", true},
      {"internal_user", "GET", "/user/info", true},
      {"internal_user", "POST", "/team/member_add", true},
      {"internal_user", "POST", "/team/new", false},
      {"internal_user", "POST", "/user/new", false},
      {"internal_user", "GET", "/global/spend/logs", false},
      {"internal_user_viewer", "GET", "/spend/logs", true},
      {"internal_user_viewer", "POST", "/key/generate", false},
      {"", "POST", "/chat/completions", true},
      {"", "GET", "/key/info", true},
      {"", "POST", "/key/generate", false},
      {"", "GET", "/spend/logs", false},
      {"", "GET", "/router/state", false},
      {"customer", "GET", "/key/info", false},
      {"team", "GET", "/models", true},
      {"team", "POST", "/key/generate", false},
      {"made_up", "POST", "/key/generate", false},
      {"made_up", "POST", "/chat/completions", true},
      {"org_admin", "GET", "/organization/info", true},
  };
  for (auto& c : k_cases) EXPECT_EQ(role_opens(c.role, c.method, c.path), c.open) << c.role << " " << c.path;
}

class CheckRoute : public ::testing::Test {
 protected:
  std::string refusal(std::string_view path, std::string_view method = "POST") {
    auto identity = world.identity("h");
    auto done = check_route(*identity, settings, RouteQuestion{method, path});
    if (done) return "";
    return std::to_string(done.error().http_status()) + " " + done.error().message;
  }
  World world;
  KeyRecord& key = world.key("h");
  PlaneSettings settings;
};

TEST_F(CheckRoute, TheKeysOwnListOfRoutes) {
  key.allowed_routes = {"/embeddings", "info_routes"};
  EXPECT_EQ(refusal("/embeddings"), "");
  EXPECT_EQ(refusal("/key/info", "GET"), "");
  EXPECT_EQ(refusal("/chat/completions"),
            "403 Virtual key is not allowed to call this route. Only allowed to call routes: "
            "['/embeddings', 'info_routes']. Tried to call route: /chat/completions");
}

TEST_F(CheckRoute, AListDoesNotLiftTheRole) {
  key.allowed_routes = {"management_routes"};
  EXPECT_EQ(refusal("/user/new").substr(0, 3), "401");
}

TEST_F(CheckRoute, TheRoleRefusesWith401) {
  key.user_id = "somebody-long";
  world.user("somebody-long").role = "internal_user";
  EXPECT_EQ(refusal("/team/new"),
            "401 Authentication Error, Only proxy admin can be used to generate, delete, update "
            "info for new keys/users/teams. Route=/team/new. Your role=internal_user. "
            "Your user_id=somebo****ng");
}

TEST_F(CheckRoute, AdminOnlyRoutes) {
  settings.admin_only_routes = {"/key/generate", "LiteLLMRoutes.info_routes"};
  key.user_id = "u";
  world.user("u").role = "internal_user";
  EXPECT_EQ(refusal("/key/generate"),
            "403 user not allowed to access this route. Route=/key/generate is an admin only route");
  EXPECT_EQ(refusal("/key/info", "GET").substr(0, 3), "403");
  world.user("u").role = "proxy_admin";
  EXPECT_EQ(refusal("/key/generate"), "");
}

TEST_F(CheckRoute, SomeRoutesAreTheMasterKeysAlone) {
  key.user_id = "u";
  world.user("u").role = "proxy_admin";
  EXPECT_EQ(refusal("/global/spend/reset").substr(0, 3), "403");
}

TEST_F(CheckRoute, SpendIsOpenedByAPermission) {
  EXPECT_EQ(refusal("/global/spend/logs", "GET").substr(0, 3), "401");
  key.permissions = Value(ValueMap{{"get_spend_routes", Value(true)}});
  EXPECT_EQ(refusal("/global/spend/logs", "GET"), "");
  EXPECT_EQ(refusal("/spend/tags", "GET"), "");
  EXPECT_EQ(refusal("/global/spend/reset").substr(0, 3), "403");
}

} // namespace
} // namespace switchyard::http::access::testing
