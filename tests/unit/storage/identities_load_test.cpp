// Loading all identities and reading single ones, from a database.
#include "unit/storage/store_fixture.hpp"

#include <switchyard/key_ring.hpp>

namespace switchyard::storage {
namespace {

class IdentityLoad : public StoreTest {
 protected:
  void add(std::string_view table, std::string_view cells) { insert(table, *json(cells).as_map()); }
  IdentitySetPtr load() {
    auto set = load_identities(*session, settings, 3, now);
    EXPECT_TRUE(set) << set.error().message;
    return set ? *set : std::make_shared<IdentitySet>();
  }
  IdentitySetPtr read(std::vector<Touched> touched) {
    auto set = read_identities(*session, touched, settings, 4, now);
    EXPECT_TRUE(set) << set.error().message;
    return set ? *set : std::make_shared<IdentitySet>();
  }
  /// For tests that break tables: the fixture's database may be shared.
  void use_own_database() {
    session.reset();
    store->close();
    store = open_or_fail(new_database(GetParam()));
    session = open();
    ASSERT_TRUE(migrate(*session, false));
  }
  void fill() {
    add("BudgetTable", R"({"budget_id":"b","max_budget":5,"created_by":"x","updated_by":"x"})");
    add("VerificationToken",
        R"({"token":"k1","budget_id":"b","team_id":"t","user_id":"u","metadata":{"tags":["x"]}})");
    add("VerificationToken", R"({"token":"k2","models":["m"]})");
    add("DeprecatedVerificationToken",
        R"({"id":"1","token":"old","active_token_id":"k1","revoke_at":"2030-01-01T00:00:00Z"})");
    add("DeprecatedVerificationToken",
        R"({"id":"2","token":"older","active_token_id":"k1","revoke_at":"2020-01-01T00:00:00Z"})");
    auto aliases =
        insert("ModelTable", *json(R"({"aliases":{"fast":"m"},"created_by":"x","updated_by":"x"})").as_map());
    Row team = *json(R"({"team_id":"t","metadata":{"team_member_budget_id":"b"},
                         "members_with_roles":[{"role":"user","user_id":"u"},{"role":"user","user_id":"v"}]})")
                    .as_map();
    team.emplace_back("model_id", at(aliases, "id"));
    insert("TeamTable", team);
    add("TeamMembership", R"({"user_id":"u","team_id":"t","spend":2})");
    add("UserTable", R"({"user_id":"u","user_role":"internal_user"})");
    add("OrganizationTable",
        R"({"organization_id":"o","organization_alias":"O","budget_id":"b","created_by":"x","updated_by":"x"})");
    add("ProjectTable", R"({"project_id":"p","budget_id":"b","created_by":"x","updated_by":"x"})");
    add("EndUserTable", R"({"user_id":"limited","budget_id":"b"})");
    add("EndUserTable", R"({"user_id":"blocked","blocked":true})");
    add("EndUserTable", R"({"user_id":"plain"})");
    add("TagTable", R"({"tag_name":"x","budget_id":"b"})");
    add("TagTable", R"({"tag_name":"y"})");
    add("AccessGroupTable", R"({"access_group_id":"g","access_group_name":"G","access_model_names":["m"]})");
  }
  PlaneSettings settings;
  WallTime now = *read_time("2026-01-01");
};
INSTANTIATE_TEST_SUITE_P(Backends, IdentityLoad, testing::ValuesIn(backend_names()),
                         [](const auto& info) { return info.param; });

TEST_P(IdentityLoad, EverythingThatMatters) {
  fill();
  auto set = load();
  ASSERT_EQ(set->keys.size(), 3u); // k1, k2 and the hash in its grace
  EXPECT_EQ(set->keys.at("k1")->entity->limits.max_budget, Money::from_usd(5));
  EXPECT_EQ(set->keys.at("k1")->entity->version, 3u);
  EXPECT_EQ(set->keys.at("old")->hash, "k1");
  EXPECT_EQ(set->keys.at("old")->expires, *read_time("2030-01-01"));
  EXPECT_EQ(set->teams.at("t")->aliases.at(0).first, "fast");
  EXPECT_EQ(set->members.at("t:u")->entity->spend, Money::from_usd(2));
  EXPECT_EQ(set->members.at("t:u")->entity->limits.max_budget, Money::from_usd(5));
  EXPECT_EQ(set->members.at("t:v")->entity->limits.max_budget, Money::from_usd(5)); // has no row
  EXPECT_EQ(set->users.at("u")->role, "internal_user");
  EXPECT_EQ(set->organizations.at("o")->entity->limits.max_budget, Money::from_usd(5));
  EXPECT_EQ(set->projects.size(), 1u);
  EXPECT_EQ(set->customers.size(), 2u);
  EXPECT_TRUE(set->customers.at("blocked")->blocked);
  EXPECT_EQ(set->tags.size(), 1u);
  EXPECT_EQ(set->access_groups.at("g"), set->access_groups.at("G"));
}

TEST_P(IdentityLoad, NothingAtAll) {
  auto set = load();
  EXPECT_TRUE(set->keys.empty());
  EXPECT_TRUE(read({})->keys.empty());
}

TEST_P(IdentityLoad, PagesLoseNothing) {
  Rows keys, members;
  for (int i = 0; i < 4001; ++i) {
    keys.push_back({{"token", text("k" + std::to_string(i))}});
    // One user's memberships run over the end of a page.
    const std::string user = i < 1990 ? "a" + std::to_string(10000 + i) : "b";
    members.push_back({{"user_id", text(user)}, {"team_id", text("t" + std::to_string(i))}});
  }
  ASSERT_TRUE(session->insert_all_new("VerificationToken", keys));
  ASSERT_TRUE(session->insert_all_new("TeamMembership", members));
  auto set = load();
  EXPECT_EQ(set->keys.size(), 4001u);
  EXPECT_EQ(set->members.size(), 4001u);
}

TEST_P(IdentityLoad, AnOlderDatabaseLacksTables) {
  use_own_database();
  fill();
  for (auto table : {"ProjectTable", "TagTable", "AccessGroupTable", "DeprecatedVerificationToken"})
    ASSERT_TRUE(session->query(std::string("DROP TABLE \"LiteLLM_") + table + "\""));
  auto set_or = load_identities(*open(), settings, 1, now);
  ASSERT_TRUE(set_or) << set_or.error().message;
  EXPECT_EQ((*set_or)->keys.size(), 2u);
  EXPECT_TRUE((*set_or)->tags.empty());
}

TEST_P(IdentityLoad, SingleRowsAndWhatIsGone) {
  fill();
  using What = Touched::What;
  auto set = read({{What::key, "k2"},
                   {What::key, "nowhere"},
                   {What::team, "gone"},
                   {What::user, "u"},
                   {What::customer, "plain"},
                   {What::tag, "y"},
                   {What::access_group, "G"},
                   {What::model, "m"}});
  EXPECT_EQ(set->keys.size(), 2u);
  EXPECT_EQ(set->keys.at("k2")->models, std::vector<std::string>{"m"});
  EXPECT_EQ(set->keys.at("k2")->entity->version, 4u);
  EXPECT_EQ(set->keys.at("nowhere"), nullptr);
  EXPECT_EQ(set->teams.at("gone"), nullptr);
  EXPECT_TRUE(set->users.at("u"));
  EXPECT_TRUE(set->customers.at("plain")); // overrides what a shard may still hold
  EXPECT_TRUE(set->access_groups.at("g"));
}

TEST_P(IdentityLoad, RotatedHashesFollowTheirKey) {
  fill();
  auto by_old = read({{Touched::What::key, "old"}});
  EXPECT_EQ(by_old->keys.at("old")->hash, "k1");
  EXPECT_EQ(by_old->keys.at("old")->entity, by_old->keys.at("k1")->entity);
  auto by_new = read({{Touched::What::key, "k1"}});
  EXPECT_TRUE(by_new->keys.at("old"));
  EXPECT_FALSE(by_new->keys.contains("older"));
  EXPECT_EQ(read({{Touched::What::key, "older"}})->keys.at("older"), nullptr);
}

TEST_P(IdentityLoad, TeamsBringTheirMembers) {
  fill();
  auto set = read({{Touched::What::team, "t"}});
  EXPECT_EQ(set->teams.at("t")->aliases.at(0).second, "m");
  EXPECT_EQ(set->members.size(), 2u);
  auto one = read({{Touched::What::member, "t:v"}, {Touched::What::member, "t:w"}});
  EXPECT_TRUE(one->members.at("t:v"));
  EXPECT_EQ(one->members.at("t:w"), nullptr);
  EXPECT_FALSE(one->members.contains("t:u"));
  EXPECT_EQ(one->members.at("t:v")->entity->limits.max_budget, Money::from_usd(5));
}

TEST_P(IdentityLoad, MembersOfTeamsWithColons) {
  add("TeamMembership", R"({"user_id":"c:d","team_id":"a:b","spend":1})");
  auto set = read({{Touched::What::member, "a:b:c:d"}});
  ASSERT_EQ(set->members.size(), 1u);
  EXPECT_TRUE(set->members.at("a:b:c:d"));
}

TEST_P(IdentityLoad, ABudgetTouchesEverythingThatRefersToIt) {
  fill();
  const Change change{"max_budget", Value(7.0)};
  ASSERT_TRUE(session->update("BudgetTable", {{change}}, {{Condition{"budget_id", "=", text("b")}}}));
  auto set = read({{Touched::What::budget, "b"}});
  const auto seven = Money::from_usd(7);
  EXPECT_EQ(set->keys.at("k1")->entity->limits.max_budget, seven);
  EXPECT_FALSE(set->keys.contains("k2"));
  EXPECT_EQ(set->organizations.at("o")->entity->limits.max_budget, seven);
  EXPECT_EQ(set->projects.at("p")->entity->limits.max_budget, seven);
  EXPECT_EQ(set->customers.at("limited")->entity->limits.max_budget, seven);
  EXPECT_EQ(set->tags.at("x")->entity->limits.max_budget, seven);
  EXPECT_EQ(set->members.at("t:v")->entity->limits.max_budget, seven);
}

/// A start must not begin budgets anew that no column holds.
TEST_P(IdentityLoad, WindowsGoOnFromTheSpendTables) {
  now = *read_time("2026-03-04T15:20:00Z"); // a Wednesday
  add("VerificationToken", R"({"token":"k","user_id":"u",
      "budget_limits":[{"budget_duration":"1h","max_budget":1},{"budget_duration":"1d","max_budget":9},
                       {"budget_duration":"7d","max_budget":9}],
      "model_max_budget":{"m":{"budget_limit":5,"time_period":"30d"},"ever":5}})");
  add("TeamTable", R"({"team_id":"t","model_max_budget":{"m":{"budget_limit":5,"time_period":"1d"}}})");
  const auto day = [&](std::string_view table, std::string_view owner, std::string_view date,
                       std::string_view model, double spend) {
    static int count = 0;
    Row row{{"id", text(std::to_string(++count))},
            {"date", text(std::string(date))},
            {"api_key", text("k")},
            {"model", text("up")},
            {"model_group", text(std::string(model))},
            {"custom_llm_provider", text("p")},
            {"spend", Value(spend)}};
    row.emplace_back(table == "DailyUserSpend" ? "user_id" : "team_id", text(std::string(owner)));
    insert(table, row);
  };
  day("DailyUserSpend", "u", "2026-02-28", "m", 64);
  day("DailyUserSpend", "u", "2026-02-28", "ever", 1);
  day("DailyUserSpend", "u", "2026-03-01", "m", 0.5); // Sunday
  day("DailyUserSpend", "u", "2026-03-02", "m", 0.25);
  day("DailyUserSpend", "u", "2026-03-04", "m", 0.125);
  day("DailyUserSpend", "u", "2026-03-04", "ever", 2);
  day("DailyTeamSpend", "t", "2026-03-03", "m", 8);
  day("DailyTeamSpend", "t", "2026-03-04", "m", 3);
  for (auto* cells : {R"("r1","startTime":"2026-03-04T15:10:00Z","spend":0.0625)",
                      R"("r2","startTime":"2026-03-04T14:59:59Z","spend":0.03125)"})
    add("SpendLogs",
        std::string(R"({"call_type":"c","api_key":"k","endTime":"2026-03-04T15:11:00Z","request_id":)") +
            cells + "}");
  for (auto& set : {load(), read({{Touched::What::key, "k"}, {Touched::What::team, "t"}})}) {
    auto& key = *set->keys.at("k");
    auto& windows = key.entity->limits.windows;
    EXPECT_EQ(windows.at(0).spent, Money::from_usd(0.0625));
    EXPECT_EQ(windows.at(0).ends, *read_time("2026-03-04T16:00:00Z"));
    EXPECT_EQ(windows.at(1).spent, Money::from_usd(2.125));
    EXPECT_EQ(windows.at(2).spent, Money::from_usd(2.375)) << "since Monday";
    EXPECT_EQ(windows.at(2).ends, *read_time("2026-03-09"));
    EXPECT_EQ(key.model_limits.at("m")->limits.windows.at(0).spent, Money::from_usd(0.875)) << "this month";
    EXPECT_EQ(key.model_limits.at("ever")->spend, Money::from_usd(3));
    EXPECT_EQ(set->teams.at("t")->model_limits.at("m")->limits.windows.at(0).spent, Money::from_usd(3));
  }
}

