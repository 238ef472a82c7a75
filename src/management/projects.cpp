// /project/*: between a team and its keys, with models and a budget within the team's. Store threads.
#include "management/attached.hpp"
#include "management/audit.hpp"
#include "management/routes.hpp"
#include "management/secrets.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "ProjectTable";
constexpr Field k_fields[] = {{"project_id", Kind::text, Home::input},
                              {"project_alias", Kind::text},
                              {"description", Kind::text},
                              {"team_id", Kind::text},
                              {"models", Kind::texts},
                              {"budget_id", Kind::text, Home::input},
                              {"metadata", Kind::object, Home::input},
                              {"model_rpm_limit", Kind::object},
                              {"model_tpm_limit", Kind::object},
                              {"blocked", Kind::flag},
                              {"tags", Kind::texts, Home::metadata},
                              {"guardrails", Kind::texts, Home::metadata},
                              {"policies", Kind::texts, Home::metadata},
                              {"object_permission", Kind::object, Home::input}};

Reply unknown(const std::string& id) {
  return refuse(404, "Project not found, project_id=" + id, "not_found", "project_id");
}

Out<Row> find_team(Session& session, const std::string& id) {
  auto team = find_row(session, "TeamTable", "team_id", text_value(id));
  if (team && team->empty()) return refuse(404, "Team not found, team_id=" + id, "not_found", "team_id");
  return team;
}

Reply above_team(std::string_view name, const Value& given, const Row& team) {
  return refuse_detail(400, "Project " + std::string(name) + " (" + to_json(given) + ") exceeds team's " +
                                std::string(name) + " (" + to_json(at(team, name)) +
                                "). Team: " + text_of(team, "team_id"));
}

/// A project stays within its team.
Out<void> check_within(const Body& body, const Row& team) {
  const auto soft = body.number("soft_budget"), most = body.number("max_budget");
  if (soft && most && *soft >= *most)
    return refuse_detail(400, "soft_budget (" + to_json(Value(*soft)) +
                                  ") must be strictly lower than max_budget (" + to_json(Value(*most)) + ")");
  const auto allowed = list_in(team, "models");
  if (!allowed.empty() && !contains(allowed, "all-proxy-models"))
    for (const auto& model : body.texts("models"))
      if (!contains(allowed, model))
        return refuse(400, "{'error': \"Model '" + model +
                               "' not in team's allowed models. Team allowed models=" + python_list(allowed) +
                               ". Team: " + text_of(team, "team_id") + "\"}");
  for (const char* name : {"max_budget", "tpm_limit", "rpm_limit"}) {
    double given = 0, bound = 0;
    const Value* value = body.find(name);
    if (value && value->number(given) && at(team, name).number(bound) && given > bound)
      return above_team(name, *value, team);
  }
  return {};
}

Out<void> fill(Session& session, const Call& call, const Body& body, const Row& before, Row& into) {
  for (auto& [name, value] : columns_of(body, k_fields))
    if (body.has(name)) set(into, name, value);
  ValueMap metadata = body.has("metadata") ? body.object("metadata") : object_in(before, "metadata");
  lay_metadata(body, k_fields, metadata);
  set(into, "metadata", Value(std::move(metadata)));
  auto budget = attach_budget(session, call, body, text_of(before, "budget_id"), true);
  if (!budget) return budget.error();
  set(into, "budget_id", *budget);
  auto permission = attach_permission(session, body, text_of(before, "object_permission_id"));
  if (!permission) return permission.error();
  set(into, "object_permission_id", *permission);
  return {};
}

Reply linked(Session& session, Row row) {
  if (auto done = link_row(session, row); !done) return done.error();
  Reply reply = touching(ok(Value(row)), Touched::What::project, text_of(row, "project_id"));
  return touching(std::move(reply), Touched::What::budget, text_of(row, "budget_id"));
}

Reply insert(Session& session, const Call& call, const Body& body, const std::string& id) {
  Row row;
  if (auto done = fill(session, call, body, {}, row); !done) return done.error();
  stamp(call, row);
  set(row, "project_id", text_value(id));
  for (const auto& [name, value] : ValueMap{{"models", Value(ValueList{})},
                                            {"spend", Value(0.0)},
                                            {"model_spend", Value(ValueMap{})},
                                            {"model_rpm_limit", Value(ValueMap{})},
                                            {"model_tpm_limit", Value(ValueMap{})},
                                            {"blocked", Value(false)}})
    if (at(row, name).is_null()) set(row, name, value);
  auto made = session.insert(k_table, row);
  if (!made && is_duplicate(made.error()))
    return refuse(400, "Project id = " + id + " already exists. Please use a different project id.",
                  "bad_request", "project_id");
  if (!made) return failed(made.error());
  audit(session, call, k_table, "created", id, Value(), Value(*made));
  return linked(session, std::move(*made));
}

Reply create(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_with_budget(call, k_fields, body, reply)) return reply;
  if (body.text("team_id").empty()) return invalid("body", "team_id", "Field required");
  auto team = find_team(session, body.text("team_id"));
  if (!team) return team.error();
  if (!administers(call, *team))
    return refuse_detail(403,
                         "Only admins or team admins can create projects. Your role is " + role_of(call));
  if (auto fine = check_within(body, *team); !fine) return fine.error();
  std::string id = body.text("project_id");
  if (id.empty()) id = new_id();
  return write(session, [&] { return insert(session, call, body, id); });
}

