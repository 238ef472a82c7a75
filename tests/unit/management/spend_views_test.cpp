// /spend/*: what keys, users, tags and calls have cost, to whom it is shown, and prices. One thread.
#include "unit/management/spend_rows.hpp"

namespace switchyard::management {
namespace {

TEST(SpendViews, KeysAndUsersByTheirSpend) {
  SpendWorld w;
  EXPECT_EQ(w.each(w.get("/spend/keys"), "token"), "k2 k1");
  EXPECT_EQ(w.each(w.get("/spend/users"), "user_id"), "bob ann");
  EXPECT_EQ(w.each(w.get("/spend/users?user_id=ann"), "password"), "-");
  w.as_user("ann");
  EXPECT_EQ(w.each(w.get("/spend/keys"), "token"), "k1");
  EXPECT_EQ(w.each(w.get("/spend/users"), "user_id"), "ann");
  w.get("/spend/users?user_id=bob", 403);
  w.as_user("viewer", "proxy_admin_viewer");
  EXPECT_EQ(w.each(w.get("/spend/keys"), "token"), "k2 k1");
}

TEST(SpendViews, TagsComeFromTheDailyTable) {
  SpendWorld w;
  for (auto row : {R"({"id":"1","tag":"a","date":"2026-05-01","api_key":"k1","spend":1,"api_requests":2})",
                   R"({"id":"2","tag":"a","date":"2026-05-02","api_key":"k2","spend":2,"api_requests":3})",
                   R"({"id":"3","tag":"b","date":"2026-05-02","api_key":"k1","spend":9,"api_requests":1})"})
    w.insert("DailyTagSpend", row);
  EXPECT_EQ(w.text("/spend/tags"), R"([{"individual_request_tag":"b","log_count":1,"total_spend":9},)"
                                   R"({"individual_request_tag":"a","log_count":5,"total_spend":3}])");
  EXPECT_EQ(w.text("/spend/tags?start_date=2026-05-02&end_date=2026-05-02"),
            R"([{"individual_request_tag":"b","log_count":1,"total_spend":9},)"
            R"({"individual_request_tag":"a","log_count":3,"total_spend":2}])");
  w.get("/spend/tags?start_date=yesterday", 400);
  EXPECT_EQ(w.text("/global/spend/tags?tags=a"),
            R"({"spend_per_tag":[{"name":"a","spend":3,"log_count":5}]})");
  EXPECT_EQ(w.text("/global/spend/all_tag_names"), R"({"tag_names":["a","b"]})");
  w.as_user("bob");
  EXPECT_EQ(w.text("/global/spend/all_tag_names"), R"({"tag_names":["a"]})");
}

TEST(SpendViews, LogsByFilter) {
  SpendWorld w;
  EXPECT_EQ(w.each(w.get("/spend/logs"), "request_id"), "r2 r3 r4 r1 old");
  EXPECT_EQ(w.each(w.get("/spend/logs?api_key=k1"), "request_id"), "r2 r1");
  EXPECT_EQ(w.each(w.get("/spend/logs?user_id=bob"), "request_id"), "r3 r4 old");
  EXPECT_EQ(w.each(w.get("/spend/logs?request_id=r1"), "response"), R"({"id":"r1"})");
  EXPECT_EQ(
      w.each(w.get("/spend/logs?start_date=2026-05-01&end_date=2026-05-02&summarize=false"), "request_id"),
      "r2 r3 r4");
  w.as_user("ann");
  EXPECT_EQ(w.each(w.get("/spend/logs?user_id=bob"), "request_id"), "");
  EXPECT_EQ(w.each(w.get("/spend/logs"), "request_id"), "r2 r1");
}

TEST(SpendViews, LogsSummarizedByDay) {
  SpendWorld w;
  EXPECT_EQ(w.text("/spend/logs?start_date=2026-04-30&end_date=2026-05-03"),
            R"([{"startTime":"2026-04-30","spend":1,"users":{"ann":1},"models":{"gpt-4o":1},"k1":1},)"
            R"({"startTime":"2026-05-01","spend":0,"users":{"bob":0},"models":{"claude":0},"k2":0},)"
            R"({"startTime":"2026-05-02","spend":3,"users":{"ann":0.5,"bob":2.5},)"
            R"("models":{"claude":2.5,"gpt-4o":0.5},"k1":0.5,"k2":2.5},)"
            R"({"startTime":"2026-05-03","spend":0,"users":{},"models":{}}])");
  w.get("/spend/logs?start_date=2026-04-30&end_date=May", 400);
  w.get("/spend/logs?start_date=0001-01-01&end_date=9999-01-01", 400);
}

std::string page(SpendWorld& w, const std::string& filters) {
  const auto body =
      w.get("/spend/logs/v2?start_date=2026-04-01%2000:00:00&end_date=2026-05-03%2000:00:00" + filters);
  return w.each(*body.find("data"), "request_id") + " of " + to_json(*body.find("total")) + ", page " +
         to_json(*body.find("page")) + "/" + to_json(*body.find("total_pages"));
}

TEST(SpendViews, PagesWithFilters) {
  SpendWorld w;
  EXPECT_EQ(page(w, ""), "r2 r3 r4 r1 of 4, page 1/1");
  EXPECT_EQ(page(w, "&page_size=3"), "r2 r3 r4 of 4, page 1/2");
  EXPECT_EQ(page(w, "&page_size=3&page=2"), "r1 of 4, page 2/2");
  EXPECT_EQ(page(w, "&sort_by=spend&sort_order=desc"), "r3 r1 r2 r4 of 4, page 1/1");
  EXPECT_EQ(page(w, "&api_key=k1"), "r2 r1 of 2, page 1/1");
  EXPECT_EQ(page(w, "&user_id=bob&model=claude"), "r3 r4 of 2, page 1/1");
  EXPECT_EQ(page(w, "&team_id=t1&end_user=carl"), "r1 of 1, page 1/1");
  EXPECT_EQ(page(w, "&min_spend=0.5&max_spend=1"), "r2 r1 of 2, page 1/1");
  EXPECT_EQ(page(w, "&status_filter=success"), "r2 r3 r1 of 3, page 1/1");
  EXPECT_EQ(page(w, "&status_filter=failure"), "r4 of 1, page 1/1");
  EXPECT_EQ(page(w, "&key_alias=one"), "r1 of 1, page 1/1");
  EXPECT_EQ(page(w, "&error_code=429"), "r4 of 1, page 1/1");
  w.as_user("ann");
  EXPECT_EQ(page(w, "&user_id=bob"), " of 0, page 1/0");
  EXPECT_EQ(page(w, ""), "r2 r1 of 2, page 1/1");
}

TEST(SpendViews, PagesLeaveOutWhatIsHeavy) {
  SpendWorld w;
  const auto body = w.get("/spend/logs/ui?request_id=r1");
  auto& row = body.find("data")->as_list()->front();
  EXPECT_EQ(to_json(*row.find("messages")), "{}");
  EXPECT_EQ(to_json(*row.find("startTime")), R"("2026-04-30T10:00:00.000000Z")");
  EXPECT_EQ(to_json(*row.find("request_tags")), R"(["a","b"])");
  EXPECT_EQ(
      w.text("/spend/logs/ui/r1"),
      R"({"messages":[{"role":"user","content":"hi"}],"response":{"id":"r1"},"proxy_server_request":{}})");
  EXPECT_EQ(w.text("/spend/logs/ui/none"), "null");
  EXPECT_EQ(w.each(w.get("/spend/logs/session/ui?session_id=s1"), "request_id"), "r1 r2");
  w.get("/spend/logs/session/ui", 422);
  w.as_user("bob");
  EXPECT_EQ(w.text("/spend/logs/ui/r1"), "null");
  EXPECT_EQ(w.text("/spend/logs/session/ui?session_id=s1"), "[]");
}

TEST(SpendViews, OddQueriesAreRefused) {
  SpendWorld w;
  w.get("/spend/logs/v2", 400);
  w.get("/spend/logs/v2?start_date=x&end_date=y", 400);
  const std::string dated = "/spend/logs/v2?start_date=2026-04-01&end_date=2026-05-03";
  w.get(dated + "&page_size=101", 422);
  w.get(dated + "&page=0", 422);
  w.get(dated + "&min_spend=much", 422);
  w.get(dated + "&sort_by=spend;drop", 400);
  EXPECT_EQ(w.text(dated + "&api_key='%20OR%201=1--"),
            R"({"data":[],"total":0,"page":1,"page_size":50,"total_pages":0})");
}

TEST(SpendViews, Calculate) {
  SpendWorld w;
  const auto cost = w.post("/spend/calculate", R"({"completion_response":{"model":"gpt-4o","usage":
    {"prompt_tokens":1000,"completion_tokens":100,"prompt_tokens_details":{"cached_tokens":400}}}})");
  EXPECT_EQ(to_json(cost), R"({"cost":0.003})"); // 600 * 2.5 + 400 * 1.25 + 100 * 10, per million
  const auto asked =
      w.post("/spend/calculate",
             R"({"model":"gpt-4o","messages":[{"role":"user","content":"How are you today?"}]})");
  double dollars = 0;
  EXPECT_TRUE(asked.find("cost")->number(dollars));
  EXPECT_GT(dollars, 0);
  w.post("/spend/calculate", R"({"model":"gpt-4o"})", 400);
  w.post("/spend/calculate", R"({})", 400);
  EXPECT_EQ(w.refusal("/spend/calculate", R"({"model":"no-such","messages":[]})", 400),
            "This model isn't mapped yet. model=no-such");
}

