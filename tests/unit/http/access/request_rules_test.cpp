// Keys' states, enforced parameters, end users, tags, who pays, hashes.
#include "http/access/key_hash.hpp"
#include "http/access/request_rules.hpp"
#include "http/access/texts.hpp"
#include "http/access/who_pays.hpp"
#include "records.hpp"

#include <gtest/gtest.h>

namespace switchyard::http::access::testing {
namespace {

TEST(KeyHash, IsTheHexOfSha256) {
  EXPECT_EQ(hash_key("sk-1234").text(), "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b");
  EXPECT_EQ(hash_key("").text(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash_key("sk-1234").text(), hash_key("sk-1234").text());
}

TEST(KeyState, BlockedAndExpired) {
  World world;
  auto& key = world.key("h");
  const WallTime now{std::chrono::hours(24 * 365 * 50)};
  EXPECT_TRUE(check_key(*world.identity("h"), now));
  key.expires = now + std::chrono::seconds(1);
  EXPECT_TRUE(check_key(*world.identity("h"), now));
  key.expires = now, key.name = "sk-...WXYZ";
  auto expired = check_key(*world.identity("h"), now);
  ASSERT_FALSE(expired);
  EXPECT_EQ(expired.error().http_status(), 401);
  EXPECT_EQ(expired.error().extra().type, "expired_key");
  EXPECT_EQ(expired.error().extra().param, "sk-...WXYZ");
  EXPECT_EQ(expired.error().message.find("Authentication Error - Expired Key. Key Expiry time 2019-12-20T"),
            0u)
      << expired.error().message;
  key.blocked = true;
  auto blocked = check_key(*world.identity("h"), now);
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().message,
            "Authentication Error, Key is blocked. Update via `/key/unblock` if you're an admin.");
}

TEST(KeyState, ATeamThatIsBlocked) {
  World world;
  world.key("h").team_id = "t", world.team("t").blocked = true;
  auto done = check_key(*world.identity("h"), WallTime{});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().http_status(), 401);
  EXPECT_EQ(done.error().message,
            "Authentication Error, Team=t is blocked. Update via `/team/unblock` if you're an admin.");
}

TEST(KeyState, RecordsThatAreStillMissingRefuseTheKey) {
  World world;
  world.key("h").team_id = "t";
  world.apply(false);
  auto identity = identify(world.records, world.records.key_ptr("h"));
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().http_status(), 503);
  world.apply(true); // the team is gone for good: the key has no team's limits
  EXPECT_TRUE(identify(world.records, world.records.key_ptr("h")));
}

class Enforced : public ::testing::Test {
 protected:
  std::string missing(std::vector<std::string> params, std::string_view body) {
    ObjectScan scan;
    EXPECT_TRUE(scan_object(body, scan));
    auto done = check_enforced(params, [&](std::string_view name) -> std::optional<std::string_view> {
      const auto* field = scan.find(name);
      if (!field) return std::nullopt;
      return scan.raw(*field);
    });
    return done ? "" : std::to_string(done.error().http_status()) + " " + done.error().message;
  }
};

TEST_F(Enforced, TheSeedsExamples) {
  const std::vector<std::string> params = {"user", "metadata.generation_name"};
  EXPECT_EQ(missing(params, R"({"model":"m"})"),
            "401 Authentication Error, BadRequest please pass param=user in "
            "request body. This is a required param");
  EXPECT_EQ(missing(params, R"({"user":"gm"})"),
            "401 Authentication Error, BadRequest please pass param=metadata in "
            "request body. This is a required param");
  EXPECT_EQ(
      missing(params, R"({"user":"gm","metadata":{}})"),
      "401 Authentication Error, BadRequest please pass param=[metadata][generation_name] in request body. "
      "This is a required param");
  EXPECT_EQ(missing(params, R"({"user":"gm","metadata":{"generation_name":"prod-app"}})"), "");
}

