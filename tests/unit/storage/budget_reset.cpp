// Budget resets and retention against both databases, on a clock that the test moves.
#include "storage/budget_reset.hpp"

#include "unit/storage/spend_fixture.hpp"

#include <algorithm>

namespace switchyard::storage {
namespace {

SPEND_SUITE(BudgetReset);

const char* const k_past = "2019-12-01T00:00:00.000000Z";
const char* const k_future = "2031-01-01T00:00:00.000000Z";

bool has_touched(const std::vector<Touched>& rows, Touched::What what, const std::string& id) {
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Touched& row) { return row.what == what && row.id == id && row.spend_set; });
}

Row budgeted(const char* column, const char* id, const char* due, const char* duration) {
  Row row{{column, text(id)}, {"spend", Value(2.5)}, {"budget_reset_at", text(due)}};
  if (duration) row.emplace_back("budget_duration", text(duration));
  return row;
}

TEST_P(BudgetReset, RowsThatAreDueStartAnew) {
  insert("VerificationToken", budgeted("token", "due", k_past, "1d"));
  insert("VerificationToken", budgeted("token", "later", k_future, "1d"));
  insert("VerificationToken", budgeted("token", "broken", k_past, "never"));
  Row expired = budgeted("token", "expired", k_past, "1d");
  expired.emplace_back("expires", text(k_past));
  insert("VerificationToken", expired);
  insert("UserTable", budgeted("user_id", "u", k_past, "30d"));
  insert("TeamTable", budgeted("team_id", "t", k_past, "1h"));
  std::vector<Touched> rows;
  const WallTime now = *read_time("2020-01-15T10:20:30Z");
  ASSERT_TRUE(reset_due_budgets(*session, settings, now, rows));
  EXPECT_EQ(rows.size(), 3u);
  EXPECT_TRUE(has_touched(rows, Touched::What::key, "due"));
  EXPECT_TRUE(has_touched(rows, Touched::What::user, "u"));
  EXPECT_TRUE(has_touched(rows, Touched::What::team, "t"));
  EXPECT_EQ(spend_of("VerificationToken", "token", "due"), Money());
  for (const char* kept : {"later", "broken", "expired"})
    EXPECT_EQ(spend_of("VerificationToken", "token", kept), Money::from_usd(2.5)) << kept;
  EXPECT_EQ(json_at(select({"VerificationToken", {{"token", "=", text("due")}}}).at(0), "budget_reset_at"),
            R"("2020-01-16T00:00:00.000000Z")");
  EXPECT_EQ(json_at(select({"UserTable"}).at(0), "budget_reset_at"), R"("2020-02-01T00:00:00.000000Z")");
  EXPECT_EQ(json_at(select({"TeamTable"}).at(0), "budget_reset_at"), R"("2020-01-15T11:00:00.000000Z")");
  rows.clear();
  ASSERT_TRUE(reset_due_budgets(*session, settings, now, rows));
  EXPECT_TRUE(rows.empty());
}

