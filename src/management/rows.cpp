// Rows of the database in management handlers: finding, linking and writing them. Store threads.
#include "management/rows.hpp"

#include "management/secrets.hpp"

#include <switchyard/budget_window.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::size_t k_ids_at_once = 500; // values of one "in"

Condition in(std::string_view column, std::span<const std::string> ids) {
  return {std::string(column), "in", list_of({ids.begin(), ids.end()})};
}

struct Link {
  std::string_view id, table, name;
};
constexpr Link k_links[] = {{"budget_id", "BudgetTable", "litellm_budget_table"},
                            {"object_permission_id", "ObjectPermissionTable", "object_permission"}};

} // namespace

void throw_exception_from_error(const Refusal& refusal, const boost::source_location&) {
  throw std::runtime_error(refusal.reply.body);
}

bool is_duplicate(const Error& error) { return error.extra().type == "unique_violation"; }

const Value& at(const Row& row, std::string_view column) {
  static const Value none;
  for (auto& member : row)
    if (member.first == column) return member.second;
  return none;
}

std::string text_of(const Row& row, std::string_view column) {
  auto* text = at(row, column).as_string();
  return text ? *text : std::string();
}

double number_of(const Row& row, std::string_view column) {
  double number = 0;
  at(row, column).number(number);
  return number;
}

bool flag_of(const Row& row, std::string_view column) {
  auto* flag = at(row, column).as_bool();
  return flag && *flag;
}

std::vector<std::string> list_in(const Row& row, std::string_view column) {
  return texts_of(&at(row, column));
}

ValueMap object_in(const Row& row, std::string_view column) {
  auto* map = at(row, column).as_map();
  return map ? *map : ValueMap{};
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string python_list(const std::vector<std::string>& list) {
  std::string out = "[";
  for (auto& text : list) out += (&text == list.data() ? "'" : ", '") + text + "'";
  return out + "]";
}

std::string python_float(double number) {
  std::string out = to_json(Value(number));
  if (out.find_first_not_of("-0123456789") == std::string::npos) out += ".0";
  return out;
}

Out<Row> find_row(Session& session, std::string_view table, std::string_view column, const Value& is) {
  Select what{std::string(table), {{std::string(column), "=", is}}};
  what.limit = 1;
  auto rows = session.select(what);
  if (!rows) return failed(rows.error());
  return rows->empty() ? Row() : std::move(rows->front());
}

Out<Rows> find_rows(Session& session, std::string_view table, std::string_view column,
                    const std::vector<std::string>& ids) {
  Rows out;
  for (std::size_t i = 0; i < ids.size(); i += k_ids_at_once) {
    const auto some = std::span(ids).subspan(i, std::min(k_ids_at_once, ids.size() - i));
    auto rows = session.select(Select{std::string(table), {in(column, some)}});
    if (!rows) return failed(rows.error());
    std::move(rows->begin(), rows->end(), std::back_inserter(out));
  }
  return out;
}

Out<void> link_rows(Session& session, Rows& rows) {
  for (auto& link : k_links) {
    std::vector<std::string> ids;
    for (auto& row : rows)
      if (auto id = text_of(row, link.id); !id.empty() && !contains(ids, id)) ids.push_back(std::move(id));
    auto linked = find_rows(session, link.table, link.id, ids);
    if (!linked) return linked.error();
    for (auto& row : rows) {
      const auto id = text_of(row, link.id);
      auto it = std::find_if(linked->begin(), linked->end(),
                             [&](auto& other) { return !id.empty() && text_of(other, link.id) == id; });
      set(row, link.name, it == linked->end() ? Value() : Value(*it));
    }
  }
  return {};
}

Out<void> link_row(Session& session, Row& row) {
  Rows one{std::move(row)};
  auto done = link_rows(session, one);
  row = std::move(one.front());
  return done;
}

Value list_value(Rows rows) {
  ValueList list;
  for (auto& row : rows) list.emplace_back(std::move(row));
  return Value(std::move(list));
}

Value page_of(std::string_view name, Value rows, std::int64_t total, std::int64_t page, std::int64_t size) {
  return Value(ValueMap{{std::string(name), std::move(rows)},
                        {"total", Value(total)},
                        {"page", Value(page)},
                        {"page_size", Value(size)},
                        {"total_pages", Value((total + size - 1) / size)}});
}

Out<void> begin(Session& session) { return stored(session.begin()); }

Reply finish(Session& session, Reply reply) {
  if (reply.status >= 400) {
    session.rollback();
    return reply;
  }
  if (auto done = session.commit(); !done) {
    session.rollback();
    return failed(done.error());
  }
  return reply;
}

std::vector<Change> changes_of(ValueMap columns) {
  std::vector<Change> out;
  for (auto& member : columns) out.push_back({std::move(member.first), std::move(member.second)});
  return out;
}

Out<Row> update_row(Session& session, const Call& call, std::string_view table, std::string_view column,
                    const Value& is, ValueMap columns, bool by) {
  set(columns, "updated_at", text_value(storage::wire_time(call.now)));
  if (by) set(columns, "updated_by", text_or_null(call.caller.user_id));
  const Condition where{std::string(column), "=", is};
  auto rows = session.update(table, changes_of(std::move(columns)), {&where, 1});
  if (!rows) return failed(rows.error());
  return rows->empty() ? Row() : std::move(rows->front());
}

Out<Row> insert_row(Session& session, std::string_view table, const Row& row) {
  return stored(session.insert(table, row));
}

Out<std::int64_t> remove_rows(Session& session, std::string_view table, std::string_view column,
                              const std::vector<std::string>& ids) {
  std::int64_t removed = 0;
  for (std::size_t i = 0; i < ids.size(); i += k_ids_at_once) {
    const auto where = in(column, std::span(ids).subspan(i, std::min(k_ids_at_once, ids.size() - i)));
    auto gone = session.remove(table, {&where, 1});
    if (!gone) return failed(gone.error());
    removed += *gone;
  }
  return Out<std::int64_t>(removed);
}

Out<std::string> new_budget(Session& session, const Call& call, ValueMap columns) {
  const std::string id = new_id();
  const Value now = text_value(storage::wire_time(call.now)), by = text_value(call.caller.user_id);
  set(columns, "budget_id", text_value(id));
  if (auto* duration = at(columns, "budget_duration").as_string()) {
    auto reset = reset_time(call, *duration);
    if (!reset) return reset.error();
    set(columns, "budget_reset_at", *reset);
  }
  for (auto* column : {"created_at", "updated_at"}) set(columns, column, now);
  for (auto* column : {"created_by", "updated_by"}) set(columns, column, by);
  if (auto made = insert_row(session, "BudgetTable", columns); !made) return made.error();
  return id;
}

Out<Value> reset_time(const Call& call, std::string_view duration, std::string_view field) {
  if (duration.empty()) return Value();
  auto next = next_reset(duration, call.now, call.config->plane->timezone);
  if (!next) return refuse(400, std::string(field) + ": " + next.error().message, "bad_request_error", field);
  return text_value(storage::wire_time(*next));
}

} // namespace switchyard::management
