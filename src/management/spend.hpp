// What the views of spend share: periods, who sees which rows, SQL over SpendLogs in the subset that both
// databases know. Store threads.
#pragma once

#include "management/sql_page.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace switchyard::management {

using Day = std::chrono::sys_days;

/// Whole days, both included, in UTC.
struct Period {
  Day first, last;
};
std::string day_text(Day day);  ///< 2026-05-02
std::string day_label(Day day); ///< May 02
/// A day written as YYYY-MM-DD; nothing for anything else.
std::optional<Day> read_day(std::string_view text);
/// start_date and end_date of the query: 400 when one is missing, odd, or they span more than ten years.
Out<Period> read_period(const Call& call);
Period last_days(const Call& call, int days); ///< today and the days before it

/// Admins, viewers and keys with permissions.get_spend_routes see everybody's spend.
bool sees_all(const Caller& caller);
/// Rows of SpendLogs that the caller may see.
void add_own(Where& where, const Caller& caller);
void add_period(Where& where, const Period& period);
Where logs_of(const Call& call, const Period& period); ///< both
/// The hash of a key that was given as sk-...; a hash stays.
std::string hash_if_key(std::string_view key);

inline constexpr std::string_view k_from_logs = " FROM \"LiteLLM_SpendLogs\"";
inline constexpr std::string_view k_log_day = "substr(CAST(\"startTime\" AS TEXT), 1, 10)";

/// "SELECT <what> FROM SpendLogs WHERE ... <rest>"
Out<Rows> ask_logs(Session& session, std::string_view what, const Where& where, std::string_view rest);
/// Any statement with its conditions in the middle.
Out<Rows> ask(Session& session, std::string_view before, const Where& where, std::string_view after = {});
std::int64_t count_of(const Row& row, std::string_view column);
inline Value number_value(double number) { return Value(number); }
inline Value count_value(std::int64_t count) { return Value(count); }
/// `limit` of the query, 1 to 1000.
Out<std::int64_t> read_limit(const Call& call, std::int64_t fallback);

/// Rows by their key column: what names and aliases are looked up in.
Out<std::map<std::string, Row>> rows_by_id(Session& session, std::string_view table, std::string_view column,
                                           std::vector<std::string> ids);
/// Values of one column, each once.
std::vector<std::string> distinct(const Rows& rows, std::string_view column);

// -- handlers, by file
Reply spend_keys(Session& session, const Call& call);
Reply spend_users(Session& session, const Call& call);
Reply spend_tags(Session& session, const Call& call);
Reply spend_logs(Session& session, const Call& call);
Reply spend_logs_page(Session& session, const Call& call);
Reply spend_log_payload(Session& session, const Call& call);
Reply spend_session(Session& session, const Call& call);
Reply spend_calculate(Session& session, const Call& call);
Reply cost_estimate(Session& session, const Call& call);
Reply cost_map(Session& session, const Call& call);
Reply cost_map_source(Session& session, const Call& call);

Reply global_spend(Session& session, const Call& call);
Reply global_spend_logs(Session& session, const Call& call);
Reply global_spend_keys(Session& session, const Call& call);
Reply global_spend_models(Session& session, const Call& call);
Reply global_spend_provider(Session& session, const Call& call);
Reply global_spend_teams(Session& session, const Call& call);
Reply global_spend_end_users(Session& session, const Call& call);
Reply global_all_end_users(Session& session, const Call& call);
Reply global_spend_tags(Session& session, const Call& call);
Reply global_tag_names(Session& session, const Call& call);
Reply global_spend_report(Session& session, const Call& call);
Reply global_spend_reset(Session& session, const Call& call);
Reply global_spend_refresh(Session& session, const Call& call);
Reply global_predict(Session& session, const Call& call);

Reply global_activity(Session& session, const Call& call);
Reply global_activity_model(Session& session, const Call& call);
Reply global_activity_cache_hits(Session& session, const Call& call);
Reply global_activity_exceptions(Session& session, const Call& call);
Reply global_activity_exceptions_deployment(Session& session, const Call& call);

} // namespace switchyard::management
