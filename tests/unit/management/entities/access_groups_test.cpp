// /v1/access_group (assigned to teams and keys) and /access_group/* (names in model_info).
#include "../touched.hpp"
#include "../world.hpp"

namespace switchyard::management {
namespace {

struct AccessGroups : testing::Test {
  World world;
  std::vector<std::string> of(std::string_view table) {
    return list_in(world.rows(table)[0], "access_group_ids");
  }
};

TEST_F(AccessGroups, TeamsAndKeysCarryTheirGroups) {
  world.insert("TeamTable", R"({"team_id":"t"})");
  world.insert("VerificationToken", R"({"token":"k"})");
  const auto row = world.post("/v1/access_group", R"({"access_group_name":"g","access_model_names":["a"],
    "assigned_team_ids":["t"],"assigned_key_ids":["k"]})",
                              201);
  const std::string id(text_at(row, "access_group_id"));
  EXPECT_EQ(touched_by(world.last), "team:t key:k access_group:" + id);
  EXPECT_EQ(of("TeamTable"), std::vector<std::string>{id});
  EXPECT_EQ(of("VerificationToken"), std::vector<std::string>{id});
  world.answer("PUT", "/v1/access_group/" + id, R"({"assigned_team_ids":[],"description":"d"})");
  EXPECT_TRUE(of("TeamTable").empty());
  EXPECT_EQ(of("VerificationToken").size(), 1u);
  EXPECT_EQ(text_at(world.get("/v1/access_group/" + id), "description"), "d");
  EXPECT_EQ(world.get("/v1/unified_access_group").as_list()->size(), 1u);
  EXPECT_EQ(world.run("DELETE", "/v1/access_group/" + id).status, 204);
  EXPECT_TRUE(of("VerificationToken").empty());
  world.get("/v1/access_group/" + id, 404);
}

TEST_F(AccessGroups, Errors) {
  world.post("/v1/access_group", R"({"access_group_name":"g"})", 201);
  expect_json(world.post("/v1/access_group", R"({"access_group_name":"g"})", 409),
              R"({"detail":"Access group with name 'g' already exists"})");
  const std::string other(
      text_at(world.post("/v1/access_group", R"({"access_group_name":"h"})", 201), "access_group_id"));
  world.answer("PUT", "/v1/access_group/" + other, R"({"access_group_name":"g"})", 409);
  world.answer("PUT", "/v1/access_group/none", R"({"access_group_name":"x"})", 404);
  expect_json(world.post("/v1/access_group", R"({"access_group_name":"i","assigned_team_ids":["x"]})", 400),
              R"({"detail":"Unknown team ids: x"})");
  world.post("/v1/access_group", "{}", 422);
  world.post("/v1/access_group", R"({"access_group_name":"i","access_model_names":"a"})", 422);
  world.as_user("u");
  world.post("/v1/access_group", R"({"access_group_name":"i"})", 403);
  world.get("/v1/access_group", 403);
  world.as_user("v", "proxy_admin_viewer");
  world.get("/v1/access_group");
  EXPECT_EQ(world.run("DELETE", "/v1/access_group/" + other).status, 403);
}

TEST_F(AccessGroups, GroupsOfModels) {
  for (const char* id : {"m1", "m2"})
    world.insert("ProxyModelTable",
                 std::string(R"({"model_id":")") + id + R"(","model_name":"n-)" + id +
                     R"(","litellm_params":{},"model_info":{"k":1},"created_by":"a","updated_by":"a"})");
  expect_json(world.post("/access_group/new", R"({"access_group":"g","model_names":["n-m1"]})"),
              R"({"access_group":"g","model_names":["n-m1"],"models_updated":1})");
  EXPECT_EQ(touched_by(world.last), "model:m1 access_group:g");
  world.answer("PUT", "/access_group/g/update", R"({"model_names":["n-m2"]})");
  expect_json(world.get("/access_group/g/info"),
              R"({"access_group":"g","model_names":["n-m2"],"deployment_count":1})");
  expect_json(world.get("/access_group/list"),
              R"({"access_groups":[{"access_group":"g","model_names":["n-m2"],"deployment_count":1}]})");
  world.post("/access_group/new", R"({"access_group":"g","model_names":["n-m1"]})", 409);
  world.post("/access_group/new", R"({"access_group":" ","model_names":["n-m1"]})", 400);
  world.post("/access_group/new", R"({"access_group":"h","model_names":[]})", 400);
  world.post("/access_group/new", R"({"access_group":"h","model_names":["none"]})", 400);
  world.answer("PUT", "/access_group/none/update", R"({"model_names":["n-m1"]})", 404);
  expect_json(world.answer("DELETE", "/access_group/g/delete"),
              R"({"access_group":"g","models_updated":1,"message":"Access group 'g' deleted successfully"})");
  world.answer("DELETE", "/access_group/g/delete", "", 404);
  world.as_user("u");
  world.post("/access_group/new", R"({"access_group":"g","model_names":["n-m1"]})", 403);
}

} // namespace
} // namespace switchyard::management
