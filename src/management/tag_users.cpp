// /tag/distinct, dau, wau, mau, summary and per-user: who calls with which tag (User-Agents are tags). Store
// threads.
#include "management/attached.hpp"
#include "management/routes.hpp"
#include "management/spend.hpp"

namespace switchyard::management {
namespace {

constexpr int k_periods = 7;
constexpr std::string_view k_joined =
    " FROM \"LiteLLM_DailyTagSpend\" JOIN \"LiteLLM_VerificationToken\" ON "
    "\"LiteLLM_DailyTagSpend\".\"api_key\" = \"LiteLLM_VerificationToken\".\"token\"";

/// UTC's tomorrow, where LiteLLM's periods end.
Day tomorrow(const Call& call) {
  return std::chrono::floor<std::chrono::days>(call.now) + std::chrono::days(1);
}

/// tag_filters: these tags; else tag_filter: part of a tag.
void add_tags(Where& where, const Call& call) {
  const auto tags = query_texts(call, "tag_filters");
  if (!tags.empty()) {
    std::vector<Value> values;
    for (auto& tag : tags) values.push_back(text_value(tag));
    where.add(in_clause("tag", tags.size()), std::move(values));
  } else if (auto part = query_text(call, "tag_filter"); part && !part->empty()) {
    add_like(where, "tag", *part);
  }
}

Where days_of(const Call& call, Day first, Day last) {
  Where where;
  where.add("\"date\" >= ? AND \"date\" <= ?", {text_value(day_text(first)), text_value(day_text(last))});
  add_tags(where, call);
  return where;
}

Value active(const Row& row, std::string label, Value start, Value end) {
  return Value(ValueMap{{"tag", at(row, "tag")},
                        {"active_users", count_value(count_of(row, "active_users"))},
                        {"date", Value(std::move(label))},
                        {"period_start", std::move(start)},
                        {"period_end", std::move(end)}});
}

Out<Rows> active_users(Session& session, Where where, std::string_view by, std::string_view order) {
  where.add("\"user_id\" IS NOT NULL");
  return ask(session,
             "SELECT \"tag\", " + std::string(by) + "COUNT(DISTINCT \"user_id\") AS active_users" +
                 std::string(k_joined),
             where, order);
}

Reply results(ValueList list) { return ok(Value(ValueMap{{"results", Value(std::move(list))}})); }

Reply daily(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  const Day end = tomorrow(call);
  auto rows = active_users(session, days_of(call, end - std::chrono::days(k_periods), end), "\"date\", ",
                           "GROUP BY \"tag\", \"date\" ORDER BY \"date\" DESC, active_users DESC, \"tag\"");
  if (!rows) return rows.error();
  ValueList out;
  for (auto& row : *rows) out.push_back(active(row, text_of(row, "date"), Value(), Value()));
  return results(std::move(out));
}

/// Seven periods, the oldest first: "Week 1 (Mar 15)", "Month 1 (Oct)".
Reply by_period(Session& session, const Call& call, int days, std::string_view word, std::size_t label_size) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  ValueList out;
  for (int back = k_periods - 1; back >= 0; --back) {
    const Day last = tomorrow(call) - std::chrono::days(back * days),
              first = last - std::chrono::days(days - 1);
    auto rows = active_users(session, days_of(call, first, last), "",
                             "GROUP BY \"tag\" ORDER BY active_users DESC, \"tag\"");
    if (!rows) return rows.error();
    const std::string label = std::string(word) + " " + std::to_string(k_periods - back) + " (" +
                              day_label(first).substr(0, label_size) + ")";
    for (auto& row : *rows)
      out.push_back(active(row, label, text_value(day_text(first) + " 00:00:00"),
                           text_value(day_text(last) + " 00:00:00")));
  }
  return results(std::move(out));
}

Reply weekly(Session& session, const Call& call) { return by_period(session, call, 7, "Week", 6); }
Reply monthly(Session& session, const Call& call) { return by_period(session, call, 30, "Month", 3); }

Reply names(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  Where where;
  where.add("\"tag\" LIKE 'User-Agent:%' OR \"tag\" NOT LIKE '%:%'");
  auto rows = ask(session, "SELECT \"tag\", COUNT(*) AS used FROM \"LiteLLM_DailyTagSpend\"", where,
                  "GROUP BY \"tag\" ORDER BY used DESC, \"tag\" LIMIT 250");
  if (!rows) return rows.error();
  ValueList out;
  for (auto& row : *rows) out.emplace_back(ValueMap{{"tag", at(row, "tag")}});
  return results(std::move(out));
}

constexpr std::string_view k_sums =
    "COALESCE(SUM(\"api_requests\"), 0) AS total_requests, "
    "COALESCE(SUM(\"successful_requests\"), 0) AS successful_requests, "
    "COALESCE(SUM(\"failed_requests\"), 0) AS failed_requests, "
    "COALESCE(SUM(\"prompt_tokens\" + \"completion_tokens\"), 0) AS total_tokens, "
    "COALESCE(SUM(\"LiteLLM_DailyTagSpend\".\"spend\"), 0) AS total_spend";

Reply summary(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  auto period = read_period(call);
  if (!period) return period.error();
  auto from = std::string(k_joined);
  from.replace(from.find(" JOIN "), 6, " LEFT JOIN "); // keys that are gone have spent too
  auto rows = ask(
      session, "SELECT \"tag\", COUNT(DISTINCT \"user_id\") AS unique_users, " + std::string(k_sums) + from,
      days_of(call, period->first, period->last), "GROUP BY \"tag\" ORDER BY total_requests DESC, \"tag\"");
  if (!rows) return rows.error();
  ValueList out;
  for (auto& row : *rows) {
    ValueMap entry{{"tag", at(row, "tag")}};
    for (auto* name :
         {"unique_users", "total_requests", "successful_requests", "failed_requests", "total_tokens"})
      entry.emplace_back(name, count_value(count_of(row, name)));
    entry.emplace_back("total_spend", number_value(number_of(row, "total_spend")));
    out.emplace_back(std::move(entry));
  }
  return results(std::move(out));
}

Reply users(Session& session, const Call& call) {
  constexpr int k_days = 30;
  std::int64_t page = 1, size = 50;
  Reply reply;
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  if (!query_number(call, "page", 1, 1, k_last_page, page, reply)) return reply;
  if (!query_number(call, "page_size", 50, 1, 1000, size, reply)) return reply;
  auto where = days_of(call, tomorrow(call) - std::chrono::days(k_days), tomorrow(call));
  where.add("\"user_id\" IS NOT NULL");
  auto counted = ask(session, "SELECT COUNT(DISTINCT \"user_id\") AS n" + std::string(k_joined), where);
  if (!counted) return counted.error();
  auto rows = ask(
      session,
      "SELECT \"user_id\", MIN(\"tag\") AS user_agent, " + std::string(k_sums) + std::string(k_joined), where,
      "GROUP BY \"user_id\" ORDER BY successful_requests DESC, \"user_id\" LIMIT " + std::to_string(size) +
          " OFFSET " + std::to_string((page - 1) * size));
  if (!rows) return rows.error();
  auto known = rows_by_id(session, "UserTable", "user_id", distinct(*rows, "user_id"));
  if (!known) return known.error();
  ValueList out;
  for (auto& row : *rows) {
    auto user = known->find(text_of(row, "user_id"));
    ValueMap entry{{"user_id", at(row, "user_id")},
                   {"user_email", user == known->end() ? Value() : at(user->second, "user_email")},
                   {"user_agent", at(row, "user_agent")}};
    for (auto* name : {"successful_requests", "failed_requests", "total_requests", "total_tokens"})
      entry.emplace_back(name, count_value(count_of(row, name)));
    entry.emplace_back("spend", number_value(number_of(row, "total_spend")));
    out.emplace_back(std::move(entry));
  }
  const auto total = counted->empty() ? 0 : count_of(counted->front(), "n");
  return ok(Value(ValueMap{{"results", Value(std::move(out))},
                           {"total_count", count_value(total)},
                           {"page", count_value(page)},
                           {"page_size", count_value(size)},
                           {"total_pages", count_value((total + size - 1) / size)}}));
}

constexpr Route k_routes[] = {
    {"/tag/distinct", k_get, names, "Tags that calls carried"},
    {"/tag/dau", k_get, daily, "Users of each tag by day"},
    {"/tag/wau", k_get, weekly, "Users of each tag by week"},
    {"/tag/mau", k_get, monthly, "Users of each tag by month"},
    {"/tag/summary", k_get, summary, "Users, requests and spend of each tag"},
    {"/tag/user-agent/per-user-analytics", k_get, users, "Requests and spend of each user"},
};

} // namespace

std::span<const Route> tag_user_routes() { return k_routes; }

} // namespace switchyard::management
