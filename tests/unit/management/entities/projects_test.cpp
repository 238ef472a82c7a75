// /project/*: within the team's bounds, by its admins.
#include "../touched.hpp"
#include "../world.hpp"

namespace switchyard::management {
namespace {

struct Projects : testing::Test {
  Projects() {
    world.insert("TeamTable", R"({"team_id":"t","models":["a","b"],"max_budget":10.0,"tpm_limit":100,
      "members_with_roles":[{"user_id":"boss","role":"admin"},{"user_id":"worker","role":"user"}]})");
    world.insert("UserTable", R"({"user_id":"worker","teams":["t"]})");
  }
  World world;
};

TEST_F(Projects, NewUpdateInfoList) {
  const auto row =
      world.post("/project/new", R"({"project_id":"p","project_alias":"P","team_id":"t","models":["a"],
    "max_budget":5,"tags":["x"],"model_rpm_limit":{"a":1}})");
  EXPECT_EQ(to_json(*row.find("metadata")), R"({"tags":["x"]})");
  EXPECT_EQ(to_json(*row.find("model_rpm_limit")), R"({"a":1})");
  EXPECT_EQ(to_json(*row.find("litellm_budget_table")->find("max_budget")), "5");
  EXPECT_EQ(touched_by(world.last).substr(0, 17), "project:p budget:");
  const auto next = world.post("/project/update", R"({"project_id":"p","max_budget":6,"blocked":true})");
  EXPECT_EQ(to_json(*next.find("litellm_budget_table")->find("max_budget")), "6");
  EXPECT_EQ(to_json(*next.find("models")), R"(["a"])");
  EXPECT_EQ(to_json(*world.get("/project/info?project_id=p").find("blocked")), "true");
  EXPECT_EQ(world.get("/project/list").as_list()->size(), 1u);
  EXPECT_EQ(world.rows("BudgetTable").size(), 1u);
}

TEST_F(Projects, StaysWithinTheTeam) {
  const auto refused = [&](const std::string& members) {
    return world.refusal("/project/new", R"({"team_id":"t",)" + members + "}", 400);
  };
  EXPECT_EQ(refused(R"("max_budget":11)"),
            "{'error': \"Project max_budget (11) exceeds team's max_budget (10). Team: t\"}");
  EXPECT_EQ(refused(R"("tpm_limit":101)"),
            "{'error': \"Project tpm_limit (101) exceeds team's tpm_limit (100). Team: t\"}");
  EXPECT_EQ(refused(R"("models":["c"])"),
            "{'error': \"Model 'c' not in team's allowed models. Team allowed models=['a', 'b']. Team: t\"}");
  EXPECT_EQ(refused(R"("max_budget":2,"soft_budget":2)"),
            "{'error': 'soft_budget (2) must be strictly lower than max_budget (2)'}");
  world.post("/project/new", R"({"project_id":"p","team_id":"t"})");
  world.post("/project/update", R"({"project_id":"p","max_budget":11})", 400);
}

TEST_F(Projects, TeamAdminsManageTheirOwn) {
  world.insert("TeamTable", R"({"team_id":"other"})");
  world.as_user("boss");
  world.post("/project/new", R"({"project_id":"p","team_id":"t"})");
  world.post("/project/update", R"({"project_id":"p","description":"d"})");
  world.post("/project/update", R"({"project_id":"p","team_id":"other"})", 403);
  world.post("/project/new", R"({"team_id":"other"})", 403);
  world.answer("DELETE", "/project/delete", R"({"project_ids":["p"]})", 403);
  world.as_user("worker");
  EXPECT_EQ(world.refusal("/project/new", R"({"team_id":"t"})", 403),
            "{'error': 'Only admins or team admins can create projects. Your role is internal_user'}");
  world.post("/project/update", R"({"project_id":"p"})", 403);
  EXPECT_EQ(world.get("/project/list").as_list()->size(), 1u);
  world.get("/project/info?project_id=p");
  world.as_user("stranger");
  EXPECT_EQ(world.get("/project/list").as_list()->size(), 0u);
  world.get("/project/info?project_id=p", 403);
}

TEST_F(Projects, ErrorsAndDelete) {
  EXPECT_EQ(world.refusal("/project/new", R"({"team_id":"x"})", 404), "Team not found, team_id=x");
  world.post("/project/new", "{}", 422);
  world.post("/project/new", R"({"project_id":"p","team_id":"t"})");
  EXPECT_EQ(world.refusal("/project/new", R"({"project_id":"p","team_id":"t"})", 400),
            "Project id = p already exists. Please use a different project id.");
  world.post("/project/update", R"({"project_id":"x"})", 404);
  world.post("/project/update", "{}", 422);
  world.get("/project/info?project_id=x", 404);
  world.insert("VerificationToken", R"({"token":"k","project_id":"p"})");
  world.answer("DELETE", "/project/delete", R"({"project_ids":["p"]})", 400);
  world.session().remove("VerificationToken", {}).value();
  world.answer("DELETE", "/project/delete", R"({"project_ids":["x"]})", 404);
  world.answer("DELETE", "/project/delete", R"({"project_ids":["p"]})");
  EXPECT_EQ(touched_by(world.last), "project:p");
  EXPECT_TRUE(world.rows("ProjectTable").empty());
}

} // namespace
} // namespace switchyard::management
