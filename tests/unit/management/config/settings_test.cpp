// Pages of settings: values with their schema, unknown members refused, allowed IPs.
#include "../touched.hpp"
#include "../world.hpp"

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
