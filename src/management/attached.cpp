// What customers, organizations, projects and tags have in common. Store threads.
#include "management/attached.hpp"

#include "management/secrets.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr Field k_budget[] = {{"max_budget", Kind::money},
                              {"soft_budget", Kind::money},
                              {"max_parallel_requests", Kind::small},
                              {"tpm_limit", Kind::integer},
                              {"rpm_limit", Kind::integer},
                              {"budget_duration", Kind::text},
                              {"model_max_budget", Kind::object},
                              {"budget_reset_at", Kind::text},
                              {"allowed_models", Kind::texts}};

constexpr Field k_permission[] = {{"mcp_servers", Kind::texts},
                                  {"mcp_access_groups", Kind::texts},
                                  {"mcp_tool_permissions", Kind::object},
                                  {"vector_stores", Kind::texts},
                                  {"agents", Kind::texts},
                                  {"agent_access_groups", Kind::texts},
                                  {"models", Kind::texts},
                                  {"blocked_tools", Kind::texts},
                                  {"mcp_toolsets", Kind::texts},
                                  {"search_tools", Kind::texts}};

bool is_model_budget(const Value& value) {
  double number = 0;
  if (value.number(number)) return number >= 0;
  if (!value.as_map()) return false;
  for (const char* name : {"budget_limit", "max_budget"})
    if (const Value* limit = value.find(name); limit && !limit->is_null())
      if (!limit->number(number) || number < 0) return false;
  return true;
}

Out<void> check_reset(ValueMap& columns) {
  const std::string given = text_of(columns, "budget_reset_at");
  if (given.empty()) return {};
  auto when = storage::read_time(given);
  if (!when)
    return refuse(400, "budget_reset_at: " + when.error().message, "bad_request_error", "budget_reset_at");
  set(columns, "budget_reset_at", text_value(storage::wire_time(*when)));
  return {};
}

Out<Value> named_budget(Session& session, const std::string& id) {
  auto row = find_row(session, "BudgetTable", "budget_id", text_value(id));
  if (!row) return row.error();
  if (row->empty()) return detail(400, "Budget not found, passed budget_id=" + id);
  return text_value(id);
}

} // namespace

Reply detail(int status, std::string_view error) {
  Reply reply = ok(Value(ValueMap{{"detail", Value(ValueMap{{"error", text_value(error)}})}}));
  reply.status = status;
  return reply;
}

Reply detail_text(int status, std::string_view text) {
  Reply reply = ok(Value(ValueMap{{"detail", text_value(text)}}));
  reply.status = status;
  return reply;
}

Reply admin_only(const Call& call, int status) {
  return detail(status, "Admin-only endpoint. Not allowed to access this., your role=" + role_of(call));
}

Reply touching(Reply reply, Touched::What what, std::string id) {
  if (reply.status < 400) reply.touched.push_back({what, std::move(id)});
  return reply;
}

std::string role_of(const Call& call) { return call.caller.role.empty() ? "None" : call.caller.role; }

std::string actor(const Call& call) {
  if (!call.caller.user_id.empty()) return call.caller.user_id;
  return call.config->plane->admin_user_id;
}

Value now_value(const Call& call) { return text_value(storage::wire_time(call.now)); }

void stamp(const Call& call, Row& row) {
  for (const char* column : {"created_at", "updated_at"}) set(row, column, now_value(call));
  for (const char* column : {"created_by", "updated_by"}) set(row, column, text_value(actor(call)));
}

bool read_with_budget(const Call& call, std::span<const Field> own, Body& out, Reply& reply) {
  Value object;
  if (!read_object(call, object, reply) || !read_fields(object, own, out, reply) ||
      !read_fields(object, k_budget, out, reply))
    return false;
  if (auto fine = check_model_budgets(out); !fine) return reply = fine.error(), false;
  return true;
}

std::span<const Field> budget_fields() { return k_budget; }

ValueMap budget_columns(const Body& body) {
  ValueMap out;
  for (const auto& field : k_budget)
    if (const Value* value = body.find(field.name)) out.emplace_back(std::string(field.name), *value);
  return out;
}

Out<void> check_model_budgets(const Body& body) {
  for (const auto& [model, budget] : body.object("model_max_budget"))
    if (!is_model_budget(budget))
      return refuse(
          400,
          "model_max_budget: the budget of " + model +
              " must be a number that is not negative, or an object with budget_limit and time_period",
          "bad_request_error", "model_max_budget");
  return {};
}

Out<Row> update_budget(Session& session, const Call& call, const std::string& id, ValueMap columns) {
  if (auto fine = check_reset(columns); !fine) return fine.error();
  const Value& duration = at(columns, "budget_duration");
  if (duration.as_string() && text_of(columns, "budget_reset_at").empty()) {
    auto reset = reset_time(call, *duration.as_string());
    if (!reset) return reset.error();
    set(columns, "budget_reset_at", *reset);
  }
  return update_row(session, call, "BudgetTable", "budget_id", text_value(id), std::move(columns));
}

Out<Value> attach_budget(Session& session, const Call& call, const Body& body, const std::string& existing,
                         bool always) {
  if (body.has("budget_id")) return named_budget(session, body.text("budget_id"));
  ValueMap columns = budget_columns(body);
  if (columns.empty() && !(always && existing.empty())) return text_or_null(existing);
  if (!existing.empty()) {
    auto row = update_budget(session, call, existing, std::move(columns));
    if (!row) return row.error();
    if (!row->empty()) return text_value(existing);
    columns = budget_columns(body); // the row that it named is gone
  }
  if (auto fine = check_reset(columns); !fine) return fine.error();
  auto id = new_budget(session, call, std::move(columns));
  if (!id) return id.error();
  return text_value(*id);
}

std::span<const Field> permission_fields() { return k_permission; }

Out<Value> attach_permission(Session& session, const Body& body, const std::string& existing) {
  const Value* given = body.find("object_permission");
  if (!given) return text_or_null(existing);
  Body permission;
  Reply reply;
  if (!read_fields(*given, k_permission, permission, reply,
                   {text_value("body"), text_value("object_permission")}))
    return reply;
  ValueMap columns = columns_of(permission, k_permission);
  if (existing.empty()) {
    const std::string id = new_id();
    columns.emplace_back("object_permission_id", text_value(id));
    if (auto made = insert_row(session, "ObjectPermissionTable", columns); !made) return made.error();
    return text_value(id);
  }
  const Condition where{"object_permission_id", "=", text_value(existing)};
  auto rows = session.update("ObjectPermissionTable", changes_of(std::move(columns)), {&where, 1});
  if (!rows) return failed(rows.error());
  return text_value(existing);
}

bool administers(const Call& call, const Row& team) {
  const std::string& user = call.caller.user_id;
  if (call.caller.is_admin()) return true;
  if (team.empty() || user.empty()) return false;
  if (contains(list_in(team, "admins"), user)) return true;
  const ValueList* members = at(team, "members_with_roles").as_list();
  return members && std::any_of(members->begin(), members->end(), [&](const Value& member) {
           return text_at(member, "user_id") == user && text_at(member, "role") == "admin";
         });
}

} // namespace switchyard::management
