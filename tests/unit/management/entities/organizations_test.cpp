// /organization/*: shapes, members, who may do what, and what a deletion takes along.
#include "../touched.hpp"
#include "../world.hpp"

namespace switchyard::management {
namespace {

struct Organizations : testing::Test {
  Organizations() {
    world.post("/organization/new",
               R"({"organization_id":"o","organization_alias":"Org","models":["a"],"max_budget":5,
      "model_rpm_limit":{"a":3},"metadata":{"k":1}})");
  }
  void add(const char* user, const char* role) {
    world.post("/organization/member_add", std::string(R"({"organization_id":"o","member":{"user_id":")") +
                                               user + R"(","role":")" + role + R"("}})");
  }
  World world;
};

constexpr std::string_view k_id = "00000000-0000-0000-0000-000000000000";

TEST_F(Organizations, NewAnswersTheRowWithItsBudget) {
  const auto row = world.post("/organization/new", R"({"organization_alias":"X","max_budget":1})");
  expect_json(row, R"({"organization_id":"00000000-0000-0000-0000-000000000000","organization_alias":"X",
    "budget_id":"00000000-0000-0000-0000-000000000000","metadata":{},"models":[],"spend":0.0,"model_spend":{},
    "object_permission_id":null,"object_permission":null,
    "created_at":"2026-05-02T10:20:30.454000Z","created_by":"default_user_id",
    "updated_at":"2026-05-02T10:20:30.454000Z","updated_by":"default_user_id",
    "litellm_budget_table":{"budget_id":"00000000-0000-0000-0000-000000000000","max_budget":1,"soft_budget":null,
      "max_parallel_requests":null,"tpm_limit":null,"rpm_limit":null,"model_max_budget":null,"budget_duration":null,
      "budget_reset_at":null,"allowed_models":[],"created_at":"2026-05-02T10:20:30.454000Z","created_by":"default_user_id",
      "updated_at":"2026-05-02T10:20:30.454000Z","updated_by":"default_user_id"}})");
  (void)k_id;
}

TEST_F(Organizations, UpdateKeepsTheRest) {
  const auto row =
      world.answer("PATCH", "/organization/update",
                   R"({"organization_id":"o","max_budget":9,"models":["b"],"model_tpm_limit":{"b":1}})");
  EXPECT_EQ(to_json(*row.find("models")), R"(["b"])");
  EXPECT_EQ(to_json(*row.find("litellm_budget_table")->find("max_budget")), "9");
  EXPECT_EQ(to_json(*row.find("metadata")), R"({"k":1,"model_rpm_limit":{"a":3},"model_tpm_limit":{"b":1}})");
  EXPECT_EQ(touched_by(world.last).substr(0, 14), "organization:o");
}

TEST_F(Organizations, MembersAreMadeWhenTheyAreUnknown) {
  const auto reply =
      world.post("/organization/member_add", R"({"organization_id":"o","max_budget_in_organization":2,
    "member":[{"role":"org_admin","user_id":"u1"},{"role":"internal_user","user_email":"New@x.org"}]})");
  EXPECT_EQ(reply.find("updated_users")->as_list()->size(), 2u);
  EXPECT_EQ(world.rows("UserTable").size(), 2u);
  const auto& membership = (*reply.find("updated_organization_memberships")->as_list())[0];
  EXPECT_EQ(text_at(membership, "user_role"), "org_admin");
  EXPECT_EQ(to_json(*membership.find("litellm_budget_table")->find("max_budget")), "2");
  world.post("/organization/member_add",
             R"({"organization_id":"o","member":{"role":"internal_user","user_email":"new@X.org"}})", 400);
  const auto info = world.get("/organization/info?organization_id=o");
  EXPECT_EQ(info.find("members")->as_list()->size(), 2u);
  EXPECT_EQ(text_at(*(*info.find("members")->as_list())[0].find("user"), "user_id"), "u1");
  EXPECT_EQ(info.find("teams")->as_list()->size(), 0u);
}

