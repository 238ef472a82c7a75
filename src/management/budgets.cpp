// /budget/*: rows of BudgetTable that keys, customers, tags and so on refer to. Store threads.
#include "management/attached.hpp"
#include "management/audit.hpp"
#include "management/routes.hpp"
#include "management/secrets.hpp"

namespace switchyard::management {
namespace {

constexpr Field k_own[] = {{"budget_id", Kind::text}};
/// Tables whose budget_id may be empty; an organization always has one.
constexpr std::string_view k_users_of_budgets[] = {"VerificationToken", "EndUserTable",
                                                   "TagTable",          "ProjectTable",
                                                   "TeamMembership",    "OrganizationMembership"};

Reply create(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 400);
  if (!read_with_budget(call, k_own, body, reply)) return reply;
  const std::string id = body.text("budget_id", new_id());
  return touching(write(session,
                        [&]() -> Reply {
                          Row row{{"budget_id", text_value(id)}};
                          stamp(call, row);
                          auto made = session.insert("BudgetTable", row);
                          if (!made && is_duplicate(made.error()))
                            return detail(400, "Budget with id '" + id + "' already exists.");
                          if (!made) return failed(made.error());
                          auto full = update_budget(session, call, id, budget_columns(body));
                          if (!full) return full.error();
                          audit(session, call, "BudgetTable", "created", id, Value(), Value(*full));
                          return ok(Value(*full));
                        }),
                  Touched::What::budget, id);
}

Reply update(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 400);
  if (!read_with_budget(call, k_own, body, reply)) return reply;
  const std::string id = body.text("budget_id");
  if (id.empty()) return detail(400, "budget_id is required");
  return touching(write(session,
                        [&]() -> Reply {
                          auto before = find_row(session, "BudgetTable", "budget_id", text_value(id));
                          if (!before) return before.error();
                          if (before->empty()) return detail(404, "Budget not found, passed budget_id=" + id);
                          auto row = update_budget(session, call, id, columns_of(body, budget_fields()));
                          if (!row) return row.error();
                          audit(session, call, "BudgetTable", "updated", id, Value(*before), Value(*row));
                          return ok(Value(*row));
                        }),
                  Touched::What::budget, id);
}

Reply info(Session& session, const Call& call) {
  constexpr Field k_table[] = {{"budgets", Kind::texts, Home::input, true}};
  Body body;
  Reply reply;
  if (!call.caller.may_read_all()) return admin_only(call, 400);
  if (!read_body(call, k_table, body, reply)) return reply;
  const auto ids = body.texts("budgets");
  if (ids.empty()) return detail(400, "Specify list of budget id's to query. Passed in=[]");
  auto rows = find_rows(session, "BudgetTable", "budget_id", ids);
  if (!rows) return rows.error();
  return ok(list_value(std::move(*rows)));
}

Reply list(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 400);
  auto rows = stored(session.select(Select{"BudgetTable", {}, {{"created_at", true}}}));
  if (!rows) return rows.error();
  return ok(list_value(std::move(*rows)));
}

Value setting(std::string_view name, std::string_view type, const Row& row) {
  return Value(ValueMap{{"field_name", text_value(name)},
                        {"field_type", text_value(type)},
                        {"field_description", text_value("")},
                        {"field_value", at(row, name)},
                        {"stored_in_db", Value(true)},
                        {"field_default_value", Value()}});
}

Reply settings(Session& session, const Call& call) {
  constexpr std::pair<std::string_view, std::string_view> k_shown[] = {
      {"max_budget", "Float"},       {"soft_budget", "Float"}, {"max_parallel_requests", "Integer"},
      {"tpm_limit", "Integer"},      {"rpm_limit", "Integer"}, {"budget_duration", "String"},
      {"model_max_budget", "Object"}};
  if (!call.caller.may_read_all()) return admin_only(call, 400);
  const auto id = query_text(call, "budget_id");
  if (!id) return invalid("query", "budget_id", "Field required");
  auto row = find_row(session, "BudgetTable", "budget_id", text_value(*id));
  if (!row) return row.error();
  ValueList out;
  for (const auto& [name, type] : k_shown) out.push_back(setting(name, type, *row));
  return ok(Value(std::move(out)));
}

/// Frees everything that refers to the budget, as the schema's ON DELETE SET NULL does on Postgres.
Out<void> unlink(Session& session, const std::string& id) {
  const Condition where{"budget_id", "=", text_value(id)};
  const Change none{"budget_id", Value()};
  for (const auto table : k_users_of_budgets)
    if (auto done = session.update(table, {&none, 1}, {&where, 1}); !done) return failed(done.error());
  return {};
}

Reply remove(Session& session, const Call& call) {
  constexpr Field k_table[] = {{"id", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 400);
  if (!read_body(call, k_table, body, reply)) return reply;
  const std::string id = body.text("id");
  return touching(write(session,
                        [&]() -> Reply {
                          auto row = find_row(session, "BudgetTable", "budget_id", text_value(id));
                          if (!row) return row.error();
                          if (row->empty()) return detail(404, "Budget not found, passed budget_id=" + id);
                          auto owner = find_row(session, "OrganizationTable", "budget_id", text_value(id));
                          if (!owner) return owner.error();
                          if (!owner->empty())
                            return detail(400, "Budget " + id + " belongs to the organization " +
                                                   text_of(*owner, "organization_id") +
                                                   " and cannot be deleted");
                          if (auto done = unlink(session, id); !done) return done.error();
                          if (auto gone = remove_rows(session, "BudgetTable", "budget_id", {id}); !gone)
                            return gone.error();
                          audit(session, call, "BudgetTable", "deleted", id, Value(*row), Value());
                          return ok(Value(*row));
                        }),
                  Touched::What::budget, id);
}

constexpr Route k_routes[] = {
    {"/budget/delete", k_post, remove, "Delete a budget"},
    {"/budget/info", k_post, info, "Budgets by id"},
    {"/budget/list", k_get, list, "All budgets"},
    {"/budget/new", k_post, create, "Create a budget"},
    {"/budget/settings", k_get, settings, "What can be set about a budget"},
    {"/budget/update", k_post, update, "Change a budget"},
};

} // namespace

std::span<const Route> budget_routes() { return k_routes; }

} // namespace switchyard::management
