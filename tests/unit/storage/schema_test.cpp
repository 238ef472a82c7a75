// Migrations over both backends: additive, repeatable, and complete.
#include "storage/schema/ddl.hpp"
#include "unit/storage/store_fixture.hpp"

#include <set>

namespace switchyard::storage {
namespace {

TEST(Schema, DefinitionsAreComplete) {
  std::set<std::string> names;
  for (auto& table : all_tables()) {
    EXPECT_TRUE(names.insert(table.name).second) << table.name;
    EXPECT_FALSE(table.key.empty()) << table.name;
    std::set<std::string> columns;
    for (auto& column : table.columns) EXPECT_TRUE(columns.insert(column.name).second) << column.name;
    for (auto& key : table.key) EXPECT_TRUE(table.find(key)) << table.name << " " << key;
    for (auto& index : table.indexes)
      for (auto& column : index.columns)
        EXPECT_TRUE(table.find(column.substr(0, column.find(' ')))) << table.name << " " << column;
  }
  EXPECT_EQ(all_tables().size(), 66u);
  EXPECT_EQ(find_table("LiteLLM_VerificationToken")->columns.size(), 43u);
  EXPECT_EQ(find_table("LiteLLM_DeletedVerificationToken")->columns.size(), 47u);
}

STORE_SUITE(SchemaTest);

TEST_P(SchemaTest, MigratingTwiceChangesNothing) {
  auto again = migrate(*session, false);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->empty()) << again->front();
  auto differences = check_schema(*session);
  ASSERT_TRUE(differences) << differences.error().message;
  EXPECT_TRUE(differences->empty()) << differences->front();
  EXPECT_EQ(*session->count("Switchyard_Migrations"), 1);
}

TEST_P(SchemaTest, ADryRunSaysWhatItWouldDo) {
  auto empty = open_or_fail(new_database(GetParam()));
  auto own = std::move(*empty->open());
  auto would = migrate(*own, true);
  ASSERT_TRUE(would) << would.error().message;
  EXPECT_EQ(would->size(), all_tables().size());
  EXPECT_EQ(*migrate(*own, true), *would);
  EXPECT_EQ(own->count("TagTable").error().extra().type, "missing_table");
  EXPECT_EQ(*migrate(*own, false), *would);
  EXPECT_EQ(*own->count("TagTable"), 0);
}

/// A database of an older LiteLLM: columns are missing, limits are int4, one column is unknown to us.
void make_old_schema(Session& session) {
  const auto sqlite = session.dialect() == Dialect::sqlite;
  const std::string time = sqlite ? "TIME_TEXT" : "TIMESTAMP(3)", list = sqlite ? "LIST_TEXT" : "TEXT[]",
                    document = sqlite ? "JSON_TEXT" : "JSONB", real = sqlite ? "DOUBLE" : "DOUBLE PRECISION";
  const std::string keys = "CREATE TABLE \"LiteLLM_VerificationToken\" (token TEXT PRIMARY KEY, spend " +
                           real + " NOT NULL DEFAULT 0, models " + list + ", metadata " + document +
                           " NOT NULL DEFAULT '{}', tpm_limit INTEGER, expires " + time +
                           ", strange TEXT NOT NULL DEFAULT 'kept')";
  for (const auto& sql : {keys, std::string("CREATE TABLE \"_prisma_migrations\" (id TEXT)"),
                          std::string("INSERT INTO \"LiteLLM_VerificationToken\" (token) VALUES ('old')")}) {
    auto made = session.query(sql);
    ASSERT_TRUE(made) << made.error().message;
  }
}

class OldSchemaTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Backends, OldSchemaTest, testing::ValuesIn(backend_names()),
                         [](const auto& info) { return info.param; });

TEST_P(OldSchemaTest, IsReadAndWrittenAsItIs) {
  auto store = open_or_fail(new_database(GetParam()));
  auto session = std::move(*store->open());
  make_old_schema(*session);
  auto row = session->insert("VerificationToken", {{"token", text("new")},
                                                   {"key_alias", text("left out")},
                                                   {"tpm_limit", Value(std::int64_t{7})},
                                                   {"models", json(R"(["m"])")},
                                                   {"metadata", json(R"({"a":1})")}});
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_FALSE(has(*row, "key_alias"));
  EXPECT_EQ(json_at(*row, "strange"), R"("kept")");
  EXPECT_EQ(json_at(*row, "tpm_limit"), "7");
  const std::vector<Condition> old{{"token", "=", text("old")}};
  EXPECT_EQ(json_at(session->select({"VerificationToken", old})->at(0), "models"), "[]");
  const std::vector<Change> changes{{"blocked", Value(true)}, {"spend", Value(2.0), true}};
  auto changed = session->update("VerificationToken", changes, old);
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(json_at(changed->at(0), "spend"), "2");
  const std::vector<Change> only_unknown{{"blocked", Value(true)}};
  EXPECT_EQ(session->update("VerificationToken", only_unknown, old)->size(), 1u);
}

TEST_P(OldSchemaTest, MigratingAddsWhatIsMissingAndKeepsTheRows) {
  auto store = open_or_fail(new_database(GetParam()));
  auto session = std::move(*store->open());
  make_old_schema(*session);
  auto lines = migrate(*session, false);
  ASSERT_TRUE(lines) << lines.error().message;
  EXPECT_NE(std::find(lines->begin(), lines->end(), "add column LiteLLM_VerificationToken.blocked"),
            lines->end());
  auto rows = session->select({"VerificationToken"});
  ASSERT_TRUE(rows && rows->size() == 1);
  EXPECT_EQ(json_at(rows->at(0), "strange"), R"("kept")");
  EXPECT_EQ(json_at(rows->at(0), "permissions"), "{}");
  EXPECT_EQ(*check_schema(*session),
            std::vector<std::string>{"unknown column LiteLLM_VerificationToken.strange"});
  EXPECT_EQ(session->query("SELECT id FROM \"_prisma_migrations\"")->size(), 0u);
}

} // namespace
} // namespace switchyard::storage
