// /config/*: what is stored, what is refused, what the loader gets.
#include "../touched.hpp"
#include "../world.hpp"

#include <switchyard/db_models.hpp>

namespace switchyard::management {
namespace {

struct StoredConfig : testing::Test {
  StoredConfig() {
    world.plane.store_model_in_db = true;
    world.config.document = json(R"({"general_settings":{"max_parallel_requests":3,"alerting":["webhook"]},
      "litellm_settings":{"success_callback":["langfuse"]},"router_settings":{"num_retries":1},
      "environment_variables":{"LANGFUSE_SECRET_KEY":"sk-lf-0123456789"}})");
  }
  ValueMap loaded() {
    auto config = load_config(world.session(), Secret("sk-master"));
    EXPECT_TRUE(config);
    return config ? config->sections : ValueMap();
  }
  World world;
};

TEST_F(StoredConfig, UpdateMergesSectionsAndEncryptsVariables) {
  expect_json(world.post("/config/update",
                         R"({"general_settings":{"alert_to_webhook_url":{"budget_alerts":"http://x"}},
    "litellm_settings":{"success_callback":["s3"],"drop_params":true},"router_settings":{"num_retries":2},
    "environment_variables":{"OPENAI_API_KEY":"sk-1"}})"),
              R"({"message":"Config updated successfully"})");
  EXPECT_EQ(touched_by(world.last), "config:general_settings config:litellm_settings config:router_settings "
                                    "config:environment_variables");
  for (const auto& row : world.rows("Config"))
    EXPECT_EQ(to_json(at(row, "param_value")).find("sk-1"), std::string::npos);
  expect_json(Value(loaded()), R"({"environment_variables":{"OPENAI_API_KEY":"sk-1"},
    "general_settings":{"alert_to_webhook_url":{"budget_alerts":"http://x"},"alerting":["webhook","slack"]},
    "litellm_settings":{"success_callback":["langfuse","s3"],"drop_params":true},"router_settings":{"num_retries":2}})");
  world.post("/config/update", R"({"litellm_settings":{"drop_params":null}})");
  const ValueMap sections = loaded();
  EXPECT_EQ(to_json(at(sections, "litellm_settings")), R"({"success_callback":["langfuse","s3"]})");
}

TEST_F(StoredConfig, LaidOverADocument) {
  world.post("/config/update",
             R"({"router_settings":{"num_retries":2},"litellm_settings":{"drop_params":true}})");
  world.post("/credentials", R"({"credential_name":"c","credential_values":{"api_key":"k"}})");
  world.post("/model/new", R"({"model_name":"n","litellm_params":{"model":"m"},"model_info":{"id":"i"}})");
  Value document = world.config.document;
  const Secret key("sk-master");
  lay_over(document, *load_models(world.session(), key), *load_config(world.session(), key));
  EXPECT_EQ(to_json(*document.find("router_settings")), R"({"num_retries":2})");
  EXPECT_EQ(to_json(*document.find("litellm_settings")),
            R"({"success_callback":["langfuse"],"drop_params":true})");
  EXPECT_EQ(document.find("model_list")->as_list()->size(), 1u);
  EXPECT_EQ(text_at((*document.find("credential_list")->as_list())[0], "credential_name"), "c");
}

TEST_F(StoredConfig, RefusedUpdatesNameTheirField) {
  world.live.check_config = [](const ValueMap& sections) {
    std::vector<std::string> problems;
    for (const auto& [name, value] : *sections[0].second.as_map())
      if (name == "num_retires")
        problems.push_back(sections[0].first + ".num_retires: unknown; did you mean num_retries?");
    return problems;
  };
  const struct {
    const char* body;
    int status;
    const char* part;
  } k_cases[] = {
      {R"({"model_list":[]})", 400, "model_list"},
      {R"({"generl_settings":{}})", 400, "generl_settings"},
      {R"({"router_settings":[]})", 422, "router_settings"},
      {R"({"router_settings":{"num_retires":1}})", 400, "did you mean num_retries?"},
      {R"({"general_settings":{"master_key":"x"}})", 400, "general_settings.master_key cannot be stored"},
      {R"({"general_settings":{"database_url":"x"}})", 400, "database_url"},
      {R"({"environment_variables":{"A B":"x"}})", 400, "is not a variable's name"},
      {R"({"environment_variables":{"A":5}})", 400, "environment_variables.A"},
  };
  for (const auto& one : k_cases) {
    const Reply reply = world.run("POST", "/config/update", one.body);
    EXPECT_EQ(reply.status, one.status) << one.body << reply.body;
    EXPECT_NE(reply.body.find(one.part), std::string::npos) << reply.body;
  }
  EXPECT_TRUE(world.rows("Config").empty());
  world.as_user("u");
  expect_json(
      world.post("/config/update", "{}", 400),
      R"({"detail":{"error":"Admin-only endpoint. Not allowed to access this., your role=internal_user"}})");
  world.as_master();
  world.plane.store_model_in_db = false;
  world.post("/config/update", "{}", 500);
}

