// Rows to records: what LiteLLM writes, and what old versions and strangers wrote.
#include "storage/identities_rows.hpp"

#include <switchyard/json.hpp>

#include <gtest/gtest.h>

namespace switchyard::storage::identities {
namespace {

Row row(std::string_view json) {
  auto value = parse_json(json);
  EXPECT_TRUE(value) << json;
  return value ? *value->as_map() : Row();
}

Money usd(double dollars) { return Money::from_usd(dollars); }

struct IdentityRows : testing::Test {
  PlaneSettings settings;
  Context context{settings, {}, {}, 7};

  void budget(std::string_view json) {
    const Row cells = row(json);
    const Fields fields("BudgetTable", cells, "budget_id");
    context.budgets[fields.id()] = budget_of(fields);
  }
  auto key(std::string_view json) { return key_of(row(json), context); }
  auto team(std::string_view json) { return team_of(row(json), context); }
  /// What was logged while `work` ran.
  template <class F>
  std::string logged(F work) {
    testing::internal::CaptureStderr();
    work();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(IdentityRows, KeyWithEverything) {
  auto found = key(R"({"token":"h1","key_name":"sk-...abcd","key_alias":"ci","user_id":"u","team_id":"t",
    "organization_id":"o","project_id":"p","agent_id":"a","created_by":"admin","models":["gpt-4"],
    "allowed_routes":["llm_api_routes"],"access_group_ids":["g"],"allowed_cache_controls":["no-cache"],
    "aliases":{"mine":"gpt-4"},"config":{"x":1},"permissions":{"get_spend_routes":true},"blocked":true,
    "expires":"2026-01-02T03:04:05.000000Z","spend":1.5,"rpm_limit":10,"tpm_limit":20,
    "max_parallel_requests":3,"max_budget":9.5,"budget_duration":"30d",
    "budget_reset_at":"2026-02-01T00:00:00.000000Z","router_settings":{"num_retries":2},
    "budget_limits":[{"budget_duration":"24h","max_budget":1}],
    "metadata":{"tags":["x"],"guardrails":["g1"],"enforced_params":["user"],"service_account_id":"s",
                "spend_logs_metadata":{"a":1}}})");
  EXPECT_EQ(found->hash, "h1");
  EXPECT_EQ(found->name, "sk-...abcd");
  EXPECT_EQ(found->models, std::vector<std::string>{"gpt-4"});
  EXPECT_EQ(found->aliases.at(0).second, "gpt-4");
  EXPECT_TRUE(found->blocked);
  EXPECT_TRUE(found->service_account);
  EXPECT_EQ(found->expires, *read_time("2026-01-02T03:04:05Z"));
  EXPECT_EQ(found->tags, std::vector<std::string>{"x"});
  EXPECT_EQ(found->enforced_params, std::vector<std::string>{"user"});
  EXPECT_EQ(found->guardrails, std::vector<std::string>{"g1"});
  EXPECT_EQ(found->spend_logs_metadata, R"({"a":1})");
  EXPECT_TRUE(found->permissions.find("get_spend_routes"));
  auto& entity = *found->entity;
  EXPECT_EQ(entity.kind, EntityKind::key);
  EXPECT_EQ(entity.id, "h1");
  EXPECT_EQ(entity.spend, usd(1.5));
  EXPECT_EQ(entity.version, 7u);
  EXPECT_EQ(entity.limits.rpm, 10);
  EXPECT_EQ(entity.limits.parallel, 3);
  EXPECT_EQ(entity.limits.max_budget, usd(9.5));
  EXPECT_EQ(entity.limits.budget_duration, "30d");
  ASSERT_EQ(entity.limits.windows.size(), 1u);
  EXPECT_EQ(entity.limits.windows[0].most, usd(1));
}

TEST_F(IdentityRows, BareKeyLimitsNothing) {
  const std::string log = logged([&] {
    auto found = key(R"({"token":"h","models":null,"metadata":null,"blocked":null,"expires":null,
      "aliases":{},"config":{},"permissions":null,"model_max_budget":{},"budget_limits":null})");
    EXPECT_FALSE(found->entity->limits.any());
    EXPECT_TRUE(found->models.empty());
    EXPECT_FALSE(found->blocked);
    EXPECT_FALSE(found->expires);
    EXPECT_TRUE(found->metadata.is_null());
    EXPECT_TRUE(found->model_limits.empty());
  });
  EXPECT_EQ(log, "");
}

TEST_F(IdentityRows, BudgetTierFillsGapsOnly) {
  budget(R"({"budget_id":"b","max_budget":5,"soft_budget":4,"rpm_limit":100,"tpm_limit":200,
    "budget_duration":"7d","model_max_budget":{"m":1}})");
  auto tiered = key(R"({"token":"h","budget_id":"b","rpm_limit":0})");
  EXPECT_EQ(tiered->entity->limits.rpm, 0); // blocks everything, and is not a gap
  EXPECT_EQ(tiered->entity->limits.tpm, 200);
  EXPECT_EQ(tiered->entity->limits.max_budget, usd(5));
  EXPECT_EQ(tiered->entity->limits.soft_budget, usd(4));
  EXPECT_EQ(tiered->entity->limits.budget_duration, "7d");
  EXPECT_EQ(tiered->model_limits.at("m")->limits.max_budget, usd(1));
  auto own = key(R"({"token":"h","budget_id":"b","max_budget":2})");
  EXPECT_EQ(own->entity->limits.max_budget, usd(2));
  EXPECT_EQ(own->entity->limits.budget_duration, "");
}

TEST_F(IdentityRows, MissingBudgetIsNamed) {
  const std::string log = logged([&] { key(R"({"token":"h77","budget_id":"nowhere"})"); });
  EXPECT_NE(log.find("VerificationToken"), std::string::npos) << log;
  EXPECT_NE(log.find("h77"), std::string::npos);
  EXPECT_NE(log.find("budget_id"), std::string::npos);
}

TEST_F(IdentityRows, ModelLimitsInAllForms) {
  auto found = key(R"({"token":"h","model_max_budget":{"old":0.5,
      "new":{"budget_limit":2,"time_period":"1d"},"other":{"max_budget":3,"budget_duration":"7d","rpm_limit":9},
      "rates":{"tpm_limit":8}},"model_spend":{"old":0.25},
    "metadata":{"model_rpm_limit":{"other":4,"m":5},"model_tpm_limit":{"m":6}}})");
  auto& models = found->model_limits;
  ASSERT_EQ(models.size(), 5u);
  EXPECT_EQ(models.at("old")->limits.max_budget, usd(0.5));
  EXPECT_EQ(models.at("old")->spend, usd(0.25));
  EXPECT_EQ(models.at("new")->limits.windows.at(0).duration, "1d");
  EXPECT_EQ(models.at("new")->limits.windows.at(0).most, usd(2));
  EXPECT_EQ(models.at("other")->limits.rpm, 4); // metadata wins
  EXPECT_EQ(models.at("rates")->limits.tpm, 8);
  EXPECT_EQ(models.at("m")->id, "h:m");
  EXPECT_EQ(models.at("m")->owner_size, 1u);
  EXPECT_EQ(key(R"({"token":"h","key_alias":"ann","model_max_budget":{"m":1}})")->model_limits.at("m")->label,
            "ann");
  EXPECT_EQ(models.at("m")->kind, EntityKind::key_model);
  EXPECT_EQ(models.at("m")->limits.tpm, 6);
}

