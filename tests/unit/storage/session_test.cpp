// Sessions over both backends: what is written comes back as store.hpp says.
#include "unit/storage/store_fixture.hpp"

#include <condition_variable>
#include <mutex>

namespace switchyard::storage {
namespace {

STORE_SUITE(SessionTest);

TEST_P(SessionTest, ColumnsComeBackByTheirType) {
  const Row written{{"token", text("h1")},
                    {"key_alias", text("it's \"mine\"")},
                    {"spend", Value(1.5)},
                    {"expires", text("2030-01-02T03:04:05.678Z")},
                    {"models", json(R"(["a","b,c","d\"e\\f","{}",""])")},
                    {"metadata", json(R"({"a":{"b":[1,2.5,null,true]}})")},
                    {"blocked", Value(true)},
                    {"tpm_limit", Value(std::int64_t{5'000'000'000})}};
  const auto row = insert("VerificationToken", written);
  EXPECT_EQ(json_at(row, "key_alias"), R"("it's \"mine\"")");
  EXPECT_EQ(json_at(row, "spend"), "1.5");
  EXPECT_EQ(json_at(row, "expires"), R"("2030-01-02T03:04:05.678000Z")");
  EXPECT_EQ(json_at(row, "models"), R"(["a","b,c","d\"e\\f","{}",""])");
  EXPECT_EQ(json_at(row, "blocked"), "true");
  EXPECT_EQ(json_at(row, "tpm_limit"), "5000000000");
  EXPECT_EQ(json_at(row, "rpm_limit"), "null");
  EXPECT_EQ(json_at(row, "allowed_routes"), "[]");
  EXPECT_EQ(json_at(row, "aliases"), "{}");
  EXPECT_EQ(json_at(row, "soft_budget_cooldown"), "false");
  EXPECT_EQ(json_at(row, "metadata"), R"({"a":{"b":[1,2.5,null,true]}})");
  EXPECT_EQ(at(row, "created_at").as_string()->size(), 27u);
  const auto again = select({"VerificationToken", {{"token", "=", text("h1")}}}).at(0);
  EXPECT_EQ(to_json(Value(again)), to_json(Value(row)));
}

TEST_P(SessionTest, JsonTextInsideAJsonColumnIsRead) {
  insert("Config", {{"param_name", text("general_settings")}, {"param_value", text(R"({"a":[1]})")}});
  insert("Config", {{"param_name", text("plain")}, {"param_value", text("word")}});
  const auto rows = select({"Config", {}, {{"param_name"}}});
  EXPECT_EQ(json_at(rows.at(0), "param_value"), R"({"a":[1]})");
  EXPECT_EQ(json_at(rows.at(1), "param_value"), R"("word")");
}

TEST_P(SessionTest, ConditionsOrdersAndPages) {
  for (int i = 0; i < 10; ++i)
    insert("UserTable", {{"user_id", text("u" + std::to_string(i))},
                         {"user_email", i % 2 ? text("Odd" + std::to_string(i) + "@x.org") : Value()},
                         {"teams", json(i == 3 ? R"(["t1","t2"])" : R"(["t3"])")},
                         {"max_budget", Value(double(i))}});
  const auto ids = [&](std::vector<Condition> where, std::int64_t limit = -1, std::int64_t offset = 0) {
    std::string out;
    for (auto& row : select({"UserTable", std::move(where), {{"user_id"}}, limit, offset, {"user_id"}}))
      out += *at(row, "user_id").as_string() + " ";
    return out;
  };
  EXPECT_EQ(ids({{"max_budget", ">=", Value(8.0)}}), "u8 u9 ");
  EXPECT_EQ(ids({{"user_email", "is null"}, {"max_budget", "<", Value(std::int64_t{3})}}), "u0 u2 ");
  EXPECT_EQ(ids({{"user_email", "=", {}}, {"max_budget", "<", Value(3.0)}}), "u0 u2 ");
  EXPECT_EQ(ids({{"user_email", "!=", {}}, {"max_budget", "<", Value(3.0)}}), "u1 ");
  EXPECT_EQ(ids({{"user_email", "like", text("odd%")}}), "");
  EXPECT_EQ(ids({{"user_email", "ilike", text("odd5%")}}), "u5 ");
  EXPECT_EQ(ids({{"user_id", "like", text("u\\_%")}}), "");
  EXPECT_EQ(ids({{"user_id", "in", json(R"(["u1","u7","nobody"])")}}), "u1 u7 ");
  EXPECT_EQ(ids({{"max_budget", "in", json("[1,2.0]")}}), "u1 u2 ");
  EXPECT_EQ(ids({{"user_id", "in", json("[]")}}), "");
  EXPECT_EQ(ids({{"teams", "has", text("t2")}}), "u3 ");
  EXPECT_EQ(ids({}, 2, 3), "u3 u4 ");
  EXPECT_EQ(ids({}, -1, 8), "u8 u9 ");
  EXPECT_EQ(ids({{"no_such_column", "=", text("x")}}), "");
  EXPECT_EQ(ids({{"no_such_column", "is null"}, {"user_id", "=", text("u1")}}), "u1 ");
  const std::vector<Condition> odd{{"user_email", "is not null"}};
  EXPECT_EQ(*session->count("UserTable", odd), 5);
  // NULL sorts last going up and first going down, as in Postgres.
  EXPECT_EQ(json_at(select({"UserTable", {}, {{"user_email"}, {"user_id"}}}).at(0), "user_id"), R"("u1")");
  EXPECT_EQ(json_at(select({"UserTable", {}, {{"user_email", true}, {"user_id"}}}).at(0), "user_id"),
            R"("u0")");
}

TEST_P(SessionTest, TimesCompareAsTimes) {
  for (auto* when : {"2024-05-31T23:59:59Z", "2024-06-01T00:00:00+00:00", "2024-06-01T01:00:00.5Z"})
    insert("SpendLogs", {{"request_id", text(when)},
                         {"call_type", text("acompletion")},
                         {"startTime", text(when)},
                         {"endTime", text(when)}});
  EXPECT_EQ(select({"SpendLogs", {{"startTime", ">=", text("2024-06-01")}}}).size(), 2u);
  const Value from("2024-06-01T00:00:00.000000Z");
  auto rows =
      session->query("SELECT substr(CAST(\"startTime\" AS text), 1, 10) AS day, count(*) AS n, "
                     "min(\"startTime\") AS first FROM \"LiteLLM_SpendLogs\" WHERE \"startTime\" >= $1 "
                     "GROUP BY 1 ORDER BY 1",
                     {&from, 1});
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(json_at(rows->at(0), "day"), R"("2024-06-01")");
  EXPECT_EQ(json_at(rows->at(0), "n"), "2");
}

TEST_P(SessionTest, InsertNewLeavesTheOldRow) {
  EXPECT_TRUE(*session->insert_new("TagTable", {{"tag_name", text("a")}, {"description", text("one")}}));
  EXPECT_FALSE(*session->insert_new("TagTable", {{"tag_name", text("a")}, {"description", text("two")}}));
  EXPECT_EQ(json_at(select({"TagTable"}).at(0), "description"), R"("one")");
  Rows many;
  for (int i = 0; i < 3000; ++i) many.push_back({{"tag_name", text("t" + std::to_string(i % 2990))}});
  EXPECT_EQ(*session->insert_all_new("TagTable", many), 2990);
  EXPECT_EQ(*session->count("TagTable"), 2991);
}

TEST_P(SessionTest, AUniqueViolationSaysSo) {
  insert("CredentialsTable", {{"credential_id", text("1")},
                              {"credential_name", text("n")},
                              {"credential_values", json("{}")},
                              {"created_by", text("me")},
                              {"updated_by", text("me")}});
  auto again = session->insert("CredentialsTable", {{"credential_id", text("2")},
                                                    {"credential_name", text("n")},
                                                    {"credential_values", json("{}")},
                                                    {"created_by", text("me")},
                                                    {"updated_by", text("me")}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::bad_request);
  EXPECT_EQ(again.error().extra().type, "unique_violation");
}

TEST_P(SessionTest, AWrongTypeNamesTheColumn) {
  auto bad = session->insert("VerificationToken", {{"token", text("x")}, {"rpm_limit", text("many")}});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Errc::bad_request);
  EXPECT_NE(bad.error().message.find("rpm_limit"), std::string::npos);
  bad = session->insert("VerificationToken", {{"token", text("x")}, {"max_parallel_requests", Value(3e9)}});
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("max_parallel_requests"), std::string::npos);
  EXPECT_FALSE(session->insert("VerificationToken", {{"token", text("x")}, {"rpm_limit", Value(1.5)}}));
  EXPECT_FALSE(session->insert("VerificationToken", {{"token", text("x")}, {"rpm_limit", Value(1e30)}}));
  EXPECT_FALSE(session->insert("VerificationToken", {{"token", text("x")}, {"models", json("[1]")}}));
  EXPECT_FALSE(session->insert("VerificationToken", {{"token", text("x")}, {"expires", text("soon")}}));
}

TEST_P(SessionTest, UpsertAddsAndUpdateReturnsRows) {
  const Row row{{"user_id", text("u")}, {"team_id", text("t")}, {"spend", Value(0.25)}};
  const std::vector<std::string> key{"user_id", "team_id"};
  const std::vector<Change> add{{"spend", Value(0.25), true}};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(session->upsert("TeamMembership", row, key, add));
  EXPECT_EQ(json_at(select({"TeamMembership"}).at(0), "spend"), "0.75");
  const auto before =
      insert("VerificationToken", {{"token", text("k")}, {"updated_at", text("2020-01-01T00:00:00Z")}});
  const std::vector<Condition> mine{{"token", "=", text("k")}};
  const std::vector<Change> spent{{"spend", Value(0.5), true}, {"no_such_column", Value(true)}};
  auto rows = session->update("VerificationToken", std::span(spent).first(1), mine);
  ASSERT_TRUE(rows && rows->size() == 1) << rows.error().message;
  EXPECT_EQ(json_at(rows->at(0), "updated_at"), json_at(before, "updated_at"));
  rows = session->update("VerificationToken", spent, mine);
  ASSERT_TRUE(rows && rows->size() == 1);
  EXPECT_EQ(json_at(rows->at(0), "spend"), "1");
  EXPECT_NE(json_at(rows->at(0), "updated_at"), json_at(before, "updated_at"));
  EXPECT_EQ(*session->remove("VerificationToken", mine), 1);
  EXPECT_EQ(*session->remove("VerificationToken", mine), 0);
}

TEST_P(SessionTest, HostileTextStaysText) {
  const std::string nasty = "'; DROP TABLE \"LiteLLM_TagTable\"; -- $1 \\ \xff\xc0";
  insert("TagTable", {{"tag_name", text(nasty)}, {"model_info", json(R"({"a":"x\u0000y"})")}});
  const auto row = select({"TagTable"}).at(0);
  EXPECT_EQ(*at(row, "tag_name").as_string(), nasty.substr(0, nasty.size() - 2) + "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(json_at(row, "model_info"), R"({"a":"xy"})");
  const std::string with_nul("t\0x", 3);
  EXPECT_EQ(select({"TagTable", {{"tag_name", "=", text(with_nul)}}}).size(), 0u);
  const Value bad(with_nul);
  EXPECT_FALSE(session->query("SELECT $1 AS a", {&bad, 1}));
  EXPECT_FALSE(session->query("DELETE FROM \"LiteLLM_TagTable\"; DELETE FROM \"LiteLLM_TagTable\""));
  EXPECT_EQ(*session->count("TagTable"), 1);
}

TEST_P(SessionTest, BytesAreBase64) {
  for (auto* bytes : {"", "AA==", "AQI=", "AQID", "/+7dzLuqmYh3ZlVEMyIRAA=="}) {
    const auto row = insert("SkillsTable", {{"skill_id", text(bytes)}, {"file_content", text(bytes)}});
    EXPECT_EQ(*at(row, "file_content").as_string(), bytes);
  }
}

TEST_P(SessionTest, ATransactionIsAllOrNothing) {
  auto failed = in_transaction(*session, [&]() -> Result<void> {
    insert("TagTable", {{"tag_name", text("a")}});
    return Error(Errc::internal_server, "stop");
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(*session->count("TagTable"), 0);
  auto done = in_transaction(*session, [&]() -> Result<void> {
    insert("TagTable", {{"tag_name", text("b")}});
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(*open()->count("TagTable"), 1);
}

TEST_P(SessionTest, JobsRunOnThreadsAndShareTheDatabase) {
  std::mutex mutex;
  std::condition_variable changed;
  int done = 0;
  for (int i = 0; i < 40; ++i)
    store->run([&, i](Session& own) {
      auto inserted = own.insert("TagTable", {{"tag_name", text("t" + std::to_string(i))}});
      EXPECT_TRUE(inserted) << inserted.error().message;
      const std::lock_guard lock(mutex);
      ++done;
      changed.notify_all();
    });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done == 40; });
  lock.unlock();
  EXPECT_EQ(*session->count("TagTable"), 40);
  EXPECT_TRUE(store->up());
  store->close();
  store->run([](Session&) { ADD_FAILURE() << "a job ran behind close()"; });
}

} // namespace
} // namespace switchyard::storage
