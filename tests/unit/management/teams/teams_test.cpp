// /team/*: rows, answers, errors.
#include "../world.hpp"

using namespace switchyard;
using namespace switchyard::management;

namespace {

std::string text(const Value& value, std::string_view name) { return std::string(text_at(value, name)); }

TEST(TeamNew, answers_with_the_row) {
  World world;
  const auto row = world.post("/team/new", R"({"team_alias":"core","max_budget":2,"budget_duration":"30d",
      "models":["gpt-4"],"model_aliases":{"gpt":"gpt-4"},"tags":["a"]})");
  expect_json(*row.find("members_with_roles"),
              R"([{"user_id":"default_user_id","user_email":null,"role":"admin"}])");
  EXPECT_EQ(text(row, "budget_reset_at"), "2026-06-01T00:00:00.000000Z");
  EXPECT_EQ(to_json(*row.find("metadata")), R"({"tags":["a"]})");
  EXPECT_EQ(to_json(*row.find("litellm_model_table")->find("model_aliases")), R"({"gpt":"gpt-4"})");
  EXPECT_EQ(to_json(*row.find("blocked")), "false");
  EXPECT_EQ(text(row, "team_id").size(), 36u);
  EXPECT_EQ(world.rows("TeamMembership").size(), 1u);
  EXPECT_EQ(list_in(world.rows("UserTable").at(0), "teams").size(), 1u);
  EXPECT_EQ(world.last.touched.size(), 3u);
}

TEST(TeamNew, seeds_word_for_word) {
  World world;
  world.plane.store_audit_logs = true;
  world.changed_by = "109010464461339474872";
  const auto row = world.post("/team/new", R"({
"max_budget": 2
})");
  world.post("/team/new", R"({
"metadata": {
"tags": ["tag1", "tag2", "tag3"]
}
}
)");
  const auto audit = world.rows("AuditLog", {{"table_name", "=", text_value("LiteLLM_TeamTable")}});
  ASSERT_EQ(audit.size(), 2u);
  EXPECT_EQ(text_of(audit[0], "object_id"), text(row, "team_id"));
  EXPECT_EQ(text_of(audit[0], "action"), "created");
  EXPECT_EQ(text_of(audit[0], "changed_by"), "109010464461339474872");
  EXPECT_TRUE(at(audit[0], "before_value").is_null());
  EXPECT_EQ(to_json(*at(audit[0], "updated_values").find("max_budget")), "2");
}

TEST(TeamNew, errors_and_defaults) {
  World world;
  world.plane.default_team_params = json(R"({"max_budget":7,"team_member_permissions":["/key/generate"]})");
  const auto row = world.post("/team/new", R"({"team_id":"t"})");
  EXPECT_EQ(to_json(*row.find("max_budget")), "7");
  EXPECT_EQ(world.refusal("/team/new", R"({"team_id":"t"})", 400),
            "{'error': 'Team id = t already exists. Please use a different team id.'}");
  EXPECT_EQ(world.refusal("/team/new", R"({"organization_id":"o"})", 400),
            "Organization not found for organization_id=o");
  world.refusal("/team/new", R"({"max_budget":-1})", 400);
  world.post("/team/new", R"({"models":"x","members_with_roles":7})", 422);
  world.post("/team/new", R"({"members_with_roles":[{"role":"king","user_id":"u"}]})", 422);
  world.as_user("u");
  world.refusal("/team/new", "{}", 403);
  EXPECT_EQ(world.rows("TeamTable").size(), 1u);
}

TEST(TeamUpdate, leaves_what_is_not_given) {
  World world;
  world.post("/team/new", R"({"team_id":"t","team_alias":"a","models":["m"],"team_member_budget":3})");
  const auto answer = world.post("/team/update", R"({"team_id":"t","rpm_limit":4,"metadata":{"x":1},
      "team_member_budget":5})");
  EXPECT_EQ(text(answer, "team_id"), "t");
  const auto& row = *answer.find("data");
  EXPECT_EQ(text(row, "team_alias"), "a");
  EXPECT_EQ(to_json(*row.find("models")), R"(["m"])");
  EXPECT_EQ(to_json(*row.find("rpm_limit")), "4");
  const auto budgets = world.rows("BudgetTable");
  ASSERT_EQ(budgets.size(), 1u);
  EXPECT_EQ(number_of(budgets[0], "max_budget"), 5);
  EXPECT_EQ(text(*row.find("metadata"), "team_member_budget_id"), text_of(budgets[0], "budget_id"));
  EXPECT_EQ(world.refusal("/team/update", R"({"team_id":"no"})", 404),
            "{'error': 'Team not found, passed team_id=no'}");
  world.post("/team/update", "{}", 422);
}

TEST(TeamUpdate, team_admins_do_not_raise_limits) {
  World world;
  world.post("/team/new", R"({"team_id":"t","max_budget":10,"models":["a","b"],
      "members_with_roles":[{"role":"admin","user_id":"boss"}]})");
  world.as_user("boss");
  world.post("/team/update", R"({"team_id":"t","team_alias":"mine","max_budget":5,"models":["a"]})");
  for (auto* change : {R"("max_budget":6)", R"("max_budget":null)", R"("models":["a","c"])", R"("models":[])",
                       R"("organization_id":"o")", R"("blocked":true)", R"("tpm_limit":5)",
                       R"("metadata":{"model_rpm_limit":{"a":9}})"})
    world.refusal("/team/update", R"({"team_id":"t",)" + std::string(change) + "}", 403);
  world.refusal("/team/block", R"({"team_id":"t"})", 403);
  world.refusal("/team/model/add", R"({"team_id":"t","models":["c"]})", 403);
  world.as_user("stranger");
  EXPECT_EQ(
      world.refusal("/team/update", R"({"team_id":"t"})", 403),
      "{'error': 'Call not allowed. User not proxy admin OR team admin. route=/team/update, team_id=t'}");
  world.as_user("boss", "internal_user_viewer");
  world.refusal("/team/update", R"({"team_id":"t","team_alias":"x"})", 403);
}

