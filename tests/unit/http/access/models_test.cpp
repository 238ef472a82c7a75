// Which models lists open: names, wildcards, access groups, special names, aliases; and the refusals' words.
#include "http/access/models.hpp"
#include "records.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace switchyard::http::access::testing {
namespace {

class Model final : public ModelQuestion {
 public:
  explicit Model(std::string_view name, std::vector<std::string> groups = {}, std::string full = {},
                 std::string_view group = {})
      : ModelQuestion(name, group), groups_(std::move(groups)), full_(std::move(full)) {}
  bool in_access_group(std::string_view group) const override {
    return std::find(groups_.begin(), groups_.end(), group) != groups_.end();
  }
  std::string with_provider() const override { return full_; }

 private:
  std::vector<std::string> groups_;
  std::string full_;
};

TEST(ModelLists, NamesWildcardsAndGroups) {
  const Model gpt("gpt-4o", {"beta"}, "openai/gpt-4o");
  EXPECT_TRUE(opens({}, gpt, nullptr));
  EXPECT_TRUE(opens({"x", "gpt-4o"}, gpt, nullptr));
  EXPECT_FALSE(opens({"gpt-4"}, gpt, nullptr));
  EXPECT_TRUE(opens({"*"}, gpt, nullptr));
  EXPECT_TRUE(opens({"all-proxy-models"}, gpt, nullptr));
  EXPECT_TRUE(opens({"openai/*"}, gpt, nullptr));
  EXPECT_TRUE(opens({"gpt-*"}, gpt, nullptr));
  EXPECT_FALSE(opens({"azure/*"}, gpt, nullptr));
  EXPECT_TRUE(opens({"beta"}, gpt, nullptr));
  EXPECT_FALSE(opens({"no-default-models"}, gpt, nullptr));
  EXPECT_TRUE(opens({"the-group"}, Model("alias", {}, {}, "the-group"), nullptr));
}

TEST(ModelLists, RowsOfTheAccessGroupsTable) {
  World world;
  world.access_group("premium").models = {"gpt-4o", "claude-*"};
  world.apply();
  EXPECT_TRUE(opens({"premium"}, Model("gpt-4o"), &world.records));
  EXPECT_TRUE(opens({"premium"}, Model("claude-3"), &world.records));
  EXPECT_FALSE(opens({"premium"}, Model("gemini"), &world.records));
}

TEST(ModelLists, Wildcards) {
  EXPECT_TRUE(wildcard_matches("a*c", "abc"));
  EXPECT_TRUE(wildcard_matches("a*c", "ac"));
  EXPECT_TRUE(wildcard_matches("*", ""));
  EXPECT_TRUE(wildcard_matches("a**", "a"));
  EXPECT_FALSE(wildcard_matches("a*c", "abcd"));
  EXPECT_FALSE(wildcard_matches("", "a"));
  EXPECT_TRUE(wildcard_matches("*a*b*", "xxaxxbxx"));
  EXPECT_FALSE(wildcard_matches(std::string(50, '*') + "b", std::string(5000, 'a')));
}

class ModelAccess : public ::testing::Test {
 protected:
  /// "" or "<status> <type> <message>"
  std::string ask(std::string_view model) {
    auto identity = world.identity("h");
    const Model asked(model), called(resolve_alias(*identity, model));
    const ModelPair pair{asked, called};
    auto done = check_key_model(*identity, pair);
    if (done) done = check_owner_models(*identity, pair);
    EXPECT_EQ(static_cast<bool>(done), opens_model(*identity, pair));
    if (done) return "";
    const auto error = done.error();
    EXPECT_EQ(error.extra().param, "model");
    return std::to_string(error.http_status()) + " " + error.extra().type + " " + error.message;
  }
  World world;
  KeyRecord& key = world.key("h");
};

TEST_F(ModelAccess, TheKeysList) {
  key.models = {"gpt-4", "o3"};
  EXPECT_EQ(ask("o3"), "");
  EXPECT_EQ(ask("x"), "403 key_model_access_denied key not allowed to access model. This key can only access "
                      "models=['gpt-4', 'o3']. Tried to access x");
}

TEST_F(ModelAccess, TheKeysAccessGroupsAddToItsList) {
  key.models = {"gpt-4"}, key.access_group_ids = {"ag"};
  world.access_group("ag").models = {"o3"};
  EXPECT_EQ(ask("o3"), "");
  EXPECT_NE(ask("o4"), "");
}

TEST_F(ModelAccess, AllTeamModelsLeavesItToTheTeam) {
  key.models = {"all-team-models"}, key.team_id = "t";
  world.team("t").models = {"a"};
  EXPECT_EQ(ask("a"), "");
  EXPECT_EQ(ask("b"),
            "403 team_model_access_denied team not allowed to access model. This team can only access "
            "models=['a']. Tried to access b");
}

TEST_F(ModelAccess, BothTheKeyAndItsTeam) {
  key.models = {"a", "b"}, key.team_id = "t";
  world.team("t").models = {"b", "c"};
  EXPECT_NE(ask("a"), "");
  EXPECT_EQ(ask("b"), "");
  EXPECT_NE(ask("c"), "");
}

TEST_F(ModelAccess, MembersOfATeam) {
  key.team_id = "t", key.user_id = "u";
  auto& team = world.team("t");
  world.user("u").models = {"other"}; // a user's own list is for personal keys
  EXPECT_EQ(ask("a"), "");
  world.member("t:u").allowed_models = {"a"};
  EXPECT_EQ(ask("a"), "");
  EXPECT_NE(ask("b").find("403 team_model_access_denied team_member not allowed"), std::string::npos);
  world.member("t:u").allowed_models = {};
  team.default_member_models = {"b"};
  EXPECT_NE(ask("a"), "");
  EXPECT_EQ(ask("b"), "");
}

TEST_F(ModelAccess, UsersOfPersonalKeys) {
  key.user_id = "u";
  world.user("u").models = {"a"};
  EXPECT_EQ(ask("a"), "");
  EXPECT_NE(ask("b").find("user_model_access_denied user not allowed"), std::string::npos);
  world.user("u").models = {"no-default-models"};
  EXPECT_EQ(ask("a"),
            "403 key_model_access_denied User not allowed to access model. No default model access, only "
            "team models allowed. Tried to access a");
}

TEST_F(ModelAccess, ProjectsAndOrganizations) {
  key.project_id = "p", key.organization_id = "o";
  world.project("p").models = {"a", "b"};
  world.organization("o").models = {"b"};
  EXPECT_NE(ask("a").find("org_model_access_denied org not allowed"), std::string::npos);
  EXPECT_EQ(ask("b"), "");
  EXPECT_NE(ask("c").find("project_model_access_denied project not allowed"), std::string::npos);
}

TEST_F(ModelAccess, TheOrganizationOfTheTeamCounts) {
  key.team_id = "t";
  world.team("t").organization_id = "o";
  world.organization("o").models = {"b"};
  EXPECT_NE(ask("a"), "");
}

TEST_F(ModelAccess, AliasesOfKeyAndTeam) {
  key.models = {"my-free-tier"}, key.aliases = {{"gpt-3.5-turbo", "my-free-tier"}};
  EXPECT_EQ(ask("gpt-3.5-turbo"), "");
  EXPECT_EQ(ask("my-free-tier"), "");
  EXPECT_NE(ask("gpt-4"), "");
  key.team_id = "t";
  world.team("t").aliases = {{"gpt-4", "gpt-4-team1"}};
  world.team("t").models = {"gpt-4", "my-free-tier"};
  auto identity = world.identity("h");
  EXPECT_EQ(resolve_alias(*identity, "gpt-4"), "gpt-4-team1");
  EXPECT_EQ(ask("gpt-4"), "");
}

TEST_F(ModelAccess, AnAliasOfTheKeyDoesNotLeadAroundTheTeamsList) {
  key.team_id = "t", key.aliases = {{"cheap", "dear"}};
  world.team("t").models = {"cheap"};
  EXPECT_NE(ask("cheap").find("team_model_access_denied"), std::string::npos);
}

} // namespace
} // namespace switchyard::http::access::testing