TEST_F(Enforced, DeeperAndOfOtherTypes) {
  EXPECT_EQ(missing({"a.b.c"}, R"({"a":{"b":{"c":null}}})"), "");
  EXPECT_NE(missing({"a.b.c"}, R"({"a":{"b":[1]}})").find("[a][b][c]"), std::string::npos);
  EXPECT_NE(missing({"a.b"}, R"({"a":"b"})").find("[a][b]"), std::string::npos);
}

class EndUser : public ::testing::Test {
 protected:
  std::string of(std::string_view body) {
    ObjectScan scan;
    EXPECT_TRUE(scan_object(body, scan));
    auto user = end_user_of(headers, &scan, settings);
    return user ? *user : "refused";
  }
  HeaderList headers;
  PlaneSettings settings;
};

TEST_F(EndUser, TheOrderOfSources) {
  EXPECT_EQ(of("{}"), "");
  EXPECT_EQ(of(R"({"safety_identifier":"s"})"), "s");
  EXPECT_EQ(of(R"({"safety_identifier":"s","metadata":{"user_id":"m"}})"), "m");
  EXPECT_EQ(of(R"({"metadata":{"user_id":"m"},"litellm_metadata":{"user":"l"}})"), "l");
  EXPECT_EQ(of(R"({"litellm_metadata":{"user":"l"},"user":"u"})"), "u");
  EXPECT_EQ(of(R"({"user":7})"), "7");
  EXPECT_EQ(of(R"({"user":{"no":"text"}})"), "");
  settings.user_header_name = "X-User";
  headers.add({"x-user", "h"});
  EXPECT_EQ(of(R"({"user":"u"})"), "h");
  settings.user_header_mappings = {{"x-mapped", "customer"}, {"x-internal", "internal_user"}};
  headers.add({"x-internal", "i"});
  EXPECT_EQ(of(R"({"user":"u"})"), "h");
  headers.add({"X-Mapped", "p"});
  EXPECT_EQ(of(R"({"user":"u"})"), "p");
  headers.add({"x-litellm-end-user-id", "e"});
  headers.add({"x-litellm-customer-id", "c"});
  EXPECT_EQ(of(R"({"user":"u"})"), "c");
}

TEST_F(EndUser, ANameOfManyKilobytesIsRefused) {
  EXPECT_EQ(of(R"({"user":")" + std::string(1025, 'x') + R"("})"), "refused");
}

TEST(Tags, OfKeyTeamClientAndHeaders) {
  World world;
  auto& key = world.key("h");
  key.tags = {"k", "both"}, key.team_id = "t";
  world.team("t").tags = {"t", "both"};
  HeaderList headers;
  headers.add({"user-agent", "curl/8"});
  headers.add({"x-app", "shop"});
  PlaneSettings settings;
  settings.extra_spend_tag_headers = {"x-app"};
  auto identity = world.identity("h");
  EXPECT_EQ(list_text(merge_tags(identity.get(), headers, {"c", "k"}, settings)),
            "['k', 'both', 't', 'c', 'User-Agent: curl/8', 'x-app: shop']");
  settings.disable_user_agent_tag = true, settings.extra_spend_tag_headers = {};
  EXPECT_EQ(list_text(merge_tags(nullptr, headers, {"c"}, settings)), "['c']");
}

class WhoPays : public ::testing::Test {
 protected:
  std::string who() {
    identity = world.identity("h");
    payers.identity = identity.get(), payers.records = &world.records, payers.tags = &tags;
    std::string out;
    for (auto& one : who_pays(payers)) out += std::string(name_of(one->kind)) + "=" + one->id + " ";
    return out;
  }
  World world;
  KeyRecord& key = world.key("h");
  Payers payers;
  std::vector<std::string> tags;
  std::unique_ptr<Identity> identity;
};

