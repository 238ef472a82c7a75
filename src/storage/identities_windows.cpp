// Spend since the beginning of a window: days that are over by the daily tables, the day that it began in by
// the rows of its requests. Store threads.
#include "identities_windows.hpp"

#include "identities_fields.hpp"

#include <switchyard/budget_window.hpp>
#include <switchyard/log.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace switchyard::storage::identities {
namespace {

namespace ch = std::chrono;
using Seconds = ch::sys_seconds;

/// Where the spend of a kind is written down.
struct Family {
  const char *log_column, *daily_table, *daily_column;
};
// Keys, users, teams, organizations, customers.
constexpr std::array<Family, 5> k_families{{
    {"api_key", "DailyUserSpend", "api_key"},
    {"user", "DailyUserSpend", "user_id"},
    {"team_id", "DailyTeamSpend", "team_id"},
    {"organization_id", "DailyOrganizationSpend", "organization_id"},
    {"end_user", "DailyEndUserSpend", "end_user_id"},
}};

/// One amount that is wanted: of all models of the owner when `model` is empty.
struct Wanted {
  std::string owner, model;
  Money* amount;
};
struct Span {
  Seconds start;
  std::optional<WallTime> end;
};
using Groups = std::map<std::pair<std::size_t, Seconds>, std::vector<Wanted>>;  ///< by family and start
using Sums = std::map<std::string, std::map<std::string, double>, std::less<>>; ///< owner -> model -> dollars

/// The window that holds `now`: the earliest moment that has the same end.
std::optional<Span> span_of(std::string_view duration, const PlaneSettings& settings, WallTime now) {
  const auto length = duration_of(duration);
  const auto end = next_reset(duration, now, settings.timezone);
  if (!length || !end || *length == ch::seconds(0)) return std::nullopt;
  auto inside = ch::floor<ch::seconds>(now), before = inside - *length - ch::days(32);
  while (inside - before > ch::seconds(1)) {
    const auto middle = before + (inside - before) / 2;
    const auto other = next_reset(duration, middle, settings.timezone);
    (other && *other == *end ? inside : before) = middle;
  }
  return Span{inside, *end};
}

class Collector {
 public:
  Collector(const PlaneSettings& settings, WallTime now) : settings_(settings), now_(now) {}
  template <class Record>
  void add(std::size_t family, const Record& record) {
    if (!record) return;
    if (record->entity) add_windows(family, record->entity->id, "", record->entity);
    for (auto& [model, entity] : record->model_limits) {
      const std::string owner = entity->id.substr(0, entity->owner_size);
      add_windows(family, owner, model, entity);
      if (entity->limits.max_budget) want(family, Seconds(), owner, model, mine(entity).spend);
    }
  }
  Groups take() { return std::move(groups_); }

 private:
  /// Made by the reader that is still at work: nobody else has it.
  static Entity& mine(const EntityPtr& entity) { return const_cast<Entity&>(*entity); }
  void want(std::size_t family, Seconds start, std::string owner, std::string model, Money& amount) {
    groups_[{family, start}].push_back({std::move(owner), std::move(model), &amount});
  }
  void add_windows(std::size_t family, const std::string& owner, const std::string& model,
                   const EntityPtr& entity) {
    if (entity->limits.windows.empty()) return;
    for (auto& window : mine(entity).limits.windows) {
      auto [found, fresh] = spans_.try_emplace(window.duration);
      if (fresh) found->second = span_of(window.duration, settings_, now_);
      if (!found->second) continue;
      window.ends = found->second->end;
      want(family, found->second->start, owner, model, window.spent);
    }
  }

  const PlaneSettings& settings_;
  const WallTime now_;
  std::map<std::string, std::optional<Span>> spans_;
  Groups groups_;
};

std::string quoted(std::string_view name) { return '"' + std::string(name) + '"'; }

/// Sums by owner and model; `when` is the condition on $1 (and $2).
Result<void> add_sums(Session& session, std::string_view table, std::string_view column,
                      std::string_view when, std::vector<Value> parameters,
                      std::span<const std::string> owners, Sums& sums) {
  std::string list;
  for (auto& owner : owners) {
    parameters.emplace_back(owner);
    list += (list.empty() ? "$" : ", $") + std::to_string(parameters.size());
  }
  const std::string owner = quoted(column);
  auto rows = session.query(
      "SELECT " + owner + " AS owner, \"model_group\" AS model, SUM(\"spend\") AS spent FROM \"LiteLLM_" +
          std::string(table) + "\" WHERE " + std::string(when) + " AND " + owner + " IN (" + list +
          ") GROUP BY 1, 2",
      parameters);
  if (!rows && rows.error().code == Errc::unavailable) return rows.error();
  if (!rows) { // a table of an older LiteLLM
    log::warning("budget_windows", {{"table", table}, {"problem", rows.error().message}});
    return {};
  }
  for (auto& row : *rows) {
    const Fields fields(table, row, "owner");
    double spent = 0;
    if (auto* sum = fields.find("spent"); sum && sum->number(spent))
      sums[fields.id()][fields.text("model")] += spent;
  }
  return {};
}

Result<void> add_since(Session& session, const Family& family, Seconds start,
                       std::span<const std::string> owners, Sums& sums) {
  const auto day = ch::ceil<ch::days>(start);
  if (day != start) {
    std::vector<Value> between{Value(wire_time(start)), Value(wire_time(day))};
    if (auto done = add_sums(session, "SpendLogs", family.log_column,
                             "\"startTime\" >= $1 AND \"startTime\" < $2", std::move(between), owners, sums);
        !done)
      return done;
  }
  std::vector<Value> from{Value(wire_time(day).substr(0, 10))};
  return add_sums(session, family.daily_table, family.daily_column, "\"date\" >= $1", std::move(from), owners,
                  sums);
}

Money amount_of(const Sums& sums, const Wanted& wanted) {
  const auto owner = sums.find(wanted.owner);
  if (owner == sums.end()) return {};
  double out = 0;
  for (auto& [model, spent] : owner->second)
    if (wanted.model.empty() || wanted.model == model) out += spent;
  return Money::from_usd(out);
}

Result<void> fill(Session& session, const Family& family, Seconds start, std::vector<Wanted>& wanted) {
  constexpr std::size_t k_owners_per_statement = 500;
  std::vector<std::string> owners;
  for (auto& one : wanted) owners.push_back(one.owner);
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  Sums sums;
  for (std::size_t at = 0; at < owners.size(); at += k_owners_per_statement) {
    const auto count = std::min(k_owners_per_statement, owners.size() - at);
    if (auto done = add_since(session, family, start, std::span(owners).subspan(at, count), sums); !done)
      return done;
  }
  for (auto& one : wanted) *one.amount = amount_of(sums, one);
  return {};
}

} // namespace

Result<void> fill_windows(Session& session, IdentitySet& set, const PlaneSettings& settings, WallTime now) {
  Collector all(settings, now);
  for (auto& [id, record] : set.keys) all.add(0, record);
  for (auto& [id, record] : set.users) all.add(1, record);
  for (auto& [id, record] : set.teams) all.add(2, record);
  for (auto& [id, record] : set.organizations) all.add(3, record);
  for (auto& [id, record] : set.customers) all.add(4, record);
  for (auto& [group, wanted] : all.take())
    if (auto done = fill(session, k_families[group.first], group.second, wanted); !done) return done;
  return {};
}

} // namespace switchyard::storage::identities
