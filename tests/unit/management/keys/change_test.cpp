// Keys that exist: update, delete, block, regenerate, reset, info, lists.
#include "../world.hpp"
#include "management/secrets.hpp"

using namespace switchyard;
using namespace switchyard::management;

namespace {

std::string text(const Value& value, std::string_view name) { return std::string(text_at(value, name)); }

std::string new_one(World& world, std::string_view body = "{}") {
  return text(world.post("/key/generate", body), "key");
}
std::string with_key(const std::string& key, std::string_view rest = "") {
  return R"({"key": ")" + key + "\"" + (rest.empty() ? "" : ", " + std::string(rest)) + "}";
}

TEST(KeyUpdate, seed_and_answer) {
  World world;
  const auto key =
      new_one(world, R"({"models":["a"],"rpm_limit":5,"tags":["x"],"metadata":{"team":"core"}})");
  const auto row = world.post("/key/update", with_key(key, R"("permissions": {"hide_secrets": false},
      "rpm_limit": null, "tags": ["y"], "duration": "1h", "budget_duration": "7d", "spend": 4)"));
  EXPECT_EQ(text(row, "key"), key);
  EXPECT_EQ(to_json(*row.find("permissions")), R"({"hide_secrets":false})");
  EXPECT_EQ(to_json(*row.find("models")), R"(["a"])");
  EXPECT_TRUE(row.find("rpm_limit")->is_null());
  EXPECT_EQ(to_json(sorted(*row.find("metadata"))), R"({"tags":["y"],"team":"core"})");
  EXPECT_EQ(text(row, "expires"), "2026-05-02T11:20:30.454000Z");
  EXPECT_EQ(text(row, "budget_reset_at"), "2026-05-04T00:00:00.000000Z");
  ASSERT_EQ(world.last.touched.size(), 1u);
  EXPECT_TRUE(world.last.touched[0].spend_set);
  EXPECT_TRUE(world.post("/key/update", with_key(key, R"("duration":"-1")")).find("expires")->is_null());
}

TEST(KeyUpdate, errors) {
  World world;
  const auto key = new_one(world, R"({"key_alias":"first"})"),
             other = new_one(world, R"({"key_alias":"other"})");
  world.post("/key/update", "{}", 422);
  world.refusal("/key/update", with_key("sk-nobody"), 404);
  EXPECT_EQ(text(*json(world.last.body).find("error"), "type"), "not_found_error");
  world.refusal("/key/update", with_key(key, R"("max_budget":-1)"), 400);
  world.refusal("/key/update", with_key(key, R"("key_alias":"other")"), 400);
  world.post("/key/update", with_key(key, R"("key_alias":"first")"));
  world.refusal("/key/update", with_key(key, R"("temp_budget_increase":5)"), 400);
  world.refusal("/key/update", with_key(key, R"("temp_budget_increase":5,"temp_budget_expiry":"1d")"), 400);
  world.post("/key/update", with_key(key, R"("temp_budget_increase":5,"temp_budget_expiry":"2026-06-01")"));
}

TEST(KeyBulkUpdate, reports_each) {
  World world;
  const auto key = new_one(world);
  const auto answer = world.post("/key/bulk_update", R"({"keys":[{"key":")" + key +
                                                         R"(","max_budget":9},{"key":"sk-nobody"},{}]})");
  EXPECT_EQ(to_json(*answer.find("total_requested")), "3");
  EXPECT_EQ(answer.find("successful_updates")->as_list()->size(), 1u);
  EXPECT_EQ(answer.find("failed_updates")->as_list()->size(), 2u);
  EXPECT_EQ(number_of(world.rows("VerificationToken")[0], "max_budget"), 9);
  world.as_user("u");
  world.refusal("/key/bulk_update", R"({"keys":[]})", 403);
}

