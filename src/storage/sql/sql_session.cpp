// What the sessions of both backends share: typed calls to SQL, the facts of the database, transactions.
// Runs on store threads; knows no driver.
#include "storage/sql/sql_session.hpp"

#include "storage/sql/codec.hpp"

#include <algorithm>

namespace switchyard::storage {
namespace {

constexpr std::size_t k_rows_per_insert = 8;          ///< of SQLite
constexpr std::size_t k_parameters_per_insert = 8000; // below SQLite's 32766
std::atomic<std::uint64_t> schema_generation{1};

Error missing_table(std::string_view table) {
  Error error(Errc::internal_server,
              "the database has no table " + full_name(table) + ": run `switchyard db migrate`");
  error.extra().type = "missing_table";
  return error;
}

bool starts_with_word(std::string_view sql, std::string_view word) {
  const auto start = sql.find_first_not_of(" \n\r\t(");
  if (start == std::string_view::npos) return false;
  return std::equal(word.begin(), word.end(), sql.begin() + static_cast<std::ptrdiff_t>(start),
                    sql.begin() + static_cast<std::ptrdiff_t>(std::min(sql.size(), start + word.size())),
                    [](char a, char b) { return a == (b >= 'a' && b <= 'z' ? b - 32 : b); });
}

} // namespace

void SqlSession::schema_changed() noexcept { schema_generation.fetch_add(1); }

Result<const Facts*> SqlSession::facts() {
  const auto generation = schema_generation.load();
  if (!facts_ || facts_of_ != generation) {
    auto read = read_facts();
    if (!read) return read.error();
    facts_ = std::make_unique<Facts>(std::move(*read));
    facts_of_ = generation;
  }
  return facts_.get();
}

Result<const TableFacts*> SqlSession::table(std::string_view name) {
  auto known = facts();
  if (!known) return known.error();
  auto it = (*known)->find(full_name(name));
  if (it == (*known)->end()) return missing_table(name);
  return &it->second;
}

Result<Executed> SqlSession::finish(Builder& builder, Kind kind, const TableFacts* table) {
  auto statement = builder.ready();
  if (!statement) return statement.error();
  return execute((*statement)->sql, (*statement)->parameters, kind, table);
}

Result<void> SqlSession::run(std::string_view sql) {
  auto done = execute(sql, {}, Kind::write, nullptr);
  if (!done) return done.error();
  return {};
}

Result<Rows> SqlSession::query(std::string_view sql, std::span<const Value> parameters) {
  std::vector<Value> encoded;
  for (auto& value : parameters) {
    auto one = encode_raw(value, dialect());
    if (!one) return one.error();
    encoded.push_back(std::move(*one));
  }
  auto done = execute(sql, encoded, starts_with_word(sql, "SELECT") ? Kind::read : Kind::write, nullptr);
  if (!done) return done.error();
  return std::move(done->rows);
}

Result<Rows> SqlSession::select(const Select& what) {
  auto facts = table(what.table);
  if (!facts) return facts.error();
  Builder builder(**facts, dialect());
  auto done = finish(builder.select(what), Kind::read, *facts);
  if (!done) return done.error();
  return std::move(done->rows);
}

Result<std::int64_t> SqlSession::count(std::string_view name, std::span<const Condition> where) {
  auto facts = table(name);
  if (!facts) return facts.error();
  Builder builder(**facts, dialect());
  auto done = finish(builder.count().where(where), Kind::read, nullptr);
  if (!done) return done.error();
  auto* number = done->rows.empty() ? nullptr : done->rows.front().front().second.as_int();
  return number ? *number : 0;
}

Result<Row> SqlSession::insert(std::string_view name, const Row& row) {
  auto facts = table(name);
  if (!facts) return facts.error();
  Builder builder(**facts, dialect());
  auto done = finish(builder.insert({&row, 1}).add(" RETURNING *"), Kind::write, *facts);
  if (!done) return done.error();
  if (done->rows.empty()) return Error(Errc::internal_server, "an inserted row was not returned");
  return std::move(done->rows.front());
}

Result<bool> SqlSession::insert_new(std::string_view name, const Row& row) {
  auto inserted = insert_all_new(name, {&row, 1});
  if (!inserted) return inserted.error();
  return *inserted > 0;
}

Result<std::int64_t> SqlSession::insert_all_new(std::string_view name, std::span<const Row> rows) {
  auto facts = table(name);
  if (!facts) return facts.error();
  const auto width = std::max<std::size_t>((*facts)->columns.size(), 1);
  // SQLite has no round trips to save, and short statements are found prepared.
  const auto most = dialect() == Dialect::sqlite ? k_rows_per_insert * width : k_parameters_per_insert;
  const auto chunk = std::max<std::size_t>(most / width, 1);
  std::int64_t inserted = 0;
  while (!rows.empty()) {
    const auto size = std::min(chunk, rows.size());
    Builder builder(**facts, dialect());
    builder.insert(rows.first(size)).add(" ON CONFLICT DO NOTHING");
    for (bool first = true; rows.size() >= size && !rows.empty(); rows = rows.subspan(size), first = false) {
      if (!first) builder.rebind(rows.first(size));
      auto done = finish(builder, Kind::write, nullptr);
      if (!done) return done.error();
      inserted += done->affected;
    }
  }
  return inserted;
}

Result<void> SqlSession::upsert(std::string_view name, const Row& row, std::span<const std::string> key,
                                std::span<const Change> changes) {
  auto facts = table(name);
  if (!facts) return facts.error();
  Builder builder(**facts, dialect());
  auto done = finish(builder.insert({&row, 1}).on_conflict(key, changes), Kind::write, nullptr);
  if (!done) return done.error();
  return {};
}

Result<Rows> SqlSession::update(std::string_view name, std::span<const Change> changes,
                                std::span<const Condition> where) {
  auto facts = table(name);
  if (!facts) return facts.error();
  const bool writes = std::any_of(changes.begin(), changes.end(),
                                  [&](const Change& change) { return (*facts)->find(change.column); });
  if (!writes) return select({std::string(name), {where.begin(), where.end()}});
  Builder builder(**facts, dialect());
  auto done = finish(builder.update(changes).where(where).add(" RETURNING *"), Kind::write, *facts);
  if (!done) return done.error();
  return std::move(done->rows);
}

Result<std::int64_t> SqlSession::remove(std::string_view name, std::span<const Condition> where) {
  auto facts = table(name);
  if (!facts) return facts.error();
  Builder builder(**facts, dialect());
  auto done = finish(builder.remove().where(where), Kind::write, nullptr);
  if (!done) return done.error();
  return done->affected;
}

Result<void> SqlSession::begin() {
  if (in_transaction_) return Error(Errc::internal_server, "a transaction is open already");
  auto done = execute(begin_sql(), {}, Kind::read, nullptr); // nothing is lost when it is sent twice
  if (!done) return done.error();
  in_transaction_ = true;
  return {};
}

Result<void> SqlSession::commit() {
  if (!in_transaction_) return Error(Errc::internal_server, "no transaction is open");
  auto done = execute("COMMIT", {}, Kind::control, nullptr);
  if (!done) return rollback(), done.error();
  in_transaction_ = false;
  return {};
}

void SqlSession::rollback() {
  if (!in_transaction_) return;
  (void)execute("ROLLBACK", {}, Kind::control, nullptr); // a lost connection has rolled back
  in_transaction_ = false;
}

Result<void> in_transaction(Session& session, const std::function<Result<void>()>& work) {
  if (auto begun = session.begin(); !begun) return begun.error();
  try {
    auto done = work();
    if (done) return session.commit();
    session.rollback();
    return done;
  } catch (...) {
    session.rollback();
    throw;
  }
}

} // namespace switchyard::storage