TEST_F(IdentityRows, ModelLimitsOfEverybodyElse) {
  budget(R"({"budget_id":"b","model_max_budget":{"m":{"budget_limit":2,"time_period":"1d","rpm_limit":3}}})");
  const auto check = [](const ModelLimits& models, EntityKind kind, std::string_view id, std::size_t owner) {
    ASSERT_TRUE(models.contains("m"));
    auto& entity = *models.at("m");
    EXPECT_EQ(entity.kind, kind);
    EXPECT_EQ(entity.id, id);
    EXPECT_EQ(entity.owner_size, owner);
    EXPECT_EQ(entity.limits.windows.at(0).most, usd(2));
  };
  auto organization = organization_of(row(R"({"organization_id":"o:1","budget_id":"b",
      "metadata":{"model_rpm_limit":{"m":4}}})"),
                                      context);
  check(organization->model_limits, EntityKind::organization_model, "o:1:m", 3);
  EXPECT_EQ(organization->model_limits.at("m")->limits.rpm, 4); // metadata wins
  auto project = project_of(row(R"({"project_id":"p","budget_id":"b","metadata":{},
      "model_rpm_limit":{"m":5},"model_tpm_limit":{"n":6}})"),
                            context);
  check(project->model_limits, EntityKind::project_model, "p:m", 1);
  EXPECT_EQ(project->model_limits.at("m")->limits.rpm, 5); // a column of its own
  EXPECT_EQ(project->model_limits.at("n")->limits.tpm, 6);
  auto member = member_of(row(R"({"user_id":"u","team_id":"t","budget_id":"b"})"), "", context);
  check(member->model_limits, EntityKind::member_model, "t:u:m", 3);
  auto customer = customer_of(row(R"({"user_id":"c","budget_id":"b"})"), context);
  check(customer->model_limits, EntityKind::customer_model, "c:m", 1);
  EXPECT_TRUE(matters(*customer));
  auto user = user_of(row(R"({"user_id":"u","model_max_budget":{"m":{"budget_limit":2,"time_period":"1d"}},
      "metadata":{"model_tpm_limit":{"m":7}}})"),
                      context);
  check(user->model_limits, EntityKind::user_model, "u:m", 1);
  EXPECT_EQ(user->model_limits.at("m")->limits.tpm, 7);
}