TEST_F(StoredConfig, Fields) {
  expect_json(
      world.post(
          "/config/field/update",
          R"({"field_name":"max_parallel_requests","field_value":7,"config_type":"general_settings"})"),
      R"({"param_name":"general_settings","param_value":{"max_parallel_requests":7}})");
  expect_json(world.get("/config/field/info?field_name=max_parallel_requests"),
              R"({"field_name":"max_parallel_requests","field_value":7})");
  const auto list = world.get("/config/list?config_type=general_settings");
  expect_json((*list.as_list())[0], R"({"field_name":"max_parallel_requests","field_type":"Integer",
    "field_description":"maximum parallel requests for each api key","field_value":7,"stored_in_db":true,
    "field_default_value":null,"premium_field":false,"nested_fields":null})");
  EXPECT_TRUE((*list.as_list())[1].find("stored_in_db")->is_null());
  expect_json(world.post("/config/field/delete",
                         R"({"field_name":"max_parallel_requests","config_type":"general_settings"})"),
              R"({"param_name":"general_settings","param_value":{}})");
  EXPECT_EQ(
      to_json(*(*world.get("/config/list?config_type=general_settings").as_list())[0].find("stored_in_db")),
      "false");
}

TEST_F(StoredConfig, FieldErrors) {
  const auto detail_of = [&](const char* path, const char* body) {
    return std::string(text_at(*world.post(path, body, 400).find("detail"), "error"));
  };
  EXPECT_EQ(detail_of("/config/field/update", R"({"field_name":"nope","field_value":1})"),
            "Invalid field=nope passed in.");
  EXPECT_EQ(detail_of("/config/field/update", R"({"field_name":"master_key","field_value":"x"})"),
            "Invalid field=master_key passed in.");
  EXPECT_EQ(detail_of("/config/field/update", R"({"field_name":"max_parallel_requests","field_value":"a"})"),
            "Invalid type of field value=<class 'str'> passed in.");
  EXPECT_EQ(detail_of("/config/field/delete", R"({"field_name":"max_parallel_requests"})"),
            "Field name=max_parallel_requests not in config");
  world.get("/config/field/info?field_name=max_parallel_requests", 400);
  world.get("/config/field/info", 422);
  world.get("/config/list?config_type=x", 422);
  world.post("/config/field/update", R"({"field_name":"max_parallel_requests"})", 422);
  world.as_user("u");
  world.post("/config/field/update", R"({"field_name":"max_parallel_requests","field_value":1})", 400);
  world.get("/config/list?config_type=general_settings", 400);
  world.as_user("v", "proxy_admin_viewer");
  world.get("/config/list?config_type=general_settings");
}

TEST_F(StoredConfig, CallbacksAreShownMasked) {
  world.post(
      "/config/update",
      R"({"environment_variables":{"LANGFUSE_HOST":"https://lf","LANGFUSE_PUBLIC_KEY":"pk-lf-0123456789"},
    "general_settings":{"alerting":["slack"]}})");
  const auto reply = world.get("/get/config/callbacks");
  expect_json((*reply.find("callbacks")->as_list())[0], R"({"name":"langfuse","type":"success","variables":
    {"LANGFUSE_PUBLIC_KEY":"pk-l****6789","LANGFUSE_SECRET_KEY":"sk-l****6789","LANGFUSE_HOST":"https://lf"}})");
  EXPECT_EQ(text_at((*reply.find("alerts")->as_list())[0], "name"), "slack");
  EXPECT_EQ(to_json(*reply.find("router_settings")), R"({"num_retries":1})");
  EXPECT_EQ(world.last.body.find("sk-lf-0"), std::string::npos);
  expect_json(
      world.post("/config/callback/delete", R"({"callback_name":"langfuse"})"),
      R"({"message":"Successfully deleted callback: langfuse","removed_callback":"langfuse","remaining_callbacks":[],
        "deleted_at":"2026-05-02T10:20:30.454000Z"})");
  world.post("/config/callback/delete", R"({"callback_name":"langfuse"})", 404);
  EXPECT_TRUE(world.get("/get/config/callbacks").find("callbacks")->as_list()->empty());
  world.as_user("u");
  world.get("/get/config/callbacks", 400);
}

TEST_F(StoredConfig, Yaml) { expect_json(world.get("/config/yaml"), R"({"hello":"world"})"); }

} // namespace
} // namespace switchyard::management
