// /user/*: rows, answers, errors, rights.
#include "../world.hpp"

using namespace switchyard;
using namespace switchyard::management;

namespace {

std::string text(const Value& value, std::string_view name) { return std::string(text_at(value, name)); }

TEST(UserNew, makes_a_user_and_a_key) {
  World world;
  world.post("/team/new", R"({"team_id":"t"})");
  const auto answer =
      world.post("/user/new", R"({"user_email":"a@b.c","user_role":"internal_user","max_budget":4,
      "teams":[{"team_id":"t","max_budget_in_team":2,"user_role":"admin"}],"password":"long enough"})");
  EXPECT_TRUE(text(answer, "key").starts_with("sk-"));
  EXPECT_EQ(text(answer, "user_role"), "internal_user");
  EXPECT_EQ(to_json(*answer.find("max_budget")), "4");
  EXPECT_EQ(to_json(*answer.find("teams")), R"(["t"])");
  EXPECT_EQ(world.last.body.find("long enough"), std::string::npos);
  const auto id = text(answer, "user_id");
  EXPECT_TRUE(text_of(world.rows("UserTable", {{"user_id", "=", text_value(id)}}).at(0), "password")
                  .starts_with("scrypt:"));
  const auto info = world.get("/user/info?user_id=" + id);
  EXPECT_FALSE(info.find("user_info")->find("password"));
  EXPECT_EQ(info.find("keys")->as_list()->size(), 1u);
  EXPECT_EQ(info.find("teams")->as_list()->size(), 1u);
  EXPECT_FALSE(world.get("/v2/user/info?user_id=" + id).find("password"));
}

TEST(UserNew, errors_and_defaults) {
  World world;
  world.plane.default_internal_user_params = json(R"({"user_role":"internal_user","models":["m"]})");
  world.plane.max_internal_user_budget = Money::from_usd(3);
  world.plane.internal_user_budget_duration = "1d";
  const auto answer =
      world.post("/user/new", R"({"user_id":"u","user_email":"a@b.c","auto_create_key":false})");
  EXPECT_TRUE(answer.find("key")->is_null());
  EXPECT_EQ(to_json(*answer.find("max_budget")), "3");
  EXPECT_EQ(to_json(*answer.find("models")), R"(["m"])");
  EXPECT_EQ(text(answer, "budget_reset_at"), "2026-05-03T00:00:00.000000Z");
  EXPECT_EQ(world.refusal("/user/new", R"({"user_id":"u"})", 409),
            "{'error': 'User with id u already exists'}");
  EXPECT_EQ(world.refusal("/user/new", R"({"user_email":"A@B.C"})", 409),
            "{'error': 'User with email A@B.C already exists'}");
  world.post("/user/new", R"({"user_role":"king"})", 422);
  world.post("/user/new", R"({"teams":"t","models":{}})", 422);
  world.refusal("/user/new", R"({"password":"short"})", 400);
  world.refusal("/user/new", R"({"max_budget":-2})", 400);
  world.refusal("/user/new", R"({"teams":["no"]})", 404);
  world.refusal("/user/new", R"({"organizations":["no"]})", 400);
  EXPECT_EQ(world.rows("UserTable").size(), 1u);
  world.as_user("u");
  world.refusal("/user/new", "{}", 403);
}

TEST(UserInfo, of_oneself_others_and_all) {
  World world;
  world.post("/user/new", R"({"user_id":"u"})");
  EXPECT_EQ(world.get("/user/info").find("keys")->as_list()->size(), 1u);
  EXPECT_EQ(world.refusal("/user/info?user_id=no", "", 404, "GET"), "{'error': 'User no not found'}");
  world.as_user("u");
  EXPECT_EQ(text(*world.get("/user/info").find("user_info"), "user_id"), "u");
  EXPECT_EQ(world.refusal("/user/info?user_id=v", "", 403, "GET"),
            "key not allowed to access this user's info. user_id=v, key's user_id=u");
  EXPECT_EQ(world.get("/user/available_roles").as_map()->size(), 4u);
}

TEST(UserUpdate, by_id_and_email) {
  World world;
  world.post("/user/new", R"({"user_id":"u","user_email":"a@b.c","models":["m"]})");
  const auto answer =
      world.post("/user/update", R"({"user_email":"A@b.c","max_budget":5,"user_role":"internal_user"})");
  EXPECT_EQ(text(answer, "user_id"), "u");
  EXPECT_EQ(to_json(*answer.find("data")->find("models")), R"(["m"])");
  EXPECT_FALSE(answer.find("data")->find("password"));
  EXPECT_NE(text(world.post("/user/update", R"({"user_email":"new@b.c"})"), "user_id"), "u");
  world.refusal("/user/update", R"({"user_id":"no"})", 404);
  world.refusal("/user/update", R"({"user_id":"u","user_email":"new@b.c"})", 409);
  world.post("/user/update", R"({"max_budget":1})", 422);
  world.post("/user/update", R"({"user_id":"u","user_role":"king"})", 422);
}

