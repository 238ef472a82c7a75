// What a process does to keys by itself: rotation, and old keys of the admin page.
#include "../world.hpp"
#include "management/secrets.hpp"

#include <switchyard/management_jobs.hpp>

using namespace switchyard;
using namespace switchyard::management;

namespace {

using namespace std::chrono_literals;

class KeyJobs : public ::testing::Test {
 protected:
  std::string token(std::string_view body) {
    return std::string(text_at(world.post("/key/generate", body), "token"));
  }
  Call call() {
    auto copy = std::make_shared<Config>(world.config);
    copy->plane = std::make_shared<PlaneSettings>(world.plane);
    Call out;
    out.config = copy, out.now = world.now;
    out.caller.is_master = true, out.caller.role = "proxy_admin";
    return out;
  }
  Rows due() {
    auto rows = claim_due_keys(world.session(), call(), 10);
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? *rows : Rows();
  }
  Rows rows_of(const std::string& hash) {
    return world.rows("VerificationToken", {{"token", "=", text_value(hash)}});
  }
  World world;
};

TEST_F(KeyJobs, only_keys_that_are_due_and_each_for_one_process) {
  const auto hash = token(R"({"auto_rotate":true,"rotation_interval":"30d"})");
  token(R"({"auto_rotate":false,"rotation_interval":"30d"})");
  token(R"({"auto_rotate":true})");                                           // nothing says how often
  token(R"({"auto_rotate":true,"rotation_interval":"30d","duration":"1d"})"); // expired by then
  EXPECT_TRUE(due().empty());
  world.now += 24h * 31;
  const auto rows = due();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(text_of(rows[0], "token"), hash);
  EXPECT_TRUE(due().empty()) << "claimed";
  world.now += 11min;
  EXPECT_EQ(due().size(), 1u) << "whoever claimed it did not do it";
}

TEST_F(KeyJobs, a_key_without_a_date_is_due_at_once) {
  const auto hash = token(R"({"auto_rotate":true,"rotation_interval":"30d"})");
  const Change unset{"key_rotation_at", Value()};
  const Condition same{"token", "=", text_value(hash)};
  ASSERT_TRUE(world.session().update("VerificationToken", {&unset, 1}, {&same, 1}));
  EXPECT_EQ(due().size(), 1u);
}

TEST_F(KeyJobs, rotation_keeps_the_old_value_for_its_grace) {
  world.plane.key_rotation_grace_period = "2h";
  const auto hash =
      token(R"({"auto_rotate":true,"rotation_interval":"30d","key_alias":"ci","max_budget":5})");
  world.now += 24h * 31;
  const auto rows = due();
  ASSERT_EQ(rows.size(), 1u);
  const auto plan = plan_rotation(rows[0], call());
  const auto told = json(plan.told);
  EXPECT_EQ(text_at(told, "event"), "key_rotated");
  EXPECT_EQ(text_at(told, "key"), plan.key);
  EXPECT_EQ(text_at(told, "key_alias"), "ci");
  EXPECT_EQ(text_at(told, "previous_token_id"), hash);
  EXPECT_EQ(text_at(told, "token_id"), hash_of(plan.key));
  EXPECT_EQ(text_at(told, "previous_valid_until"), storage::wire_time(world.now + 2h));
  ASSERT_EQ(rows_of(hash).size(), 1u) << "nothing happens before somebody was told";

  const auto touched = rotate_key(world.session(), call(), rows[0], plan.key);
  ASSERT_TRUE(touched) << touched.error().message;
  ASSERT_EQ(touched->size(), 2u);
  EXPECT_TRUE(rows_of(hash).empty());
  const auto fresh = rows_of(hash_of(plan.key));
  ASSERT_EQ(fresh.size(), 1u);
  EXPECT_EQ(number_of(fresh[0], "rotation_count"), 1);
  EXPECT_EQ(number_of(fresh[0], "max_budget"), 5);
  EXPECT_EQ(text_of(fresh[0], "key_rotation_at"), storage::wire_time(world.now + 24h * 30));
  EXPECT_EQ(text_of(fresh[0], "last_rotation_at"), storage::wire_time(world.now));
  const auto replaced = world.rows("DeprecatedVerificationToken");
  ASSERT_EQ(replaced.size(), 1u);
  EXPECT_EQ(text_of(replaced[0], "token"), hash);
  world.now += 3h;
  EXPECT_TRUE(due().empty());
  EXPECT_TRUE(world.rows("DeprecatedVerificationToken").empty()) << "its grace is over";
}

TEST_F(KeyJobs, a_key_that_went_meanwhile_is_left_alone) {
  token(R"({"auto_rotate":true,"rotation_interval":"30d","key_alias":"gone"})");
  world.now += 24h * 31;
  const auto rows = due();
  ASSERT_EQ(rows.size(), 1u);
  world.post("/key/delete", R"({"key_aliases":["gone"]})");
  const auto touched = rotate_key(world.session(), call(), rows[0], new_key());
  ASSERT_TRUE(touched);
  EXPECT_TRUE(touched->empty());
  EXPECT_TRUE(world.rows("VerificationToken").empty());
}

TEST_F(KeyJobs, expired_keys_of_the_admin_page_go) {
  const auto row = [](std::string_view hash, std::string_view team, std::string_view expires) {
    return R"({"token":")" + std::string(hash) + R"(","team_id":")" + std::string(team) + R"(","expires":")" +
           std::string(expires) + "\"}";
  };
  world.insert("VerificationToken", row("old", "litellm-dashboard", "2026-05-01T00:00:00Z"));
  world.insert("VerificationToken", row("live", "litellm-dashboard", "2026-05-03T00:00:00Z"));
  world.insert("VerificationToken", row("mine", "t", "2026-05-01T00:00:00Z"));
  const auto gone = delete_expired_ui_keys(world.session(), call(), 10);
  ASSERT_TRUE(gone);
  ASSERT_EQ(gone->size(), 1u);
  EXPECT_EQ((*gone)[0].id, "old");
  EXPECT_EQ(world.rows("VerificationToken").size(), 2u);
  EXPECT_EQ(world.rows("DeletedVerificationToken").size(), 1u);
}