TEST_F(IdentityRows, TemporaryIncreaseNeedsItsEnd) {
  auto both = key(R"({"token":"h","max_budget":1,
    "metadata":{"temp_budget_increase":2,"temp_budget_expiry":"2026-01-01T00:00:00"}})");
  EXPECT_EQ(both->entity->limits.max_budget, usd(3));
  EXPECT_EQ(both->entity->limits.increase, usd(2));
  EXPECT_EQ(both->entity->limits.increase_ends, *read_time("2026-01-01"));
  for (auto metadata :
       {R"({"temp_budget_increase":2})", R"({"temp_budget_increase":2,"temp_budget_expiry":"x"})",
        R"({"temp_budget_increase":"lots","temp_budget_expiry":"2026-01-01"})"}) {
    auto alone = key(std::string(R"({"token":"h","max_budget":1,"metadata":)") + metadata + "}");
    EXPECT_EQ(alone->entity->limits.max_budget, usd(1)) << metadata;
    EXPECT_FALSE(alone->entity->limits.increase_ends) << metadata;
  }
  auto unlimited =
      key(R"({"token":"h","metadata":{"temp_budget_increase":2,"temp_budget_expiry":"2026-01-01"}})");
  EXPECT_FALSE(unlimited->entity->limits.any());
}

TEST_F(IdentityRows, DynamicLimitsAreBestEffortOnlyWhenAllAre) {
  const auto soft = [&](std::string_view types) {
    return key(std::string(R"({"token":"h","rpm_limit":1,"tpm_limit":1,"metadata":{)").append(types) + "}}")
        ->entity->limits.best_effort;
  };
  EXPECT_TRUE(soft(R"("rpm_limit_type":"dynamic","tpm_limit_type":"dynamic")"));
  EXPECT_FALSE(soft(R"("rpm_limit_type":"dynamic")"));
  EXPECT_FALSE(soft(R"("rpm_limit_type":"guaranteed_throughput","tpm_limit_type":"dynamic")"));
  EXPECT_FALSE(soft(""));
}

