// Postgres only: URLs, a database that goes away and comes back, notifications, and tables that another
// process alters.
#include "storage/postgres/settings.hpp"
#include "unit/storage/store_fixture.hpp"
#include "unit/storage/test_postgres.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace switchyard::storage {
namespace {

std::string find(const PostgresSettings& settings, std::string_view name) {
  for (auto& [known, value] : settings.parameters)
    if (known == name) return value;
  return {};
}

TEST(PostgresUrl, PrismaParametersAreUnderstoodOrIgnored) {
  auto settings = read_postgres_url(
      Secret("postgresql://u:p%40ss@db.example:6543/litellm?connection_limit=7&schema=s1&pgbouncer=true&"
             "sslmode=require&pool_timeout=5&made_up=1&connect_timeout=9"),
      60);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(find(*settings, "password"), "p@ss");
  EXPECT_EQ(find(*settings, "host"), "db.example");
  EXPECT_EQ(find(*settings, "sslmode"), "require");
  EXPECT_EQ(settings->schema, "s1");
  EXPECT_EQ(settings->connection_limit, 7);
  EXPECT_EQ(settings->connect_timeout, 9);
  EXPECT_FALSE(settings->prepares);
}

TEST(PostgresUrl, MessagesHoldNoPassword) {
  auto settings = read_postgres_url(Secret("postgresql://u:hunter%zz2@h/db"), 60);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().message.find("hunter"), std::string::npos);
  StoreOptions options;
  options.url = Secret("mysql://u:hunter2@h/db");
  EXPECT_EQ(open_store(options).error().message.find("hunter"), std::string::npos);
  options.url = Secret("postgresql://u:hunter2@localhost:1/db?host=/nowhere");
  auto store = open_store(options);
  ASSERT_TRUE(store);
  auto session = (*store)->open();
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, Errc::unavailable);
  EXPECT_EQ(session.error().message.find("hunter"), std::string::npos);
  EXPECT_FALSE((*store)->up());
}

/// What a listener heard, to be waited for.
class Ear {
 public:
  void operator()(std::string_view text) {
    const std::lock_guard lock(mutex_);
    heard_.emplace_back(text);
    changed_.notify_all();
  }
  std::string next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(30), [this] { return !heard_.empty(); }))
      return "nothing heard";
    auto text = heard_.front();
    heard_.pop_front();
    return text;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> heard_;
};

/// Until the database is back; every try waits for its answer or for the backoff.
bool comes_back(Session& session) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < end) {
    if (session.count("TagTable")) return true;
    std::this_thread::yield();
  }
  return false;
}

std::vector<std::string> postgres_names() {
  auto names = backend_names();
  names.erase(names.begin());
  return names;
}

class PostgresTest : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Store> store;
  std::string url = migrated_database("postgres", store);
};

INSTANTIATE_TEST_SUITE_P(Backends, PostgresTest, testing::ValuesIn(postgres_names()));
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PostgresTest);

TEST_P(PostgresTest, AnOutageIsUnavailableAndEnds) {
  TestPostgres server;
  store = open_or_fail(server.new_url());
  auto session = std::move(*store->open());
  ASSERT_TRUE(migrate(*session, false));
  Ear ear;
  store->listen(std::ref(ear));
  EXPECT_EQ(ear.next(), "");
  for (const std::string how : {"stop", "crash"}) {
    ASSERT_TRUE(session->insert_new("TagTable", {{"tag_name", text(how)}}));
    ASSERT_TRUE(session->begin());
    ASSERT_TRUE(session->insert("TagTable", {{"tag_name", text("lost" + how)}}));
    server.tell(how);
    EXPECT_EQ(session->count("TagTable").error().code, Errc::unavailable);
    EXPECT_EQ(session->commit().error().code, Errc::unavailable);
    EXPECT_EQ(session->insert("TagTable", {{"tag_name", text("x")}}).error().code, Errc::unavailable);
    EXPECT_FALSE(store->up());
    server.tell("start");
    EXPECT_TRUE(comes_back(*session));
    EXPECT_TRUE(store->up());
    EXPECT_EQ(ear.next(), "");
    auto rows = session->select({"TagTable", {{"tag_name", "=", text("lost" + how)}}});
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_TRUE(rows->empty());
  }
  EXPECT_EQ(*session->count("TagTable"), 2);
  session.reset();
  store->close();
}

TEST_P(PostgresTest, AnIdleConnectionThatTheServerClosedIsReplaced) {
  auto session = std::move(*store->open()), other = std::move(*store->open());
  ASSERT_TRUE(session->insert("TagTable", {{"tag_name", text("a")}}));
  const Value pid = session->query("SELECT pg_backend_pid() AS pid")->at(0).at(0).second;
  ASSERT_TRUE(other->query("SELECT pg_terminate_backend($1, 10000)", {&pid, 1}));
  auto written = session->insert("TagTable", {{"tag_name", text("b")}});
  EXPECT_TRUE(written) << written.error().message;
}

TEST_P(PostgresTest, WordsReachOtherStores) {
  auto one = open_or_fail(url), two = open_or_fail(url);
  Ear ear;
  two->listen(std::ref(ear));
  EXPECT_EQ(ear.next(), "");
  auto session = std::move(*one->open());
  ASSERT_TRUE(session->notify("key h1"));
  EXPECT_EQ(ear.next(), "key h1");
  EXPECT_FALSE(session->notify(std::string(201, 'x')));
  two->close();
}

TEST_P(PostgresTest, ATableAlteredUnderAPreparedStatement) {
  auto session = std::move(*store->open()), other = std::move(*store->open());
  const Select what{"TagTable", {{"tag_name", "=", text("a")}}};
  ASSERT_TRUE(session->insert("TagTable", {{"tag_name", text("a")}}));
  ASSERT_TRUE(session->select(what));
  ASSERT_TRUE(other->query("ALTER TABLE \"LiteLLM_TagTable\" ADD COLUMN extra TEXT DEFAULT 'x'"));
  auto rows = session->select(what);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(json_at(rows->at(0), "extra"), R"("x")");
  ASSERT_TRUE(other->query("ALTER TABLE \"LiteLLM_TagTable\" DROP COLUMN extra"));
}

TEST_P(PostgresTest, AFailedTransactionDoesNotCommitSilently) {
  store = open_or_fail(url + "&pgbouncer=true"); // and without prepared statements
  auto session = std::move(*store->open());
  ASSERT_TRUE(session->insert("TagTable", {{"tag_name", text("a")}, {"models", json(R"(["m"])")}}));
  ASSERT_TRUE(session->begin());
  EXPECT_FALSE(session->query("SELECT 1/0"));
  EXPECT_FALSE(session->commit());
  EXPECT_TRUE(session->begin());
  EXPECT_TRUE(session->commit());
}

} // namespace
} // namespace switchyard::storage
