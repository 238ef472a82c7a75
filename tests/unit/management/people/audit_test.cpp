// /audit, /jwt/key/mapping/* and /provider/budgets.
#include "../touched.hpp"
#include "../world.hpp"
#include "management/secrets.hpp"

namespace switchyard::management {
namespace {

struct Audit : testing::Test {
  Audit() {
    world.plane.store_audit_logs = true;
    world.post("/budget/new", R"({"budget_id":"b1","max_budget":1})");
    world.now += std::chrono::hours(48);
    world.changed_by = "alice";
    world.post("/budget/update", R"({"budget_id":"b1","max_budget":2})");
    world.insert(
        "AuditLog",
        R"({"id":"t","updated_at":"2026-05-01T00:00:00.000000Z","changed_by":"bob","changed_by_api_key":"k",
      "action":"created","table_name":"LiteLLM_TeamTable","object_id":"x","before_value":null,"updated_values":{"team_id":"team_1"}})");
  }
  std::size_t count(const std::string& query) {
    return world.get("/audit" + query).find("audit_logs")->as_list()->size();
  }
  World world;
};

TEST_F(Audit, PagesNewestFirst) {
  const auto page = world.get("/audit?page_size=2");
  EXPECT_EQ(to_json(*page.find("total")), "3");
  EXPECT_EQ(to_json(*page.find("total_pages")), "2");
  const auto& first = (*page.find("audit_logs")->as_list())[0];
  expect_json(
      first,
      R"({"id":"00000000-0000-0000-0000-000000000000","updated_at":"2026-05-04T10:20:30.454000Z","changed_by":"alice",
    "changed_by_api_key":"88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b","action":"updated",
    "table_name":"LiteLLM_BudgetTable","object_id":"b1","before_value":)" +
          to_json(*first.find("before_value")) + R"(,"updated_values":)" +
          to_json(*first.find("updated_values")) + "}");
  EXPECT_EQ(to_json(*first.find("before_value")->find("max_budget")), "1");
  EXPECT_EQ(to_json(*first.find("updated_values")->find("max_budget")), "2");
  EXPECT_EQ(count("?page=2&page_size=2"), 1u);
  EXPECT_EQ(text_at(world.get("/audit/t"), "changed_by"), "bob");
}

TEST_F(Audit, Filters) {
  EXPECT_EQ(count("?action=created"), 2u);
  EXPECT_EQ(count("?changed_by=alice&table_name=LiteLLM_BudgetTable"), 1u);
  EXPECT_EQ(count("?object_id=b1"), 2u);
  EXPECT_EQ(count("?start_date=2026-05-02&end_date=2026-05-02"), 1u);
  EXPECT_EQ(count("?start_date=2026-05-03"), 1u);
  EXPECT_EQ(count("?object_team_id=team_1"), 1u);
  EXPECT_EQ(count("?object_team_id=team%251"), 0u);
  EXPECT_EQ(count("?object_key_hash=none"), 0u);
  EXPECT_EQ(text_at((*world.get("/audit?sort_by=changed_by&sort_order=asc").find("audit_logs")->as_list())[0],
                    "changed_by"),
            "alice");
}

TEST_F(Audit, ErrorsAndRights) {
  expect_json(world.get("/audit/none", 404), R"({"detail":{"message":"Audit log with ID none not found"}})");
  for (const char* query :
       {"?page=0", "?page_size=101", "?page=x", "?sort_by=password", "?sort_order=up", "?start_date=x"})
    world.get(std::string("/audit") + query, 422);
  world.as_user("v", "proxy_admin_viewer");
  world.get("/audit");
  world.as_user("u");
  world.get("/audit", 403);
  world.get("/audit/t", 403);
}

struct Mappings : testing::Test {
  Mappings() { world.insert("VerificationToken", R"({"token":")" + hash_of("sk-1") + R"("})"); }
  World world;
};

