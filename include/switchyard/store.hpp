// The database as the rest of the product sees it: blocking sessions on threads of their own, never on a
// shard. Backends (src/storage): SQLite, Postgres. The schema is LiteLLM's (spec management.md 7).
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/error.hpp>
#include <switchyard/secret.hpp>
#include <switchyard/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::storage {

/// Column name -> value. What a column holds follows its type: JSON columns hold parsed values (also when an
/// old row holds a JSON string with JSON inside), text[] a list of strings (NULL = empty list), timestamps
/// the wire form "2024-06-06T00:02:16.454000Z" (on writing any ISO form), booleans bool, bytea base64 text.
using Row = ValueMap;
using Rows = std::vector<Row>;

enum class Dialect : std::uint8_t { sqlite, postgres };

/// `"spend" = "spend" + 5` as data: what update() may do beside setting.
struct Change {
  std::string column;
  Value value;
  bool add = false; ///< add the number to what is there; doubles are rounded to 9 decimals (money)
};
struct Condition {
  std::string column;
  /// = != < <= > >= like ilike in has "is null" "is not null". "in" takes a list; "has": a text[] column
  /// holds the text; like distinguishes case, ilike does not, backslash escapes % and _ in both.
  std::string op = "=";
  Value value;
};
struct Order {
  std::string column;
  bool descending = false;
};
struct Select {
  std::string table;                 ///< without the prefix: "VerificationToken"
  std::vector<Condition> where = {}; ///< all of them
  std::vector<Order> order = {};
  std::int64_t limit = -1, offset = 0;
  std::vector<std::string> columns = {}; ///< empty = all
};

/// One connection. Every call is one statement (inside the transaction when one is open). Errors:
/// unavailable = the database cannot be reached (the message never holds the URL's password), conflict-like
/// failures carry Errc::bad_request and extra().type "unique_violation", anything else internal_server.
class Session {
 public:
  virtual ~Session() = default;
  virtual Dialect dialect() const = 0;
  /// Raw SQL in the common subset, parameters $1, $2, ... (scalars; lists and maps are bound as JSON text; a
  /// text in exactly the wire form of a time compares rightly with timestamp columns). Times as text:
  /// CAST("t" AS text) is "2024-06-06 00:02:16.454" in both dialects. LIKE distinguishes case in both.
  virtual Result<Rows> query(std::string_view sql, std::span<const Value> parameters = {}) = 0;
  virtual Result<Rows> select(const Select& what) = 0;
  virtual Result<std::int64_t> count(std::string_view table, std::span<const Condition> where = {}) = 0;
  /// Columns that the database lacks are left out, and null for a column that takes none (its default holds);
  /// created_at and updated_at are now when the row does not name them. Returns the row as stored.
  virtual Result<Row> insert(std::string_view table, const Row& row) = 0;
  /// False = a row with that key was there already and stays.
  virtual Result<bool> insert_new(std::string_view table, const Row& row) = 0;
  /// The same for many rows in few statements (all have the columns of the first): how many were new.
  virtual Result<std::int64_t> insert_all_new(std::string_view table, std::span<const Row> rows) = 0;
  /// Insert, or on conflict with `key` apply the changes.
  virtual Result<void> upsert(std::string_view table, const Row& row, std::span<const std::string> key,
                              std::span<const Change> changes) = 0;
  /// Rows as they are afterwards. A change that sets (not adds) also sets updated_at to now.
  virtual Result<Rows> update(std::string_view table, std::span<const Change> changes,
                              std::span<const Condition> where) = 0;
  virtual Result<std::int64_t> remove(std::string_view table, std::span<const Condition> where) = 0;
  virtual Result<void> begin() = 0;
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;
  /// Tells other Switchyards: one word of text at most 200 bytes long. Nothing on SQLite.
  virtual Result<void> notify(std::string_view text) = 0;
};

/// begin() ... commit(), rolled back when the function fails.
Result<void> in_transaction(Session& session, const std::function<Result<void>()>& work);

struct StoreOptions {
  Secret url; ///< postgresql://..., sqlite:///path, sqlite://:memory:
  int connections = 10;
  double connect_timeout = 60; ///< seconds
};

/// A database and the threads that may block on it. Made at start-up; close() before the shards go.
class Store {
 public:
  virtual ~Store() = default;
  virtual Dialect dialect() const = 0;
  /// Runs the job on one of the store's threads with a connection of its own; reconnects with backoff when it
  /// was lost. Never blocks. After close() the job is dropped unrun. With the database down the session's
  /// calls answer `unavailable`.
  virtual void run(std::function<void(Session&)> job) = 0;
  /// A session for the calling thread (start-up, commands, writer threads).
  virtual Result<std::unique_ptr<Session>> open() = 0;
  virtual bool up() const noexcept = 0; ///< the last statement reached the database
  /// `heard(text)` for every notify() of any process (Postgres), on a thread of its own with its own
  /// connection; heard("") after every reconnect: something may have been missed.
  virtual void listen(std::function<void(std::string_view)> heard) = 0;
  virtual void close() = 0;
};

/// Opens (SQLite: creates) the database. Does not migrate.
Result<std::unique_ptr<Store>> open_store(const StoreOptions& options);

/// What a migration would do or did, one line each. Additive only: missing tables and columns are added.
/// `dry_run` changes nothing.
Result<std::vector<std::string>> migrate(Session& session, bool dry_run);
/// Differences between the schema that we know and the database's, one line each; empty = none.
Result<std::vector<std::string>> check_schema(Session& session);
/// Copies a LiteLLM database into an empty store, row by row; the report names every table: exact,
/// approximate, left out, and why.
Result<std::vector<std::string>> import_database(Session& from, Session& into);

/// ISO forms <-> time. Empty optional = not a date.
std::string wire_time(WallTime when); ///< "2024-06-06T00:02:16.454000Z"
Result<WallTime> read_time(std::string_view text);

} // namespace switchyard::storage
