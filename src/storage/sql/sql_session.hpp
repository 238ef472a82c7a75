// What the sessions of both backends share: typed calls to SQL, the facts of the database, transactions.
// One thread at a time; a backend only executes statements.
#pragma once

#include "storage/sql/facts.hpp"
#include "storage/sql/statement.hpp"

#include <switchyard/store.hpp>

#include <atomic>
#include <memory>

namespace switchyard::storage {

struct Executed {
  Rows rows;
  std::int64_t affected = 0;
};

class SqlSession : public Session {
 public:
  Result<Rows> query(std::string_view sql, std::span<const Value> parameters = {}) final;
  Result<Rows> select(const Select& what) final;
  Result<std::int64_t> count(std::string_view table, std::span<const Condition> where = {}) final;
  Result<Row> insert(std::string_view table, const Row& row) final;
  Result<bool> insert_new(std::string_view table, const Row& row) final;
  Result<std::int64_t> insert_all_new(std::string_view table, std::span<const Row> rows) final;
  Result<void> upsert(std::string_view table, const Row& row, std::span<const std::string> key,
                      std::span<const Change> changes) final;
  Result<Rows> update(std::string_view table, std::span<const Change> changes,
                      std::span<const Condition> where) final;
  Result<std::int64_t> remove(std::string_view table, std::span<const Condition> where) final;
  Result<void> begin() final;
  Result<void> commit() final;
  void rollback() final;

  /// Tables as the database has them; read again when they are stale (another session migrated).
  Result<const Facts*> facts();
  /// One statement without decoding by a table; DDL.
  Result<void> run(std::string_view sql);
  /// Facts of all sessions of this process are stale.
  static void schema_changed() noexcept;
  /// Connects when it is not connected.
  virtual Result<void> connect() = 0;

 protected:
  enum class Kind : std::uint8_t { read, write, control };
  /// One statement; `table` (may be null) tells the types of columns that the driver does not know.
  virtual Result<Executed> execute(std::string_view sql, std::span<const Value> parameters, Kind kind,
                                   const TableFacts* table) = 0;
  virtual Result<Facts> read_facts() = 0;
  virtual std::string_view begin_sql() const = 0;
  bool in_transaction() const noexcept { return in_transaction_; }
  void forget_facts() noexcept { facts_of_ = 0; } // not freed: a statement may be in the making

 private:
  Result<const TableFacts*> table(std::string_view name);
  Result<Executed> finish(Builder& builder, Kind kind, const TableFacts* table);

  std::unique_ptr<Facts> facts_;
  std::uint64_t facts_of_ = 0; ///< the schema's generation that they belong to
  bool in_transaction_ = false;
};

} // namespace switchyard::storage
