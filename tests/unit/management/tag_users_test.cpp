// /tag/distinct, dau, wau, mau, summary, per-user. One thread.
#include "unit/management/spend_rows.hpp"

namespace switchyard::management {
namespace {

/// ann's key k1 and bob's k2 with User-Agents on some days; "now" is 2026-05-02.
class TagUsers : public ::testing::Test {
 protected:
  TagUsers() {
    day("2026-05-02", "User-Agent: codex", "k1", 3, 30);
    day("2026-05-02", "User-Agent: codex", "k2", 1, 10);
    day("2026-05-01", "User-Agent: codex", "k1", 1, 10);
    day("2026-04-20", "User-Agent: claude", "k2", 5, 50);
    day("2026-05-02", "product:x", "gone", 1, 1);
  }
  void day(std::string_view date, std::string_view tag, std::string_view key, int calls, int tokens) {
    w.insert("DailyTagSpend", R"({"id":")" + std::to_string(++count) + R"(","date":")" + std::string(date) +
                                  R"(","tag":")" + std::string(tag) + R"(","api_key":")" + std::string(key) +
                                  R"(","model":"m","custom_llm_provider":"p","spend":0.5,"api_requests":)" +
                                  std::to_string(calls) + R"(,"successful_requests":)" +
                                  std::to_string(calls) +
                                  R"(,"failed_requests":0,"completion_tokens":0,"prompt_tokens":)" +
                                  std::to_string(tokens) + "}");
  }
  SpendWorld w;
  int count = 0;
};

TEST_F(TagUsers, ByDayWeekAndMonth) {
  EXPECT_EQ(
      w.text("/tag/dau"),
      R"({"results":[{"tag":"User-Agent: codex","active_users":2,"date":"2026-05-02","period_start":null,)"
      R"("period_end":null},{"tag":"User-Agent: codex","active_users":1,"date":"2026-05-01",)"
      R"("period_start":null,"period_end":null}]})");
  EXPECT_EQ(w.text("/tag/wau"),
            R"x({"results":[{"tag":"User-Agent: claude","active_users":1,"date":"Week 6 (Apr 20)",)x"
            R"("period_start":"2026-04-20 00:00:00","period_end":"2026-04-26 00:00:00"},)"
            R"x({"tag":"User-Agent: codex","active_users":2,"date":"Week 7 (Apr 27)",)x"
            R"("period_start":"2026-04-27 00:00:00","period_end":"2026-05-03 00:00:00"}]})");
  const auto month = w.get("/tag/mau?tag_filter=CODEX");
  EXPECT_EQ(w.each(*month.find("results"), "date"), "Month 7 (Apr)");
  EXPECT_EQ(w.each(*month.find("results"), "active_users"), "2");
  EXPECT_EQ(w.text("/tag/dau?tag_filters=User-Agent%3A%20none"), R"({"results":[]})");
}

TEST_F(TagUsers, NamesSummaryAndUsers) {
  EXPECT_EQ(w.text("/tag/distinct"),
            R"({"results":[{"tag":"User-Agent: codex"},{"tag":"User-Agent: claude"}]})");
  EXPECT_EQ(w.text("/tag/summary?start_date=2026-05-01&end_date=2026-05-02"),
            R"({"results":[{"tag":"User-Agent: codex","unique_users":2,"total_requests":5,)"
            R"("successful_requests":5,"failed_requests":0,"total_tokens":50,"total_spend":1.5},)"
            R"({"tag":"product:x","unique_users":0,"total_requests":1,"successful_requests":1,)"
            R"("failed_requests":0,"total_tokens":1,"total_spend":0.5}]})");
  w.get("/tag/summary", 400);
  EXPECT_EQ(w.text("/tag/user-agent/per-user-analytics?page_size=1"),
            R"({"results":[{"user_id":"bob","user_email":null,"user_agent":"User-Agent: claude",)"
            R"("successful_requests":6,"failed_requests":0,"total_requests":6,"total_tokens":60,"spend":1}],)"
            R"("total_count":2,"page":1,"page_size":1,"total_pages":2})");
  w.get("/tag/user-agent/per-user-analytics?page=0", 422);
  w.as_user("ann");
  for (auto* path : {"/tag/dau", "/tag/wau", "/tag/mau", "/tag/distinct"}) w.get(path, 403);
}

} // namespace
} // namespace switchyard::management