TEST_F(Organizations, MemberUpdateAndDelete) {
  add("u", "internal_user");
  const auto row = world.answer(
      "PATCH", "/organization/member_update",
      R"({"organization_id":"o","user_id":"u","role":"org_admin","max_budget_in_organization":3})");
  EXPECT_EQ(text_at(row, "user_role"), "org_admin");
  EXPECT_EQ(to_json(*row.find("litellm_budget_table")->find("max_budget")), "3");
  EXPECT_EQ(touched_by(world.last), "user:u");
  world.answer("DELETE", "/organization/member_delete", R"({"organization_id":"o","user_id":"u"})");
  EXPECT_TRUE(world.rows("OrganizationMembership").empty());
  world.answer("DELETE", "/organization/member_delete", R"({"organization_id":"o","user_id":"u"})", 404);
}

TEST_F(Organizations, OrgAdminsManageMembersAndNothingElse) {
  add("boss", "org_admin");
  add("worker", "internal_user");
  world.as_user("boss", "org_admin");
  add("third", "internal_user");
  world.get("/organization/info?organization_id=o");
  EXPECT_EQ(world.get("/organization/list").as_list()->size(), 1u);
  world.answer("PATCH", "/organization/update", R"({"organization_id":"o","max_budget":1000})", 403);
  world.answer("DELETE", "/organization/delete", R"({"organization_ids":["o"]})", 401);
  world.as_user("worker");
  world.post("/organization/member_add",
             R"({"organization_id":"o","member":{"role":"org_admin","user_id":"worker"}})", 403);
  world.answer("PATCH", "/organization/member_update",
               R"({"organization_id":"o","user_id":"worker","role":"org_admin"})", 403);
  world.get("/organization/info?organization_id=o");
  world.as_user("stranger");
  world.get("/organization/info?organization_id=o", 403);
  world.post("/organization/info", R"({"organizations":["o"]})", 403);
  EXPECT_EQ(world.get("/organization/list").as_list()->size(), 0u);
  world.as_user("v", "proxy_admin_viewer");
  EXPECT_EQ(world.get("/organization/list?org_alias=oR").as_list()->size(), 1u);
  EXPECT_EQ(world.get("/organization/list?org_id=other").as_list()->size(), 0u);
}

TEST_F(Organizations, DeleteTakesTeamsKeysAndMembershipsAlong) {
  add("u", "internal_user");
  world.insert("TeamTable", R"({"team_id":"t","organization_id":"o"})");
  world.insert("TeamMembership", R"({"team_id":"t","user_id":"u"})");
  world.insert("VerificationToken", R"({"token":"k","organization_id":"o"})");
  const auto rows = world.answer("DELETE", "/organization/delete", R"({"organization_ids":["o"]})");
  EXPECT_EQ(text_at((*rows.as_list())[0], "organization_id"), "o");
  EXPECT_EQ(touched_by(world.last), "key:k team:t organization:o");
  for (const char* table :
       {"OrganizationTable", "OrganizationMembership", "TeamTable", "TeamMembership", "VerificationToken"})
    EXPECT_TRUE(world.rows(table).empty()) << table;
}

TEST_F(Organizations, Errors) {
  world.answer("DELETE", "/organization/delete", R"({"organization_ids":["o","x"]})", 404);
  EXPECT_EQ(world.rows("OrganizationTable").size(), 1u);
  world.post("/organization/new", R"({"organization_id":"o","organization_alias":"again"})", 400);
  world.post("/organization/new", "{}", 422);
  world.post("/organization/new", R"({"organization_alias":"x","budget_id":"none"})", 400);
  world.answer("PATCH", "/organization/update", R"({"organization_id":"x"})", 404);
  world.answer("PATCH", "/organization/update", "{}", 422);
  world.get("/organization/info?organization_id=x", 404);
  world.post("/organization/info", R"({"organizations":[]})", 400);
  EXPECT_EQ(world.refusal("/organization/member_add",
                          R"({"organization_id":"x","member":{"role":"internal_user","user_id":"u"}})", 404),
            "{'error': 'Organization not found for organization_id=x'}");
  for (const char* member : {R"({"role":"king","user_id":"u"})", R"({"role":"org_admin"})", R"("u")",
                             R"([1])", R"({"user_id":"u"})"})
    world.post("/organization/member_add", std::string(R"({"organization_id":"o","member":)") + member + "}",
               422);
  EXPECT_TRUE(world.rows("UserTable").empty());
  world.as_user("u");
  expect_json(world.post("/organization/new", R"({"organization_alias":"x"})", 401),
              R"({"detail":{"error":"Only admins can create orgs. Your role is = internal_user"}})");
}

} // namespace
} // namespace switchyard::management
