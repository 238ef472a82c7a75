// Copies a LiteLLM database into an empty store and says what became of every table. Store or command
// threads; reads the source only, and decrypts nothing.
#include "storage/schema/ddl.hpp"
#include "storage/sql/sql_session.hpp"

#include <algorithm>
#include <map>

namespace switchyard::storage {
namespace {

constexpr std::int64_t k_page = 500;
constexpr std::size_t k_most_named = 5; // rows named in a line
constexpr std::size_t k_longest_name = 60;

struct TableReport {
  std::int64_t exact = 0, approximate = 0, refused = 0;
  std::map<std::string, std::int64_t> changed; ///< column -> rows
  std::vector<std::string> refusals;
};

const Value* find(const Row& row, std::string_view column) {
  for (auto& [name, value] : row)
    if (name == column) return &value;
  return nullptr;
}

/// Enough of the key to find the row; a key's hash is cut.
std::string name_of(const Table& table, const Row& row) {
  std::string out;
  for (auto& column : table.key) {
    auto* value = find(row, column);
    auto text = value ? to_json(*value) : "?";
    const auto most = column == "token" ? std::size_t{13} : k_longest_name;
    out += (out.empty() ? "" : ",") + (text.size() > most ? text.substr(0, most) + "..." : text);
  }
  return out;
}

/// Compares what the source had with what the store holds now.
void judge(const Row& source, const Row& stored, TableReport& report) {
  bool exact = true;
  for (auto& [column, value] : source) {
    auto* now = find(stored, column);
    if (!now || to_json(*now) != to_json(value)) ++report.changed[column], exact = false;
  }
  ++(exact ? report.exact : report.approximate);
}

void refuse(const Table& table, const Row& row, const Error& error, TableReport& report) {
  if (++report.refused <= static_cast<std::int64_t>(k_most_named))
    report.refusals.push_back(name_of(table, row) + ": " + error.message);
}

/// One page in one transaction; row by row when a row is refused, so that the others get in.
Result<void> copy_page(Session& into, const Table& table, const Rows& rows, TableReport& report) {
  TableReport together = report;
  auto done = in_transaction(into, [&]() -> Result<void> {
    for (auto& row : rows) {
      auto stored = into.insert(table.name, row);
      if (!stored) return stored.error();
      judge(row, *stored, together);
    }
    return {};
  });
  if (done) {
    report = std::move(together);
    return {};
  }
  if (done.error().code == Errc::unavailable) return done.error();
  for (auto& row : rows) {
    auto stored = into.insert(table.name, row);
    if (stored)
      judge(row, *stored, report);
    else if (stored.error().code == Errc::unavailable)
      return stored.error();
    else
      refuse(table, row, stored.error(), report);
  }
  return {};
}

/// The page behind `last`, in the order of the key. Tables with one key column may be huge: no OFFSET there.
Select next_page(const Table& table, const Row& last, std::int64_t seen) {
  Select page{table.name};
  for (auto& column : table.key) page.order.push_back({column});
  page.limit = k_page;
  auto* value = table.key.size() == 1 && !last.empty() ? find(last, table.key.front()) : nullptr;
  if (value)
    page.where.push_back({table.key.front(), ">", *value});
  else
    page.offset = seen;
  return page;
}

Result<TableReport> copy_table(SqlSession& from, SqlSession& into, const Table& table) {
  TableReport report;
  Row last;
  for (std::int64_t seen = 0;;) {
    auto rows = from.select(next_page(table, last, seen));
    if (!rows) return rows.error();
    if (rows->empty()) return report;
    if (auto copied = copy_page(into, table, *rows, report); !copied) return copied.error();
    seen += static_cast<std::int64_t>(rows->size());
    last = std::move(rows->back());
  }
}

/// New ids of a serial column start behind the copied ones.
Result<void> advance_serial(SqlSession& into, const Table& table) {
  if (into.dialect() != Dialect::postgres || table.columns.front().type != Type::serial) return {};
  const Value name("\"" + table.name + "\""), column(table.columns.front().name);
  const Value parameters[] = {name, column};
  auto set = into.query("SELECT setval(pg_get_serial_sequence($1, $2), (SELECT max(\"" +
                            table.columns.front().name + "\") FROM \"" + table.name + "\"))",
                        parameters);
  if (!set) return set.error();
  return {};
}

std::string columns_text(const std::map<std::string, std::int64_t>& columns) {
  std::string out;
  for (auto& [column, rows] : columns)
    out += (out.empty() ? "" : ", ") + column + " (" + std::to_string(rows) + " rows)";
  return out;
}

std::string describe(const Table& table, const TableReport& report) {
  auto line = table.name + ": ";
  if (report.exact + report.approximate + report.refused == 0) return line + "empty";
  line += std::to_string(report.exact) + " rows exact";
  if (report.approximate > 0) line += ", " + std::to_string(report.approximate) + " approximate";
  if (report.refused > 0) line += ", " + std::to_string(report.refused) + " left out";
  if (!report.changed.empty()) line += "; stored differently: " + columns_text(report.changed);
  for (auto& refusal : report.refusals) line += "; refused " + refusal;
  return line;
}

Result<void> must_be_empty(SqlSession& into) {
  for (auto& table : all_tables()) {
    if (table.name.starts_with("Switchyard_")) continue;
    auto rows = into.count(table.name);
    if (!rows) return rows.error();
    if (*rows > 0)
      return Error(Errc::config, "the target is not empty: " + table.name + " has " + std::to_string(*rows) +
                                     " rows. Import into a new database");
  }
  return {};
}

/// Columns of a newer LiteLLM come along, so that no row loses anything; nobody here reads them.
Result<void> adopt_columns(const Facts& source, SqlSession& into, std::vector<std::string>& lines) {
  auto facts = into.facts();
  if (!facts) return facts.error();
  const Facts target = **facts;
  for (auto& table : all_tables()) {
    auto from = source.find(table.name);
    if (from == source.end()) continue;
    for (auto& fact : from->second.columns) {
      if (target.at(table.name).find(fact.name)) continue;
      const Column column{fact.name, fact.type, true, false, {}};
      if (auto added = into.run(add_column(table, column, into.dialect())); !added) return added.error();
      lines.push_back(table.name + ": column " + fact.name + " is kept, Switchyard does not use it");
    }
  }
  SqlSession::schema_changed();
  return {};
}

/// Tables of the source that we do not know.
Result<void> name_unknown(SqlSession& from, const Facts& source, std::vector<std::string>& lines) {
  std::map<std::string, std::int64_t> unknown;
  for (auto& [name, table] : source) {
    if (!name.starts_with("LiteLLM_") || find_table(name)) continue;
    auto rows = from.count(name);
    if (!rows) return rows.error();
    unknown[name] = *rows;
  }
  for (auto& [name, rows] : unknown)
    lines.push_back(name + ": left out, " + std::to_string(rows) + " rows: Switchyard has no such table");
  return {};
}

constexpr std::string_view k_encrypted =
    "note: encrypted values (litellm_params of models, credential_values, MCP credentials, environment "
    "variables in Config) are copied as they are: Switchyard reads them with the same LITELLM_SALT_KEY, or "
    "the "
    "same master key when there was none";

} // namespace

Result<std::vector<std::string>> import_database(Session& source, Session& target) {
  auto& from = dynamic_cast<SqlSession&>(source);
  auto& into = dynamic_cast<SqlSession&>(target);
  SqlSession::schema_changed();
  auto from_facts = from.facts();
  if (!from_facts) return from_facts.error();
  const Facts source_facts = **from_facts;
  if (!source_facts.contains("LiteLLM_VerificationToken"))
    return Error(Errc::config,
                 "the source is no LiteLLM database: it has no table LiteLLM_VerificationToken");
  if (auto empty = must_be_empty(into); !empty) return empty.error();
  std::vector<std::string> lines;
  if (auto adopted = adopt_columns(source_facts, into, lines); !adopted) return adopted.error();
  for (auto& table : all_tables()) {
    if (table.name.starts_with("Switchyard_")) continue;
    if (!source_facts.contains(table.name)) {
      lines.push_back(table.name + ": not in the source");
      continue;
    }
    auto report = copy_table(from, into, table);
    if (!report) return report.error();
    if (auto advanced = advance_serial(into, table); !advanced) return advanced.error();
    lines.push_back(describe(table, *report));
  }
  if (auto named = name_unknown(from, source_facts, lines); !named) return named.error();
  lines.emplace_back(k_encrypted);
  return lines;
}

} // namespace switchyard::storage
