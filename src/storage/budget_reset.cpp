// Budgets whose window is over. Each row is one small update that names the end it had, so that two processes
// do not reset twice; rows of one budget go with it in one transaction.
#include "storage/budget_reset.hpp"

#include "storage/spend_rows.hpp"

#include <switchyard/budget_window.hpp>
#include <switchyard/log.hpp>

#include <array>

namespace switchyard::storage {
namespace {

struct Owner {
  const char* table;
  const char* id;
  Touched::What what;
};
constexpr std::array<Owner, 3> k_owners{{{"VerificationToken", "token", Touched::What::key},
                                         {"UserTable", "user_id", Touched::What::user},
                                         {"TeamTable", "team_id", Touched::What::team}}};
/// What may refer to a BudgetTable row and has a spend.
constexpr std::array<const char*, 6> k_linked{"EndUserTable", "TeamMembership", "OrganizationTable",
                                              "TagTable",     "ProjectTable",   "VerificationToken"};
constexpr std::int64_t k_page = 1000;

std::string text_of(const Row& row, std::string_view column) {
  for (const auto& [name, value] : row)
    if (const auto* text = value.as_string(); text && name == column) return *text;
  return {};
}

bool is_expired(const Row& row, WallTime now) {
  const auto expires = read_time(text_of(row, "expires"));
  return expires && *expires <= now;
}

/// Where its window goes next; nothing when it has none or one that nobody can read.
std::optional<WallTime> next_end(const Row& row, const std::string& id, const PlaneSettings& settings,
                                 WallTime now) {
  const std::string duration = text_of(row, "budget_duration");
  if (duration.empty()) return std::nullopt;
  auto end = next_reset(duration, now, settings.timezone);
  if (end) return *end;
  log::warning("budget_not_reset", {{"id", id}, {"reason", end.error().message}});
  return std::nullopt;
}

/// One page of rows that are due, behind the id `after`.
Result<Rows> due_rows(Session& session, const char* table, const char* id, WallTime now,
                      const std::string& after) {
  Select what{
      table, {{"budget_reset_at", "<=", Value(wire_time(now))}, {id, ">", Value(after)}}, {{id}}, k_page};
  what.columns = {id, "budget_duration", "budget_reset_at", "expires"};
  return session.select(what);
}

/// False: another process was first.
Result<bool> move_window(Session& session, const char* table, const char* id, const Row& row, WallTime end,
                         bool spend) {
  std::vector<Change> changes{{"budget_reset_at", Value(wire_time(end))}};
  if (spend) changes.push_back({"spend", Value(0.0)});
  const Condition where[] = {{id, "=", Value(text_of(row, id))},
                             {"budget_reset_at", "=", Value(text_of(row, "budget_reset_at"))}};
  auto done = session.update(table, changes, where);
  if (!done) return done.error();
  return !done->empty();
}

Result<void> reset_linked(Session& session, const std::string& budget) {
  for (const char* table : k_linked) {
    const Change changes[] = {{"spend", Value(0.0)}};
    const Condition where[] = {{"budget_id", "=", Value(budget)}, {"spend", "!=", Value(0.0)}};
    if (auto done = session.update(table, changes, where); !done) return done.error();
  }
  return {};
}

using Reset = Result<bool> (*)(Session&, const Owner&, const Row&, WallTime);

/// Calls `reset` for every row that is due.
Result<void> each_due(Session& session, const Owner& owner, const PlaneSettings& settings, WallTime now,
                      Reset reset, std::vector<Touched>& touched) {
  std::string after;
  while (true) {
    auto rows = due_rows(session, owner.table, owner.id, now, after);
    if (!rows) return rows.error();
    for (const Row& row : *rows) {
      after = text_of(row, owner.id);
      if (is_expired(row, now)) continue;
      const auto end = next_end(row, after, settings, now);
      if (!end) continue;
      auto done = reset(session, owner, row, *end);
      if (!done) return done.error();
      if (*done) touched.push_back({owner.what, after, true});
    }
    if (rows->size() < static_cast<std::size_t>(k_page)) return {};
  }
}

Result<bool> reset_owner(Session& session, const Owner& owner, const Row& row, WallTime end) {
  return move_window(session, owner.table, owner.id, row, end, true);
}

Result<bool> reset_budget(Session& session, const Owner& owner, const Row& row, WallTime end) {
  bool ours = false;
  auto done = in_transaction(session, [&]() -> Result<void> {
    auto moved = move_window(session, owner.table, owner.id, row, end, false);
    if (!moved) return moved.error();
    ours = *moved;
    if (!ours) return {};
    return reset_linked(session, text_of(row, owner.id));
  });
  if (!done) return done.error();
  return ours;
}

} // namespace

Result<void> reset_due_budgets(Session& session, const PlaneSettings& settings, WallTime now,
                               std::vector<Touched>& touched) {
  for (const Owner& owner : k_owners)
    if (auto done = each_due(session, owner, settings, now, reset_owner, touched); !done) return done;
  const Owner budgets{"BudgetTable", "budget_id", Touched::What::budget};
  return each_due(session, budgets, settings, now, reset_budget, touched);
}

} // namespace switchyard::storage
