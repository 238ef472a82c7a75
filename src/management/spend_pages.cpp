// /spend/logs/v2 and /ui: logs page by page, with filters; what one call said; the calls of a session. Store
// threads.
#include "management/spend.hpp"

#include <charconv>

namespace switchyard::management {
namespace {

constexpr std::string_view k_sorts[] = {"startTime",           "endTime", "spend", "total_tokens",
                                        "request_duration_ms", "model"};
constexpr std::int64_t k_most_of_session = 1000;
/// What a page leaves out: they may be megabytes.
constexpr std::string_view k_heavy[] = {"messages", "response", "proxy_server_request"};

constexpr std::string_view k_light[] = {"request_id",
                                        "call_type",
                                        "api_key",
                                        "spend",
                                        "total_tokens",
                                        "prompt_tokens",
                                        "completion_tokens",
                                        "startTime",
                                        "endTime",
                                        "request_duration_ms",
                                        "completionStartTime",
                                        "model",
                                        "model_id",
                                        "model_group",
                                        "custom_llm_provider",
                                        "api_base",
                                        "user",
                                        "metadata",
                                        "cache_hit",
                                        "cache_key",
                                        "request_tags",
                                        "team_id",
                                        "organization_id",
                                        "end_user",
                                        "requester_ip_address",
                                        "session_id",
                                        "status",
                                        "mcp_namespaced_tool_name",
                                        "agent_id"};

/// Columns that a query parameter of this name is compared with.
struct Filter {
  std::string_view parameter, column;
};
constexpr Filter k_filters[] = {{"user_id", "\"user\""},      {"request_id", "request_id"},
                                {"team_id", "team_id"},       {"model", "model"},
                                {"model_id", "model_id"},     {"end_user", "end_user"},
                                {"session_id", "session_id"}, {"agent_id", "agent_id"}};

/// A member of the JSON column metadata, by its path.
std::string in_metadata(Session& session, std::string_view path) {
  if (session.dialect() == storage::Dialect::postgres) return "metadata #>> '{" + std::string(path) + "}'";
  std::string dotted(path);
  for (auto& c : dotted)
    if (c == ',') c = '.';
  return "CAST(json_extract(metadata, '$." + dotted + "') AS TEXT)";
}

Out<void> add_spend(Where& where, const Call& call, std::string_view name, std::string_view op) {
  const auto text = query_text(call, name).value_or("");
  if (text.empty()) return {};
  double amount = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (problem != std::errc() || end != text.data() + text.size())
    return invalid("query", name, "Input should be a valid number, unable to parse string as a number",
                   "float_parsing");
  where.add("spend " + std::string(op) + " ?", {Value(amount)});
  return {};
}

Out<void> add_time(Where& where, const Call& call, std::string_view name, std::string_view op, bool needed) {
  auto text = query_text(call, name).value_or("");
  if (text.empty()) {
    if (!needed) return {};
    return refuse(400, "Start date and end date are required", "bad_request");
  }
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  if (text.size() == 10) text += "T00:00:00";
  auto when = storage::read_time(text.size() == 19 ? text + "Z" : text);
  if (!when) return refuse(400, std::string(name) + " must have the form YYYY-MM-DD HH:MM:SS", "bad_request");
  where.add("\"startTime\" " + std::string(op) + " ?", {Value(storage::wire_time(*when))});
  return {};
}

void add_status(Where& where, const std::string& status) {
  if (status == "success")
    where.add("status = 'success' OR status IS NULL");
  else if (!status.empty())
    where.add("status = ?", {text_value(status)});
}

Out<Where> conditions(Session& session, const Call& call) {
  Where where;
  const auto given = [&](std::string_view name) { return query_text(call, name).value_or(""); };
  const bool dated = given("request_id").empty() && given("session_id").empty();
  for (auto [name, op] : {std::pair("start_date", ">="), std::pair("end_date", "<=")})
    if (auto added = add_time(where, call, name, op, dated); !added) return added.error();
  for (auto [name, op] : {std::pair("min_spend", ">="), std::pair("max_spend", "<=")})
    if (auto added = add_spend(where, call, name, op); !added) return added.error();
  add_own(where, call.caller);
  if (auto key = given("api_key"); !key.empty()) where.add("api_key = ?", {text_value(hash_if_key(key))});
  for (auto& filter : k_filters)
    if (auto value = given(filter.parameter); !value.empty())
      where.add(std::string(filter.column) + " = ?", {text_value(value)});
  add_status(where, given("status_filter"));
  if (auto alias = given("key_alias"); !alias.empty())
    where.add(in_metadata(session, "user_api_key_alias") + " = ?", {text_value(alias)});
  if (auto code = given("error_code"); !code.empty())
    where.add(in_metadata(session, "error_information,error_code") + " = ?", {text_value(code)});
  return where;
}

/// Rows of these ids in this order, without what is heavy.
Out<Value> light_rows(Session& session, const Rows& ids) {
  Select what{"SpendLogs"};
  what.where.push_back({"request_id", "in", list_of(distinct(ids, "request_id"))});
  what.columns.assign(std::begin(k_light), std::end(k_light));
  std::map<std::string, Row> found;
  if (!ids.empty()) {
    auto rows = stored(session.select(what));
    if (!rows) return rows.error();
    for (auto& row : *rows) {
      for (auto column : k_heavy) set(row, column, Value(ValueMap{}));
      auto id = text_of(row, "request_id");
      found.emplace(std::move(id), std::move(row));
    }
  }
  ValueList out;
  for (auto& id : ids)
    if (auto at = found.find(text_of(id, "request_id")); at != found.end())
      out.emplace_back(std::move(at->second));
  return Value(std::move(out));
}

Out<std::int64_t> count_logs(Session& session, const Where& where) {
  auto rows = ask_logs(session, "COUNT(*) AS n", where, "");
  if (!rows) return rows.error();
  return rows->empty() ? 0 : count_of(rows->front(), "n");
}

/// The one row that the caller may see; empty = none.
Out<Row> own_row(Session& session, const Call& call, std::string_view request_id) {
  Where where;
  add_own(where, call.caller);
  where.add("request_id = ?", {text_value(request_id)});
  auto seen = ask_logs(session, "request_id", where, "LIMIT 1");
  if (!seen) return seen.error();
  if (seen->empty()) return Row{};
  return find_row(session, "SpendLogs", "request_id", text_value(request_id));
}

} // namespace

Reply spend_logs_page(Session& session, const Call& call) {
  PageQuery query;
  Reply reply;
  if (!query_number(call, "page", 1, 1, k_last_page, query.page, reply) ||
      !query_number(call, "page_size", 50, 1, 100, query.size, reply))
    return reply;
  if (auto sorted = read_sort(call, k_sorts, "startTime", query); !sorted) return sorted.error();
  auto where = conditions(session, call);
  if (!where) return where.error();
  auto total = count_logs(session, *where);
  if (!total) return total.error();
  const std::string way = query.sort_order == "asc" ? " ASC" : " DESC";
  auto ids =
      ask_logs(session, "request_id", *where,
               "ORDER BY \"" + query.sort_by + "\"" + way + ", request_id" + way + " LIMIT " +
                   std::to_string(query.size) + " OFFSET " + std::to_string((query.page - 1) * query.size));
  if (!ids) return ids.error();
  auto rows = light_rows(session, *ids);
  if (!rows) return rows.error();
  return ok(page_of("data", std::move(*rows), *total, query.page, query.size));
}

Reply spend_log_payload(Session& session, const Call& call) {
  auto row = own_row(session, call, call.argument);
  if (!row) return row.error();
  if (row->empty()) return ok(Value());
  ValueMap out;
  for (auto column : k_heavy) out.emplace_back(std::string(column), at(*row, column));
  return ok(Value(std::move(out)));
}

Reply spend_session(Session& session, const Call& call) {
  const auto id = query_text(call, "session_id").value_or("");
  if (id.empty()) return invalid("query", "session_id", "Field required");
  Where where;
  add_own(where, call.caller);
  where.add("session_id = ?", {text_value(id)});
  auto ids = ask_logs(session, "request_id", where,
                      "ORDER BY \"startTime\", request_id LIMIT " + std::to_string(k_most_of_session));
  if (!ids) return ids.error();
  auto rows = light_rows(session, *ids);
  if (!rows) return rows.error();
  return ok(*rows);
}

} // namespace switchyard::management