TEST_P(BudgetReset, ABudgetResetsWhatRefersToIt) {
  for (const char* id : {"b", "other"}) {
    Row budget{{"budget_id", text(id)},
               {"created_by", text("x")},
               {"updated_by", text("x")},
               {"budget_duration", text("7d")}};
    budget.emplace_back("budget_reset_at", text(id == std::string("b") ? k_past : k_future));
    insert("BudgetTable", budget);
    insert("EndUserTable", {{"user_id", text(id)}, {"spend", Value(1.0)}, {"budget_id", text(id)}});
    insert("TagTable", {{"tag_name", text(id)}, {"spend", Value(1.0)}, {"budget_id", text(id)}});
    insert("TeamMembership", {{"user_id", text("u")},
                              {"team_id", text(id)},
                              {"spend", Value(1.0)},
                              {"total_spend", Value(4.0)},
                              {"budget_id", text(id)}});
    insert("VerificationToken", {{"token", text(id)}, {"spend", Value(1.0)}, {"budget_id", text(id)}});
    insert("OrganizationTable", {{"organization_id", text(id)},
                                 {"organization_alias", text(id)},
                                 {"spend", Value(1.0)},
                                 {"budget_id", text(id)},
                                 {"created_by", text("x")},
                                 {"updated_by", text("x")}});
    insert("ProjectTable", {{"project_id", text(id)},
                            {"spend", Value(1.0)},
                            {"budget_id", text(id)},
                            {"created_by", text("x")},
                            {"updated_by", text("x")}});
  }
  std::vector<Touched> rows;
  ASSERT_TRUE(reset_due_budgets(*session, settings, *read_time("2020-01-15T10:20:30Z"), rows));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(has_touched(rows, Touched::What::budget, "b"));
  for (const auto& [table, column] : {std::array<const char*, 2>{"EndUserTable", "user_id"},
                                      {"TagTable", "tag_name"},
                                      {"TeamMembership", "team_id"},
                                      {"VerificationToken", "token"},
                                      {"OrganizationTable", "organization_id"},
                                      {"ProjectTable", "project_id"}}) {
    EXPECT_EQ(spend_of(table, column, "b"), Money()) << table;
    EXPECT_EQ(spend_of(table, column, "other"), Money::from_usd(1)) << table;
  }
  EXPECT_EQ(json_at(select({"TeamMembership", {{"team_id", "=", text("b")}}}).at(0), "total_spend"), "4");
  EXPECT_EQ(json_at(select({"BudgetTable", {{"budget_id", "=", text("b")}}}).at(0), "budget_reset_at"),
            R"("2020-01-20T00:00:00.000000Z")");
}

TEST_P(BudgetReset, ManyRowsGoPageByPage) {
  Rows rows;
  for (int i = 0; i < 2500; ++i)
    rows.push_back(budgeted("token", ("k" + std::to_string(i)).c_str(), k_past, i % 5 ? "1d" : "bad"));
  ASSERT_TRUE(session->insert_all_new("VerificationToken", rows));
  std::vector<Touched> touched_rows;
  ASSERT_TRUE(session->begin());
  ASSERT_TRUE(reset_due_budgets(*session, settings, *read_time("2020-01-15T00:00:00Z"), touched_rows));
  ASSERT_TRUE(session->commit());
  EXPECT_EQ(touched_rows.size(), 2000u);
}

TEST_P(BudgetReset, TheJobWritesWhatWasSpentFirstAndTellsTheHook) {
  clock.advance(std::chrono::hours(24 * 365));
  Row key = budgeted("token", "x", k_past, "1d");
  key[0].second = text(test::numbered(0).api_key);
  insert("VerificationToken", key);
  const auto writer = pump(directory.path());
  const auto journal = *writer->open_journal();
  ASSERT_TRUE(journal->end(*journal->begin(test::numbered(1)), test::numbered(1)));
  faults.left = 3;
  writer->step(); // the database is lost on the way
  faults.left = -1;
  clock.advance(std::chrono::seconds(30));
  writer->step();
  EXPECT_EQ(spend_of("VerificationToken", "token", test::numbered(0).api_key), Money());
  EXPECT_EQ(select({"SpendLogs"}).size(), 1u);
  ASSERT_EQ(touched.size(), 1u);
  EXPECT_TRUE(has_touched(touched, Touched::What::key, test::numbered(0).api_key));
  settings.disable_reset_budget = true;
}

TEST_P(BudgetReset, OldSpendRowsGoInSteps) {
  Rows rows;
  for (int i = 0; i < 2300; ++i)
    rows.push_back({{"request_id", text(std::to_string(i))},
                    {"call_type", text("acompletion")},
                    {"startTime", text(i < 2200 ? k_past : k_future)},
                    {"endTime", text(k_future)}});
  ASSERT_TRUE(session->insert_all_new("SpendLogs", rows));
  settings.retention_period = "30d";
  settings.disable_reset_budget = true;
  const auto writer = pump(directory.path());
  for (const std::size_t left : {1300u, 300u, 100u, 100u}) {
    writer->step();
    EXPECT_EQ(select({"SpendLogs"}).size(), left);
  }
  EXPECT_EQ(*delete_old_rows(*session, PlaneSettings(), clock.wall()), 0);
}

} // namespace
} // namespace switchyard::storage
