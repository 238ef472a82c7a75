// /global/spend/report: spend by team, customer, key or the keys of a user. Store threads.
#include "management/spend.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

/// One grouping by day: what it is called and what its entries are called.
struct DailyGroup {
  std::string_view column, list, name;
};
constexpr DailyGroup k_by_team{"team_id", "teams", "team_name"};
constexpr DailyGroup k_by_customer{"end_user", "customers", "customer"};

struct Entry {
  double spend = 0;
  ValueList metadata;
};

Out<std::map<std::string, std::string>> team_names(Session& session, const Rows& rows) {
  auto teams = rows_by_id(session, "TeamTable", "team_id", distinct(rows, "who"));
  if (!teams) return teams.error();
  std::map<std::string, std::string> out;
  for (auto& [id, team] : *teams) out[id] = text_of(team, "team_alias");
  return out;
}

/// Days in order, each with its groups, each with its models and keys.
Value daily(const Rows& rows, const DailyGroup& group, const std::map<std::string, std::string>& names) {
  std::map<std::string, std::map<std::string, Entry>> days;
  for (auto& row : rows) {
    auto name = text_of(row, "who");
    if (&group == &k_by_team) {
      auto known = names.find(name);
      name = known == names.end() || known->second.empty() ? "Unassigned Team" : known->second;
    }
    auto& entry = days[text_of(row, "day")][name];
    entry.spend += number_of(row, "spend");
    entry.metadata.emplace_back(ValueMap{{"model", at(row, "model")},
                                         {"spend", at(row, "spend")},
                                         {"total_tokens", at(row, "total_tokens")},
                                         {"api_key", at(row, "api_key")}});
  }
  ValueList out;
  for (auto& [day, groups] : days) {
    ValueList entries;
    for (auto& [name, entry] : groups)
      entries.emplace_back(ValueMap{{std::string(group.name), Value(name)},
                                    {"total_spend", Value(entry.spend)},
                                    {"metadata", Value(std::move(entry.metadata))}});
    out.emplace_back(ValueMap{{"group_by_day", Value(day + "T00:00:00+00:00")},
                              {std::string(group.list), Value(std::move(entries))}});
  }
  return Value(std::move(out));
}

Reply by_day(Session& session, const Where& where, const DailyGroup& group) {
  auto rows = ask_logs(session,
                       std::string(k_log_day) + " AS day, " + std::string(group.column) +
                           " AS who, model, api_key, SUM(spend) AS spend, "
                           "CAST(SUM(total_tokens) AS BIGINT) AS total_tokens",
                       where, "GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4");
  if (!rows) return rows.error();
  std::map<std::string, std::string> names;
  if (&group == &k_by_team) {
    auto found = team_names(session, *rows);
    if (!found) return found.error();
    names = std::move(*found);
  }
  return ok(daily(*rows, group, names));
}

struct KeySums {
  double cost = 0;
  std::int64_t input = 0, output = 0;
  ValueList models;
};

Value key_value(const std::string& key, KeySums& sums) {
  return Value(ValueMap{{"api_key", Value(key)},
                        {"total_cost", Value(sums.cost)},
                        {"total_input_tokens", Value(sums.input)},
                        {"total_output_tokens", Value(sums.output)},
                        {"model_details", Value(std::move(sums.models))}});
}

Reply by_key(Session& session, const Where& where) {
  auto rows = ask_logs(session,
                       "api_key, model, SUM(spend) AS total_cost, CAST(SUM(prompt_tokens) AS BIGINT) AS "
                       "total_input_tokens, CAST(SUM(completion_tokens) AS BIGINT) AS total_output_tokens",
                       where, "GROUP BY 1, 2 ORDER BY 1, 2");
  if (!rows) return rows.error();
  std::map<std::string, KeySums> keys;
  for (auto& row : *rows) {
    auto& sums = keys[text_of(row, "api_key")];
    sums.cost += number_of(row, "total_cost");
    sums.input += count_of(row, "total_input_tokens"), sums.output += count_of(row, "total_output_tokens");
    ValueMap model = row;
    switchyard::erase(model, "api_key");
    sums.models.emplace_back(std::move(model));
  }
  std::vector<std::pair<std::string, KeySums*>> order;
  for (auto& [key, sums] : keys) order.emplace_back(key, &sums);
  std::stable_sort(order.begin(), order.end(),
                   [](auto& a, auto& b) { return a.second->cost > b.second->cost; });
  ValueList out;
  for (auto& [key, sums] : order) out.push_back(key_value(key, *sums));
  return ok(Value(std::move(out)));
}

} // namespace

Reply global_spend_report(Session& session, const Call& call) {
  auto period = read_period(call);
  if (!period) return period.error();
  const auto given = [&](std::string_view name) { return query_text(call, name).value_or(""); };
  auto where = logs_of(call, *period);
  const auto key = given("api_key"), user = given("internal_user_id"), team = given("team_id"),
             customer = given("customer_id");
  if (!key.empty()) where.add("api_key = ?", {text_value(hash_if_key(key))});
  if (!user.empty()) where.add("\"user\" = ?", {text_value(user)});
  if (!team.empty()) where.add("team_id = ?", {text_value(team)});
  if (!customer.empty()) where.add("end_user = ?", {text_value(customer)});
  if (!key.empty() || !user.empty()) return by_key(session, where);
  const auto group = query_text(call, "group_by").value_or("team");
  if (group == "api_key") return by_key(session, where);
  if (group == "customer") return by_day(session, where, k_by_customer);
  if (group == "team" || group.empty()) return by_day(session, where, k_by_team);
  return invalid("query", "group_by", "Input should be 'team', 'customer' or 'api_key'", "literal_error");
}

} // namespace switchyard::management
