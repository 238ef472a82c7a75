// /customer/* and /end_user/*: shapes, budgets of their own, errors.
#include "../touched.hpp"
#include "../world.hpp"

#include <switchyard/graph.hpp>

namespace switchyard::management {
namespace {

struct Models : Routing {
  Resolved resolve(std::string_view) const override { return {}; }
  std::span<const GroupPtr> groups() const override { return {}; }
  std::vector<std::string> model_names(bool) const override { return {"gpt-4"}; }
  const Config& config() const override { return config_; }
  Config config_;
};

struct Customers : testing::Test {
  Customers() { world.live.routing = std::make_shared<Models>(); }
  World world;
};

constexpr std::string_view k_budget = R"({"budget_id":"00000000-0000-0000-0000-000000000000","max_budget":2.0,
  "soft_budget":null,"max_parallel_requests":null,"tpm_limit":null,"rpm_limit":7,"model_max_budget":null,
  "budget_duration":"1d","budget_reset_at":"2026-05-03T00:00:00.000000Z","allowed_models":[],
  "created_at":"2026-05-02T10:20:30.454000Z","created_by":"default_user_id",
  "updated_at":"2026-05-02T10:20:30.454000Z","updated_by":"default_user_id"})";

TEST_F(Customers, NewWithABudgetOfItsOwn) {
  expect_json(world.post("/customer/new", R"({"user_id":"c1","alias":"A","max_budget":2,"rpm_limit":7,
    "budget_duration":"1d","allowed_model_region":"eu","default_model":"gpt-4"})"),
              R"({"user_id":"c1","alias":"A","spend":0.0,"blocked":false,"allowed_model_region":"eu",
    "default_model":"gpt-4","budget_id":"00000000-0000-0000-0000-000000000000","object_permission_id":null,
    "object_permission":null,"litellm_budget_table":)" +
                  std::string(k_budget) + "}");
  EXPECT_EQ(touched_by(world.last), "customer:c1");
  expect_json(world.get("/end_user/info?end_user_id=c1"),
              R"({"user_id":"c1","blocked":false,"alias":"A","spend":0.0,"allowed_model_region":"eu",
    "default_model":"gpt-4","object_permission":null,"litellm_budget_table":)" +
                  std::string(k_budget) + "}");
  EXPECT_EQ(world.get("/customer/list").as_list()->size(), 1u);
}

TEST_F(Customers, UpdateKeepsTheBudgetRowAndMakesOneWhenThereIsNone) {
  world.post("/customer/new", R"({"user_id":"c"})");
  EXPECT_TRUE(world.rows("BudgetTable").empty());
  world.post("/customer/update", R"({"user_id":"c","max_budget":1})");
  const std::string budget = text_of(world.rows("EndUserTable")[0], "budget_id");
  ASSERT_FALSE(budget.empty());
  const auto row =
      world.post("/end_user/update", R"({"user_id":"c","max_budget":3,"alias":"B","blocked":true})");
  EXPECT_EQ(text_at(row, "budget_id"), budget);
  EXPECT_EQ(to_json(*row.find("litellm_budget_table")->find("max_budget")), "3");
  EXPECT_EQ(to_json(*row.find("blocked")), "true");
  world.post("/customer/update", R"({"user_id":"c","blocked":false,"alias":null})");
  EXPECT_FALSE(flag_of(world.rows("EndUserTable")[0], "blocked"));
  EXPECT_EQ(text_of(world.rows("EndUserTable")[0], "alias"), "B") << "null is as absent, as in LiteLLM";
  world.post("/customer/update", R"({"user_id":"c","spend":4})");
  EXPECT_EQ(touched_by(world.last), "customer:c!");
}

TEST_F(Customers, BlockMakesRowsThatAreMissing) {
  const auto reply = world.post("/user/block", R"({"user_ids":["new","c"]})");
  EXPECT_EQ(reply.find("blocked_users")->as_list()->size(), 2u);
  EXPECT_TRUE(flag_of(world.rows("EndUserTable")[0], "blocked"));
  EXPECT_EQ(touched_by(world.last), "customer:new customer:c");
  expect_json(world.post("/customer/unblock", R"({"user_ids":["c"]})", 400),
              R"({"detail":{"error":"Blocked user check was never set. This call has no effect."}})");
}