TEST(UserUpdate, nobody_raises_himself) {
  World world;
  world.post("/user/new", R"({"user_id":"u","user_role":"internal_user","max_budget":5,"models":["m"]})");
  world.as_user("u");
  EXPECT_EQ(world.refusal("/user/update", R"({"user_id":"u","user_role":"proxy_admin"})", 403),
            "{'error': 'Only proxy admins can modify user roles.'}");
  for (auto* change :
       {R"("max_budget":6)", R"("max_budget":null)", R"("models":[])", R"("spend":0.5)",
        R"("budget_duration":"1s")", R"("user_email":"root@b.c")", R"("sso_user_id":"root")",
        R"("organization_id":"o")", R"("metadata":{"model_rpm_limit":{"m":9}})", R"("tpm_limit":9)"})
    world.refusal("/user/update", R"({"user_id":"u",)" + std::string(change) + "}", 403);
  world.post("/user/update", R"({"user_id":"u","user_alias":"me","max_budget":4,"password":"long enough"})");
  world.refusal("/user/update", R"({"user_id":"default_user_id","user_alias":"me"})", 404);
  world.refusal("/user/update", R"({"user_email":"fresh@b.c"})", 403);
  world.refusal("/user/bulk_update", R"({"all_users":true,"user_updates":{"max_budget":1}})", 403);
  world.refusal("/user/delete", R"({"user_ids":["u"]})", 403);
  world.refusal("/user/list", "", 403, "GET");
  world.refusal("/user/filter/ui", "", 403, "GET");
  world.as_user("u", "internal_user_viewer");
  world.refusal("/user/update", R"({"user_id":"u","user_alias":"me"})", 403);
}

TEST(UserBulkUpdate, some_or_all) {
  World world;
  for (auto* id : {"u", "v"}) world.post("/user/new", R"({"user_id":")" + std::string(id) + "\"}");
  const auto some =
      world.post("/user/bulk_update", R"({"users":[{"user_id":"u","max_budget":1},{"user_id":"no"},
      {"user_id":"v","models":"x"}]})");
  EXPECT_EQ(to_json(*some.find("successful_updates")), "1");
  EXPECT_EQ(to_json(*some.find("failed_updates")), "2");
  const auto all = world.post("/user/bulk_update", R"({"all_users":true,"user_updates":{"max_budget":8}})");
  EXPECT_EQ(to_json(*all.find("successful_updates")), "2");
  for (auto& row : world.rows("UserTable")) EXPECT_EQ(number_of(row, "max_budget"), 8);
  world.refusal("/user/bulk_update", R"({"users":[]})", 400);
}

TEST(UserList, pages_filters_and_counts) {
  World world;
  world.post("/team/new", R"({"team_id":"t"})");
  world.post("/user/new",
             R"({"user_id":"u","user_email":"one@b.c","user_role":"internal_user","teams":["t"]})");
  world.post("/user/new", R"({"user_id":"v","user_email":"two@b.c","auto_create_key":false})");
  const auto one = world.get("/user/list?team=t&user_email=ONE");
  ASSERT_EQ(one.find("users")->as_list()->size(), 1u);
  EXPECT_EQ(to_json(*one.find("users")->as_list()->at(0).find("key_count")), "1");
  EXPECT_EQ(to_json(*world.get("/user/list?user_ids=u,v").find("total")), "2");
  EXPECT_EQ(to_json(*world.get("/user/list?role=internal_user").find("total")), "1");
  EXPECT_EQ(to_json(*world.get("/user/get_users?page_size=1").find("total_pages")), "3");
  EXPECT_EQ(world.get("/user/filter/ui?user_email=tw").as_list()->size(), 1u);
  world.refusal("/user/list?sort_by=password", "", 400, "GET");
  world.get("/user/list?page_size=0", 422);
}

TEST(UserDelete, cascades) {
  World world;
  world.post("/team/new", R"({"team_id":"t"})");
  world.post("/user/new", R"({"user_id":"u","teams":["t"]})");
  world.refusal("/user/delete", R"({"user_ids":["u","no"]})", 404);
  EXPECT_EQ(world.post("/user/delete", R"({"user_ids":["u","u"]})").as_int() ? 1 : 0, 1);
  EXPECT_TRUE(world.rows("VerificationToken").empty());
  EXPECT_EQ(world.rows("UserTable").size(), 1u);
  EXPECT_EQ(world.rows("TeamMembership").size(), 1u);
  EXPECT_EQ(at(world.rows("TeamTable").at(0), "members_with_roles").as_list()->size(), 1u);
}

} // namespace
