// A SQLite connection as a Session. One store thread at a time; must not be used on a shard (it waits for the
// file's lock).
#pragma once

#include "storage/sql/sql_session.hpp"

#include <memory>
#include <string>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace switchyard::storage {

class SqliteSession final : public SqlSession {
 public:
  /// `path` is a file or the URI of a memory database (memory_uri()).
  SqliteSession(std::string path, std::atomic<bool>& up) : path_(std::move(path)), up_(up) {}
  ~SqliteSession() override;
  Dialect dialect() const override { return Dialect::sqlite; }
  Result<void> notify(std::string_view text) override;
  Result<void> connect() override;

 protected:
  Result<Executed> execute(std::string_view sql, std::span<const Value> parameters, Kind kind,
                           const TableFacts* table) override;
  Result<Facts> read_facts() override;
  // Writers queue up at BEGIN; a transaction that only reads at first could not become a writer later.
  std::string_view begin_sql() const override { return "BEGIN IMMEDIATE"; }

 private:
  Result<sqlite3_stmt*> prepare(std::string_view sql);
  Result<Executed> step(sqlite3_stmt* statement, const TableFacts* table);
  Error failure(int code);
  void close();

  std::string path_;
  std::atomic<bool>& up_;
  sqlite3* database_ = nullptr;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view sql) const noexcept { return std::hash<std::string_view>()(sql); }
  };
  std::unordered_map<std::string, sqlite3_stmt*, Hash, std::equal_to<>> statements_;
};

/// A database that the sessions of one store share and nobody else sees; it lives while one is connected.
std::string memory_uri();

} // namespace switchyard::storage
