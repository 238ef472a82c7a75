// A store with many keys stays quick: with 100,000 rows keys and pages are found by an index. Times are
// printed, not judged.
#include "unit/storage/store_fixture.hpp"

#include <chrono>

namespace switchyard::storage {
namespace {

STORE_SUITE(SpeedTest);

double best_ms(const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 10; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(
        best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

TEST_P(SpeedTest, AHundredThousandKeys) {
  const bool sqlite = GetParam() == "sqlite";
  const std::string numbers = sqlite ? "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                                       "WHERE i < 100000) SELECT i FROM n)"
                                     : "generate_series(1, 100000) AS n(i)";
  const std::string stamp = sqlite ? "strftime('%Y-%m-%d %H:%M:%f', 1700000000 + i, 'unixepoch')"
                                   : "to_timestamp(1700000000 + i)::timestamp";
  auto filled = session->query("INSERT INTO \"LiteLLM_VerificationToken\" (token, key_name, created_at) "
                               "SELECT 'key' || i, 'sk-...abcd', " +
                               stamp + " FROM " + numbers);
  ASSERT_TRUE(filled) << filled.error().message;
  ASSERT_TRUE(session->query("ANALYZE \"LiteLLM_VerificationToken\""));
  const auto one = best_ms([&] {
    EXPECT_EQ(select({"VerificationToken", {{"token", "=", text("key77777")}}}).size(), 1u);
  });
  const auto page = best_ms([&] {
    const auto rows = select({"VerificationToken", {}, {{"created_at", true}}, 50, 100});
    EXPECT_EQ(rows.size(), 50u);
    EXPECT_EQ(json_at(rows.at(0), "token"), R"("key99900")");
  });
  RecordProperty("select_one_us", static_cast<int>(one * 1000));
  RecordProperty("page_us", static_cast<int>(page * 1000));
  std::printf("%s: one row %.3f ms, page of 50 %.3f ms\n", GetParam().c_str(), one, page);
  for (auto* tail : {"WHERE token = 'key77777'", "ORDER BY created_at DESC LIMIT 50 OFFSET 100"}) {
    auto plan = session->query((sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") +
                               std::string("SELECT token FROM \"LiteLLM_VerificationToken\" ") + tail);
    ASSERT_TRUE(plan) << plan.error().message;
    std::string words;
    for (auto& row : *plan) words += to_json(Value(row)) + "\n";
    EXPECT_NE(words.find(sqlite ? "USING" : "Index"), std::string::npos) << words;
    EXPECT_EQ(words.find(sqlite ? "TEMP B-TREE" : "Sort"), std::string::npos) << words;
  }
}

} // namespace
} // namespace switchyard::storage
