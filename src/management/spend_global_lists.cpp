// Global lists of end users and tags, the reset of all spend, and the forecast. Store threads.
#include "management/fields.hpp"
#include "management/spend.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

using namespace std::chrono;

constexpr Field k_end_users[] = {{"api_key", Kind::text, Home::input},
                                 {"startTime", Kind::text, Home::input},
                                 {"endTime", Kind::text, Home::input}};
constexpr Field k_forecast[] = {{"data", Kind::list, Home::input, true}};

Out<void> add_bound(Where& where, const Body& body, std::string_view field, std::string_view op,
                    WallTime fallback) {
  auto when = fallback;
  if (auto text = body.text(field); !text.empty()) {
    auto day = read_day(text);
    auto read = day ? Result<WallTime>(*day) : storage::read_time(text);
    if (!read) return invalid("body", field, "Input should be a valid datetime", "datetime_parsing");
    when = *read;
  }
  where.add("\"startTime\" " + std::string(op) + " ?", {Value(storage::wire_time(when))});
  return {};
}

/// The tags of an internal user's calls are those of the user's keys.
void add_own_keys(Where& where, const Caller& caller) {
  if (sees_all(caller)) return;
  where.add("api_key IN (SELECT token FROM \"LiteLLM_VerificationToken\" WHERE user_id = ?) OR api_key = ?",
            {text_value(caller.user_id), text_value(caller.key_hash)});
}

/// Sets spend to 0 where it is not, and tells what was touched.
Out<void> reset(Session& session, std::string_view table, std::string_view id, Touched::What what,
                Reply& reply) {
  const Change changes[] = {{"spend", Value(0.0)}};
  const Condition spent[] = {{"spend", "!=", Value(0.0)}};
  auto rows = stored(session.update(table, changes, spent));
  if (!rows) return rows.error();
  for (auto& row : *rows) reply.touched.push_back({what, text_of(row, id), true});
  return {};
}

} // namespace

Reply global_spend_end_users(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_end_users, body, reply)) return reply;
  Where where;
  if (auto added = add_bound(where, body, "startTime", ">=", call.now - days(30)); !added)
    return added.error();
  if (auto added = add_bound(where, body, "endTime", "<", call.now + seconds(1)); !added)
    return added.error();
  add_own(where, call.caller);
  if (auto key = body.text("api_key"); !key.empty()) where.add("api_key = ?", {text_value(hash_if_key(key))});
  auto rows = ask_logs(session, "end_user, COUNT(*) AS total_count, SUM(spend) AS total_spend", where,
                       "GROUP BY end_user ORDER BY total_spend DESC LIMIT 100");
  if (!rows) return rows.error();
  return ok(list_value(std::move(*rows)));
}

Reply global_all_end_users(Session& session, const Call& call) {
  Where where;
  add_own(where, call.caller);
  where.add("end_user IS NOT NULL AND end_user != ''");
  auto rows = ask_logs(session, "DISTINCT end_user", where, "ORDER BY end_user");
  if (!rows) return rows.error();
  return ok(Value(ValueMap{{"end_users", list_of(distinct(*rows, "end_user"))}}));
}

Reply global_spend_tags(Session& session, const Call& call) {
  Where where;
  if (query_text(call, "start_date") || query_text(call, "end_date")) {
    auto period = read_period(call);
    if (!period) return period.error();
    where.add("\"date\" >= ? AND \"date\" <= ?",
              {Value(day_text(period->first)), Value(day_text(period->last))});
  }
  const auto tags = query_texts(call, "tags");
  if (!tags.empty() && tags.front() != "all-tags") {
    std::vector<Value> values;
    for (auto& tag : tags) values.emplace_back(tag);
    where.add(in_clause("tag", tags.size()), std::move(values));
  }
  add_own_keys(where, call.caller);
  where.add("tag IS NOT NULL");
  auto rows = ask(session,
                  "SELECT tag AS name, SUM(spend) AS spend, CAST(SUM(api_requests) AS BIGINT) AS log_count "
                  "FROM \"LiteLLM_DailyTagSpend\"",
                  where, "GROUP BY tag ORDER BY spend DESC, name");
  if (!rows) return rows.error();
  return ok(Value(ValueMap{{"spend_per_tag", list_value(std::move(*rows))}}));
}

Reply global_tag_names(Session& session, const Call& call) {
  Where where;
  add_own_keys(where, call.caller);
  where.add("tag IS NOT NULL");
  auto rows = ask(session, "SELECT DISTINCT tag FROM \"LiteLLM_DailyTagSpend\"", where, "ORDER BY tag");
  if (!rows) return rows.error();
  return ok(Value(ValueMap{{"tag_names", list_of(distinct(*rows, "tag"))}}));
}

Reply global_spend_reset(Session& session, const Call& call) {
  if (!call.caller.is_master)
    return refuse(403, "Only the master key may call this route. Route=/global/spend/reset", "auth_error");
  return write(session, [&] {
    auto reply =
        ok(Value(ValueMap{{"message", text_value("Spend for all API Keys and Teams reset successfully")},
                          {"status", text_value("success")}}));
    if (auto done = reset(session, "VerificationToken", "token", Touched::What::key, reply); !done)
      return Reply(done.error());
    if (auto done = reset(session, "TeamTable", "team_id", Touched::What::team, reply); !done)
      return Reply(done.error());
    return reply;
  });
}

// Sums are made when they are asked for: there is no view to refresh.
Reply global_spend_refresh(Session&, const Call&) {
  return ok(Value(ValueMap{{"message", text_value("MonthlyGlobalSpend view refreshed")},
                           {"status", text_value("success")}}));
}

Reply global_predict(Session&, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_forecast, body, reply)) return reply;
  double sum = 0;
  std::int64_t known = 0;
  std::optional<Day> last;
  for (auto& entry : *body.find("data")->as_list()) {
    auto day = read_day(text_at(entry, "date").substr(0, 10));
    auto* spend = entry.find("spend");
    double amount = 0;
    if (!day || !spend || !spend->number(amount))
      return invalid("body", "data", "Input should be a list of {date: YYYY-MM-DD, spend: number}",
                     "list_type");
    sum += amount, ++known;
    last = std::max(last.value_or(*day), *day);
  }
  ValueList days_left;
  const double average = known == 0 ? 0 : sum / static_cast<double>(known);
  double total = sum;
  if (last)
    for (auto day = *last + days(1); year_month_day(day).month() == year_month_day(*last).month();
         day += days(1)) {
      days_left.emplace_back(ValueMap{{"date", Value(day_text(day))}, {"predicted_spend", Value(average)}});
      total += average;
    }
  const auto month = last ? day_label(*last).substr(0, 3) : std::string();
  return ok(Value(ValueMap{
      {"response", Value(std::move(days_left))},
      {"predicted_spend", Value("Predicted Spend for " + month + ", $" + Money::from_usd(total).text())}}));
}

} // namespace switchyard::management
