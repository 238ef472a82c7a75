// /key/generate: answers, seeds, defaults, bounds, refusals.
#include "../world.hpp"
#include "management/secrets.hpp"

using namespace switchyard;
using namespace switchyard::management;

namespace {

std::string text(const Value& value, std::string_view name) { return std::string(text_at(value, name)); }

TEST(KeyGenerate, answers_in_litellms_shape) {
  World world;
  const auto answer = world.post("/key/generate", R"({"models": ["gpt-4"], "duration": "20m", "tags": ["t"],
      "max_budget": 2.5, "budget_duration": "1d", "rpm_limit": "7"})");
  expect_json(answer, R"({"key":"KEY","key_alias":null,"models":["gpt-4"],"spend":0,"max_budget":2.5,
    "budget_duration":"1d","budget_id":null,"budget_limits":null,"user_id":null,"team_id":null,"agent_id":null,
    "organization_id":null,"project_id":null,"max_parallel_requests":null,"tpm_limit":null,"rpm_limit":7,
    "model_max_budget":{},"allowed_cache_controls":[],"config":{},"permissions":{},"blocked":null,"aliases":{},
    "allowed_routes":[],"router_settings":{},"access_group_ids":[],"auto_rotate":false,"rotation_interval":null,
    "metadata":{"tags":["t"]},"model_rpm_limit":null,"model_tpm_limit":null,"rpm_limit_type":null,
    "tpm_limit_type":null,"enforced_params":null,"tags":["t"],"guardrails":null,"policies":null,"prompts":null,
    "logging":null,"budget_fallbacks":null,"allowed_passthrough_routes":null,
    "allowed_vector_store_indexes":null,"secret_manager_settings":null,"team_member_key_duration":null,
    "enforced_batch_output_expires_after":null,"enforced_file_expires_after":null,"duration":"20m",
    "soft_budget":null,"object_permission":null,"key_type":"default","send_invite_email":null,
    "key_name":"SHOWN","expires":"2026-05-02T10:40:30.454000Z","token":"HASH","token_id":"HASH",
    "litellm_budget_table":null,"created_by":"default_user_id","updated_by":"default_user_id",
    "created_at":"2026-05-02T10:20:30.454000Z","updated_at":"2026-05-02T10:20:30.454000Z",
    "budget_reset_at":"2026-05-03T00:00:00.000000Z"})");
  const std::string key = text(answer, "key");
  ASSERT_EQ(key.size(), 25u);
  EXPECT_EQ(text(answer, "token"), hash_of(key));
  EXPECT_EQ(text(answer, "key_name"), "sk-..." + key.substr(21));
  ASSERT_EQ(world.last.touched.size(), 1u);
  EXPECT_EQ(world.last.touched[0].id, hash_of(key));
  for (auto& row : world.rows("VerificationToken"))
    EXPECT_EQ(to_json(Value(row)).find(key), std::string::npos);
}

TEST(KeyGenerate, seeds_word_for_word) {
  World world;
  world.post("/key/generate", R"({"models": ["gpt-3.5-turbo", "gpt-4", "claude-2"], "duration": "20m"})");
  const auto aliased = world.post("/key/generate", R"({
"models": ["my-free-tier"],
"aliases": {"gpt-3.5-turbo": "my-free-tier"},
"duration": "30min"
})");
  EXPECT_EQ(to_json(*aliased.find("aliases")), R"({"gpt-3.5-turbo":"my-free-tier"})");
  EXPECT_EQ(text(aliased, "expires"), "2026-05-02T10:50:30.454000Z");
  const auto tagged = world.post("/key/generate", R"({
"metadata": {
"tags": ["tag1", "tag2", "tag3"]
}
}
)");
  EXPECT_EQ(to_json(*tagged.find("metadata")), R"({"tags":["tag1","tag2","tag3"]})");
  const auto spend =
      world.post("/key/generate", R"({"metadata": {"spend_logs_metadata": {"hello": "world"}}})");
  EXPECT_EQ(to_json(*spend.find("metadata")), R"({"spend_logs_metadata":{"hello":"world"}})");
  const auto enforced = world.post("/key/generate", R"({
"enforced_params": ["user", "metadata.generation_name"]
})");
  EXPECT_EQ(to_json(*enforced.find("metadata")),
            R"({"enforced_params":["user","metadata.generation_name"]})");
  world.post("/key/generate", R"({
"models": ["fake-openai-endpoint"],
})");
  const auto guarded = world.post("/key/generate", R"({
"permissions": {"hide_secrets": false}
})");
  EXPECT_EQ(to_json(*guarded.find("permissions")), R"({"hide_secrets":false})");
  world.post("/key/generate", "{}");
  world.post("/key/generate", R"({"user_role": "internal_user"})");
}