TEST(KeyAliases, their_form_is_checked_when_asked_for) {
  World world;
  const auto with = [](std::string_view alias) { return R"({"key_alias":")" + std::string(alias) + "\"}"; };
  const auto odd = std::string(text_at(world.post("/key/generate", with("what ever")), "key"));
  world.plane.check_key_aliases = true;
  for (auto alias : {"x", "-ab", "ab-", "a b", "a\\u00e4b"})
    EXPECT_EQ(world.refusal("/key/generate", with(alias), 400),
              "Invalid key_alias format. Must be 2-255 characters, start/end with alphanumeric, and only "
              "contain a-zA-Z0-9_-/.@.")
        << alias;
  world.refusal("/key/generate", with(std::string(256, 'a')), 400);
  for (auto alias : {"ab", "team/ci-1@host_x.y"}) world.post("/key/generate", with(alias));
  world.post("/key/generate", with(std::string(255, 'a')));
  // One that was there before may stay, but no key may be given such a one.
  world.post("/key/update", R"({"key":")" + odd + R"(","key_alias":"what ever","max_budget":1})");
  world.refusal("/key/update", R"({"key":")" + odd + R"(","key_alias":"what  ever"})", 400);
}

TEST(KeySoftBudgets, new_keys_get_the_usual_one) {
  World world;
  world.plane.soft_budget = Money::from_usd(3);
  EXPECT_EQ(number_of(*world.post("/key/generate", "{}").as_map(), "soft_budget"), 3);
  EXPECT_EQ(number_of(*world.post("/key/generate", R"({"soft_budget":7})").as_map(), "soft_budget"), 7);
  world.insert("BudgetTable", R"({"budget_id":"b","max_budget":1,"created_by":"x","updated_by":"x"})");
  const auto key = world.post("/key/generate", R"({"budget_id":"b"})");
  EXPECT_TRUE(!key.find("soft_budget") || key.find("soft_budget")->is_null()) << "its tier decides";
}

} // namespace
