// Who may do what to keys: owners, team members and admins, viewers; nobody raises his own limits.
#include "../world.hpp"
#include "management/secrets.hpp"

using namespace switchyard;
using namespace switchyard::management;

namespace {

std::string text(const Value& value, std::string_view name) { return std::string(text_at(value, name)); }
std::string with_key(const std::string& key, std::string_view rest = "") {
  return R"({"key": ")" + key + "\"" + (rest.empty() ? "" : ", " + std::string(rest)) + "}";
}

/// A team "t" with the admin "boss" and the member "u".
class Rights : public testing::Test {
 protected:
  Rights() {
    world.insert("TeamTable", R"({"team_id":"t","organization_id":null,"members_with_roles":
        [{"role":"user","user_id":"u"},{"role":"admin","user_id":"boss"}]})");
    world.insert("UserTable", R"({"user_id":"root","user_role":"proxy_admin","teams":["t"]})");
  }
  std::string make(std::string_view body) {
    world.as_master();
    return text(world.post("/key/generate", body), "key");
  }
  World world;
};

TEST_F(Rights, users_make_keys_for_themselves) {
  world.as_user("u");
  EXPECT_EQ(text(world.post("/key/generate", "{}"), "user_id"), "u");
  EXPECT_EQ(world.refusal("/key/generate", R"({"user_id":"boss"})", 403),
            "{'error': 'User can only create keys for themselves. Got user_id=boss, Your ID=u'}");
  world.plane.default_team_disabled = true;
  world.refusal("/key/generate", "{}", 403);
  world.plane.default_team_disabled = false;
  for (auto* body : {R"({"allowed_routes":["/team/new"]})", R"({"key_type":"management"})",
                     R"({"spend":-0.0,"spend":5})", R"({"permissions":{"get_spend_routes":true}})"})
    world.refusal("/key/generate", body, 403);
  world.as_user("", "");
  world.refusal("/key/generate", "{}", 403);
}

TEST_F(Rights, viewers_write_nothing) {
  const auto key = make(R"({"user_id":"v"})");
  for (auto* role : {"proxy_admin_viewer", "internal_user_viewer"}) {
    world.as_user("v", role);
    for (auto* path : {"/key/update", "/key/block", "/key/regenerate"})
      world.refusal(path, with_key(key), 403);
    world.refusal("/key/generate", "{}", 403);
    world.refusal("/key/delete", R"({"keys":[")" + key + "\"]}", 403);
    world.refusal("/key/" + key + "/reset_spend", R"({"reset_to":0})", 403);
    world.get("/key/info?key=" + key);
  }
  world.as_user("viewer", "proxy_admin_viewer");
  EXPECT_EQ(to_json(*world.get("/key/list").find("total_count")), "1");
}

TEST_F(Rights, team_keys_follow_the_permission_list) {
  const auto key = make(R"({"team_id":"t","user_id":"u"})");
  world.as_user("stranger");
  EXPECT_EQ(world.refusal("/key/generate", R"({"team_id":"t"})", 400),
            "User=stranger not assigned to team=t");
  world.refusal("/key/generate", R"({"team_id":"unknown"})", 400);
  world.refusal("/key/info?key=" + key, "", 403, "GET");
  world.as_user("u");
  EXPECT_NE(world.refusal("/key/generate", R"({"team_id":"t"})", 401).find("endpoint: /key/generate"),
            std::string::npos);
  world.refusal("/key/update", with_key(key, R"("models":["x"])"), 401);
  world.refusal("/key/delete", R"({"keys":[")" + key + "\"]}", 403);
  world.get("/key/info?key=" + key);
  world.as_master();
  world.post("/team/permissions_update",
             R"({"team_id":"t","team_member_permissions":["/key/generate","/key/update"]})");
  world.as_user("u");
  world.post("/key/generate", R"({"team_id":"t"})");
  world.post("/key/update", with_key(key, R"("models":["x"])"));
  world.refusal("/key/update", with_key(key, R"("max_budget":5)"), 403);
  world.refusal("/key/generate", R"({"team_id":"t","user_id":"boss"})", 403);
}

