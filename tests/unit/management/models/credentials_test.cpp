// /credentials: encrypted in rows, masked in answers, read back by the loader.
#include "../touched.hpp"
#include "../world.hpp"

#include <switchyard/at_rest.hpp>
#include <switchyard/db_models.hpp>

namespace switchyard::management {
namespace {

struct Credentials : testing::Test {
  Value stored_values() {
    auto loaded = load_models(world.session(), Secret("sk-master"));
    return loaded && !loaded->credential_list.empty() ? *loaded->credential_list[0].find("credential_values")
                                                      : Value();
  }
  World world;
};

constexpr std::string_view k_new =
    R"({"credential_name":"c","credential_values":{"api_key":"sk-0123456789abcdef","api_base":"short"},
  "credential_info":{"custom_llm_provider":"openai"}})";

TEST_F(Credentials, LifeOfOne) {
  expect_json(world.post("/credentials", k_new),
              R"({"success":true,"message":"Credential created successfully"})");
  EXPECT_EQ(touched_by(world.last), "config:c");
  expect_json(world.get("/credentials"), R"({"success":true,"credentials":[{"credential_name":"c",
    "credential_values":{"api_key":"sk-0****cdef","api_base":"****"},"credential_info":{"custom_llm_provider":"openai"}}]})");
  expect_json(world.get("/credentials/by_name/c"), R"({"credential_name":"c",
    "credential_values":{"api_key":"sk-0****cdef","api_base":"****"},"credential_info":{"custom_llm_provider":"openai"}})");
  world.answer("PATCH", "/credentials/c",
               R"({"credential_values":{"api_base":"http://b"},"credential_info":{"d":1}})");
  EXPECT_EQ(to_json(stored_values()), R"({"api_key":"sk-0123456789abcdef","api_base":"http://b"})");
  world.answer("PATCH", "/credentials/c", R"({"credential_name":"d"})");
  world.get("/credentials/by_name/c", 404);
  expect_json(world.answer("DELETE", "/credentials/d"),
              R"({"success":true,"message":"Credential deleted successfully"})");
  world.answer("DELETE", "/credentials/d", "", 404);
}

TEST_F(Credentials, FromAModel) {
  ModelRow row;
  row.id = "m", row.model_name = "gpt";
  row.params.raw = {{"model", text_value("x")}, {"api_key", text_value("sk-0123456789abcdef")}};
  world.config.models.push_back(row);
  expect_json(
      world.get("/credentials/by_model/m"),
      R"({"credential_name":"gpt-credential-m","credential_values":{"api_key":"sk-0****cdef"},"credential_info":{}})");
  world.post("/credentials", R"({"credential_name":"c","model_id":"m"})");
  EXPECT_EQ(to_json(stored_values()), R"({"api_key":"sk-0123456789abcdef"})");
  world.post("/credentials", R"({"credential_name":"d","model_id":"none"})", 404);
  world.get("/credentials/by_model/none", 404);
}

TEST_F(Credentials, MigrationRewritesEveryValue) {
  world.plane.store_model_in_db = true;
  world.post("/credentials", k_new);
  world.post("/model/new", R"({"model_name":"n","litellm_params":{"model":"m"}})");
  world.post("/config/update", R"({"environment_variables":{"A":"b"}})");
  world.plane.encryption_algorithm = "aes-256-gcm";
  const auto reply = world.post("/credentials/migrate-encryption", "");
  EXPECT_EQ(to_json(*reply.find("migrated")), R"({"ProxyModelTable":1,"CredentialsTable":1,"Config":1})");
  const auto values = object_in(world.rows("CredentialsTable")[0], "credential_values");
  EXPECT_TRUE(text_of(values, "api_key").starts_with("v3:gcm:"));
  EXPECT_EQ(to_json(*stored_values().find("api_key")), R"("sk-0123456789abcdef")");
}

TEST_F(Credentials, ErrorsAndRights) {
  world.post("/credentials", k_new);
  world.post("/credentials", k_new, 400);
  world.post("/credentials", R"({"credential_name":"x"})", 400);
  world.post("/credentials", R"({"credential_values":{}})", 422);
  world.post("/credentials", R"({"credential_name":"x","credential_values":"sk"})", 422);
  world.answer("PATCH", "/credentials/none", "{}", 404);
  for (const char* role : {"internal_user", "proxy_admin_viewer"}) {
    world.as_user("u", role);
    world.get("/credentials", 403);
    world.post("/credentials", k_new, 403);
    world.get("/credentials/by_name/c", 403);
    world.answer("DELETE", "/credentials/c", "", 403);
    world.post("/credentials/migrate-encryption", "", 403);
  }
  EXPECT_EQ(world.rows("CredentialsTable").size(), 1u);
}

} // namespace
} // namespace switchyard::management
