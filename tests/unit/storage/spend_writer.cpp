// What a batch writes and to whom: rows, entities, days, flags; and the writer with its thread.
#include "storage/spend_rows.hpp"
#include "unit/storage/spend_fixture.hpp"

#include <set>

namespace switchyard::storage {
namespace {

using test::numbered;

SPEND_SUITE(SpendWriterTest);

SpendEvent full(int number) {
  SpendEvent event = numbered(number);
  event.user = "u1", event.team_id = "t1", event.organization_id = "o1", event.end_user = "c1";
  event.project_id = "p1", event.agent_id = "a1";
  event.tags = {"blue", "red", "blue", ""};
  event.member = true;
  event.usage.cache_read_tokens = 3;
  return event;
}

void write(SpendPump& writer, LiveJournal& journal, const SpendEvent& event) {
  ASSERT_TRUE(journal.end(*journal.begin(event), event));
  ASSERT_TRUE(writer.write_all());
}

TEST_P(SpendWriterTest, EverybodyGetsTheirShare) {
  const Value zero(0.0);
  insert("VerificationToken", {{"token", text(full(0).api_key)}});
  insert("UserTable", {{"user_id", text("u1")}});
  insert("TeamTable", {{"team_id", text("t1")}});
  insert("TeamMembership", {{"user_id", text("u1")}, {"team_id", text("t1")}});
  insert("BudgetTable", {{"budget_id", text("b")}, {"created_by", text("x")}, {"updated_by", text("x")}});
  insert("OrganizationTable", {{"organization_id", text("o1")},
                               {"organization_alias", text("o")},
                               {"budget_id", text("b")},
                               {"created_by", text("x")},
                               {"updated_by", text("x")}});
  insert("TagTable", {{"tag_name", text("blue")}});
  insert("ProjectTable", {{"project_id", text("p1")}, {"created_by", text("x")}, {"updated_by", text("x")}});
  settings.max_budget = Money::nanos(5'000'000'000);
  settings.budget_duration = "1d";
  const auto writer = pump(directory.path());
  const auto journal = *writer->open_journal();
  write(*writer, *journal, full(1));
  write(*writer, *journal, full(2));
  SpendEvent failed = full(3);
  failed.status = "failure", failed.spend = Money();
  write(*writer, *journal, failed);
  const Money sum = full(1).spend + full(2).spend;
  EXPECT_EQ(spend_of("VerificationToken", "token", full(0).api_key), sum);
  EXPECT_EQ(spend_of("UserTable", "user_id", "u1"), sum);
  EXPECT_EQ(spend_of("UserTable", "user_id", "litellm-proxy-budget"), sum);
  EXPECT_EQ(spend_of("TeamTable", "team_id", "t1"), sum);
  EXPECT_EQ(spend_of("TeamMembership", "team_id", "t1"), sum);
  EXPECT_EQ(spend_of("OrganizationTable", "organization_id", "o1"), sum);
  EXPECT_EQ(spend_of("EndUserTable", "user_id", "c1"), sum);
  EXPECT_EQ(spend_of("ProjectTable", "project_id", "p1"), sum);
  EXPECT_EQ(spend_of("TagTable", "tag_name", "blue"), sum);
  EXPECT_EQ(select({"TagTable"}).size(), 1u); // tags without a row get none
  const Row member = select({"TeamMembership"}).at(0), key = select({"VerificationToken"}).at(0);
  EXPECT_EQ(json_at(member, "total_spend"), json_at(member, "spend"));
  EXPECT_EQ(json_at(key, "last_active"), R"("2023-11-14T22:13:20.003000Z")");
  for (const auto& [table, column, id] : {std::array<const char*, 3>{"DailyUserSpend", "user_id", "u1"},
                                          {"DailyTeamSpend", "team_id", "t1"},
                                          {"DailyOrganizationSpend", "organization_id", "o1"},
                                          {"DailyEndUserSpend", "end_user_id", "c1"},
                                          {"DailyAgentSpend", "agent_id", "a1"},
                                          {"DailyTagSpend", "tag", "red"}}) {
    const Rows rows = select({table, {{column, "=", text(id)}}});
    ASSERT_EQ(rows.size(), 1u) << table;
    EXPECT_EQ(json_at(rows[0], "date"), "\"2023-11-14\"");
    EXPECT_EQ(json_at(rows[0], "endpoint"), "\"/chat/completions\"");
    EXPECT_EQ(json_at(rows[0], "api_requests"), "3");
    EXPECT_EQ(json_at(rows[0], "successful_requests"), "2");
    EXPECT_EQ(json_at(rows[0], "failed_requests"), "1");
    EXPECT_EQ(json_at(rows[0], "prompt_tokens"), "30");
    EXPECT_EQ(json_at(rows[0], "cache_read_input_tokens"), "9");
    EXPECT_EQ(json_at(rows[0], "mcp_namespaced_tool_name"), "\"\"");
    EXPECT_EQ(spend_of(table, column, id), sum);
  }
  const Row proxy = select({"UserTable", {{"user_id", "=", text("litellm-proxy-budget")}}}).at(0);
  EXPECT_EQ(json_at(proxy, "max_budget"), "5");
  EXPECT_EQ(json_at(proxy, "budget_duration"), "\"1d\"");
  std::set<EntityKind> told;
  for (const auto& part : flushed.at(0).parts) told.insert(part.kind);
  EXPECT_EQ(told, (std::set<EntityKind>{EntityKind::key, EntityKind::user, EntityKind::team,
                                        EntityKind::member, EntityKind::project, EntityKind::organization,
                                        EntityKind::customer, EntityKind::tag, EntityKind::proxy}));
}

TEST(SpendRow, LongTextsOfPromptsLoseTheirMiddle) {
  PlaneSettings settings;
  settings.store_prompts = true, settings.prompt_text_most = 10;
  SpendEvent event;
  event.messages = R"([{"role":"user","content":"abcdefghijklmnopqrstuvwxyz"}])";
  event.response = R"({"text":"\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"})";
  const Row row = spend_row(event, "r", settings);
  EXPECT_EQ(json_at(row, "messages"),
            R"([{"role":"user","content":"abc... (litellm_truncated skipped 16 chars) ...tuvwxyz"}])");
  EXPECT_TRUE(parse_json(json_at(row, "response"))) << "no half characters";
  settings.prompt_text_most = 0;
  EXPECT_EQ(json_at(spend_row(event, "r", settings), "messages"), event.messages);
}

TEST_P(SpendWriterTest, ARowHoldsWhatLiteLlmsHolds) {
  const auto writer = pump(directory.path());
  const auto journal = *writer->open_journal();
  SpendEvent event = full(1);
  event.messages = R"([{"role":"user"}])";
  write(*writer, *journal, event);
  settings.store_prompts = true;
  const auto other = pump(directory.path());
  const auto second = *other->open_journal();
  event.request_id = "chatcmpl-2";
  event.metadata = "no json \xff";
  event.usage.prompt_tokens = UINT32_MAX;
  event.start_ms = INT64_MAX;
  event.model = std::string("a\0b", 3);
  write(*other, *second, event);
  const Row row = select({"SpendLogs", {{"request_id", "=", text("chatcmpl-1")}}}).at(0);
  EXPECT_EQ(json_at(row, "startTime"), R"("2023-11-14T22:13:20.001000Z")");
  EXPECT_EQ(json_at(row, "endTime"), R"("2023-11-14T22:13:20.251000Z")");
  EXPECT_EQ(json_at(row, "request_duration_ms"), "250");
  EXPECT_EQ(json_at(row, "total_tokens"), "15");
  EXPECT_EQ(json_at(row, "request_tags"), R"(["blue","red","blue",""])");
  EXPECT_EQ(json_at(row, "messages"), "{}");
  EXPECT_EQ(json_at(row, "cache_key"), R"("Cache OFF")");
  const Value& metadata = at(row, "metadata");
  EXPECT_EQ(to_json(*metadata.find("spend_logs_metadata")), R"({"job":"x"})");
  EXPECT_EQ(text_at(metadata, "user_api_key_team_id"), "t1");
  EXPECT_EQ(text_at(metadata, "status"), "success");
  EXPECT_EQ(to_json(*metadata.find("usage_object")->find("prompt_tokens_details")->find("cached_tokens")),
            "3");
  const Row odd = select({"SpendLogs", {{"request_id", "=", text("chatcmpl-2")}}}).at(0);
  EXPECT_EQ(json_at(odd, "messages"), R"([{"role":"user"}])");
  EXPECT_EQ(json_at(odd, "prompt_tokens"), "2147483647");
}

TEST_P(SpendWriterTest, IdsThatRepeatGetNamesOfTheirOwn) {
  const auto writer = pump(directory.path());
  const auto journal = *writer->open_journal();
  SpendEvent event = full(1);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(journal->end(*journal->begin(event), event));
  ASSERT_TRUE(writer->write_all());
  write(*writer, *journal, event);
  event.cache_hit = "True";
  write(*writer, *journal, event);
  event.cache_hit.clear(), event.request_id.clear(), event.call_id = "c9";
  write(*writer, *journal, event);
  std::set<std::string> ids;
  for (const Row& row : select({"SpendLogs"})) ids.insert(*at(row, "request_id").as_string());
  EXPECT_EQ(ids.size(), 6u);
  EXPECT_TRUE(ids.contains("chatcmpl-1"));
  EXPECT_TRUE(ids.contains("chatcmpl-1_call-1"));
  EXPECT_TRUE(ids.contains("chatcmpl-1_cache_hit1700000000.251"));
  EXPECT_TRUE(ids.contains("c9"));
}

TEST_P(SpendWriterTest, FlagsSwitchRowsAndSumsOff) {
  insert("VerificationToken", {{"token", text(full(0).api_key)}});
  const auto run = [this](int number, const std::string& status) {
    const auto writer = pump(directory.path());
    const auto journal = *writer->open_journal();
    SpendEvent event = full(number);
    event.status = status;
    write(*writer, *journal, event);
  };
  settings.disable_error_logs = true;
  run(1, "failure");
  EXPECT_TRUE(select({"SpendLogs"}).empty());
  run(2, "success");
  EXPECT_EQ(select({"SpendLogs"}).size(), 1u);
  settings.disable_spend_logs = true;
  run(3, "success");
  EXPECT_EQ(select({"SpendLogs"}).size(), 1u);
  const Money sum = full(1).spend + full(2).spend + full(3).spend;
  EXPECT_EQ(spend_of("VerificationToken", "token", full(0).api_key), sum);
  settings.disable_spend_updates = true;
  flushed.clear();
  run(4, "success");
  EXPECT_EQ(spend_of("VerificationToken", "token", full(0).api_key), sum);
  EXPECT_TRUE(flushed.at(0).parts.empty());
}

TEST_P(SpendWriterTest, FullJournalsRefuseUntilTheDatabaseHasThem) {
  settings.journal_most_mb = 1;
  const auto writer = pump(directory.path(), 65536);
  const auto journal = *writer->open_journal();
  int answered = 0;
  auto ticket = journal->begin(numbered(0));
  for (; ticket && answered < 20'000; ticket = journal->begin(numbered(answered))) {
    SpendEvent event = numbered(answered);
    event.response.assign(8000, 'x');
    ASSERT_TRUE(journal->end(*ticket, event));
    if (++answered % 10 != 0) continue;
    clock.advance(std::chrono::seconds(1));
    faults.left = 0, writer->step();
  }
  ASSERT_FALSE(ticket) << answered;
  EXPECT_EQ(ticket.error().http_status(), 503);
  EXPECT_NE(ticket.error().message.find("spend_journal_max_size_mb"), std::string::npos);
  EXPECT_TRUE(writer->stats().journal_full);
  faults.left = -1;
  clock.advance(std::chrono::minutes(10));
  ASSERT_TRUE(writer->write_all());
  writer->step();
  EXPECT_TRUE(journal->begin(numbered(answered)));
  EXPECT_EQ(rows_by_number().size(), static_cast<std::size_t>(answered));
}

TEST_P(SpendWriterTest, LongSumsStayOnWholeNanoDollars) {
  insert("VerificationToken", {{"token", text(full(0).api_key)}, {"spend", Value(12345.678901234)}});
  Money sum = Money::from_usd(12345.678901234);
  const Condition key[] = {{"token", "=", text(full(0).api_key)}};
  for (int i = 1; i <= 300; ++i) {
    const Change changes[] = {{"spend", Value(Money::nanos(i * 37).usd()), true}};
    ASSERT_TRUE(session->update("VerificationToken", changes, key));
    sum += Money::nanos(i * 37);
  }
  EXPECT_EQ(json_at(select({"VerificationToken"}).at(0), "spend"), to_json(Value(sum.usd())));
}

TEST_P(SpendWriterTest, TheThreadWritesRecoversAndStops) {
  const std::string path = directory.path() + "/data";
  auto data = DataDirectory::open(path);
  ASSERT_TRUE(data) << data.error().message;
  SystemClock real;
  for (int run = 0; run < 2; ++run) {
    std::uint64_t batches = 0;
    SpendWriterHooks hooks;
    hooks.flushed = [&](const FlushedSpend&, std::uint64_t count) { batches = count; };
    auto writer = SpendWriter::create(*store, **data, settings, real, hooks);
    ASSERT_TRUE(writer) << writer.error().message;
    auto first = (*writer)->open_journal(0), second = (*writer)->open_journal(1);
    (*writer)->start();
    EXPECT_TRUE((*writer)->flush());
    ASSERT_TRUE(first->end(*first->begin(numbered(run * 10 + 1)), numbered(run * 10 + 1)));
    ASSERT_TRUE(second->end(*second->begin(numbered(run * 10 + 2)), numbered(run * 10 + 2)));
    ASSERT_TRUE((*writer)->flush());
    EXPECT_EQ(select({"SpendLogs"}).size(), 4u * static_cast<unsigned>(run) + 2);
    EXPECT_GE((*writer)->committed(), 1u);
    (void)*first->begin(numbered(run * 10 + 3));
    ASSERT_TRUE(second->end(*second->begin(numbered(run * 10 + 4)), numbered(run * 10 + 4)));
    first.reset(), second.reset();
    (*writer)->stop();
    EXPECT_FALSE((*writer)->flush());
    EXPECT_EQ(batches, (*writer)->committed());
    EXPECT_TRUE(std::filesystem::is_empty(path + "/journals"));
  }
  const auto rows = rows_by_number();
  EXPECT_EQ(rows.size(), 8u);
}

TEST(DataDirectoryTest, OneProcessHoldsIt) {
  test::TemporaryDirectory directory;
  const std::string path = directory.path() + "/a/b";
  auto first = DataDirectory::open(path);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
  auto second = DataDirectory::open(path);
  ASSERT_FALSE(second);
  for (const std::string& part : {path, std::to_string(::getpid()), std::string("SWITCHYARD_DATA_DIR")})
    EXPECT_NE(second.error().message.find(part), std::string::npos) << second.error().message;
  first = Error();
  EXPECT_TRUE(DataDirectory::open(path));
  EXPECT_FALSE(DataDirectory::open(path + "/lock"));
  EXPECT_FALSE(DataDirectory::open(path + "/lock/below"));
  EXPECT_EQ(default_data_directory("/x"), "/x");
}

} // namespace
} // namespace switchyard::storage
