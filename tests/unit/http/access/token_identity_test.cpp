// Claims by path, litellm_jwtauth, and who a token's owner is.
#include "http/access/claims.hpp"
#include "http/access/jwt_settings.hpp"
#include "http/access/token_identity.hpp"
#include "records.hpp"

#include <switchyard/json.hpp>

#include <gtest/gtest.h>

namespace switchyard::http::access::testing {
namespace {

TEST(Claims, ByPath) {
  const auto claims =
      *parse_json(R"({"a":{"b.c":{"d":"x"}},"n":7,"l":["p",1,"q"],"scope":"one  two","e":""})");
  EXPECT_EQ(claim_text(claims, "a.b\\.c.d"), "x");
  EXPECT_EQ(claim_text(claims, "a.b.c"), "");
  EXPECT_EQ(claim_text(claims, "n"), "7");
  EXPECT_EQ(claim_text(claims, ""), "");
  EXPECT_EQ(claim_text(claims, "n.x"), "");
  EXPECT_EQ(claim_texts(claims, "l"), (std::vector<std::string>{"p", "q"}));
  EXPECT_EQ(claim_texts(claims, "scope", true), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(claim_texts(claims, "scope"), (std::vector<std::string>{"one  two"}));
  EXPECT_TRUE(claim_texts(claims, "e").empty());
}

std::string settings_problem(std::string_view json) {
  PlaneSettings plane;
  plane.litellm_jwtauth = *parse_json(json);
  auto read = read_jwt_settings(plane);
  return read ? "" : read.error().message;
}

TEST(JwtSettings, ProblemsNameTheKey) {
  EXPECT_EQ(settings_problem("{}"), "");
  EXPECT_EQ(settings_problem(R"({"nonsense":1})"),
            "general_settings.litellm_jwtauth.nonsense: is not a known setting");
  EXPECT_EQ(settings_problem(R"({"team_id_jwt_field":1})"),
            "general_settings.litellm_jwtauth.team_id_jwt_field: must be a string");
  EXPECT_NE(settings_problem(R"({"public_key_ttl":-1})"), "");
  EXPECT_NE(settings_problem(R"({"enforce_rbac":"yes"})"), "");
  EXPECT_NE(settings_problem(R"({"user_roles_jwt_field":"r"})"), "");
  EXPECT_NE(settings_problem(R"({"object_id_jwt_field":"o"})"), "");
  EXPECT_NE(settings_problem(R"({"role_mappings":[{"role":"x","internal_role":"king"}]})"), "");
  EXPECT_NE(settings_problem(R"({"scope_mappings":[{"models":["a"]}]})"), "");
  EXPECT_NE(settings_problem(R"({"custom_validate":"mod.fn"})").find("is not supported"), std::string::npos);
  EXPECT_EQ(
      settings_problem(R"({"user_id_jwt_field":"sub","public_key_ttl":60.5,"team_ids_jwt_field":null})"), "");
}

TEST(JwtSettings, TheStartNeedsThePlacesToAsk) {
  PlaneSettings plane;
  EXPECT_TRUE(check_token_settings(plane));
  plane.enable_jwt_auth = true;
  EXPECT_FALSE(check_token_settings(plane));
  plane.jwt_public_key_url = "https://idp/jwks";
  EXPECT_TRUE(check_token_settings(plane));
  plane.enable_oauth2_auth = true;
  EXPECT_FALSE(check_token_settings(plane));
  plane.oauth_token_info_endpoint = "https://idp/introspect";
  plane.litellm_jwtauth = *parse_json(R"({"nonsense":1})");
  EXPECT_FALSE(check_token_settings(plane));
}

class Token : public ::testing::Test {
 protected:
  Token() {
    world.team("t1").models = {"a"};
    world.team("t2").models = {"b"};
    world.user("u").role = "internal_user";
    question.token = "header.claims.signature", question.path = "/chat/completions";
  }
  /// "" or status and message; the identity is kept.
  std::string take(std::string_view claims, std::string_view jwtauth) {
    PlaneSettings plane;
    plane.litellm_jwtauth = *parse_json(jwtauth), plane.role_permissions = role_permissions;
    auto settings = read_jwt_settings(plane);
    EXPECT_TRUE(settings) << settings.error().message;
    world.apply();
    auto identity = identify_token(*parse_json(claims), *settings, world.records, question);
    if (!identity) return std::to_string(identity.error().http_status()) + " " + identity.error().message;
    id = std::move(*identity);
    return "";
  }
  World world;
  TokenQuestion question;
  Value role_permissions;
  std::unique_ptr<Identity> id;
};

TEST_F(Token, UserTeamAndOrganization) {
  world.organization("o");
  constexpr auto k_settings =
      R"({"user_id_jwt_field":"sub","team_id_jwt_field":"client.id","org_id_jwt_field":"org",
                                  "end_user_id_jwt_field":"customer"})";
  EXPECT_EQ(take(R"({"sub":"u","client":{"id":"t1"},"org":"o","customer":"c"})", k_settings), "");
  EXPECT_EQ(id->user_id(), "u");
  EXPECT_EQ(id->team_id(), "t1");
  EXPECT_EQ(id->role, "internal_user");
  EXPECT_EQ(id->end_user, "c");
  EXPECT_TRUE(id->team && id->user && id->organization);
  EXPECT_FALSE(id->virtual_key);
  EXPECT_EQ(id->hash().find("hashed-jwt-"), 0u);
  EXPECT_EQ(id->key->allowed_routes,
            (std::vector<std::string>{"openai_routes", "info_routes", "mcp_routes"}));
  EXPECT_EQ(take(R"({"sub":"nobody","client":{"id":"t1"}})", k_settings).substr(0, 33),
            "401 Authentication Error, User do");
  EXPECT_EQ(take(R"({"sub":"u","client":{"id":"t9"}})", k_settings),
            "401 Authentication Error, Team doesn't exist in db. Team=t9. Create team via `/team/new` call.");
  EXPECT_EQ(take(R"({"sub":"u"})", k_settings),
            "401 Authentication Error, No team id found in token. Expected claim: client.id");
}

TEST_F(Token, UnknownUsersAndTeamsWhenTheyMayBe) {
  EXPECT_EQ(
      take(
          R"({"sub":"new","t":"t9"})",
          R"({"user_id_jwt_field":"sub","user_id_upsert":true,"team_id_jwt_field":"t","team_id_upsert":true})"),
      "");
  EXPECT_EQ(id->team_id(), "t9");
  EXPECT_FALSE(id->team);
  EXPECT_EQ(id->role, "internal_user");
}

TEST_F(Token, AdminsByScopeOnTheAdminsRoutes) {
  question.path = "/key/generate";
  EXPECT_EQ(take(R"({"scope":"x litellm_proxy_admin"})", "{}"), "");
  EXPECT_EQ(id->role, "proxy_admin");
  question.path = "/chat/completions";
  EXPECT_EQ(take(R"({"scope":["litellm_proxy_admin"]})", "{}"), "");
  EXPECT_EQ(id->role, "internal_user") << "not one of admin_allowed_routes";
  EXPECT_EQ(take(R"({"scope":"litellm_proxy_admin"})", R"({"admin_allowed_routes":["openai_routes"]})"), "");
  EXPECT_EQ(id->role, "proxy_admin");
  question.path = "/key/generate";
  EXPECT_EQ(take(R"({"scope":"litellm_proxy_admin_not"})", "{}"), "");
  EXPECT_NE(id->role, "proxy_admin");
}

TEST_F(Token, RoleMappingsAndObjects) {
  constexpr auto k_settings = R"({"roles_jwt_field":"roles","object_id_jwt_field":"oid","enforce_rbac":true,
      "role_mappings":[{"role":"app.team","internal_role":"team"},{"role":"app.user","internal_role":"internal_user"}]})";
  EXPECT_EQ(take(R"({"roles":["app.team"],"oid":"t1"})", k_settings), "");
  EXPECT_EQ(id->team_id(), "t1");
  EXPECT_EQ(id->role, "team");
  EXPECT_EQ(take(R"({"roles":["app.user"],"oid":"u"})", k_settings), "");
  EXPECT_EQ(id->user_id(), "u");
  EXPECT_EQ(take(R"({"roles":["other"],"oid":"u"})", k_settings).substr(0, 3), "403");
}

