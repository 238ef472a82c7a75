// Pages of settings: values with their schema, unknown members refused, allowed IPs.
#include "../touched.hpp"
#include "../world.hpp"

#include <switchyard/db_models.hpp>

namespace switchyard::management {
namespace {

struct Settings : testing::Test {
  Settings() { world.plane.store_model_in_db = true; }
  World world;
};

TEST_F(Settings, DefaultsOfUsersAndTeams) {
  world.config.document =
      json(R"({"litellm_settings":{"default_internal_user_params":{"user_role":"internal_user"}}})");
  EXPECT_EQ(text_at(*world.get("/get/internal_user_settings").find("values"), "user_role"), "internal_user");
  expect_json(world.answer("PATCH", "/update/internal_user_settings",
                           R"({"max_budget":3,"budget_duration":"30d","models":["a"]})"),
              R"({"message":"Internal user settings updated successfully","status":"success",
        "settings":{"max_budget":3,"budget_duration":"30d","models":["a"]}})");
  EXPECT_EQ(touched_by(world.last), "config:litellm_settings");
  const auto page = world.get("/get/internal_user_settings");
  EXPECT_TRUE(page.find("values")->find("user_role")->is_null()) << "the page is replaced as a whole";
  expect_json(
      *page.find("field_schema")->find("properties")->find("models"),
      R"({"description":"Default list of models that new users can access","type":"array","items":{"type":"string"}})");
  world.answer("PATCH", "/update/default_team_settings", R"({"tpm_limit":5})");
  EXPECT_EQ(to_json(*world.get("/get/default_team_settings").find("values")->find("tpm_limit")), "5");
  EXPECT_EQ(world.rows("Config").size(), 1u);
}

TEST_F(Settings, DiscountsAndMargins) {
  world.config.document = json(R"({"litellm_settings":{"cost_discount_config":{"openai":0.1}}})");
  expect_json(world.get("/config/cost_discount_config"), R"({"values":{"openai":0.1}})");
  expect_json(world.get("/config/cost_margin_config"), R"({"values":{}})");
  expect_json(world.answer("PATCH", "/config/cost_discount_config", R"({"vertex_ai":0.05})"),
              R"({"message":"Cost discount configuration updated successfully","status":"success",
                  "values":{"vertex_ai":0.05}})");
  EXPECT_EQ(touched_by(world.last), "config:litellm_settings");
  expect_json(world.get("/config/cost_discount_config"), R"({"values":{"vertex_ai":0.05}})");
  expect_json(world.answer("PATCH", "/config/cost_margin_config",
                           R"({"global":0.1,"openai":{"percentage":0.08,"fixed_amount":0.0005}})"),
              R"({"message":"Cost margin configuration updated successfully","status":"success",
                  "values":{"global":0.1,"openai":{"percentage":0.08,"fixed_amount":0.0005}}})");
  world.answer("PATCH", "/config/cost_discount_config", R"({"openai":1.5})", 400);
  EXPECT_NE(world.last.body.find("Discount for openai must be between 0 and 1 (0% to 100%)"),
            std::string::npos);
  for (auto* body : {R"({"openai":11})", R"({"openai":{}})", R"({"openai":"x"})",
                     R"({"openai":{"percentage":-1}})", R"({"openai":{"fixed_amount":-1}})"})
    world.answer("PATCH", "/config/cost_margin_config", body, 400);
  world.as_user("u");
  world.answer("PATCH", "/config/cost_margin_config", "{}", 403);
  world.get("/config/cost_margin_config", 403);
}