TEST(KeyDelete, by_key_hash_and_alias) {
  World world;
  const auto a = new_one(world), b = new_one(world, R"({"key_alias":"b"})");
  expect_json(world.post("/key/delete", R"({"keys":[")" + hash_of(a) + R"(","sk-nobody"]})"),
              R"({"deleted_keys":[")" + hash_of(a) + "\"]}");
  expect_json(world.post("/key/delete", R"({"key_aliases":["b"]})"), R"({"deleted_keys":["b"]})");
  EXPECT_EQ(world.refusal("/key/delete", R"({"keys":["sk-nobody"]})", 404), "{'error': 'No keys found'}");
  world.post("/key/delete", "{}", 422);
  EXPECT_TRUE(world.rows("VerificationToken").empty());
  const auto copies = world.rows("DeletedVerificationToken");
  ASSERT_EQ(copies.size(), 2u);
  EXPECT_EQ(text_of(copies[0], "deleted_by"), "default_user_id");
  EXPECT_EQ(to_json(*world.get("/key/list?status=deleted").find("total_count")), "2");
}

TEST(KeyBlock, blocks_and_unblocks) {
  World world;
  const auto key = new_one(world);
  EXPECT_EQ(to_json(*world.post("/key/block", with_key(key)).find("blocked")), "true");
  EXPECT_EQ(to_json(*world.post("/key/unblock", with_key(hash_of(key))).find("blocked")), "false");
  EXPECT_EQ(world.refusal("/key/block", with_key("nonsense"), 400), "Invalid key format.");
  world.refusal("/key/block", with_key("sk-nobody"), 404);
  world.post("/key/block", "{}", 422);
}

TEST(KeyRegenerate, keeps_the_row_and_the_old_key_for_a_while) {
  World world;
  const auto old = new_one(world, R"({"key_alias":"a","max_budget":3})");
  const auto answer = world.post("/key/regenerate", with_key(old, R"("grace_period":"1h")"));
  const auto fresh = text(answer, "key");
  EXPECT_NE(fresh, old);
  EXPECT_EQ(text(answer, "key_alias"), "a");
  EXPECT_EQ(text(answer, "token_id"), hash_of(fresh));
  ASSERT_EQ(world.rows("VerificationToken").size(), 1u);
  auto kept = world.rows("DeprecatedVerificationToken");
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(text_of(kept[0], "token"), hash_of(old));
  EXPECT_EQ(text_of(kept[0], "active_token_id"), hash_of(fresh));
  EXPECT_EQ(text_of(kept[0], "revoke_at"), "2026-05-02T11:20:30.454000Z");
  ASSERT_EQ(world.last.touched.size(), 2u);
  const auto third = text(world.post("/key/" + fresh + "/regenerate", "{}"), "key");
  kept = world.rows("DeprecatedVerificationToken");
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(text_of(kept[0], "active_token_id"), hash_of(third));
  world.post("/key/regenerate", with_key(third, R"("new_key":"sk-chosen-by-me")"));
  EXPECT_EQ(text_of(world.rows("VerificationToken")[0], "token"), hash_of("sk-chosen-by-me"));
}

TEST(KeyRegenerate, errors) {
  World world;
  const auto key = new_one(world);
  EXPECT_NE(world.refusal("/key/sk-nobody/regenerate", "{}", 404).find(" not found."), std::string::npos);
  world.refusal("/key/regenerate", with_key(key, R"("grace_period":"soon")"), 400);
  world.refusal("/key/regenerate", with_key(key, R"("new_key":"short")"), 400);
  world.refusal("/key/regenerate", with_key(key, R"("new_key":")" + key + "\""), 400);
  world.refusal("/key/regenerate", with_key(key, R"("new_master_key":"sk-x")"), 400);
  world.post("/key/regenerate", "{}", 422);
  EXPECT_EQ(text_of(world.rows("VerificationToken")[0], "token"), hash_of(key));
}

