// A key ring on a database in memory, and a shard that hears it. The ring's steps are called by the tests.
#pragma once

#include "storage/key_ring_core.hpp"
#include "unit/storage/store_fixture.hpp"

#include <deque>

namespace switchyard::storage {

/// A store whose jobs run when the test says so, on the test's thread.
class JobStore final : public Store {
 public:
  explicit JobStore(Store& real) : real_(real) {}
  Dialect dialect() const override { return real_.dialect(); }
  void run(std::function<void(Session&)> job) override {
    if (!closed) jobs.push_back(std::move(job));
  }
  Result<std::unique_ptr<Session>> open() override { return real_.open(); }
  bool up() const noexcept override { return real_.up(); }
  void listen(std::function<void(std::string_view)>) override {}
  void close() override { closed = true; }
  void work(Session& session) {
    for (; !jobs.empty(); jobs.pop_front()) jobs.front()(session);
  }
  std::deque<std::function<void(Session&)>> jobs;
  bool closed = false;

 private:
  Store& real_;
};

class KeyRingTest : public StoreTest {
 protected:
  using What = Touched::What;

  void SetUp() override {
    StoreTest::SetUp();
    clock.advance(*read_time("2026-01-01") - clock.wall());
    jobs = std::make_unique<JobStore>(*store);
    core = make_core("us");
  }
  void TearDown() override {
    core.reset();
    StoreTest::TearDown();
  }
  std::shared_ptr<KeyRingCore> make_core(std::string name) {
    KeyRingHooks hooks;
    hooks.publish = [this](IdentityDelta delta, std::function<void()> done) {
      ++published;
      bases += delta.base ? 1 : 0;
      shard.apply(delta);
      if (done) done();
    };
    hooks.ledger_news = [this](LedgerNews some) { news.push_back(std::move(some)); };
    hooks.models_changed = [this] { ++models; };
    hooks.committed = [this] { return committed; };
    return std::make_shared<KeyRingCore>(*jobs, settings, clock, hooks, std::move(name));
  }
  /// Cells as JSON; stamped with the test's time.
  void add(std::string_view table, std::string_view cells) {
    Row row = *json(cells).as_map();
    row.emplace_back("created_at", text(wire_time(clock.wall())));
    row.emplace_back("updated_at", text(wire_time(clock.wall())));
    insert(table, row);
  }
  void add_key(const std::string& hash) { add("VerificationToken", R"({"token":")" + hash + R"("})"); }
  void set(std::string_view table, std::string_view id_column, std::string_view id, std::string_view column,
           Value value, bool stamped = true) {
    std::vector<Change> changes = {{std::string(column), std::move(value)}};
    if (stamped) changes.push_back({"updated_at", text(wire_time(clock.wall()))});
    const std::vector<Condition> where = {{std::string(id_column), "=", text(std::string(id))}};
    auto rows = session->update(table, changes, where);
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 1u);
  }
  void remove(std::string_view table, std::string_view id_column, std::string_view id) {
    const std::vector<Condition> where = {{std::string(id_column), "=", text(std::string(id))}};
    auto gone = session->remove(table, where);
    ASSERT_TRUE(gone);
    ASSERT_EQ(*gone, 1);
  }
  void poll() {
    clock.advance(std::chrono::seconds(10));
    core->poll(*session);
  }
  /// Asks as a shard does.
  template <class Answer, class Query>
  Answer ask(Query query) {
    asio::io_context shard_loop;
    Pending<Answer> pending(mailbox<Query, Answer>(), std::move(query), shard_loop.get_executor());
    jobs->work(*session);
    EXPECT_TRUE(pending.ready());
    return pending.ready() ? pending.take() : Answer();
  }
  FoundKey ask_key(const std::string& hash) { return ask<FoundKey>(FindKey{hash, clock.now()}); }
  FoundCustomer ask_customer(const std::string& id) { return ask<FoundCustomer>(FindCustomer{id}); }

  template <class Query, class Answer>
  struct ToCore final : Mailbox<Ask<Query, Answer>>::Sink {
    explicit ToCore(std::shared_ptr<KeyRingCore> to) : core(std::move(to)) {}
    void send(Ask<Query, Answer> question) const override { core->ask(std::move(question)); }
    std::shared_ptr<KeyRingCore> core;
  };
  template <class Query, class Answer>
  Mailbox<Ask<Query, Answer>> mailbox() {
    return Mailbox<Ask<Query, Answer>>(std::make_shared<ToCore<Query, Answer>>(core));
  }

  PlaneSettings settings;
  std::unique_ptr<JobStore> jobs;
  ManualClock clock;
  Identities shard;
  std::vector<LedgerNews> news;
  int published = 0, bases = 0, models = 0;
  std::uint64_t committed = 5;
  std::shared_ptr<KeyRingCore> core;
};

} // namespace switchyard::storage