TEST_F(Settings, RoutesThatArePassedOn) {
  world.config.document = json(R"({"general_settings":{"pass_through_endpoints":[
      {"path":"/file","target":"https://a/"},{"path":"/both","target":"https://b/"}]}})");
  const auto made = world.post("/config/pass_through_endpoint",
                               R"({"path":"/both","target":"https://c/","headers":{"Authorization":"x"}})");
  EXPECT_EQ(touched_by(world.last), "config:general_settings");
  const std::string id(text_at((*made.find("endpoints")->as_list())[0], "id"));
  EXPECT_EQ(id.size(), 36u);
  expect_json(made, R"({"endpoints":[{"id":")" + id + R"(","path":"/both","target":"https://c/",
      "headers":{"Authorization":"x"},"default_query_params":{},"include_subpath":false,"cost_per_request":0,
      "timeout":null,"auth":true,"guardrails":null,"methods":null,"is_from_config":false}]})");
  const auto paths = [&] {
    std::string out;
    const auto answer = world.get("/config/pass_through_endpoint");
    for (auto& one : *answer.find("endpoints")->as_list())
      out += std::string(text_at(one, "path")) + "=" + std::string(text_at(one, "target")) + " ";
    return out;
  };
  EXPECT_EQ(paths(), "/file=https://a/ /both=https://c/ ");
  Value document = world.config.document;
  lay_over(document, {}, *load_config(world.session(), Secret("k")));
  EXPECT_EQ(document.find("general_settings")->find("pass_through_endpoints")->as_list()->size(), 2u)
      << "the file's go on";
  world.post("/config/pass_through_endpoint/" + id, R"({"target":"https://d/"})");
  EXPECT_EQ(paths(), "/file=https://a/ /both=https://d/ ");
  world.post("/config/pass_through_endpoint/none", R"({"target":"https://d/"})", 404);
  world.post("/config/pass_through_endpoint", R"({"path":"/x"})", 422);
  world.answer("DELETE", "/config/pass_through_endpoint?endpoint_id=none", "", 400);
  world.answer("DELETE", "/config/pass_through_endpoint?endpoint_id=" + id, "");
  EXPECT_EQ(paths(), "/file=https://a/ /both=https://b/ ");
  world.answer("DELETE", "/config/pass_through_endpoint", "", 422);
  world.as_user("viewer", "proxy_admin_viewer");
  world.get("/config/pass_through_endpoint", 403);
}

TEST_F(Settings, ThemeTakesWebAddressesOnly) {
  expect_json(
      world.answer("PATCH", "/update/ui_theme_settings", R"({"logo_url":"https://x/logo.png"})"),
      R"({"message":"UI theme settings updated successfully.","status":"success","theme_config":{"logo_url":"https://x/logo.png"}})");
  for (const char* url : {"/etc/passwd", "file:///etc/passwd", "https://", "javascript:x"})
    world.answer("PATCH", "/update/ui_theme_settings", std::string(R"({"logo_url":")") + url + R"("})", 400);
  world.as_user("u");
  EXPECT_EQ(text_at(*world.get("/get/ui_theme_settings").find("values"), "logo_url"), "https://x/logo.png");
}

TEST_F(Settings, UiSwitchesAreMerged) {
  world.answer("PATCH", "/update/ui_settings", R"({"disable_custom_api_keys":true})");
  expect_json(
      world.answer("PATCH", "/ui_settings/update", R"({"enabled_ui_pages_internal_users":["usage"]})"),
      R"({"message":"UI settings updated successfully","status":"success",
        "settings":{"disable_custom_api_keys":true,"enabled_ui_pages_internal_users":["usage"]}})");
  const auto page = world.get("/get/ui_settings");
  EXPECT_EQ(to_json(*page.find("values")->find("disable_custom_api_keys")), "true");
  EXPECT_EQ(to_json(*page.find("values")->find("scope_user_search_to_org")), "false");
  world.answer("PATCH", "/update/ui_settings", R"({"unknown":1})", 422);
  world.answer("PATCH", "/update/ui_settings", R"({"disable_custom_api_keys":"maybe"})", 422);
  world.as_user("u");
  expect_json(world.answer("PATCH", "/update/ui_settings", "{}", 403),
              R"({"detail":"Only proxy admins can update UI settings."})");
  world.get("/get/ui_settings");
}

TEST_F(Settings, AllowedIps) {
  world.config.document = json(R"({"general_settings":{"allowed_ips":["10.0.0.1"]}})");
  expect_json(world.post("/add/allowed_ip", R"({"ip":"10.0.0.2"})"),
              R"({"message":"IP 10.0.0.2 address added successfully","status":"success"})");
  expect_json(world.get("/get/allowed_ips"), R"({"data":["10.0.0.1","10.0.0.2"]})");
  world.post("/add/allowed_ip", R"({"ip":"10.0.0.2"})", 400);
  world.post("/add/allowed_ip", R"({"ip":"home"})", 422);
  world.post("/add/allowed_ip", "{}", 422);
  expect_json(world.post("/delete/allowed_ip", R"({"ip":"10.0.0.1"})"),
              R"({"message":"IP 10.0.0.1 deleted successfully","status":"success"})");
  world.post("/delete/allowed_ip", R"({"ip":"10.0.0.1"})", 404);
  expect_json(world.get("/get/allowed_ips"), R"({"data":["10.0.0.2"]})");
}

TEST_F(Settings, Rights) {
  for (const char* path :
       {"/update/internal_user_settings", "/update/default_team_settings", "/update/ui_theme_settings"}) {
    world.as_user("v", "proxy_admin_viewer");
    world.answer("PATCH", path, "{}", 403);
    world.as_master();
    world.plane.store_model_in_db = false;
    world.answer("PATCH", path, "{}", 500);
    world.plane.store_model_in_db = true;
    world.answer("PATCH", path, R"({"nonsense":1})", 422);
  }
  world.answer("PATCH", "/update/internal_user_settings", R"({"budget_duration":"soon"})", 400);
  world.as_user("u");
  for (const char* path : {"/get/internal_user_settings", "/get/default_team_settings", "/get/allowed_ips"})
    world.get(path, 403);
  world.as_user("v", "proxy_admin_viewer");
  for (const char* path : {"/get/internal_user_settings", "/get/default_team_settings", "/get/allowed_ips"})
    world.get(path);
}

} // namespace
} // namespace switchyard::management