TEST_F(IdentityRows, JsonInsideJsonIsRead) {
  auto found = key(
      R"({"token":"h","models":"[\"a\",\"b\"]","metadata":"{\"tags\":[\"t\"],\"model_rpm_limit\":\"{\\\"m\\\":3}\"}",
    "model_max_budget":"{\"m\":{\"budget_limit\":\"1.5\",\"time_period\":\"1d\"}}",
    "budget_limits":"[{\"budget_duration\":\"1h\",\"max_budget\":2}]","aliases":"{\"x\":\"y\"}"})");
  EXPECT_EQ(found->models, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(found->tags, std::vector<std::string>{"t"});
  EXPECT_EQ(found->model_limits.at("m")->limits.rpm, 3);
  EXPECT_EQ(found->model_limits.at("m")->limits.windows.at(0).most, usd(1.5));
  EXPECT_EQ(found->entity->limits.windows.at(0).duration, "1h");
  EXPECT_EQ(found->aliases.at(0).first, "x");
}

TEST_F(IdentityRows, UnreadableLimitsAreLoggedByName) {
  for (auto [column, cells] : std::vector<std::pair<std::string, std::string>>{
           {"rpm_limit", R"("rpm_limit":"many")"},
           {"tpm_limit", R"("tpm_limit":[1])"},
           {"max_parallel_requests", R"("max_parallel_requests":true)"},
           {"max_budget", R"("max_budget":{"usd":1})"},
           {"budget_reset_at", R"("budget_reset_at":"soon")"},
           {"budget_limits", R"("budget_limits":{"24h":1})"},
           {"budget_limits", R"("budget_limits":[{"max_budget":1}])"},
           {"model_max_budget", R"("model_max_budget":[1])"},
           {"model_max_budget", R"("model_max_budget":{"m":{"budget_limit":"x"}})"},
           {"metadata", R"("metadata":"not json")"},
           {"metadata", R"("metadata":[1])"},
           {"model_rpm_limit", R"("metadata":{"model_rpm_limit":5})"},
           {"model_tpm_limit", R"("metadata":{"model_tpm_limit":{"m":"x"}})"},
           {"tags", R"("metadata":{"tags":5})"}}) {
    const std::string json = R"({"token":"the-id",)" + cells + "}";
    const std::string log = logged([&] { key(json); });
    EXPECT_NE(log.find("VerificationToken"), std::string::npos) << json;
    EXPECT_NE(log.find("the-id"), std::string::npos) << json;
    EXPECT_NE(log.find(column), std::string::npos) << json << log;
  }
}

TEST_F(IdentityRows, WhatRestrictsNeverOpensUp) {
  EXPECT_EQ(key(R"({"token":"h","models":[1,"a"]})")->models, (std::vector<std::string>{"1", "a"}));
  EXPECT_EQ(key(R"({"token":"h","models":"gpt-4"})")->models, std::vector<std::string>{"gpt-4"});
  EXPECT_EQ(key(R"({"token":"h","models":{"a":1}})")->models.size(), 1u);
  EXPECT_TRUE(key(R"({"token":"h","blocked":"perhaps"})")->blocked);
  EXPECT_FALSE(key(R"({"token":"h","blocked":"false"})")->blocked);
  EXPECT_EQ(key(R"({"token":"h","expires":"whenever"})")->expires, WallTime());
}

TEST_F(IdentityRows, NumbersOfAllKinds) {
  const auto limits = [&](std::string_view cells) {
    return key(std::string(R"({"token":"h",)").append(cells) + "}")->entity->limits;
  };
  EXPECT_EQ(limits(R"("rpm_limit":"12")").rpm, 12);
  EXPECT_EQ(limits(R"("rpm_limit":10.9)").rpm, 10);
  EXPECT_EQ(limits(R"("tpm_limit":1e300)").tpm, INT64_MAX);
  EXPECT_EQ(limits(R"("max_budget":"0.25")").max_budget, usd(0.25));
  EXPECT_EQ(limits(R"("max_budget":1e300)").max_budget, Money::most());
  EXPECT_FALSE(limits(R"("max_budget":"")").max_budget);
  EXPECT_FALSE(limits(R"("max_budget":"nan")").max_budget);
}

TEST_F(IdentityRows, TeamWithMembersAndAliases) {
  context.aliases["4"] = *parse_json(R"({"fast":"gpt-4o-mini"})");
  auto found = team(R"({"team_id":"t","team_alias":"A","organization_id":"o","model_id":4,"models":["m"],
    "members_with_roles":[{"role":"admin","user_id":"a"},{"role":"user","user_id":"b"},{"user_email":"no id"}],
    "admins":["a"],"members":["c"],"team_member_permissions":["/key/info"],"blocked":false,"soft_budget":1,
    "default_team_member_models":["d"],"max_parallel_requests":2,"model_max_budget":{"m":2},
    "metadata":{"team_member_budget_id":"tb","model_tpm_limit":{"m":7},"tags":["x"]}})");
  EXPECT_EQ(found->members,
            (std::vector<std::pair<std::string, std::string>>{{"a", "admin"}, {"b", "user"}, {"c", "user"}}));
  EXPECT_EQ(found->aliases.at(0).second, "gpt-4o-mini");
  EXPECT_EQ(found->default_member_models, std::vector<std::string>{"d"});
  EXPECT_EQ(member_budget_id(*found), "tb");
  EXPECT_EQ(found->entity->limits.soft_budget, usd(1));
  EXPECT_EQ(found->model_limits.at("m")->kind, EntityKind::team_model);
  EXPECT_EQ(found->model_limits.at("m")->limits.tpm, 7);
  EXPECT_EQ(found->model_limits.at("m")->limits.max_budget, usd(2));
  EXPECT_TRUE(team(R"({"team_id":"t","members_with_roles":{}})")->members.empty());
}

