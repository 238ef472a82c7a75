// /global/spend and its lists: sums over the last thirty days of logs. Store threads.
#include "management/spend.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr int k_days = 30;

Where recent(const Call& call) { return logs_of(call, last_days(call, k_days)); }

std::string top(std::int64_t limit) { return "ORDER BY total_spend DESC LIMIT " + std::to_string(limit); }

} // namespace

Reply global_spend(Session& session, const Call& call) {
  auto rows = ask_logs(session, "COALESCE(SUM(spend), 0) AS spend", recent(call), "");
  if (!rows) return rows.error();
  const auto* plane = call.config->plane.get();
  const double most = plane && plane->max_budget ? plane->max_budget->usd() : 0;
  return ok(Value(ValueMap{{"spend", Value(rows->empty() ? 0.0 : number_of(rows->front(), "spend"))},
                           {"max_budget", Value(most)}}));
}

Reply global_spend_logs(Session& session, const Call& call) {
  auto where = recent(call);
  if (auto key = query_text(call, "api_key"); key && !key->empty())
    where.add("api_key = ?", {text_value(hash_if_key(*key))});
  auto rows = ask_logs(session, std::string(k_log_day) + " AS date, SUM(spend) AS spend", where,
                       "GROUP BY 1 ORDER BY 1");
  if (!rows) return rows.error();
  return ok(list_value(std::move(*rows)));
}

Reply global_spend_keys(Session& session, const Call& call) {
  auto limit = read_limit(call, 10);
  if (!limit) return limit.error();
  auto rows = ask_logs(session, "api_key, SUM(spend) AS total_spend", recent(call),
                       "GROUP BY api_key " + top(*limit));
  if (!rows) return rows.error();
  auto keys = rows_by_id(session, "VerificationToken", "token", distinct(*rows, "api_key"));
  if (!keys) return keys.error();
  ValueList out;
  for (auto& row : *rows) {
    auto key = keys->find(text_of(row, "api_key"));
    const Row none;
    const Row& known = key == keys->end() ? none : key->second;
    out.emplace_back(ValueMap{{"api_key", at(row, "api_key")},
                              {"key_alias", at(known, "key_alias")},
                              {"key_name", at(known, "key_name")},
                              {"total_spend", at(row, "total_spend")}});
  }
  return ok(Value(std::move(out)));
}

Reply global_spend_models(Session& session, const Call& call) {
  auto limit = read_limit(call, 10);
  if (!limit) return limit.error();
  auto rows =
      ask_logs(session, "model, SUM(spend) AS total_spend", recent(call), "GROUP BY model " + top(*limit));
  if (!rows) return rows.error();
  return ok(list_value(std::move(*rows)));
}

Reply global_spend_provider(Session& session, const Call& call) {
  auto period = read_period(call);
  if (!period) return period.error();
  auto rows = ask_logs(session, "COALESCE(custom_llm_provider, '') AS provider, SUM(spend) AS spend",
                       logs_of(call, *period), "GROUP BY 1 ORDER BY spend DESC, provider");
  if (!rows) return rows.error();
  for (auto& row : *rows)
    if (text_of(row, "provider").empty()) set(row, "provider", text_value("Unassigned"));
  return ok(list_value(std::move(*rows)));
}

Reply global_spend_teams(Session& session, const Call& call) {
  auto rows = ask_logs(session, std::string(k_log_day) + " AS day, team_id, SUM(spend) AS spend",
                       recent(call), "GROUP BY 1, 2 ORDER BY 1");
  if (!rows) return rows.error();
  auto teams = rows_by_id(session, "TeamTable", "team_id", distinct(*rows, "team_id"));
  if (!teams) return teams.error();
  std::map<std::string, ValueMap> days;
  std::map<std::string, double> totals;
  for (auto& row : *rows) {
    auto team = teams->find(text_of(row, "team_id"));
    auto name = team == teams->end() ? "" : text_of(team->second, "team_alias");
    if (name.empty()) name = "Unassigned";
    auto& day = days[text_of(row, "day")];
    double before = 0;
    for (auto& [known, sum] : day)
      if (known == name) sum.number(before);
    set(day, name, Value(before + number_of(row, "spend")));
    totals[name] += number_of(row, "spend");
  }
  ValueList daily, names, per_team;
  for (auto& [date, sums] : days) {
    ValueMap entry{{"date", Value(date)}};
    for (auto& [name, sum] : sums) set(entry, name, sum);
    daily.emplace_back(std::move(entry));
  }
  std::vector<std::pair<std::string, double>> order(totals.begin(), totals.end());
  std::stable_sort(order.begin(), order.end(), [](auto& a, auto& b) { return a.second > b.second; });
  for (auto& [name, total] : order) {
    names.emplace_back(name);
    if (per_team.size() < 10)
      per_team.emplace_back(ValueMap{{"team_id", Value(name)}, {"total_spend", Value(total)}});
  }
  return ok(Value(ValueMap{{"daily_spend", Value(std::move(daily))},
                           {"teams", Value(std::move(names))},
                           {"total_spend_per_team", Value(std::move(per_team))}}));
}

} // namespace switchyard::management