TEST(KeyResetSpend, within_what_was_spent) {
  World world;
  const auto key = new_one(world, R"({"spend":10})");
  const auto path = "/key/" + key + "/reset_spend";
  EXPECT_EQ(world.refusal(path, R"({"reset_to":11})", 400),
            "{'error': 'reset_to must be <= current spend (10.0)'}");
  world.refusal(path, R"({"reset_to":-1})", 400);
  world.post(path, "{}", 422);
  world.refusal("/key/sk-nobody/reset_spend", R"({"reset_to":0})", 404);
  EXPECT_EQ(to_json(*world.post(path, R"({"reset_to":2.5})").find("spend")), "2.5");
  EXPECT_TRUE(world.last.touched.at(0).spend_set);
}

TEST(KeyInfo, shows_the_row) {
  World world;
  const auto key = new_one(world, R"({"soft_budget":1})");
  const auto answer = world.get("/key/info?key=" + key);
  EXPECT_EQ(text(answer, "key"), key);
  EXPECT_EQ(text(*answer.find("info"), "token"), hash_of(key));
  EXPECT_TRUE(answer.find("info")->find("litellm_budget_table")->as_map());
  world.get("/key/info?key=" + hash_of(key));
  EXPECT_EQ(world.refusal("/key/info?key=sk-nobody", "", 404, "GET"), "Key not found in database");
  const auto both = world.post("/v2/key/info", R"({"keys":[")" + key + R"(","sk-nobody"]})");
  EXPECT_EQ(both.find("info")->as_list()->size(), 1u);
  world.post("/v2/key/info", R"({"keys":"x"})", 422);
}

TEST(KeyList, pages_filters_and_order) {
  World world;
  for (auto* body :
       {R"({"key_alias":"a","user_id":"u","spend":3})", R"({"key_alias":"b","user_id":"u","spend":1})",
        R"({"key_alias":"c","access_group_ids":["g"]})"}) {
    world.now += std::chrono::seconds(1);
    new_one(world, body);
  }
  world.insert("VerificationToken", R"({"token":"ui","team_id":"litellm-dashboard"})");
  const auto first = world.get("/key/list?size=2&return_full_object=true");
  EXPECT_EQ(to_json(*first.find("total_count")), "3");
  EXPECT_EQ(to_json(*first.find("total_pages")), "2");
  EXPECT_EQ(text(first.find("keys")->as_list()->at(0), "key_alias"), "c");
  EXPECT_EQ(world.get("/key/list?size=2&page=2").find("keys")->as_list()->size(), 1u);
  EXPECT_TRUE(world.get("/key/list?page=9").find("keys")->as_list()->empty());
  const auto sorted_keys = world.get("/key/list?user_id=u&sort_by=spend&sort_order=asc&expand=user");
  EXPECT_EQ(text(sorted_keys.find("keys")->as_list()->at(0), "key_alias"), "b");
  EXPECT_EQ(to_json(*world.get("/key/list?access_group_id=g").find("total_count")), "1");
  EXPECT_EQ(to_json(*world.get("/key/list?key_alias=a").find("total_count")), "1");
  world.get("/key/list?size=1000", 422);
  world.get("/key/list?page=x", 422);
  world.refusal("/key/list?sort_by=token;drop", "", 400, "GET");
  expect_json(world.get("/key/aliases?search=B"),
              R"({"aliases":["b"],"total_count":1,"current_page":1,"total_pages":1,"size":50})");
}

TEST(KeyHealth, of_the_caller) {
  World world;
  expect_json(world.post("/key/health", ""), R"({"key":"healthy","logging_callbacks":null})");
}

TEST(KeyAudit, rows_without_secrets) {
  World world;
  world.plane.store_audit_logs = true;
  world.changed_by = "somebody";
  const auto key = new_one(world);
  world.post("/key/block", with_key(key));
  const auto rows = world.rows("AuditLog");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(text_of(rows[0], "table_name"), "LiteLLM_VerificationToken");
  EXPECT_EQ(text_of(rows[0], "changed_by"), "somebody");
  for (auto& row : rows) {
    EXPECT_EQ(to_json(Value(row)).find(key), std::string::npos);
    EXPECT_EQ(to_json(at(row, "updated_values")).find(hash_of(key)), std::string::npos);
  }
}

} // namespace
