// /model/new, update, delete and what the loader reads back.
#include "../touched.hpp"
#include "../world.hpp"

#include <switchyard/at_rest.hpp>
#include <switchyard/db_models.hpp>

namespace switchyard::management {
namespace {

struct DbModelsTest : testing::Test {
  DbModelsTest() {
    world.plane.store_model_in_db = true;
    world.insert(
        "TeamTable",
        R"({"team_id":"t","models":["x"],"members_with_roles":[{"user_id":"boss","role":"admin"}]})");
  }
  DbModels load() {
    auto loaded = load_models(world.session(), Secret("sk-master"));
    EXPECT_TRUE(loaded);
    return loaded ? *loaded : DbModels();
  }
  std::vector<std::string> team_models() { return list_in(world.rows("TeamTable")[0], "models"); }
  World world;
};

constexpr std::string_view k_new =
    R"({"model_name":"gpt","litellm_params":{"model":"openai/gpt-4o","api_key":"sk-secret-value",
  "rpm":5},"model_info":{"id":"m1","mode":"chat"}})";

TEST_F(DbModelsTest, NewIsEncryptedAndReadBackInPlain) {
  const auto row = world.post("/model/new", k_new);
  EXPECT_EQ(text_at(row, "model_id"), "m1");
  EXPECT_EQ(to_json(*row.find("model_info")), R"({"id":"m1","mode":"chat","db_model":true})");
  EXPECT_EQ(to_json(*row.find("litellm_params")->find("rpm")), "5");
  EXPECT_EQ(world.last.body.find("sk-secret"), std::string::npos);
  EXPECT_EQ(world.last.body.find("gpt-4o"), std::string::npos) << "every string is encrypted";
  EXPECT_EQ(touched_by(world.last), "model:m1");
  const auto loaded = load();
  ASSERT_EQ(loaded.model_list.size(), 1u);
  expect_json(loaded.model_list[0], R"({"model_name":"gpt","litellm_params":{"model":"openai/gpt-4o",
    "api_key":"sk-secret-value","rpm":5},"model_info":{"id":"m1","mode":"chat","db_model":true}})");
  EXPECT_TRUE(loaded.warnings.empty());
}

TEST_F(DbModelsTest, TheSaltKeyAndTheFormatAreTheConfiguredOnes) {
  world.plane.salt_key = Secret("salt");
  world.plane.encryption_algorithm = "aes-256-gcm";
  world.post("/model/new", k_new);
  const auto params = object_in(world.rows("ProxyModelTable")[0], "litellm_params");
  EXPECT_TRUE(text_of(params, "api_key").starts_with("v3:gcm:"));
  EXPECT_EQ(*at_rest::decrypt(text_of(params, "api_key"), Secret("salt")), "sk-secret-value");
  const auto wrong = load(); // with the master key
  EXPECT_EQ(wrong.warnings.size(), 2u);
  EXPECT_NE(wrong.warnings[0].find("Unable to decrypt value=model of model gpt (m1)"), std::string::npos);
  EXPECT_EQ(to_json(*wrong.model_list[0].find("litellm_params")), R"({"rpm":5})");
}

TEST_F(DbModelsTest, BlockedRowsAndForeignRows) {
  world.post("/model/new", k_new);
  world.answer("PATCH", "/model/m1/update", R"({"blocked":true})");
  EXPECT_TRUE(load().model_list.empty());
  world.insert(
      "ProxyModelTable",
      R"({"model_id":"p","model_name":"plain","litellm_params":{"model":"gpt-4"},"model_info":null,"created_by":"a","updated_by":"a"})");
  const auto loaded = load();
  ASSERT_EQ(loaded.model_list.size(), 1u);
  EXPECT_EQ(to_json(*loaded.model_list[0].find("litellm_params")), R"({"model":"gpt-4"})")
      << "written in plain by hand";
}

TEST_F(DbModelsTest, PatchAndUpdateMerge) {
  world.post("/model/new", k_new);
  world.answer("PATCH", "/model/m1/update",
               R"({"model_name":"new","litellm_params":{"rpm":7},"model_info":{"mode":null,"id":"no"}})");
  world.post("/model/update",
             R"({"litellm_params":{"api_base":"http://x"},"model_info":{"id":"m1","note":"n"}})");
  expect_json(load().model_list[0], R"({"model_name":"new","litellm_params":{"model":"openai/gpt-4o",
    "api_key":"sk-secret-value","rpm":7,"api_base":"http://x"},"model_info":{"id":"m1","mode":"chat","db_model":true,"note":"n"}})");
  expect_json(world.post("/model/delete", R"({"id":"m1"})"),
              R"({"message":"Model: m1 deleted successfully"})");
  EXPECT_TRUE(load().model_list.empty());
}

