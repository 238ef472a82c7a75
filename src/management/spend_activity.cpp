// /global/activity*: requests and tokens by day, of everything, by model, by cache, and refused calls. Store
// threads.
#include "management/spend.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

/// A column of the daily data and its sum beside it.
struct Count {
  std::string_view name, sum;
};
constexpr Count k_traffic[] = {{"api_requests", "sum_api_requests"}, {"total_tokens", "sum_total_tokens"}};
constexpr Count k_refused[] = {{"num_rate_limit_exceptions", "sum_num_rate_limit_exceptions"}};

constexpr std::string_view k_traffic_columns =
    "COUNT(*) AS api_requests, CAST(COALESCE(SUM(total_tokens), 0) AS BIGINT) AS total_tokens";

/// {"daily_data":[{"date":"Jan 22",...}],"sum_...":n}; rows in order of their day.
ValueMap series(const std::vector<const Row*>& rows, std::span<const Count> counts) {
  ValueList days;
  std::vector<std::int64_t> sums(counts.size());
  for (auto* row : rows) {
    auto day = read_day(text_of(*row, "day"));
    ValueMap entry{{"date", Value(day ? day_label(*day) : text_of(*row, "day"))}};
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto count = count_of(*row, counts[i].name);
      entry.emplace_back(std::string(counts[i].name), Value(count));
      sums[i] += count;
    }
    days.emplace_back(std::move(entry));
  }
  ValueMap out{{"daily_data", Value(std::move(days))}};
  for (std::size_t i = 0; i < counts.size(); ++i)
    out.emplace_back(std::string(counts[i].sum), Value(sums[i]));
  return out;
}

ValueMap series(const Rows& rows, std::span<const Count> counts) {
  std::vector<const Row*> all;
  for (auto& row : rows) all.push_back(&row);
  return series(all, counts);
}

/// The ten biggest groups, each with its series under its name.
Value top_series(const Rows& rows, std::string_view name, std::span<const Count> counts) {
  std::map<std::string, std::vector<const Row*>> groups;
  std::map<std::string, std::int64_t> sums;
  for (auto& row : rows) {
    groups[text_of(row, "who")].push_back(&row);
    sums[text_of(row, "who")] += count_of(row, counts.front().name);
  }
  std::vector<std::pair<std::string, std::int64_t>> order(sums.begin(), sums.end());
  std::stable_sort(order.begin(), order.end(), [](auto& a, auto& b) { return a.second > b.second; });
  if (order.size() > 10) order.resize(10);
  ValueList out;
  for (auto& [who, sum] : order) {
    ValueMap entry{{std::string(name), Value(who)}};
    for (auto& member : series(groups[who], counts)) entry.push_back(std::move(member));
    out.emplace_back(std::move(entry));
  }
  return Value(std::move(out));
}

/// 429s in ErrorLogs, of one model group when it is named.
Out<Rows> refusals(Session& session, const Call& call, bool by_deployment) {
  auto period = read_period(call);
  if (!period) return period.error();
  Where where;
  add_period(where, *period);
  where.add("status_code = '429'");
  if (auto group = query_text(call, "model_group"); group && !group->empty())
    where.add("model_group = ?", {text_value(*group)});
  if (!sees_all(call.caller)) where.add("1 = 0"); // these rows do not say whose they are
  const std::string who = by_deployment ? ", api_base AS who" : "";
  return ask(session,
             "SELECT " + std::string(k_log_day) + " AS day" + who +
                 ", COUNT(*) AS num_rate_limit_exceptions FROM \"LiteLLM_ErrorLogs\"",
             where, by_deployment ? "GROUP BY 1, 2 ORDER BY 1, 2" : "GROUP BY 1 ORDER BY 1");
}

} // namespace

Reply global_activity(Session& session, const Call& call) {
  auto period = read_period(call);
  if (!period) return period.error();
  auto rows = ask_logs(session, std::string(k_log_day) + " AS day, " + std::string(k_traffic_columns),
                       logs_of(call, *period), "GROUP BY 1 ORDER BY 1");
  if (!rows) return rows.error();
  return ok(Value(series(*rows, k_traffic)));
}

Reply global_activity_model(Session& session, const Call& call) {
  auto period = read_period(call);
  if (!period) return period.error();
  auto rows = ask_logs(session,
                       std::string(k_log_day) + " AS day, COALESCE(model_group, '') AS who, " +
                           std::string(k_traffic_columns),
                       logs_of(call, *period), "GROUP BY 1, 2 ORDER BY 1, 2");
  if (!rows) return rows.error();
  return ok(top_series(*rows, "model", k_traffic));
}

Reply global_activity_cache_hits(Session& session, const Call& call) {
  auto period = read_period(call);
  if (!period) return period.error();
  auto rows =
      ask_logs(session,
               "api_key, call_type, model, COUNT(*) AS total_rows, "
               "SUM(CASE WHEN cache_hit = 'True' THEN 1 ELSE 0 END) AS cache_hit_true_rows, "
               "CAST(SUM(CASE WHEN cache_hit = 'True' THEN completion_tokens ELSE 0 END) AS BIGINT) AS "
               "cached_completion_tokens, "
               "CAST(SUM(CASE WHEN cache_hit != 'True' THEN completion_tokens ELSE 0 END) AS BIGINT) AS "
               "generated_completion_tokens",
               logs_of(call, *period), "GROUP BY 1, 2, 3 ORDER BY total_rows DESC, 1, 2, 3");
  if (!rows) return rows.error();
  return ok(list_value(std::move(*rows)));
}

Reply global_activity_exceptions(Session& session, const Call& call) {
  auto rows = refusals(session, call, false);
  if (!rows) return rows.error();
  return ok(Value(series(*rows, k_refused)));
}

Reply global_activity_exceptions_deployment(Session& session, const Call& call) {
  auto rows = refusals(session, call, true);
  if (!rows) return rows.error();
  return ok(top_series(*rows, "api_base", k_refused));
}

} // namespace switchyard::management