TEST(KeyGenerate, names_every_wrong_field) {
  World world;
  const auto answer =
      world.post("/key/generate", R"({"models": "gpt-4", "rpm_limit": 1.5, "max_budget": "much",
      "tpm_limit": 1e30, "max_parallel_requests": 3000000000, "blocked": "perhaps", "metadata": [],
      "tags": [1], "key_alias": 7})",
                 422);
  std::string places;
  for (auto& problem : *answer.find("detail")->as_list()) places += to_json(*problem.find("loc"));
  for (auto* name : {"models", "rpm_limit", "max_budget", "tpm_limit", "max_parallel_requests", "blocked",
                     "metadata", "key_alias"})
    EXPECT_NE(places.find("[\"body\",\"" + std::string(name) + "\"]"), std::string::npos) << name;
  EXPECT_NE(places.find(R"(["body","tags",0])"), std::string::npos);
  EXPECT_TRUE(world.rows("VerificationToken").empty());
  world.post("/key/generate", "[1]", 422);
  world.post("/key/generate", "{\"a\":", 422);
  world.post("/key/generate", R"({"key_alias":"a\u0000b"})", 422);
}

TEST(KeyGenerate, refuses_bad_values) {
  World world;
  const auto refused = [&](std::string_view body) { return world.refusal("/key/generate", body, 400); };
  EXPECT_EQ(refused(R"({"max_budget": -5})"), "{'error': 'max_budget cannot be negative. Received: -5.0'}");
  EXPECT_NE(refused(R"({"duration": "soon"})").find("soon"), std::string::npos);
  EXPECT_NE(refused(R"({"budget_duration": "1y"})").find("1y"), std::string::npos);
  EXPECT_NE(refused(R"({"key": "my-own-secret"})").find("must start with 'sk-'"), std::string::npos);
  EXPECT_EQ(world.last.body.find("my-own-secret"), std::string::npos);
  refused(R"({"key": "sk-master"})");
  refused(R"({"key": "sk-with space"})");
  EXPECT_EQ(refused(R"({"organization_id": "o"})"), "Organization not found for organization_id=o");
  EXPECT_EQ(refused(R"({"budget_id": "b"})"), "Budget not found for budget_id=b");
  refused(R"({"budget_limits": [{"budget_duration": "1d"}]})");
  refused(R"({"model_max_budget": {"gpt-4": {"budget_limit": "x"}}})");
  refused(R"({"model_rpm_limit": {"gpt-4": -1}})");
  world.post("/key/generate", R"({"key_type": "root"})", 422);
  EXPECT_TRUE(world.rows("VerificationToken").empty());
}

TEST(KeyGenerate, aliases_and_values_are_unique) {
  World world;
  world.post("/key/generate", R"({"key_alias": "a", "key": "sk-my-own-key"})");
  EXPECT_EQ(world.refusal("/key/generate", R"({"key_alias": "a"})", 400),
            "Key with alias 'a' already exists. Unique key aliases across all keys are required.");
  EXPECT_EQ(text(*json(world.last.body).find("error"), "param"), "key_alias");
  world.refusal("/key/generate", R"({"key": "sk-my-own-key"})", 400);
  EXPECT_EQ(world.rows("VerificationToken").size(), 1u);
}

TEST(KeyGenerate, soft_budget_makes_a_budget_row) {
  World world;
  const auto answer = world.post("/key/generate", R"({"soft_budget": 3, "max_budget": ""})");
  EXPECT_EQ(to_json(*answer.find("soft_budget")), "3");
  EXPECT_TRUE(answer.find("max_budget")->is_null());
  const auto rows = world.rows("BudgetTable");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(text_of(rows[0], "budget_id"), text(answer, "budget_id"));
  EXPECT_TRUE(answer.find("litellm_budget_table")->as_map());
}