TEST_F(Mappings, LifeOfOne) {
  const auto row =
      world.post("/jwt/key/mapping/new", R"({"jwt_claim_name":"sub","jwt_claim_value":"ann","key":"sk-1"})");
  expect_json(
      row,
      R"({"id":"00000000-0000-0000-0000-000000000000","jwt_claim_name":"sub","jwt_claim_value":"ann","description":null,
    "is_active":true,"created_at":"2026-05-02T10:20:30.454000Z","updated_at":"2026-05-02T10:20:30.454000Z",
    "created_by":"default_user_id","updated_by":"default_user_id"})");
  EXPECT_EQ(touched_by(world.last), "key:" + hash_of("sk-1"));
  const std::string id(text_at(row, "id"));
  EXPECT_EQ(to_json(*world.post("/jwt/key/mapping/update", R"({"id":")" + id + R"(","is_active":false})")
                         .find("is_active")),
            "false");
  EXPECT_EQ(text_at(world.get("/jwt/key/mapping/info?id=" + id), "jwt_claim_value"), "ann");
  const auto list = world.get("/jwt/key/mapping/list");
  EXPECT_EQ(to_json(*list.find("total_count")), "1");
  EXPECT_EQ(world.last.body.find(hash_of("sk-1")), std::string::npos);
  expect_json(world.post("/jwt/key/mapping/delete", R"({"id":")" + id + R"("})"), R"({"status":"success"})");
  world.post("/jwt/key/mapping/delete", R"({"id":")" + id + R"("})", 404);
}

TEST_F(Mappings, Errors) {
  const char* good = R"({"jwt_claim_name":"sub","jwt_claim_value":"ann","key":"sk-1"})";
  world.post("/jwt/key/mapping/new", good);
  expect_json(world.post("/jwt/key/mapping/new", good, 409),
              R"({"detail":"A mapping for claim 'sub' = 'ann' already exists."})");
  expect_json(world.post("/jwt/key/mapping/new",
                         R"({"jwt_claim_name":"sub","jwt_claim_value":"b","key":"sk-2"})", 400),
              R"({"detail":"The provided key does not match an existing virtual key."})");
  world.post("/jwt/key/mapping/new", R"({"jwt_claim_name":"sub","jwt_claim_value":"b"})", 400);
  world.post("/jwt/key/mapping/new", R"({"jwt_claim_name":"sub","jwt_claim_value":"b","token":"sk-1"})", 400);
  world.post("/jwt/key/mapping/new", R"({"jwt_claim_name":"sub"})", 422);
  const std::string id(text_at(
      world.post("/jwt/key/mapping/new",
                 R"({"jwt_claim_name":"sub","jwt_claim_value":"bob","token":")" + hash_of("sk-1") + R"("})"),
      "id"));
  world.post("/jwt/key/mapping/update", R"({"id":")" + id + R"(","jwt_claim_value":"ann"})", 409);
  world.post("/jwt/key/mapping/update", R"({"id":"none"})", 404);
  world.get("/jwt/key/mapping/info?id=none", 404);
  world.get("/jwt/key/mapping/list?size=0", 422);
  world.as_user("u");
  expect_json(world.post("/jwt/key/mapping/new", good, 403),
              R"({"detail":"Only proxy admins can create JWT key mappings"})");
  world.get("/jwt/key/mapping/list", 403);
  world.as_user("v", "proxy_admin_viewer");
  world.get("/jwt/key/mapping/list");
  world.post("/jwt/key/mapping/delete", R"({"id":"x"})", 403);
}

TEST(ProviderBudgets, AreWhatTheRouterSays) {
  World world;
  expect_json(world.get("/provider/budgets"), R"({"providers":{}})");
  world.live.provider_budgets = [] {
    return ValueMap{{"openai", json(R"({"budget_limit":1,"time_period":"1d","spend":0.5})")}};
  };
  expect_json(world.get("/provider/budgets"),
              R"({"providers":{"openai":{"budget_limit":1,"time_period":"1d","spend":0.5}}})");
  world.as_user("u");
  world.get("/provider/budgets", 403);
}

} // namespace
} // namespace switchyard::management