TEST_F(DbModelsTest, ATeamsModelHasANameOfItsOwn) {
  world.as_user("boss");
  const auto row = world.post(
      "/model/new", R"({"model_name":"mine","litellm_params":{"model":"m"},"model_info":{"team_id":"t"}})");
  const std::string id(text_at(row, "model_id"));
  EXPECT_TRUE(text_at(row, "model_name").starts_with("model_name_t_"));
  EXPECT_EQ(text_at(*row.find("model_info"), "team_public_model_name"), "mine");
  EXPECT_EQ(team_models(), (std::vector<std::string>{"x", "mine"}));
  EXPECT_EQ(touched_by(world.last), "team:t model:" + id);
  world.answer("PATCH", "/model/" + id + "/update", R"({"model_name":"ours"})");
  EXPECT_EQ(team_models(), (std::vector<std::string>{"x", "ours"}));
  world.answer("PATCH", "/model/" + id + "/update", R"({"blocked":true})", 403);
  world.post("/model/delete", R"({"id":")" + id + R"("})");
  EXPECT_EQ(team_models(), std::vector<std::string>{"x"});
}

TEST_F(DbModelsTest, ATeamThatMayUseEverythingStaysSo) {
  world.insert("TeamTable", R"({"team_id":"all","models":[]})");
  world.post("/model/new",
             R"({"model_name":"n","litellm_params":{"model":"m"},"model_info":{"team_id":"all"}})");
  EXPECT_EQ(list_in(world.rows("TeamTable", {{"team_id", "=", text_value("all")}})[0], "models"),
            (std::vector<std::string>{"all-proxy-models", "n"}));
}

TEST_F(DbModelsTest, WhoMayNot) {
  world.post("/model/new", k_new);
  world.as_user("boss");
  EXPECT_NE(world.refusal("/model/new", k_new, 403)
                .find("User does not have permission to make this model call. Your role=internal_user"),
            std::string::npos);
  world.post("/model/delete", R"({"id":"m1"})", 403);
  world.answer("PATCH", "/model/m1/update", R"({"model_info":{"team_id":"t"}})", 403);
  for (const char* param : {R"("api_key":"os.environ/OPENAI_API_KEY")", R"("litellm_credential_name":"c")",
                            R"("headers":{"a":"os.environ/X"})"})
    world.post("/model/new",
               std::string(R"({"model_name":"n","litellm_params":{"model":"m",)") + param +
                   R"(},"model_info":{"team_id":"t"}})",
               403);
  world.as_user("stranger");
  EXPECT_NE(world
                .refusal("/model/new",
                         R"({"model_name":"n","litellm_params":{"model":"m"},"model_info":{"team_id":"t"}})",
                         403)
                .find("Team ID=t does not match the API key's team ID=None"),
            std::string::npos);
}

TEST_F(DbModelsTest, Errors) {
  ModelRow configured;
  configured.id = "c1";
  world.config.models.push_back(configured);
  world.post("/model/new", k_new);
  world.post("/model/new", k_new, 400);
  world.post("/model/new", R"({"model_name":"n","litellm_params":{}})", 422);
  world.post("/model/new", R"({"model_name":"n","litellm_params":{"model":5}})", 422);
  world.post("/model/new", R"({"litellm_params":{"model":"m"}})", 422);
  world.post("/model/new", R"({"model_name":"n","litellm_params":"m"})", 422);
  EXPECT_EQ(world.refusal(
                "/model/new",
                R"({"model_name":"n","litellm_params":{"model":"m"},"model_info":{"team_id":"none"}})", 400),
            "{'error': 'Team id=none does not exist in db'}");
  EXPECT_EQ(world.refusal(
                "/model/new",
                R"({"model_name":"n","litellm_params":{"model":"m","litellm_credential_name":"no"}})", 400),
            "Credential 'no' not found. Create it via /credentials before attaching it to a model.");
  EXPECT_EQ(world.refusal("/model/delete", R"({"id":"none"})", 400),
            "{'error': 'Model with id=none not found in db'}");
  EXPECT_EQ(world.refusal("/model/update", R"({"litellm_params":{}})", 400),
            "Authentication Error, model_info not provided");
  EXPECT_EQ(world.refusal("/model/update", R"({"litellm_params":{},"model_info":{"id":"none"}})", 400),
            "Authentication Error, model not found");
  EXPECT_NE(world.refusal("/model/update", R"({"litellm_params":{},"model_info":{"id":"c1"}})", 400)
                .find("Model in config"),
            std::string::npos);
  EXPECT_EQ(world.refusal("/model/none/update", "{}", 404, "PATCH"), "Model none not found on proxy.");
  EXPECT_NE(world.refusal("/model/c1/update", "{}", 400, "PATCH").find("Cannot edit config-based model"),
            std::string::npos);
  world.plane.store_model_in_db = false;
  EXPECT_EQ(world.refusal("/model/new", k_new, 500),
            "{'error': \"Set `'STORE_MODEL_IN_DB='True'` in your env to enable this feature.\"}");
  world.answer("PATCH", "/model/m1/update", "{}", 400);
  world.post("/model/delete", R"({"id":"m1"})", 500);
}

TEST_F(DbModelsTest, WithoutAnyKeyNothingIsStored) {
  world.config.general.master_key = Secret();
  EXPECT_NE(world.refusal("/model/new", k_new, 500).find("LITELLM_SALT_KEY"), std::string::npos);
  EXPECT_TRUE(world.rows("ProxyModelTable").empty());
}

} // namespace
} // namespace switchyard::management