TEST_F(Token, PatternsOfRoles) {
  EXPECT_EQ(take(R"({"roles":["ai-admins-eu"]})",
                 R"({"roles_jwt_field":"roles","jwt_litellm_role_map":[
                    {"jwt_role":"ai-view*","litellm_role":"proxy_admin_viewer"},
                    {"jwt_role":"ai-admins-*","litellm_role":"proxy_admin"}]})"),
            "");
  EXPECT_EQ(id->role, "proxy_admin");
}

TEST_F(Token, AllowedRolesAndDomains) {
  constexpr auto k_roles = R"({"user_roles_jwt_field":"r","user_allowed_roles":["ok"]})";
  EXPECT_EQ(take(R"({"r":["ok"]})", k_roles), "");
  EXPECT_EQ(take(R"({"r":["no"]})", k_roles).substr(0, 3), "403");
  constexpr auto k_mail = R"({"user_email_jwt_field":"mail","user_allowed_email_domain":"us.com"})";
  EXPECT_EQ(take(R"({"mail":"a@us.com"})", k_mail), "");
  EXPECT_EQ(take(R"({"mail":"a@notus.com"})", k_mail).substr(0, 3), "403");
  EXPECT_EQ(take("{}", k_mail).substr(0, 3), "403");
}

TEST_F(Token, ScopesOpenModelsAndRoutes) {
  constexpr auto k_settings = R"({"enforce_scope_based_access":true,"scope_mappings":[
      {"scope":"small","models":["a"]},{"scope":"big","models":["b"],"routes":["/chat/completions"]}]})";
  EXPECT_EQ(take(R"({"scope":"small big"})", k_settings), "");
  EXPECT_EQ(id->key->models, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(take(R"({"scope":"none"})", k_settings).substr(0, 3), "403");
  question.path = "/embeddings";
  EXPECT_EQ(take(R"({"scope":"big"})", k_settings).substr(0, 3), "403");
  EXPECT_EQ(take(R"({"scope":"small"})", k_settings), "");
}

