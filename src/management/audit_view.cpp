// /audit: who changed what. Store threads; reads only.
#include "management/attached.hpp"
#include "management/ui_session.hpp"

#include <algorithm>
#include <array>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "AuditLog";
constexpr std::string_view k_equal[] = {"changed_by", "changed_by_api_key", "action", "table_name",
                                        "object_id"};
constexpr std::string_view k_sortable[] = {"updated_at", "changed_by", "action", "table_name", "object_id"};

/// "a_b" as a LIKE pattern that matches it as a whole JSON text anywhere.
std::string pattern_of(const std::string& text) {
  std::string out = "%\"";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"%";
}

/// Rows whose JSON columns name a team or key, or that are about it.
Out<std::vector<std::string>> mentioning(Session& session, const std::string& text) {
  const std::array<Value, 2> values{text_value(pattern_of(text)), text_value(text)};
  auto rows = stored(session.query(
      R"(SELECT "id" FROM "LiteLLM_AuditLog" WHERE CAST("before_value" AS TEXT) LIKE $1 ESCAPE '\' OR )"
      R"(CAST("updated_values" AS TEXT) LIKE $1 ESCAPE '\' OR "object_id" = $2)",
      values));
  if (!rows) return rows.error();
  std::vector<std::string> ids;
  for (const auto& row : *rows) ids.push_back(text_of(row, "id"));
  return ids;
}

Out<void> add_date(const Call& call, std::string_view name, std::string_view op,
                   std::vector<Condition>& where) {
  const auto given = query_text(call, name);
  if (!given || given->empty()) return {};
  auto when = storage::read_time(*given);
  if (!when) return invalid("query", name, "Input should be a valid datetime", "datetime_parsing");
  constexpr std::size_t k_day = 10; // "2026-05-02" alone: the whole day
  if (op == "<=" && given->size() == k_day) *when += std::chrono::hours(24) - std::chrono::milliseconds(1);
  where.push_back({"updated_at", std::string(op), text_value(storage::wire_time(*when))});
  return {};
}

Out<std::vector<Condition>> conditions(Session& session, const Call& call) {
  std::vector<Condition> where;
  for (const auto name : k_equal)
    if (const auto given = query_text(call, name); given && !given->empty())
      where.push_back({std::string(name), "=", text_value(*given)});
  if (auto fine = add_date(call, "start_date", ">=", where); !fine) return fine.error();
  if (auto fine = add_date(call, "end_date", "<=", where); !fine) return fine.error();
  for (const char* name : {"object_team_id", "object_key_hash"}) {
    const auto given = query_text(call, name);
    if (!given || given->empty()) continue;
    auto ids = mentioning(session, *given);
    if (!ids) return ids.error();
    where.push_back({"id", "in", list_of(*ids)});
  }
  return where;
}

Out<storage::Order> order_of(const Call& call) {
  const std::string by = query_text(call, "sort_by").value_or("updated_at");
  const std::string order = query_text(call, "sort_order").value_or("desc");
  if (std::find(std::begin(k_sortable), std::end(k_sortable), by) == std::end(k_sortable))
    return invalid("query", "sort_by",
                   "Input should be 'updated_at', 'changed_by', 'action', 'table_name' or 'object_id'",
                   "literal_error");
  if (order != "asc" && order != "desc")
    return invalid("query", "sort_order", "Input should be 'asc' or 'desc'", "literal_error");
  return storage::Order{by, order == "desc"};
}

Reply list(Session& session, const Call& call) {
  std::int64_t page = 1, size = 10;
  Reply reply;
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  if (!query_number(call, "page", 1, 1, 1'000'000'000, page, reply) ||
      !query_number(call, "page_size", 10, 1, 100, size, reply))
    return reply;
  auto order = order_of(call);
  if (!order) return order.error();
  auto where = conditions(session, call);
  if (!where) return where.error();
  auto total = stored(session.count(k_table, *where));
  if (!total) return total.error();
  Select what{std::string(k_table), std::move(*where), {*order, {"id", false}}};
  what.limit = size, what.offset = (page - 1) * size;
  auto rows = stored(session.select(what));
  if (!rows) return rows.error();
  return ok(page_of("audit_logs", list_value(std::move(*rows)), *total, page, size));
}

Reply one(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  auto row = find_row(session, k_table, "id", text_value(call.argument));
  if (!row) return row.error();
  if (!row->empty()) return ok(Value(std::move(*row)));
  Reply reply = ok(Value(ValueMap{
      {"detail",
       Value(ValueMap{{"message", text_value("Audit log with ID " + call.argument + " not found")}})}}));
  reply.status = 404;
  return reply;
}

constexpr Route k_routes[] = {
    {"/audit", k_get, list, "Changes by whom and when"},
    {"/audit/{m}", k_get, one, "One change"},
};

} // namespace

std::span<const Route> audit_routes() { return k_routes; }

} // namespace switchyard::management