/// The admin of the project's team must ask, and of the one that it moves to; both bound it.
Out<void> check_teams(Session& session, const Call& call, const Body& body, const Row& project) {
  const std::string own = text_of(project, "team_id"), next = body.text("team_id", own);
  auto team = find_row(session, "TeamTable", "team_id", text_value(own));
  if (!team) return team.error();
  Out<Row> target = next == own ? team : find_team(session, next);
  if (!target) return target.error();
  if (!administers(call, *team) || !administers(call, *target))
    return refuse_detail(403,
                         "Only admins or team admins can update projects. Your role is " + role_of(call));
  return check_within(body, *target);
}

Reply change(Session& session, const Call& call, const Body& body, const std::string& id) {
  auto before = find_row(session, k_table, "project_id", text_value(id));
  if (!before) return before.error();
  if (before->empty()) return unknown(id);
  if (auto fine = check_teams(session, call, body, *before); !fine) return fine.error();
  Row into;
  if (auto done = fill(session, call, body, *before, into); !done) return done.error();
  auto after = update_row(session, call, k_table, "project_id", text_value(id), std::move(into));
  if (!after) return after.error();
  audit(session, call, k_table, "updated", id, Value(*before), Value(*after));
  return linked(session, std::move(*after));
}

Reply update(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_with_budget(call, k_fields, body, reply)) return reply;
  const std::string id = body.text("project_id");
  if (id.empty()) return invalid("body", "project_id", "Field required");
  return write(session, [&] { return change(session, call, body, id); });
}

Reply remove_all(Session& session, const Call& call, const std::vector<std::string>& ids) {
  auto rows = find_rows(session, k_table, "project_id", ids);
  if (!rows) return rows.error();
  for (const auto& id : ids)
    if (std::none_of(rows->begin(), rows->end(), [&](auto& row) { return text_of(row, "project_id") == id; }))
      return unknown(id);
  for (const auto& row : *rows) {
    const std::string id = text_of(row, "project_id");
    const Condition of_project{"project_id", "=", text_value(id)};
    auto keys = session.count("VerificationToken", {&of_project, 1});
    if (!keys) return failed(keys.error());
    if (*keys > 0)
      return refuse_detail(400, "Cannot delete project " + id + ": it has " + std::to_string(*keys) +
                                    " associated key(s). Delete or move them first.");
    audit(session, call, k_table, "deleted", id, Value(row), Value());
  }
  if (auto gone = remove_rows(session, k_table, "project_id", ids); !gone) return gone.error();
  Reply reply = ok(list_value(std::move(*rows)));
  for (const auto& id : ids) reply = touching(std::move(reply), Touched::What::project, id);
  return reply;
}

Reply remove(Session& session, const Call& call) {
  constexpr Field k_ids[] = {{"project_ids", Kind::texts, Home::input, true}};
  Body body;
  Reply reply;
  if (!call.caller.is_admin())
    return refuse_detail(403, "Only proxy admins can delete projects. Your role is " + role_of(call));
  if (!read_body(call, k_ids, body, reply)) return reply;
  return write(session, [&] { return remove_all(session, call, body.texts("project_ids")); });
}

/// Teams that the caller belongs to: by user row and by key.
Out<std::vector<std::string>> own_teams(Session& session, const Call& call) {
  std::vector<std::string> teams;
  if (!call.caller.team_id.empty()) teams.push_back(call.caller.team_id);
  if (call.caller.user_id.empty()) return teams;
  auto user = find_row(session, "UserTable", "user_id", text_value(call.caller.user_id));
  if (!user) return user.error();
  for (auto& team : list_in(*user, "teams")) teams.push_back(std::move(team));
  return teams;
}

Reply info(Session& session, const Call& call) {
  const auto id = query_text(call, "project_id");
  if (!id) return invalid("query", "project_id", "Field required");
  auto row = find_row(session, k_table, "project_id", text_value(*id));
  if (!row) return row.error();
  if (!call.caller.may_read_all()) {
    auto teams = own_teams(session, call);
    if (!teams) return teams.error();
    if (row->empty() || !contains(*teams, text_of(*row, "team_id")))
      return refuse_detail(403, "You do not have access to project " + *id);
  }
  if (row->empty()) return unknown(*id);
  if (auto done = link_row(session, *row); !done) return done.error();
  return ok(Value(std::move(*row)));
}

Reply list(Session& session, const Call& call) {
  Out<Rows> rows = Rows();
  if (call.caller.may_read_all()) {
    rows = stored(session.select(Select{std::string(k_table), {}, {{"created_at", true}}}));
  } else {
    auto teams = own_teams(session, call);
    if (!teams) return teams.error();
    rows = find_rows(session, k_table, "team_id", *teams);
  }
  if (!rows) return rows.error();
  if (auto done = link_rows(session, *rows); !done) return done.error();
  return ok(list_value(std::move(*rows)));
}

constexpr Route k_routes[] = {
    {"/project/delete", k_delete, remove, "Delete projects that have no keys"},
    {"/project/info", k_get, info, "One project"},
    {"/project/list", k_get, list, "Projects that the caller may see"},
    {"/project/new", k_post, create, "Create a project in a team"},
    {"/project/update", k_post, update, "Change a project"},
};

} // namespace

std::span<const Route> project_routes() { return k_routes; }

} // namespace switchyard::management