TEST_F(WhoPays, InTheOrderOfTheErrors) {
  key.entity = entity(EntityKind::key, "h"); // always there, limits or not
  EXPECT_EQ(who(), "api_key=h ");
  key.team_id = "t", key.user_id = "u", key.project_id = "p", key.organization_id = "o";
  key.model_limits = {{"m", entity(EntityKind::key_model, "h:m", 1)}};
  world.team("t").entity = entity(EntityKind::team, "t", 1);
  world.team("t").model_limits = {{"m", entity(EntityKind::team_model, "t:m", 1)}};
  world.user("u").entity = entity(EntityKind::user, "u", 1, 5);
  world.member("t:u").entity = entity(EntityKind::member, "t:u", 1);
  world.project("p").entity = entity(EntityKind::project, "p", 1);
  world.organization("o").entity = entity(EntityKind::organization, "o", 1);
  world.tag("x").entity = entity(EntityKind::tag, "x", 1);
  world.tag("y").entity = entity(EntityKind::tag, "y"); // nothing limits it
  auto customer = world.customer("c");
  customer.entity = entity(EntityKind::customer, "c", 1);
  tags = {"y", "x", "unknown"};
  payers.called = "m", payers.customer = &customer, payers.proxy = entity(EntityKind::proxy, "proxy", 1);
  EXPECT_EQ(who(), "api_key=h model_per_key=h:m team_member=t:u user=u team=t model_per_team=t:m project=p "
                   "organization=o tag=x end_user=c proxy=proxy ");
}

TEST_F(WhoPays, LimitsOfOneModelAreLookedUpOnEveryLevel) {
  key.team_id = "t", key.user_id = "u", key.project_id = "p", key.organization_id = "o";
  world.team("t");
  const auto model = [](EntityKind kind, const char* id) {
    return ModelLimits{{"m", entity(kind, id, 1, 5)}};
  };
  world.user("u").model_limits = model(EntityKind::user_model, "u:m");
  world.user("u").entity = entity(EntityKind::user, "u");
  world.member("t:u").model_limits = model(EntityKind::member_model, "t:u:m");
  world.project("p").model_limits = model(EntityKind::project_model, "p:m");
  world.organization("o").model_limits = model(EntityKind::organization_model, "o:m");
  auto customer = world.customer("c");
  customer.model_limits = model(EntityKind::customer_model, "c:m");
  payers.customer = &customer;
  payers.called = "n";
  EXPECT_EQ(who(), "");
  payers.called = "m";
  EXPECT_EQ(who(), "model_per_team_member=t:u:m model_per_user=u:m model_per_project=p:m "
                   "model_per_organization=o:m model_per_end_user=c:m ");
  EXPECT_FALSE(who_pays(payers)[1]->limits.max_budget) << "a user's budgets are for personal keys";
}

TEST_F(WhoPays, AUsersBudgetIsForPersonalKeys) {
  key.user_id = "u";
  world.user("u").entity = entity(EntityKind::user, "u", 1, 5);
  world.identity("h");
  (void)who();
  EXPECT_TRUE(who_pays(payers).front()->limits.max_budget);
  key.team_id = "t";
  world.team("t");
  EXPECT_EQ(who(), "user=u ");
  EXPECT_FALSE(who_pays(payers).front()->limits.max_budget);
  EXPECT_EQ(who_pays(payers).front()->limits.rpm, 5);
  world.user("u").entity = entity(EntityKind::user, "u", 1); // only a budget: nothing is left to ask
  EXPECT_EQ(who(), "");
}

TEST_F(WhoPays, TheProxysBudget) {
  PlaneSettings settings;
  EXPECT_FALSE(make_proxy_entity(settings, world.records));
  settings.max_budget = Money::from_usd(3), settings.budget_duration = "30d";
  auto spent = std::make_shared<Entity>();
  spent->spend = Money::from_usd(2);
  world.user("litellm-proxy-budget").entity = spent;
  world.apply();
  auto proxy = make_proxy_entity(settings, world.records);
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->limits.max_budget, Money::from_usd(3));
  EXPECT_EQ(proxy->spend, Money::from_usd(2));
}

} // namespace
} // namespace switchyard::http::access::testing