TEST(KeyGenerate, defaults_and_upper_bounds) {
  World world;
  world.plane.default_key_generate_params = json(R"({"models":["small"],"rpm_limit":5,"user_id":"u"})");
  world.plane.upperbound_key_generate_params = json(R"({"max_budget":100,"duration":"30d","rpm_limit":10})");
  const auto answer = world.post("/key/generate", R"({"rpm_limit": 6})");
  EXPECT_EQ(to_json(*answer.find("models")), R"(["small"])");
  EXPECT_EQ(text(answer, "user_id"), "u");
  EXPECT_EQ(to_json(*answer.find("rpm_limit")), "6");
  EXPECT_EQ(to_json(*answer.find("max_budget")), "100");
  EXPECT_EQ(text(answer, "duration"), "30d");
  EXPECT_EQ(world.refusal("/key/generate", R"({"max_budget": 200.0})", 400),
            "{'error': 'max_budget is over max limit set in config - user_value=200.0; max_value=100'}");
  EXPECT_EQ(world.refusal("/key/generate", R"({"duration": "31d"})", 400),
            "{'error': 'duration is over max limit set in config - user_value=31d; max_value=30d'}");
  world.refusal("/key/generate", R"({"duration": "-1"})", 400);
  const std::string key = text(answer, "key");
  world.refusal("/key/update", R"({"max_budget": 101, "key": ")" + key + "\"}", 400);
  const auto lifted = world.post("/key/update", R"({"max_budget": null, "key": ")" + key + "\"}");
  EXPECT_EQ(to_json(*lifted.find("max_budget")), "100");
}

TEST(KeyGenerate, generation_settings) {
  World world;
  world.insert("TeamTable", R"({"team_id":"t","members_with_roles":[{"role":"user","user_id":"u"},
      {"role":"admin","user_id":"boss"}],"team_member_permissions":["/key/generate"]})");
  world.plane.key_generation_settings = json(R"({"team_key_generation":
      {"allowed_team_member_roles":["admin"],"required_params":["tags"]},
      "personal_key_generation":{"allowed_user_roles":["proxy_admin"]}})");
  EXPECT_EQ(world.refusal("/key/generate", R"({"team_id":"gone"})", 400),
            "Unable to find team object in database. Team ID: gone");
  world.as_user("u");
  EXPECT_EQ(world.refusal("/key/generate", R"({"team_id":"t"})", 400),
            "Team member role user not in allowed_team_member_roles=['admin']");
  EXPECT_EQ(world.refusal("/key/generate", "{}", 400),
            "Personal key creation has been restricted by admin. Allowed roles=['proxy_admin']. Your "
            "role=internal_user");
  world.as_user("boss");
  EXPECT_EQ(world.refusal("/key/generate", R"({"team_id":"t"})", 400), "Required param tags not in data");
  world.post("/key/generate", R"({"team_id":"t","tags":["x"]})");
}

TEST(KeyGenerate, allocation_of_guaranteed_throughput) {
  World world;
  world.insert("TeamTable", R"({"team_id":"t","tpm_limit":100})");
  const char* most = R"({"team_id":"t","tpm_limit":60,"tpm_limit_type":"guaranteed_throughput"})";
  world.post("/key/generate", most);
  EXPECT_EQ(world.refusal("/key/generate", most, 400),
            "Allocated TPM limit=60 + Key TPM limit=60 is greater than team TPM limit=100");
  world.post("/key/generate", R"({"team_id":"t","tpm_limit":60})");
}

TEST(KeyGenerate, service_accounts_need_a_team) {
  World world;
  const auto* route = "/key/service-account/generate";
  world.refusal(route, "{}", 400);
  EXPECT_EQ(world.refusal(route, R"({"team_id":"t"})", 400), "Team not found for team_id=t");
  world.insert("TeamTable", R"({"team_id":"t"})");
  const auto answer = world.post(route, R"({"team_id":"t","key_alias":"robot","user_id":"u"})");
  EXPECT_TRUE(answer.find("user_id")->is_null());
  EXPECT_EQ(to_json(*answer.find("metadata")), R"({"service_account_id":"robot"})");
}

} // namespace
