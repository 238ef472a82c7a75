// Periods, visibility and SQL that the views of spend share. Store threads.
#include "management/secrets.hpp"
#include "management/spend.hpp"

#include <algorithm>
#include <charconv>

namespace switchyard::management {
namespace {

using namespace std::chrono;

constexpr int k_longest_period = 3660; // days: views list every one of them
constexpr std::string_view k_months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool digits(std::string_view text, int& out) {
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
}

std::string two(unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); }

Out<Day> day_of(const Call& call, std::string_view name) {
  const auto text = query_text(call, name);
  if (!text || text->empty()) return refuse_detail(400, "Please provide start_date and end_date");
  if (auto day = read_day(*text)) return *day;
  return refuse_detail(400, std::string(name) + " must be a date in the form YYYY-MM-DD");
}

} // namespace

std::string day_text(Day day) {
  const year_month_day date(day);
  auto year = std::to_string(static_cast<int>(date.year()));
  year.insert(0, 4 - std::min<std::size_t>(year.size(), 4), '0');
  return year + "-" + two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day()));
}

std::string day_label(Day day) {
  const year_month_day date(day);
  return std::string(k_months[static_cast<unsigned>(date.month()) - 1]) + " " +
         two(static_cast<unsigned>(date.day()));
}

std::optional<Day> read_day(std::string_view text) {
  int y = 0, m = 0, d = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !digits(text.substr(0, 4), y) ||
      !digits(text.substr(5, 2), m) || !digits(text.substr(8, 2), d))
    return {};
  const year_month_day date{year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d))};
  if (!date.ok() || y == 0) return {};
  return sys_days(date);
}

Out<Period> read_period(const Call& call) {
  auto first = day_of(call, "start_date");
  if (!first) return first.error();
  auto last = day_of(call, "end_date");
  if (!last) return last.error();
  if ((*last - *first).count() > k_longest_period)
    return refuse_detail(400, "start_date and end_date may span ten years at most");
  return Period{*first, *last};
}

Period last_days(const Call& call, int days_back) {
  const auto today = floor<days>(call.now);
  return {today - days(days_back), today};
}

bool sees_all(const Caller& caller) {
  if (caller.may_read_all()) return true;
  auto* opened = caller.key ? caller.key->permissions.find("get_spend_routes") : nullptr;
  return opened && opened->as_bool() && *opened->as_bool();
}

void add_own(Where& where, const Caller& caller) {
  if (sees_all(caller)) return;
  if (!caller.user_id.empty())
    where.add("\"user\" = ?", {text_value(caller.user_id)});
  else
    where.add("api_key = ?", {text_value(caller.key_hash)});
}

void add_period(Where& where, const Period& period) {
  where.add("\"startTime\" >= ? AND \"startTime\" < ?",
            {Value(storage::wire_time(period.first)), Value(storage::wire_time(period.last + days(1)))});
}

Where logs_of(const Call& call, const Period& period) {
  Where where;
  add_period(where, period);
  add_own(where, call.caller);
  return where;
}

std::string hash_if_key(std::string_view key) {
  return key.starts_with("sk-") ? hash_of(key) : std::string(key);
}

Out<Rows> ask(Session& session, std::string_view before, const Where& where, std::string_view after) {
  return stored(session.query(std::string(before) + where.sql() + " " + std::string(after), where.values()));
}

Out<Rows> ask_logs(Session& session, std::string_view what, const Where& where, std::string_view rest) {
  return ask(session, "SELECT " + std::string(what) + std::string(k_from_logs), where, rest);
}

std::int64_t count_of(const Row& row, std::string_view column) {
  const auto& value = at(row, column);
  if (auto* count = value.as_int()) return *count;
  double number = 0;
  return value.number(number) ? static_cast<std::int64_t>(number) : 0;
}

Out<std::int64_t> read_limit(const Call& call, std::int64_t fallback) {
  std::int64_t limit = 0;
  Reply reply;
  if (!query_number(call, "limit", fallback, 1, 1000, limit, reply)) return reply;
  return limit;
}

std::vector<std::string> distinct(const Rows& rows, std::string_view column) {
  std::vector<std::string> out;
  for (auto& row : rows) out.push_back(text_of(row, column));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  std::erase(out, "");
  return out;
}

Out<std::map<std::string, Row>> rows_by_id(Session& session, std::string_view table, std::string_view column,
                                           std::vector<std::string> ids) {
  std::map<std::string, Row> out;
  if (ids.empty()) return out;
  auto rows = find_rows(session, table, column, ids);
  if (!rows) return rows.error();
  for (auto& row : *rows) {
    auto id = text_of(row, column);
    out.emplace(std::move(id), std::move(row));
  }
  return out;
}

} // namespace switchyard::management