TEST_F(Rights, team_admins_manage_the_teams_keys) {
  const auto key = make(R"({"team_id":"t","user_id":"u"})");
  world.as_user("boss");
  world.post("/key/update", with_key(key, R"("max_budget":5)"));
  world.post("/key/block", with_key(key));
  world.post("/key/unblock", with_key(key));
  world.post("/key/generate", R"({"team_id":"t","user_id":"u"})");
  EXPECT_EQ(world.refusal("/key/generate", R"({"team_id":"t","user_id":"other"})", 400),
            "User=other not assigned to team=t");
  world.refusal("/key/update", with_key(key, R"("spend":0.5)"), 403);
  world.refusal("/key/update", with_key(key, R"("allowed_routes":["/config/update"])"), 403);
  world.post("/key/delete", R"({"keys":[")" + key + "\"]}");
}

TEST_F(Rights, nobody_borrows_an_admins_key) {
  const auto key = make(R"({"team_id":"t","user_id":"root"})");
  world.as_master();
  world.post("/team/member_add", R"({"team_id":"t","member":{"role":"user","user_id":"root"}})");
  world.as_user("boss");
  world.refusal("/key/regenerate", with_key(key), 403);
  world.refusal("/key/generate", R"({"team_id":"t","user_id":"root"})", 403);
  const auto own = text(world.post("/key/generate", R"({"team_id":"t"})"), "key");
  world.refusal("/key/update", with_key(own, R"("user_id":"root")"), 403);
}

TEST_F(Rights, owners_lower_but_do_not_raise) {
  const auto key = make(R"({"user_id":"u","max_budget":10,"rpm_limit":10,"team_id":null,
      "metadata":{"model_rpm_limit":{"a":1}}})");
  world.as_user("u");
  world.post("/key/update", with_key(key, R"("max_budget":5,"key_alias":"mine","models":["a"])"));
  for (auto* change :
       {R"("max_budget":6)", R"("max_budget":null)", R"("rpm_limit":11)", R"("tpm_limit":1)",
        R"("budget_duration":"1d")", R"("duration":"-1x","spend":0.1)", R"("user_id":"root")",
        R"("temp_budget_increase":1,"temp_budget_expiry":"2027-01-01")", R"("team_id":"t")",
        R"("permissions":{"get_spend_routes":true})", R"("organization_id":"o")", R"("metadata":{})",
        R"("metadata":{"temp_budget_increase":9,"model_rpm_limit":{"a":1}})", R"("model_rpm_limit":{"a":2})",
        R"("blocked":true)", R"("duration":"10d")"})
    world.refusal("/key/update", with_key(key, change), 403);
  world.post("/key/block", with_key(key));
  world.refusal("/key/unblock", with_key(key), 403);
  world.refusal("/key/regenerate", with_key(key, R"("max_budget":50)"), 403);
  const auto fresh = text(world.post("/key/regenerate", with_key(key)), "key");
  world.as_user("stranger");
  world.refusal("/key/update", with_key(fresh), 403);
  EXPECT_EQ(world.refusal("/key/info?key=" + fresh, "", 403, "GET"),
            "You are not allowed to access this key's info. Your role=internal_user");
  world.refusal("/key/delete", R"({"keys":[")" + fresh + "\"]}", 403);
  world.as_user("u");
  world.post("/key/delete", R"({"keys":[")" + fresh + "\"]}");
}

TEST_F(Rights, lists_show_what_one_may_see) {
  make(R"({"user_id":"u","key_alias":"own"})");
  make(R"({"user_id":"boss","team_id":"t","key_alias":"teams"})");
  make(R"({"user_id":"root","key_alias":"roots"})");
  world.as_user("u");
  EXPECT_EQ(to_json(*world.get("/key/list").find("total_count")), "1");
  EXPECT_EQ(to_json(*world.get("/key/list?team_id=t").find("total_count")), "0");
  world.refusal("/key/list?user_id=root", "", 403, "GET");
  expect_json(*world.get("/key/aliases").find("aliases"), R"(["own"])");
  world.as_user("boss");
  EXPECT_EQ(to_json(*world.get("/key/list?team_id=t").find("total_count")), "1");
  world.as_user("stranger");
  world.refusal("/key/list?team_id=t", "", 403, "GET");
  EXPECT_EQ(to_json(*world.get("/key/list").find("total_count")), "0");
}

} // namespace