TEST_F(Token, RolePermissionsNarrowTheScopes) {
  role_permissions = *parse_json(R"([{"role":"team","models":["b","c"],"routes":["openai_routes"]}])");
  constexpr auto k_settings = R"({"roles_jwt_field":"r","role_mappings":[{"role":"t","internal_role":"team"}],
      "enforce_scope_based_access":true,"scope_mappings":[{"scope":"s","models":["a"]}]})";
  EXPECT_EQ(take(R"({"r":"t","scope":"s"})", k_settings), "");
  EXPECT_EQ(id->key->models, (std::vector<std::string>{"no-default-models"})) << "nothing is in both";
  question.path = "/key/info";
  EXPECT_EQ(take(R"({"r":"t","scope":"s"})", k_settings).substr(0, 3), "403");
}

TEST_F(Token, SeveralTeams) {
  constexpr auto k_settings = R"({"team_ids_jwt_field":"groups"})";
  EXPECT_EQ(take(R"({"groups":["gone","t1","t2"]})", k_settings), "");
  EXPECT_EQ(id->team_id(), "t1");
  const auto opens = [](std::string_view model) {
    return [model](const Identity& i) { return i.team && i.team->models.front() == model; };
  };
  EXPECT_TRUE(choose_team(*id, world.records, "b", opens("b")));
  EXPECT_EQ(id->team_id(), "t2");
  EXPECT_EQ(take(R"({"groups":["t1","t2"]})", k_settings), "");
  auto none = choose_team(*id, world.records, "z", opens("z"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "No team has access to the requested model: z. Checked teams=['t1', 't2']. "
                                  "Check `/models` to see all available models.");
  question.wanted_team = "t2";
  EXPECT_EQ(take(R"({"groups":["t1","t2"]})", k_settings), "");
  EXPECT_EQ(id->team_id(), "t2");
  question.wanted_team = "t3";
  EXPECT_EQ(take(R"({"groups":["t1","t2"]})", k_settings).substr(0, 3), "403");
}

TEST_F(Token, TeamsMayBeRequired) {
  EXPECT_EQ(take("{}", R"({"enforce_team_based_model_access":true})").substr(0, 3), "403");
  EXPECT_EQ(take("{}", R"({"team_id_jwt_field":"t","team_id_default":"t2"})"), "");
  EXPECT_EQ(id->team_id(), "t2");
}

} // namespace
} // namespace switchyard::http::access::testing
