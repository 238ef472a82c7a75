// One suite for both backends: STORE_TEST bodies run against an empty, migrated SQLite database in memory and
// against a Postgres database of their own.
#pragma once

#include <switchyard/json.hpp>
#include <switchyard/store.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace switchyard::storage {

/// URLs to test with: SQLite, and Postgres when its programs are installed (else it says so on stderr).
std::vector<std::string> backend_names();
/// A new, empty database of that backend.
std::string new_database(const std::string& backend);
/// One whose tables are there and empty. Postgres needs a second for them, so its tests share one.
std::string migrated_database(const std::string& backend, std::unique_ptr<Store>& store);

inline std::unique_ptr<Store> open_or_fail(const std::string& url, int connections = 4) {
  StoreOptions options;
  options.url = Secret(url);
  options.connections = connections;
  options.connect_timeout = 10;
  auto store = open_store(options);
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

inline const Value& at(const Row& row, std::string_view column) {
  static const Value none;
  for (auto& [name, value] : row)
    if (name == column) return value;
  ADD_FAILURE() << "no column " << column;
  return none;
}
inline std::string json_at(const Row& row, std::string_view column) { return to_json(at(row, column)); }
inline bool has(const Row& row, std::string_view column) {
  for (auto& member : row)
    if (member.first == column) return true;
  return false;
}
inline Value json(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? std::move(*value) : Value();
}
inline Value text(std::string value) { return Value(std::move(value)); }

class StoreTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    url = migrated_database(GetParam(), store);
    ASSERT_TRUE(store);
    session = open();
    ASSERT_TRUE(session);
  }
  void TearDown() override {
    session.reset();
    if (store) store->close();
  }
  std::unique_ptr<Session> open() {
    auto opened = store->open();
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  Row insert(std::string_view table, const Row& row) {
    auto stored = session->insert(table, row);
    EXPECT_TRUE(stored) << stored.error().message;
    return stored ? *stored : Row{};
  }
  Rows select(const Select& what) {
    auto rows = session->select(what);
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? *rows : Rows{};
  }
  std::string url;
  std::unique_ptr<Store> store;
  std::unique_ptr<Session> session;
};

#define STORE_SUITE(name)                                                                                    \
  class name : public StoreTest {};                                                                          \
  INSTANTIATE_TEST_SUITE_P(Backends, name, testing::ValuesIn(backend_names()),                               \
                           [](const auto& info) { return info.param; })

} // namespace switchyard::storage