TEST_F(Customers, DeleteAllOrNone) {
  world.post("/customer/new", R"({"user_id":"a"})");
  world.post("/customer/new", R"({"user_id":"b"})");
  expect_json(
      world.post("/customer/delete", R"({"user_ids":["a","x","y"]})", 404),
      R"({"error":{"message":"End User Id(s)=x, y do not exist in db","type":"not_found","param":"user_ids","code":"404"}})");
  EXPECT_EQ(world.rows("EndUserTable").size(), 2u);
  expect_json(world.post("/customer/delete", R"({"user_ids":["a","b"]})"),
              R"({"deleted_customers":2,"message":"Successfully deleted customers with ids: ['a', 'b']"})");
}

TEST_F(Customers, ObjectPermissionIsARow) {
  const auto row =
      world.post("/customer/new", R"({"user_id":"c","object_permission":{"vector_stores":["v"]}})");
  EXPECT_EQ(to_json(*row.find("object_permission")->find("vector_stores")), R"(["v"])");
  world.post("/customer/update", R"({"user_id":"c","object_permission":{"mcp_servers":["m"]}})");
  ASSERT_EQ(world.rows("ObjectPermissionTable").size(), 1u);
  EXPECT_EQ(list_in(world.rows("ObjectPermissionTable")[0], "vector_stores").size(), 1u);
  EXPECT_NE(world.run("POST", "/customer/new", R"({"user_id":"d","object_permission":{"agents":"x"}})")
                .body.find(R"("loc":["body","object_permission","agents"])"),
            std::string::npos);
}

TEST_F(Customers, Errors) {
  world.post("/customer/new", R"({"user_id":"c"})");
  expect_json(world.post("/customer/new", R"({"user_id":"c"})", 400),
              R"({"error":{"message":"Customer already exists, passed user_id=c. Please pass a new user_id.",
        "type":"bad_request","param":"user_id","code":"400"}})");
  expect_json(
      world.get("/customer/info?end_user_id=x", 404),
      R"({"error":{"message":"End User Id=x does not exist in db","type":"not_found","param":"end_user_id","code":"404"}})");
  EXPECT_EQ(
      world.refusal("/customer/new", R"({"user_id":"d","default_model":"o1"})", 422),
      "{'error': \"Default Model not on proxy. Configure via `/model/new` or config.yaml. Default_model=o1, "
      "proxy_model_names={'gpt-4'}\"}");
  world.post("/customer/new", R"({"user_id":"d","allowed_model_region":"mars"})", 422);
  world.post("/customer/new", R"({"user_id":"d","budget_id":"b","max_budget":1})", 422);
  world.post("/customer/new", R"({"user_id":"d","budget_id":"none"})", 400);
  world.post("/customer/new", R"({"user_id":""})", 422);
  world.post("/customer/new", R"({"user_id":"a\u0000b"})", 422);
  world.post("/customer/new", "{}", 422);
  world.post("/customer/update", R"({"user_id":"none"})", 404);
  world.post("/customer/delete", R"({"user_ids":[]})", 500);
  world.post("/customer/delete", R"({"user_ids":[1]})", 422);
  world.get("/customer/info", 422);
  EXPECT_EQ(world.rows("EndUserTable").size(), 1u);
}

TEST_F(Customers, OnlyAdminsWriteAndViewersRead) {
  world.post("/customer/new", R"({"user_id":"c"})");
  world.as_user("u");
  EXPECT_EQ(world.refusal("/customer/list", "", 401, "GET"),
            "{'error': 'Admin-only endpoint. Your user role=internal_user'}");
  for (const char* path : {"/customer/new", "/customer/update", "/customer/delete", "/customer/block"})
    world.post(path, R"({"user_id":"c","user_ids":["c"]})", 403);
  world.get("/customer/info?end_user_id=c", 403);
  world.as_user("v", "proxy_admin_viewer");
  world.get("/customer/list");
  world.get("/customer/info?end_user_id=c");
  world.post("/customer/update", R"({"user_id":"c","blocked":true})", 403);
}

TEST_F(Customers, WritesAreAudited) {
  world.plane.store_audit_logs = true;
  world.changed_by = "alice";
  world.post("/customer/new", R"({"user_id":"c"})");
  world.post("/customer/delete", R"({"user_ids":["c"]})");
  const auto rows = world.rows("AuditLog");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(text_of(rows[0], "table_name"), "LiteLLM_EndUserTable");
  EXPECT_EQ(text_of(rows[0], "changed_by"), "alice");
}

} // namespace
} // namespace switchyard::management