TEST_F(IdentityRows, MembersTakeTheirBudgetOrTheTeams) {
  budget(R"({"budget_id":"own","max_budget":1,"allowed_models":["m"]})");
  budget(R"({"budget_id":"team","max_budget":9,"rpm_limit":3})");
  auto own =
      member_of(row(R"({"user_id":"u","team_id":"t","spend":0.5,"budget_id":"own"})"), "team", context);
  EXPECT_EQ(own->entity->id, "t:u");
  EXPECT_EQ(own->entity->limits.max_budget, usd(1));
  EXPECT_EQ(own->allowed_models, std::vector<std::string>{"m"});
  EXPECT_EQ(own->entity->spend, usd(0.5));
  auto other = member_of(row(R"({"user_id":"v","team_id":"t","budget_id":null})"), "team", context);
  EXPECT_EQ(other->entity->limits.rpm, 3);
  EXPECT_FALSE(member_of(row(R"({"user_id":"v","team_id":"t"})"), "", context)->entity->limits.any());
}

TEST_F(IdentityRows, CustomersFallBackToTheSettings) {
  budget(R"({"budget_id":"own","rpm_limit":1})");
  budget(R"({"budget_id":"default","max_budget":2,"tpm_limit":5})");
  const auto limits = [&](std::string_view json) { return customer_of(row(json), context)->entity->limits; };
  EXPECT_FALSE(limits(R"({"user_id":"c"})").any());
  settings.max_end_user_budget = usd(7);
  EXPECT_EQ(limits(R"({"user_id":"c","budget_id":"own"})").max_budget, usd(7));
  EXPECT_EQ(limits(R"({"user_id":"c","budget_id":"own"})").rpm, 1);
  settings.max_end_user_budget_id = "default";
  EXPECT_EQ(limits(R"({"user_id":"c"})").max_budget, usd(2));
  EXPECT_EQ(limits(R"({"user_id":"c"})").tpm, 5);
}

TEST_F(IdentityRows, TheRest) {
  budget(R"({"budget_id":"b","max_budget":3})");
  auto user = user_of(row(R"({"user_id":"u","user_email":"e","user_role":"internal_user","teams":["t"],
    "models":["no-default-models"],"max_budget":4,"spend":"0.1"})"),
                      context);
  EXPECT_EQ(user->role, "internal_user");
  EXPECT_EQ(user->entity->limits.max_budget, usd(4));
  EXPECT_EQ(user->entity->spend, usd(0.1));
  auto org = organization_of(row(R"({"organization_id":"o","budget_id":"b","models":["m"]})"), context);
  EXPECT_EQ(org->entity->limits.max_budget, usd(3));
  auto project =
      project_of(row(R"({"project_id":"p","team_id":"t","budget_id":"b","blocked":true})"), context);
  EXPECT_TRUE(project->blocked);
  EXPECT_EQ(project->entity->kind, EntityKind::project);
  auto tag = tag_of(row(R"({"tag_name":"x","budget_id":"b"})"), context);
  EXPECT_TRUE(matters(*tag));
  EXPECT_FALSE(matters(*tag_of(row(R"({"tag_name":"y"})"), context)));
  auto group =
      access_group_of(row(R"({"access_group_id":"1","access_group_name":"n","access_model_names":["m"]})"));
  EXPECT_EQ(group->name, "n");
  EXPECT_EQ(group->models, std::vector<std::string>{"m"});
}

TEST_F(IdentityRows, ARotatedKeyEndsWithItsGrace) {
  const auto grace = *read_time("2026-01-01"), soon = *read_time("2025-12-01");
  auto active = key(R"({"token":"new","max_budget":1})");
  auto old = rotated(*active, grace);
  EXPECT_EQ(old->expires, grace);
  EXPECT_EQ(old->entity, active->entity); // one ledger for both
  auto ending = key(R"({"token":"new","expires":"2025-12-01"})");
  EXPECT_EQ(rotated(*ending, grace)->expires, soon);
}

} // namespace
} // namespace switchyard::storage::identities
