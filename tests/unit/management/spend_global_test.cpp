// /global/* and daily activity: sums by day, team, model, provider and key. One thread.
#include "unit/management/spend_rows.hpp"

namespace switchyard::management {
namespace {

constexpr const char* k_may = "?start_date=2026-04-30&end_date=2026-05-02";

TEST(GlobalSpend, SumsOfThirtyDays) {
  SpendWorld w;
  w.plane.max_budget = Money::from_usd(100);
  EXPECT_EQ(w.text("/global/spend"), R"({"spend":4,"max_budget":100})");
  EXPECT_EQ(
      w.text("/global/spend/logs"),
      R"([{"date":"2026-04-30","spend":1},{"date":"2026-05-01","spend":0},{"date":"2026-05-02","spend":3}])");
  EXPECT_EQ(w.text("/global/spend/logs?api_key=k2"),
            R"([{"date":"2026-05-01","spend":0},{"date":"2026-05-02","spend":2.5}])");
  EXPECT_EQ(w.text("/global/spend/keys?limit=1"),
            R"([{"api_key":"k2","key_alias":"two","key_name":null,"total_spend":2.5}])");
  EXPECT_EQ(w.text("/global/spend/models"),
            R"([{"model":"claude","total_spend":2.5},{"model":"gpt-4o","total_spend":1.5}])");
  EXPECT_EQ(w.text(std::string("/global/spend/provider") + k_may),
            R"([{"provider":"anthropic","spend":2.5},{"provider":"openai","spend":1.5},)"
            R"({"provider":"Unassigned","spend":0}])");
  w.get("/global/spend/provider", 400);
  w.get("/global/spend/keys?limit=x", 422);
  w.as_user("ann");
  EXPECT_EQ(w.text("/global/spend"), R"({"spend":1.5,"max_budget":100})");
}

TEST(GlobalSpend, TeamsByDay) {
  SpendWorld w;
  EXPECT_EQ(
      w.text("/global/spend/teams"),
      R"({"daily_spend":[{"date":"2026-04-30","Red":1},{"date":"2026-05-01","Unassigned":0},)"
      R"({"date":"2026-05-02","Red":0.5,"Blue":2.5}],"teams":["Blue","Red","Unassigned"],)"
      R"("total_spend_per_team":[{"team_id":"Blue","total_spend":2.5},{"team_id":"Red","total_spend":1.5},)"
      R"({"team_id":"Unassigned","total_spend":0}]})");
}

TEST(GlobalSpend, EndUsers) {
  SpendWorld w;
  EXPECT_EQ(w.text("/global/all_end_users"), R"({"end_users":["carl","dora"]})");
  const auto all = w.post("/global/spend/end_users", "{}");
  EXPECT_EQ(w.each(all, "total_spend"), "2.5 1 0.5");
  const auto some = w.post("/global/spend/end_users",
                           R"({"api_key":"k1","startTime":"2026-04-30","endTime":"2026-05-01T00:00:00Z"})");
  EXPECT_EQ(to_json(some), R"([{"end_user":"carl","total_count":1,"total_spend":1}])");
  w.post("/global/spend/end_users", R"({"startTime":"soon"})", 422);
}

TEST(GlobalSpend, Reports) {
  SpendWorld w;
  const std::string report = std::string("/global/spend/report") + k_may;
  EXPECT_EQ(w.text(report + "&group_by=team&team_id=t1"),
            R"([{"group_by_day":"2026-04-30T00:00:00+00:00","teams":[{"team_name":"Red","total_spend":1,)"
            R"("metadata":[{"model":"gpt-4o","spend":1,"total_tokens":15,"api_key":"k1"}]}]},)"
            R"({"group_by_day":"2026-05-02T00:00:00+00:00","teams":[{"team_name":"Red","total_spend":0.5,)"
            R"("metadata":[{"model":"gpt-4o","spend":0.5,"total_tokens":5,"api_key":"k1"}]}]}])");
  EXPECT_NE(w.text(report).find("Unassigned Team"), std::string::npos);
  EXPECT_NE(w.text(report + "&group_by=customer").find(R"({"customer":"carl","total_spend":1,)"),
            std::string::npos);
  const std::string of_ann =
      R"([{"api_key":"k1","total_cost":1.5,"total_input_tokens":14,"total_output_tokens":6,"model_details":)"
      R"([{"model":"gpt-4o","total_cost":1.5,"total_input_tokens":14,"total_output_tokens":6}]}])";
  EXPECT_EQ(w.text(report + "&internal_user_id=ann"), of_ann);
  EXPECT_EQ(w.text(report + "&api_key=k1"), of_ann);
  EXPECT_EQ(w.each(w.get(report + "&group_by=api_key"), "api_key"), "k2 k1");
  w.get("/global/spend/report?group_by=team", 400);
  w.get(report + "&group_by=colour", 422);
  w.as_user("ann");
  EXPECT_EQ(w.text(report + "&group_by=api_key"), of_ann);
}

TEST(GlobalSpend, ResetIsTheMasterKeysAlone) {
  SpendWorld w;
  w.as_user("root", "proxy_admin");
  w.answer("POST", "/global/spend/reset", "", 403);
  w.as_master();
  EXPECT_EQ(text_at(w.answer("POST", "/global/spend/reset"), "status"), "success");
  EXPECT_EQ(w.last.touched.size(), 3u); // two keys, one team that had spent
  EXPECT_TRUE(w.last.touched.front().spend_set);
  EXPECT_EQ(w.each(w.get("/spend/keys"), "spend"), "0 0");
  EXPECT_EQ(text_at(w.answer("POST", "/global/spend/refresh"), "status"), "success");
}

TEST(GlobalSpend, Forecast) {
  SpendWorld w;
  const auto seen = w.post("/global/predict/spend/logs",
                           R"({"data":[{"date":"2026-04-28","spend":1},{"date":"2026-04-29","spend":3}]})");
  EXPECT_EQ(to_json(seen), R"({"response":[{"date":"2026-04-30","predicted_spend":2}],)"
                           R"("predicted_spend":"Predicted Spend for Apr, $6"})");
  w.post("/global/predict/spend/logs", R"({"data":[{"date":"x","spend":1}]})", 422);
}

TEST(GlobalActivity, RequestsAndTokens) {
  SpendWorld w;
  EXPECT_EQ(
      w.text(std::string("/global/activity") + k_may),
      R"({"daily_data":[{"date":"Apr 30","api_requests":1,"total_tokens":15},)"
      R"({"date":"May 01","api_requests":1,"total_tokens":0},)"
      R"({"date":"May 02","api_requests":2,"total_tokens":155}],"sum_api_requests":4,"sum_total_tokens":170})");
  EXPECT_EQ(w.each(w.get(std::string("/global/activity/model") + k_may), "sum_total_tokens"), "20 150");
  EXPECT_EQ(w.each(w.get(std::string("/global/activity/cache_hits") + k_may), "cache_hit_true_rows"), "0 1");
  w.get("/global/activity", 400);
  w.as_user("ann");
  EXPECT_EQ(w.each(w.get(std::string("/global/activity/model") + k_may), "model"), "big");
}

TEST(GlobalActivity, Refusals) {
  SpendWorld w;
  for (auto id : {"1", "2"})
    w.insert("ErrorLogs", std::string(R"({"startTime":"2026-05-01T01:00:00Z","endTime":"2026-05-01T01:00:00Z",
      "api_base":"https://a","model_group":"big","status_code":"429","request_id":")") +
                              id + "\"}");
  EXPECT_EQ(
      w.text(std::string("/global/activity/exceptions") + k_may + "&model_group=big"),
      R"({"daily_data":[{"date":"May 01","num_rate_limit_exceptions":2}],"sum_num_rate_limit_exceptions":2})");
  EXPECT_EQ(w.each(w.get(std::string("/global/activity/exceptions/deployment") + k_may), "api_base"),
            "https://a");
}

// -- daily activity

class DailyWorld : public SpendWorld {
 public:
  DailyWorld() {
    row("DailyTeamSpend", R"("id":"1","team_id":"t1","date":"2026-05-01","api_key":"k1","model":"gpt-4o")");
    row("DailyTeamSpend", R"("id":"2","team_id":"t1","date":"2026-05-02","api_key":"k2","model":"gpt-4o")");
    row("DailyTeamSpend", R"("id":"3","team_id":"t2","date":"2026-05-02","api_key":"k2","model":"claude")");
    row("DailyUserSpend", R"("id":"1","user_id":"ann","date":"2026-05-01","api_key":"k1","model":"gpt-4o")");
    row("DailyUserSpend", R"("id":"2","user_id":"bob","date":"2026-05-01","api_key":"k2","model":"claude")");
  }
  void row(std::string_view table, const std::string& members) {
    insert(table, "{" + members +
                      R"(,"model_group":"g","custom_llm_provider":"openai","endpoint":"/chat/completions",
                      "mcp_namespaced_tool_name":"","prompt_tokens":10,"completion_tokens":2,"spend":1,
                      "cache_read_input_tokens":3,"api_requests":2,"successful_requests":1,"failed_requests":1})");
  }
  std::string total(const std::string& target) {
    const auto body = get(target);
    return to_json(*body.find("metadata")->find("total_spend"));
  }
};

TEST(DailyActivity, TreeOfADay) {
  DailyWorld w;
  const auto body = w.get("/user/daily/activity?start_date=2026-05-01&end_date=2026-05-01&user_id=ann");
  const std::string m = R"({"spend":1,"prompt_tokens":10,"completion_tokens":2,"cache_read_input_tokens":3,)"
                        R"("cache_creation_input_tokens":0,"total_tokens":12,"successful_requests":1,)"
                        R"("failed_requests":1,"api_requests":2})";
  const std::string key = R"("k1":{"metrics":)" + m + R"(,"metadata":{"key_alias":"one","team_id":"t1"}})";
  const auto part = [&](const std::string& name, const std::string& metadata = "{}") {
    return "{\"" + name + "\":{\"metrics\":" + m + ",\"metadata\":" + metadata + ",\"api_key_breakdown\":{" +
           key + "}}}";
  };
  EXPECT_EQ(to_json(*body.find("results")),
            R"([{"date":"2026-05-01","metrics":)" + m + R"(,"breakdown":{"models":)" + part("gpt-4o") +
                R"(,"model_groups":)" + part("g") + R"(,"mcp_servers":{},"providers":)" + part("openai") +
                R"(,"endpoints":)" + part("/chat/completions") + R"(,"entities":)" +
                part("ann", R"({"user_email":"a@x"})") + R"(,"api_keys":{)" + key + "}}}]");
  EXPECT_EQ(to_json(*body.find("metadata")),
            R"({"total_spend":1,"total_prompt_tokens":10,"total_completion_tokens":2,)"
            R"("total_cache_read_input_tokens":3,"total_cache_creation_input_tokens":0,"total_tokens":12,)"
            R"("total_successful_requests":1,"total_failed_requests":1,"total_api_requests":2,)"
            R"("page":1,"total_pages":1,"has_more":false})");
}

TEST(DailyActivity, PagesFiltersAndSums) {
  DailyWorld w;
  const auto body = w.get(std::string("/team/daily/activity") + k_may + "&page_size=2");
  EXPECT_EQ(w.each(*body.find("results"), "date"), "2026-05-02");
  EXPECT_EQ(to_json(*body.find("metadata")->find("has_more")), "true");
  const std::string teams = std::string("/team/daily/activity/aggregated") + k_may;
  EXPECT_EQ(w.total(teams), "3");
  EXPECT_EQ(w.total(teams + "&team_ids=t1"), "2");
  EXPECT_EQ(w.total(teams + "&exclude_team_ids=t1"), "1");
  EXPECT_EQ(w.total(teams + "&model=claude"), "1");
  EXPECT_EQ(w.total(teams + "&api_key=k1"), "1");
  for (auto kind : {"tag", "organization", "customer", "agent"})
    EXPECT_EQ(w.total("/" + std::string(kind) + "/daily/activity" + k_may), "0") << kind;
  w.get("/team/daily/activity", 400);
  w.get(std::string("/team/daily/activity") + k_may + "&page_size=1001", 422);
}

TEST(DailyActivity, OthersSeeTheirOwn) {
  DailyWorld w;
  const std::string teams = std::string("/team/daily/activity") + k_may;
  const std::string users = std::string("/user/daily/activity") + k_may;
  w.as_user("ann"); // leads t1
  EXPECT_EQ(w.total(teams), "2");
  EXPECT_EQ(w.total(users), "1");
  w.get(teams + "&team_ids=t2", 403);
  w.get(users + "&user_id=bob", 403);
  w.as_user("bob"); // a member: what bob's key did in t1
  EXPECT_EQ(w.total(teams), "1");
  w.as_user("eve");
  EXPECT_EQ(w.total(teams), "0");
  w.get(std::string("/organization/daily/activity") + k_may + "&organization_ids=o1", 403);
  w.insert("OrganizationMembership", R"({"user_id":"eve","organization_id":"o1","user_role":"org_admin"})");
  EXPECT_EQ(w.total(std::string("/organization/daily/activity") + k_may + "&organization_ids=o1"), "0");
}

} // namespace
} // namespace switchyard::management