TEST(TeamBlock, answers_with_the_row) {
  World world;
  world.post("/team/new", R"({"team_id":"t"})");
  EXPECT_EQ(to_json(*world.post("/team/block", R"({"team_id":"t"})").find("blocked")), "true");
  EXPECT_EQ(to_json(*world.post("/team/unblock", R"({"team_id":"t"})").find("blocked")), "false");
  world.refusal("/team/block", R"({"team_id":"no"})", 404);
}

TEST(TeamDelete, takes_keys_and_memberships_along) {
  World world;
  world.post("/team/new", R"({"team_id":"t"})");
  world.post("/key/generate", R"({"team_id":"t"})");
  world.refusal("/team/delete", R"({"team_ids":["t","no"]})", 404);
  EXPECT_EQ(world.rows("TeamTable").size(), 1u);
  expect_json(world.post("/team/delete", R"({"team_ids":["t"]})"), R"({"deleted_teams":["t"]})");
  for (auto* table : {"TeamTable", "VerificationToken", "TeamMembership"})
    EXPECT_TRUE(world.rows(table).empty());
  for (auto* table : {"DeletedTeamTable", "DeletedVerificationToken"})
    EXPECT_EQ(world.rows(table).size(), 1u);
  EXPECT_TRUE(list_in(world.rows("UserTable").at(0), "teams").empty());
  EXPECT_EQ(to_json(*world.get("/v2/team/list?status=deleted").find("total")), "1");
}

TEST(TeamInfo, for_members_only) {
  World world;
  world.post("/team/new", R"({"team_id":"t","team_member_budget":1})");
  world.post("/key/generate", R"({"team_id":"t"})");
  const auto info = world.get("/team/info?team_id=t");
  EXPECT_EQ(info.find("keys")->as_list()->size(), 1u);
  EXPECT_TRUE(info.find("team_info")->find("team_member_budget_table")->as_map());
  const auto& member = info.find("team_memberships")->as_list()->at(0);
  EXPECT_EQ(to_json(*member.find("litellm_budget_table")->find("max_budget")), "1");
  world.refusal("/team/info?team_id=no", "", 404, "GET");
  world.as_user("stranger");
  EXPECT_EQ(world.refusal("/team/info?team_id=t", "", 403, "GET"),
            "User=stranger not authorized to access this team=t");
}

TEST(TeamList, pages_and_rights) {
  World world;
  world.post("/team/new",
             R"({"team_id":"a","team_alias":"Alpha","members_with_roles":[{"role":"user","user_id":"u"}]})");
  world.now += std::chrono::seconds(1);
  world.post("/team/new", R"({"team_id":"b","team_alias":"Beta"})");
  const auto all = world.get("/team/list");
  ASSERT_EQ(all.as_list()->size(), 2u);
  EXPECT_TRUE(all.as_list()->at(0).find("keys"));
  const auto page = world.get("/v2/team/list?page_size=1");
  EXPECT_EQ(to_json(*page.find("total_pages")), "2");
  EXPECT_EQ(text(page.find("teams")->as_list()->at(0), "team_id"), "b");
  EXPECT_EQ(to_json(*world.get("/v2/team/list?team_alias=alp").find("total")), "1");
  EXPECT_EQ(world.get("/team/filter/ui?team_alias=bet").as_list()->size(), 1u);
  world.as_user("u");
  world.get("/team/list", 401);
  world.get("/team/list?user_id=other", 401);
  EXPECT_EQ(world.get("/team/list?user_id=u").as_list()->size(), 1u);
  EXPECT_EQ(to_json(*world.get("/v2/team/list").find("total")), "1");
  world.get("/v2/team/list?user_id=default_user_id", 401);
}

TEST(TeamSettings, models_permissions_callbacks) {
  World world;
  world.post("/team/new", R"({"team_id":"t","models":["a"]})");
  EXPECT_EQ(to_json(*world.post("/team/model/add", R"({"team_id":"t","models":["b"]})").find("models")),
            R"(["a","b"])");
  EXPECT_EQ(
      to_json(*world.post("/team/model/delete", R"({"team_id":"t","models":["a","b"]})").find("models")),
      R"(["no-default-models"])");
  const auto permissions = world.get("/team/permissions_list?team_id=t");
  EXPECT_EQ(to_json(*permissions.find("team_member_permissions")), R"(["/key/info","/key/health"])");
  world.post("/team/permissions_update", R"({"team_id":"t","team_member_permissions":["/root"]})", 422);
  const auto* callback = R"({"callback_name":"langfuse","callback_type":"success",
      "callback_vars":{"langfuse_public_key":"pk","langfuse_secret_key":"sk"}})";
  EXPECT_EQ(text(world.post("/team/t/callback", callback), "status"), "success");
  world.refusal("/team/t/callback", callback, 400);
  world.post("/team/t/callback", R"({"callback_name":"x","callback_type":"never","callback_vars":{}})", 422);
  expect_json(world.get("/team/t/callback"), R"({"status":"success","data":{"team_id":"t",
      "success_callbacks":["langfuse"],"failure_callbacks":[],
      "callback_vars":{"langfuse_public_key":"pk","langfuse_secret_key":"sk"}}})");
  expect_json(world.post("/team/t/disable_logging", ""),
              R"({"status":"success","message":"Logging disabled for team t",
      "data":{"team_id":"t","success_callbacks":[],"failure_callbacks":[]}})");
  world.refusal("/team/no/callback", callback, 404);
}

} // namespace
