// Brings a database to the schema that we know, by adding only; and says what differs. Store threads.
#include "storage/schema/ddl.hpp"
#include "storage/sql/sql_session.hpp"

namespace switchyard::storage {
namespace {

constexpr std::int64_t k_version = 1; // of the schema in definitions; written when migrate() has finished
constexpr std::string_view k_versions = "Switchyard_Migrations";
// "Switchya" in hex: two processes that start at once migrate one after the other.
constexpr std::string_view k_lock = "SELECT pg_advisory_xact_lock(6013290420711774305)";

struct Step {
  std::string what, sql;
};

/// What is missing, in order.
std::vector<Step> missing(const Facts& facts, Dialect dialect) {
  std::vector<Step> steps;
  for (auto& table : all_tables()) {
    auto it = facts.find(table.name);
    if (it == facts.end()) {
      for (auto& sql : create_table(table, dialect))
        steps.push_back({sql.starts_with("CREATE TABLE") ? "create table " + table.name : "", sql});
      continue;
    }
    for (auto& column : table.columns)
      if (!it->second.find(column.name))
        steps.push_back({"add column " + table.name + "." + column.name, add_column(table, column, dialect)});
  }
  return steps;
}

/// The enum of CronJob.status, as Prisma makes it.
Result<void> make_job_status(SqlSession& session) {
  auto there = session.query("SELECT 1 AS one FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace "
                             "WHERE t.typname = 'JobStatus' AND n.nspname = current_schema()");
  if (!there) return there.error();
  if (!there->empty()) return {};
  return session.run("CREATE TYPE \"JobStatus\" AS ENUM ('ACTIVE', 'INACTIVE')");
}

Result<std::vector<std::string>> apply(SqlSession& session) {
  std::vector<std::string> done;
  if (session.dialect() == Dialect::postgres) {
    if (auto locked = session.query(k_lock); !locked) return locked.error();
    if (auto made = make_job_status(session); !made) return made.error();
  }
  SqlSession::schema_changed(); // what was read before the lock may be old
  auto facts = session.facts();
  if (!facts) return facts.error();
  for (auto& step : missing(**facts, session.dialect())) {
    if (auto ran = session.run(step.sql); !ran) {
      Error error = ran.error();
      error.message = (step.what.empty() ? "create an index" : step.what) + ": " + error.message;
      return error;
    }
    if (!step.what.empty()) done.push_back(step.what);
  }
  SqlSession::schema_changed();
  const Row row{{"version", Value(k_version)},
                {"description", Value("schema of LiteLLM 029f645f and Switchyard's tables")}};
  if (auto written = session.insert_new(k_versions, row); !written) return written.error();
  return done;
}

/// int4 and int8 hold the same limits; Prisma's text types are all text.
bool same_kind(Type known, Type found) {
  const auto whole = [](Type type) {
    return type == Type::int4 || type == Type::int8 || type == Type::serial;
  };
  const auto text = [](Type type) { return type == Type::text || type == Type::job_status; };
  return known == found || (whole(known) && whole(found)) || (text(known) && text(found));
}

void compare(const Table& table, const TableFacts& found, std::vector<std::string>& out) {
  for (auto& column : table.columns) {
    auto* fact = found.find(column.name);
    if (!fact)
      out.push_back("missing column " + table.name + "." + column.name);
    else if (!same_kind(column.type, fact->type))
      out.push_back("other type " + table.name + "." + column.name + ": " + fact->type_name);
  }
  for (auto& fact : found.columns)
    if (!table.find(fact.name)) out.push_back("unknown column " + table.name + "." + fact.name);
}

} // namespace

Result<std::vector<std::string>> migrate(Session& any, bool dry_run) {
  auto& session = dynamic_cast<SqlSession&>(any);
  auto facts = session.facts();
  if (!facts) return facts.error();
  std::vector<std::string> lines;
  for (auto& step : missing(**facts, session.dialect()))
    if (!step.what.empty()) lines.push_back(step.what);
  if (dry_run || lines.empty()) return lines;
  auto done = in_transaction(session, [&]() -> Result<void> {
    auto applied = apply(session);
    if (!applied) return applied.error();
    lines = std::move(*applied);
    return {};
  });
  SqlSession::schema_changed();
  if (!done) return done.error();
  return lines;
}

Result<std::vector<std::string>> check_schema(Session& any) {
  auto& session = dynamic_cast<SqlSession&>(any);
  SqlSession::schema_changed();
  auto facts = session.facts();
  if (!facts) return facts.error();
  std::vector<std::string> lines;
  for (auto& table : all_tables()) {
    auto it = (*facts)->find(table.name);
    if (it == (*facts)->end())
      lines.push_back("missing table " + table.name);
    else
      compare(table, it->second, lines);
  }
  return lines;
}

} // namespace switchyard::storage
