// Raw SQL for list pages: conditions with numbered parameters, in the subset that both databases know. Store
// threads.
#include "management/sql_page.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

std::string in_quotes(std::string_view name) { return '"' + std::string(name) + '"'; }

} // namespace

void Where::add(std::string_view clause, std::vector<Value> values) {
  if (!text_.empty()) text_ += " AND ";
  text_ += '(';
  std::size_t number = values_.size();
  for (char c : clause) {
    if (c == '?')
      text_ += "$" + std::to_string(++number);
    else
      text_ += c;
  }
  text_ += ')';
  std::move(values.begin(), values.end(), std::back_inserter(values_));
}

std::string in_clause(std::string_view column, std::size_t count) {
  if (count == 0) return "1 = 0";
  std::string out = in_quotes(column) + " IN (?";
  for (std::size_t i = 1; i < count; ++i) out += ", ?";
  return out + ")";
}

void add_holds(Where& where, Session& session, std::string_view column, std::string_view value) {
  if (session.dialect() == storage::Dialect::postgres)
    return where.add("? = ANY(" + in_quotes(column) + ")", {text_value(value)});
  where.add("EXISTS (SELECT 1 FROM json_each(" + in_quotes(column) + ") WHERE value = ?)",
            {text_value(value)});
}

void add_like(Where& where, std::string_view column, std::string_view part) {
  std::string pattern = "%";
  for (char c : lower_case(part)) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  where.add("LOWER(" + in_quotes(column) + ") LIKE ? ESCAPE '\\'", {text_value(pattern + "%")});
}

Out<PageRows> read_page(Session& session, const PageQuery& query) {
  const std::string from = " FROM " + in_quotes("LiteLLM_" + query.table) + query.where.sql();
  auto counted = session.query("SELECT COUNT(*) AS n" + from, query.where.values());
  if (!counted) return failed(counted.error());
  PageRows out;
  if (!counted->empty() && at(counted->front(), "n").as_int())
    out.total = *at(counted->front(), "n").as_int();
  out.pages = (out.total + query.size - 1) / query.size;
  const std::int64_t offset = (query.page - 1) * query.size;
  if (offset >= out.total) return out;
  const std::string way = query.sort_order == "asc" ? " ASC" : " DESC";
  auto ids = session.query("SELECT " + in_quotes(query.id) + from + " ORDER BY " + in_quotes(query.sort_by) +
                               way + ", " + in_quotes(query.id) + way + " LIMIT " +
                               std::to_string(query.size) + " OFFSET " + std::to_string(offset),
                           query.where.values());
  if (!ids) return failed(ids.error());
  std::vector<std::string> order;
  for (auto& row : *ids) order.push_back(text_of(row, query.id));
  // The rows themselves by select(), which knows the columns' types.
  auto rows = find_rows(session, query.table, query.id, order);
  if (!rows) return rows.error();
  const auto place = [&](const Row& row) {
    return std::find(order.begin(), order.end(), text_of(row, query.id)) - order.begin();
  };
  std::sort(rows->begin(), rows->end(), [&](auto& a, auto& b) { return place(a) < place(b); });
  out.rows = std::move(*rows);
  return out;
}

Out<void> read_sort(const Call& call, std::span<const std::string_view> columns, std::string_view fallback,
                    PageQuery& query) {
  query.sort_by = query_text(call, "sort_by").value_or(std::string(fallback));
  query.sort_order = lower_case(query_text(call, "sort_order").value_or("desc"));
  if (query.sort_by.empty()) query.sort_by = fallback;
  if (std::find(columns.begin(), columns.end(), query.sort_by) == columns.end()) {
    std::string names;
    for (auto column : columns) names += (names.empty() ? "" : ", ") + std::string(column);
    return refuse_detail(400, "Invalid sort column. Must be one of: " + names);
  }
  if (query.sort_order != "asc" && query.sort_order != "desc")
    return refuse_detail(400, "Invalid sort order. Must be one of: asc, desc");
  return {};
}

} // namespace switchyard::management
