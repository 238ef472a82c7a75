// Members of teams: adding, removing, changing.
#include "../world.hpp"

using namespace switchyard;
using namespace switchyard::management;

namespace {

std::string text(const Value& value, std::string_view name) { return std::string(text_at(value, name)); }

class Members : public testing::Test {
 protected:
  Members() {
    world.post("/team/new", R"({"team_id":"t","members_with_roles":[{"role":"admin","user_id":"boss"}]})");
  }
  World world;
};

TEST_F(Members, are_added_once) {
  const auto row = world.post("/team/member_add", R"({"team_id":"t","max_budget_in_team":5,
      "member":{"role":"user","user_email":"A@b.c"}})");
  EXPECT_EQ(row.find("members_with_roles")->as_list()->size(), 3u);
  const auto& user = row.find("updated_users")->as_list()->at(0);
  EXPECT_EQ(text(user, "user_email"), "A@b.c");
  EXPECT_EQ(text(user, "user_role"), "internal_user_viewer");
  const auto& membership = row.find("updated_team_memberships")->as_list()->at(0);
  EXPECT_EQ(to_json(*membership.find("litellm_budget_table")->find("max_budget")), "5");
  world.refusal("/team/member_add", R"({"team_id":"t","member":[{"role":"user","user_email":"a@B.c"}]})",
                400);
  EXPECT_EQ(text(*json(world.last.body).find("error"), "type"), "team_member_already_in_team");
  world.refusal("/team/member_add", R"({"team_id":"no","member":{"user_id":"x"}})", 404);
  world.post("/team/member_add", R"({"team_id":"t","member":{"role":"user"}})", 422);
  world.post("/team/member_add", R"({"team_id":"t","member":"u"})", 422);
  world.post("/team/member_add", R"({"team_id":"t"})", 422);
}

TEST_F(Members, leave_with_their_keys) {
  world.post("/team/member_add", R"({"team_id":"t","member":{"role":"user","user_id":"u"}})");
  world.post("/key/generate", R"({"team_id":"t","user_id":"u"})");
  world.post("/key/generate", R"({"user_id":"u"})");
  const auto row = world.post("/team/member_delete", R"({"team_id":"t","user_id":"u"})");
  EXPECT_EQ(row.find("members_with_roles")->as_list()->size(), 2u);
  EXPECT_EQ(world.rows("VerificationToken").size(), 1u);
  EXPECT_TRUE(list_in(world.rows("UserTable", {{"user_id", "=", text_value("u")}}).at(0), "teams").empty());
  EXPECT_EQ(world.refusal("/team/member_delete", R"({"team_id":"t","user_id":"u"})", 400),
            "{'error': 'User not found in team. Team=t, User=u'}");
  EXPECT_EQ(world.refusal("/team/member_delete", R"({"team_id":"no","user_id":"u"})", 400),
            "{'error': 'Team id=no does not exist in db'}");
  world.post("/team/member_delete", R"({"team_id":"t"})", 422);
}

TEST_F(Members, get_limits_of_their_own) {
  world.post("/team/update", R"({"team_id":"t","team_member_budget":1})");
  for (auto* id : {"u", "v"})
    world.post("/team/member_add",
               R"({"team_id":"t","member":{"role":"user","user_id":")" + std::string(id) + "\"}}");
  expect_json(
      world.post("/team/member_update",
                 R"({"team_id":"t","user_id":"u","max_budget_in_team":9,"role":"admin"})"),
      R"({"team_id":"t","user_id":"u","user_email":null,"max_budget_in_team":9,"tpm_limit":null,"rpm_limit":null})");
  const auto info = world.get("/team/info?team_id=t");
  for (auto& member : *info.find("team_memberships")->as_list()) {
    auto* budget = member.find("litellm_budget_table");
    ASSERT_TRUE(budget->as_map()) << "members that were there get the common budget too";
    EXPECT_EQ(to_json(*budget->find("max_budget")), text(member, "user_id") == "u" ? "9" : "1");
  }
  world.refusal("/team/member_update", R"({"team_id":"t","user_id":"nobody"})", 400);
  world.post("/team/member_update", R"({"team_id":"t","user_id":"u","role":"king"})", 422);
  world.as_user("u");
  world.refusal("/team/member_update", R"({"team_id":"t","user_id":"u","max_budget_in_team":10})", 403);
  world.post("/team/member_update", R"({"team_id":"t","user_id":"v","max_budget_in_team":10})");
}

TEST_F(Members, only_team_admins_add) {
  world.as_user("stranger");
  const auto* me = R"({"team_id":"t","member":{"role":"user","user_id":"stranger"}})";
  EXPECT_EQ(
      world.refusal("/team/member_add", me, 403),
      "{'error': 'Call not allowed. User not proxy admin OR team admin. route=/team/member_add, team_id=t'}");
  world.plane.default_internal_user_params = json(R"({"available_teams":["t"]})");
  EXPECT_EQ(world.get("/team/available").as_list()->size(), 1u);
  world.refusal("/team/member_add", R"({"team_id":"t","member":{"role":"admin","user_id":"stranger"}})", 403);
  world.post("/team/member_add", me);
  EXPECT_TRUE(world.get("/team/available").as_list()->empty());
  world.as_user("boss");
  world.post("/team/member_add", R"({"team_id":"t","member":{"role":"user","user_id":"u"}})");
  world.refusal("/team/bulk_member_add", R"({"team_id":"t","all_users":true})", 403);
}

TEST_F(Members, join_in_bulk) {
  const auto answer =
      world.post("/team/bulk_member_add",
                 R"({"team_id":"t","members":[{"user_id":"a"},{"user_id":"b"},{"user_id":"boss"}]})");
  EXPECT_EQ(to_json(*answer.find("successful_additions")), "2");
  EXPECT_EQ(to_json(*answer.find("failed_additions")), "1");
  world.insert("UserTable", R"({"user_id":"late"})");
  EXPECT_EQ(to_json(*world.post("/team/bulk_member_add", R"({"team_id":"t","all_users":true})")
                         .find("total_requested")),
            "1");
  world.refusal("/team/bulk_member_add", R"({"team_id":"t","members":[]})", 400);
}

} // namespace
