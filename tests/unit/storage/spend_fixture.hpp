// A spend pump over a store, and a store that fails when it is told to.
#pragma once

#include "storage/spend_pump.hpp"
#include "unit/storage/journal_fixture.hpp"
#include "unit/storage/store_fixture.hpp"

#include <map>

namespace switchyard::storage::test {

/// Calls until the next failure; counts down over all sessions. Negative = never.
struct Faults {
  int left = -1;
  bool behind_commit = false; ///< a commit that fails has happened all the same
  bool hit() { return left >= 0 && left-- == 0; }
};
inline Error lost() { return Error(Errc::unavailable, "connection lost"); }

class FaultySession final : public Session {
 public:
  FaultySession(std::unique_ptr<Session> inner, Faults& faults) : inner_(std::move(inner)), faults_(faults) {}
  Dialect dialect() const override { return inner_->dialect(); }
  Result<Rows> query(std::string_view sql, std::span<const Value> values) override {
    if (faults_.hit()) return lost();
    return inner_->query(sql, values);
  }
  Result<Rows> select(const Select& what) override {
    if (faults_.hit()) return lost();
    return inner_->select(what);
  }
  Result<std::int64_t> count(std::string_view table, std::span<const Condition> where) override {
    return inner_->count(table, where);
  }
  Result<Row> insert(std::string_view table, const Row& row) override { return inner_->insert(table, row); }
  Result<bool> insert_new(std::string_view table, const Row& row) override {
    if (faults_.hit()) return lost();
    return inner_->insert_new(table, row);
  }
  Result<std::int64_t> insert_all_new(std::string_view table, std::span<const Row> rows) override {
    if (faults_.hit()) return lost();
    return inner_->insert_all_new(table, rows);
  }
  Result<void> upsert(std::string_view table, const Row& row, std::span<const std::string> key,
                      std::span<const Change> changes) override {
    if (faults_.hit()) return lost();
    return inner_->upsert(table, row, key, changes);
  }
  Result<Rows> update(std::string_view table, std::span<const Change> changes,
                      std::span<const Condition> where) override {
    if (faults_.hit()) return lost();
    return inner_->update(table, changes, where);
  }
  Result<std::int64_t> remove(std::string_view table, std::span<const Condition> where) override {
    if (faults_.hit()) return lost();
    return inner_->remove(table, where);
  }
  Result<void> begin() override { return inner_->begin(); }
  Result<void> commit() override {
    if (!faults_.hit()) return inner_->commit();
    if (faults_.behind_commit)
      (void)inner_->commit();
    else
      inner_->rollback();
    return lost();
  }
  void rollback() override { inner_->rollback(); }
  Result<void> notify(std::string_view text) override { return inner_->notify(text); }

 private:
  std::unique_ptr<Session> inner_;
  Faults& faults_;
};

class FaultyStore final : public Store {
 public:
  FaultyStore(Store& inner, Faults& faults) : inner_(inner), faults_(faults) {}
  Dialect dialect() const override { return inner_.dialect(); }
  void run(std::function<void(Session&)> job) override { inner_.run(std::move(job)); }
  Result<std::unique_ptr<Session>> open() override {
    if (faults_.hit()) return lost();
    auto session = inner_.open();
    if (!session) return session;
    return Result<std::unique_ptr<Session>>(std::make_unique<FaultySession>(std::move(*session), faults_));
  }
  bool up() const noexcept override { return true; }
  void listen(std::function<void(std::string_view)>) override {}
  void close() override {}

 private:
  Store& inner_;
  Faults& faults_;
};

class SpendTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    faulty = std::make_unique<FaultyStore>(*store, faults);
  }
  std::unique_ptr<SpendPump> pump(const std::string& path, std::uint64_t segment = 4096) {
    PumpOptions options{path, segment};
    options.batch_events = 7;
    SpendWriterHooks hooks;
    hooks.flushed = [this](const FlushedSpend& batch, std::uint64_t) { flushed.push_back(batch); };
    hooks.reset = [this](Session&, const std::vector<Touched>& rows) {
      touched.insert(touched.end(), rows.begin(), rows.end());
    };
    return std::make_unique<SpendPump>(*faulty, options, settings, clock, hooks);
  }
  Money spend_of(const std::string& table, const std::string& column, const std::string& id) {
    const Rows rows = select({table, {{column, "=", text(id)}}});
    EXPECT_EQ(rows.size(), 1u) << table << " " << id;
    double spend = 0;
    if (!rows.empty()) at(rows[0], "spend").number(spend);
    return Money::from_usd(spend);
  }
  /// call number -> rows, from SpendLogs of numbered() events; every spend must be exact.
  std::map<int, int> rows_by_number() {
    std::map<int, int> out;
    for (const Row& row : select({"SpendLogs"})) {
      const std::string id = *at(row, "request_id").as_string();
      const int number = std::atoi(id.c_str() + id.find('-') + 1);
      ++out[number];
      double spend = 0;
      at(row, "spend").number(spend);
      const bool cut = *at(row, "status").as_string() == "interrupted";
      EXPECT_EQ(Money::from_usd(spend), cut ? Money() : numbered(number).spend);
    }
    return out;
  }
  Money sum_of_rows() {
    Money all;
    for (const Row& row : select({"SpendLogs"})) {
      double spend = 0;
      at(row, "spend").number(spend);
      all += Money::from_usd(spend);
    }
    return all;
  }
  TemporaryDirectory directory;
  Faults faults;
  std::unique_ptr<FaultyStore> faulty;
  PlaneSettings settings;
  ManualClock clock;
  std::vector<FlushedSpend> flushed;
  std::vector<Touched> touched;
};

} // namespace switchyard::storage::test

namespace switchyard::storage {
using test::SpendTest;
#define SPEND_SUITE(name)                                                                                    \
  class name : public SpendTest {};                                                                          \
  INSTANTIATE_TEST_SUITE_P(Backends, name, testing::ValuesIn(backend_names()),                               \
                           [](const auto& info) { return info.param; })
} // namespace switchyard::storage