TEST_P(IdentityLoad, WindowsInAnotherTimeZone) {
  now = *read_time("2026-03-04T15:20:00Z");
  settings.timezone = "Asia/Tokyo"; // its day began at 15:00
  add("VerificationToken", R"({"token":"k","budget_limits":[{"budget_duration":"1d","max_budget":1}]})");
  for (auto* cells : {R"("r1","startTime":"2026-03-04T15:10:00Z","spend":0.5)",
                      R"("r2","startTime":"2026-03-04T14:59:59Z","spend":4)"})
    add("SpendLogs",
        std::string(R"({"call_type":"c","api_key":"k","endTime":"2026-03-04T15:11:00Z","request_id":)") +
            cells + "}");
  const auto set = load();
  auto& window = set->keys.at("k")->entity->limits.windows.at(0);
  EXPECT_EQ(window.spent, Money::from_usd(0.5));
  EXPECT_EQ(window.ends, *read_time("2026-03-05T15:00:00Z"));
}

TEST_P(IdentityLoad, ADeadDatabaseIsAnErrorNotAnEmptySet) {
  use_own_database();
  auto broken = open();
  ASSERT_TRUE(broken->count("UserTable")); // knows the schema now
  ASSERT_TRUE(session->query("ALTER TABLE \"LiteLLM_UserTable\" RENAME TO \"elsewhere\""));
  EXPECT_FALSE(load_identities(*broken, settings, 0, now));
  const std::vector<Touched> touched = {{Touched::What::user, "u"}};
  EXPECT_FALSE(read_identities(*broken, touched, settings, 0, now));
}

} // namespace
} // namespace switchyard::storage
