// /spend/logs: rows of single calls, or a summary of every day. Store threads.
#include "management/spend.hpp"

#include <map>

namespace switchyard::management {
namespace {

constexpr std::int64_t k_most_rows = 10'000;

struct DaySum {
  double spend = 0;
  std::map<std::string, double> users, models, keys;
};

ValueMap map_of(const std::map<std::string, double>& sums) {
  ValueMap out;
  for (auto& [name, sum] : sums) out.emplace_back(name, Value(sum));
  return out;
}

Value day_value(Day day, const DaySum& sum) {
  ValueMap out{{"startTime", Value(day_text(day))},
               {"spend", Value(sum.spend)},
               {"users", Value(map_of(sum.users))},
               {"models", Value(map_of(sum.models))}};
  for (auto& [key, spend] : sum.keys) set(out, key, Value(spend));
  return Value(std::move(out));
}

/// api_key, user_id and request_id of the query.
void add_filters(Where& where, const Call& call) {
  if (auto key = query_text(call, "api_key"); key && !key->empty())
    where.add("api_key = ?", {text_value(hash_if_key(*key))});
  if (auto user = query_text(call, "user_id"); user && !user->empty())
    where.add("\"user\" = ?", {text_value(*user)});
  if (auto id = query_text(call, "request_id"); id && !id->empty())
    where.add("request_id = ?", {text_value(*id)});
}

Reply summary(Session& session, const Call& call, const Period& period) {
  auto where = logs_of(call, period);
  add_filters(where, call);
  auto rows = ask_logs(
      session, std::string(k_log_day) + " AS day, api_key, \"user\" AS user_id, model, SUM(spend) AS spend",
      where, "GROUP BY 1, 2, 3, 4");
  if (!rows) return rows.error();
  std::map<std::string, DaySum> sums;
  for (auto& row : *rows) {
    auto& day = sums[text_of(row, "day")];
    const double spend = number_of(row, "spend");
    day.spend += spend;
    day.users[text_of(row, "user_id")] += spend, day.models[text_of(row, "model")] += spend;
    day.keys[text_of(row, "api_key")] += spend;
  }
  ValueList out;
  for (auto day = period.first; day <= period.last; day += std::chrono::days(1))
    out.push_back(day_value(day, sums[day_text(day)]));
  return ok(Value(std::move(out)));
}

/// The newest of the rows that the conditions leave, as they are stored.
Reply rows_where(Session& session, const Where& where) {
  auto ids = ask_logs(session, "request_id", where,
                      "ORDER BY \"startTime\" DESC, request_id DESC LIMIT " + std::to_string(k_most_rows));
  if (!ids) return ids.error();
  auto found = rows_by_id(session, "SpendLogs", "request_id", distinct(*ids, "request_id"));
  if (!found) return found.error();
  ValueList out;
  for (auto& id : *ids)
    if (auto at = found->find(text_of(id, "request_id")); at != found->end())
      out.emplace_back(std::move(at->second));
  return ok(Value(std::move(out)));
}

} // namespace

Reply spend_logs(Session& session, const Call& call) {
  if (!query_text(call, "start_date") || !query_text(call, "end_date")) {
    Where where;
    add_own(where, call.caller);
    add_filters(where, call);
    return rows_where(session, where);
  }
  auto period = read_period(call);
  if (!period) return period.error();
  if (query_flag(call, "summarize", true)) return summary(session, call, *period);
  auto where = logs_of(call, *period);
  add_filters(where, call);
  return rows_where(session, where);
}

} // namespace switchyard::management