TEST(SpendViews, CalculateUsesTheDeploymentsOwnPrice) {
  SpendWorld w;
  ModelRow row;
  row.model_name = "mine", row.params.model = "openai/gpt-4o";
  row.params.raw = {{"model", Value(std::string("openai/gpt-4o"))}, {"input_cost_per_token", Value(1.0)}};
  w.config.models.push_back(row);
  EXPECT_EQ(to_json(w.post("/spend/calculate",
                           R"({"completion_response":{"model":"mine","usage":{"prompt_tokens":2}}})")),
            R"({"cost":2})");
}

TEST(SpendViews, EstimateByDayAndMonth) {
  SpendWorld w;
  w.plane.adjustments["openai"].margin_fixed = Money::from_usd(0.5);
  const auto cost = w.post("/cost/estimate", R"({"model":"gpt-4o","input_tokens":1000000,"output_tokens":0,
    "num_requests_per_day":10})");
  EXPECT_EQ(to_json(*cost.find("cost_per_request")), "3");
  EXPECT_EQ(to_json(*cost.find("margin_cost_per_request")), "0.5");
  EXPECT_EQ(to_json(*cost.find("daily_cost")), "30");
  EXPECT_EQ(to_json(*cost.find("daily_input_cost")), "25");
  EXPECT_EQ(to_json(*cost.find("monthly_cost")), "null");
  EXPECT_EQ(to_json(*cost.find("provider")), R"("openai")");
  w.post("/cost/estimate", R"({"model":"gpt-4o"})", 422);
  w.post("/cost/estimate", R"({"model":"gpt-4o","input_tokens":-1,"output_tokens":1})", 422);
}

TEST(SpendViews, CostMap) {
  SpendWorld w;
  const auto map = w.get("/public/litellm_model_cost_map");
  EXPECT_GT(map.as_map()->size(), 2000u);
  EXPECT_EQ(to_json(*map.find("gpt-4o")->find("output_cost_per_token")), "1e-05");
  EXPECT_EQ(text_at(w.get("/model/cost_map/source"), "source"), "local");
  w.as_user("ann");
  w.get("/model/cost_map/source", 403);
}

} // namespace
} // namespace switchyard::management
