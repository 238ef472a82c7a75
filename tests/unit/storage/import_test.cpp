// Copying a LiteLLM database: every combination of backends, exact and approximate rows, and what is left
// out.
#include "unit/storage/store_fixture.hpp"

#include <algorithm>

namespace switchyard::storage {
namespace {

STORE_SUITE(ImportTest);

bool contains(const std::vector<std::string>& lines, const std::string& text) {
  const auto found = std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find(text) != std::string::npos;
  });
  if (!found)
    for (auto& line : lines) std::fprintf(stderr, "%s\n", line.c_str());
  return found;
}

TEST_P(ImportTest, RowsComeOverAndTheReportSaysHow) {
  auto target_store = open_or_fail("sqlite://:memory:");
  auto target = *target_store->open();
  ASSERT_TRUE(migrate(*target, false));
  for (int i = 0; i < 1203; ++i)
    insert("VerificationToken", {{"token", text("h" + std::to_string(i))},
                                 {"models", json(R"(["a","b"])")},
                                 {"metadata", json(R"({"tags":["x"]})")},
                                 {"spend", Value(0.1 * i)},
                                 {"expires", text("2031-01-01T00:00:00.123Z")}});
  insert("TeamMembership", {{"user_id", text("u")}, {"team_id", text("t")}});
  insert("ModelTable",
         {{"id", Value(std::int64_t{7})}, {"created_by", text("a")}, {"updated_by", text("a")}});
  insert("ProxyModelTable", {{"model_id", text("m")},
                             {"model_name", text("gpt")},
                             {"litellm_params", json(R"({"api_key":"c2VhbGVk"})")},
                             {"created_by", text("a")},
                             {"updated_by", text("a")}});
  auto lines = import_database(*session, *target);
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_TRUE(contains(*lines, "LiteLLM_VerificationToken: 1203 rows exact"));
  EXPECT_TRUE(contains(*lines, "LiteLLM_TeamMembership: 1 rows exact"));
  EXPECT_TRUE(contains(*lines, "LiteLLM_UserTable: empty"));
  EXPECT_TRUE(contains(*lines, "encrypted values"));
  const Select all{"VerificationToken", {}, {{"token"}}};
  const auto before = select(all);
  auto after = target->select(all);
  ASSERT_TRUE(after && after->size() == before.size());
  for (std::size_t i = 0; i < before.size(); ++i)
    ASSERT_EQ(to_json(Value(before[i])), to_json(Value(after->at(i))));
  auto again = import_database(*session, *target);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("not empty"), std::string::npos);
}

TEST_P(ImportTest, AStrangeSourceIsCopiedAsFarAsItGoes) {
  auto source_store = open_or_fail("sqlite://:memory:");
  auto source = *source_store->open();
  for (const char* sql :
       {"CREATE TABLE \"LiteLLM_VerificationToken\" (token TEXT PRIMARY KEY, spend DOUBLE, strange TEXT)",
        "INSERT INTO \"LiteLLM_VerificationToken\" VALUES ('a', 1, 'x'), ('b', NULL, NULL), ('c', 2, NULL)",
        "CREATE TABLE \"LiteLLM_CredentialsTable\" (credential_id TEXT PRIMARY KEY, credential_name TEXT, "
        "credential_values JSON_TEXT, created_by TEXT, updated_by TEXT)",
        "INSERT INTO \"LiteLLM_CredentialsTable\" VALUES ('1', 'n', '{}', 'a', 'a'), ('2', 'n', '{}', 'a', "
        "'a'), "
        "('3', 'm', '{}', 'a', 'a')",
        "CREATE TABLE \"LiteLLM_FutureTable\" (id TEXT PRIMARY KEY)",
        "INSERT INTO \"LiteLLM_FutureTable\" VALUES ('a')"})
    ASSERT_TRUE(source->query(sql)) << sql;
  auto lines = import_database(*source, *session);
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_TRUE(contains(*lines, "LiteLLM_VerificationToken: 2 rows exact, 1 approximate; stored differently: "
                               "spend (1 rows)"));
  EXPECT_TRUE(contains(*lines, "LiteLLM_VerificationToken: column strange is kept"));
  EXPECT_EQ(json_at(select({"VerificationToken", {{"token", "=", text("a")}}}).at(0), "strange"), R"("x")");
  EXPECT_TRUE(contains(*lines, "LiteLLM_CredentialsTable: 2 rows exact, 1 left out; refused \"2\": "));
  EXPECT_TRUE(contains(*lines, "LiteLLM_FutureTable: left out, 1 rows"));
  EXPECT_TRUE(contains(*lines, "LiteLLM_UserTable: not in the source"));
  EXPECT_EQ(*session->count("CredentialsTable"), 2);
  EXPECT_TRUE(
      session->query("ALTER TABLE \"LiteLLM_VerificationToken\" DROP COLUMN strange")); // tests share it
}

TEST_P(ImportTest, ASourceThatIsNoLitellmDatabaseIsRefused) {
  auto empty = open_or_fail("sqlite://:memory:");
  auto source = *empty->open();
  EXPECT_FALSE(import_database(*source, *session));
}

} // namespace
} // namespace switchyard::storage
