// /team/info, list, v2/team/list, available, filter/ui. Store threads.
#include "management/members.hpp"
#include "management/sql_page.hpp"
#include "management/teams.hpp"

namespace switchyard::management {
namespace {

/// Ids of the teams that a user is in.
Out<std::vector<std::string>> teams_of(Session& session, std::string_view user_id) {
  auto user = find_user(session, user_id, {});
  if (!user) return user.error();
  auto ids = list_in(*user, "teams");
  auto rows = find_rows(session, "TeamMembership", "user_id", {std::string(user_id)});
  if (!rows) return rows.error();
  for (auto& row : *rows)
    if (auto id = text_of(row, "team_id"); !contains(ids, id)) ids.push_back(std::move(id));
  return ids;
}

ValueList of_team(const Rows& rows, std::string_view team_id) {
  ValueList out;
  for (auto& row : rows)
    if (text_of(row, "team_id") == team_id) out.emplace_back(row);
  return out;
}

/// May see teams of that user ("" = of everybody) or all of that organization.
Out<bool> sees_teams(Session& session, const Call& call, const std::string& user_id,
                     const std::string& organization_id) {
  if (call.caller.may_read_all()) return true;
  if (!user_id.empty() && user_id == call.caller.user_id) return true;
  return is_org_admin(session, call.caller, organization_id);
}

Reply not_all_teams(const Call& call) {
  return refuse(401, "Only admin users can query all teams/other teams. Your user role=" + call.caller.role,
                "auth_error");
}

void filter_text(const Call& call, Where& where, std::string_view column) {
  if (auto given = query_text(call, column); given && !given->empty())
    where.add('"' + std::string(column) + "\" = ?", {text_value(*given)});
}

} // namespace

Reply team_info(Session& session, const Call& call) {
  const std::string id = query_text(call, "team_id").value_or("");
  if (id.empty()) return refuse_detail(422, "Malformed request. No team id passed in.");
  auto team = need_team(session, id);
  if (!team) return team.error();
  if (!call.caller.may_read_all()) {
    auto right = right_to_team(session, call.caller, *team);
    if (!right) return right.error();
    if (*right == TeamRight::none)
      return refuse(403, "User=" + call.caller.user_id + " not authorized to access this team=" + id,
                    "auth_error");
  }
  auto keys = find_rows(session, "VerificationToken", "team_id", {id});
  if (!keys) return keys.error();
  auto members = memberships(session, "team_id", {id});
  if (!members) return members.error();
  const Value metadata(object_in(*team, "metadata"));
  auto budget =
      find_row(session, "BudgetTable", "budget_id", text_value(text_at(metadata, "team_member_budget_id")));
  if (!budget) return budget.error();
  if (auto linked = link_team(session, *team); !linked) return linked.error();
  set(*team, "team_member_budget_table", budget->empty() ? Value() : Value(std::move(*budget)));
  return ok(Value(ValueMap{{"team_id", text_value(id)},
                           {"team_info", Value(std::move(*team))},
                           {"keys", list_value(std::move(*keys))},
                           {"team_memberships", list_value(std::move(*members))}}));
}

Reply team_list(Session& session, const Call& call) {
  const std::string user_id = query_text(call, "user_id").value_or("");
  const std::string organization_id = query_text(call, "organization_id").value_or("");
  auto sees = sees_teams(session, call, user_id, organization_id);
  if (!sees) return sees.error();
  if (!*sees) return not_all_teams(call);
  Select what{"TeamTable", {}};
  if (!organization_id.empty()) what.where.push_back({"organization_id", "=", text_value(organization_id)});
  if (!user_id.empty()) {
    auto ids = teams_of(session, user_id);
    if (!ids) return ids.error();
    what.where.push_back({"team_id", "in", list_of(*ids)});
  }
  auto teams = session.select(what);
  if (!teams) return failed(teams.error());
  std::vector<std::string> ids;
  for (auto& team : *teams) ids.push_back(text_of(team, "team_id"));
  auto members = memberships(session, "team_id", ids);
  if (!members) return members.error();
  auto keys = find_rows(session, "VerificationToken", "team_id", ids);
  if (!keys) return keys.error();
  ValueList out;
  for (auto& team : *teams) {
    const std::string id = text_of(team, "team_id");
    set(team, "team_memberships", Value(of_team(*members, id)));
    set(team, "keys", Value(of_team(*keys, id)));
    out.emplace_back(std::move(team));
  }
  return ok(Value(std::move(out)));
}

Reply team_list_v2(Session& session, const Call& call) {
  constexpr std::string_view k_sortable[] = {"created_at", "updated_at", "team_alias",     "team_id",
                                             "spend",      "max_budget", "organization_id"};
  PageQuery query;
  Reply reply;
  if (!query_number(call, "page", 1, 1, k_last_page, query.page, reply) ||
      !query_number(call, "page_size", 10, 1, 100, query.size, reply))
    return reply;
  if (auto fine = read_sort(call, k_sortable, "created_at", query); !fine) return fine.error();
  const std::string organization_id = query_text(call, "organization_id").value_or("");
  const std::string status = query_text(call, "status").value_or("");
  std::string user_id = query_text(call, "user_id").value_or("");
  auto org = is_org_admin(session, call.caller, organization_id);
  if (!org) return org.error();
  const bool all = call.caller.may_read_all() || *org;
  if (!status.empty() && status != "deleted")
    return refuse_detail(400, "Invalid status value. Currently only 'deleted' is supported.");
  if (!all && user_id.empty()) user_id = call.caller.user_id;
  if (!all && (user_id.empty() || user_id != call.caller.user_id || !status.empty()))
    return not_all_teams(call);
  query.table = status.empty() ? "TeamTable" : "DeletedTeamTable";
  query.id = status.empty() ? "team_id" : "id";
  for (std::string_view column : {"team_id", "organization_id"}) filter_text(call, query.where, column);
  if (auto alias = query_text(call, "team_alias"); alias && !alias->empty())
    add_like(query.where, "team_alias", *alias);
  if (!user_id.empty()) {
    auto ids = teams_of(session, user_id);
    if (!ids) return ids.error();
    std::vector<Value> values;
    for (auto& id : *ids) values.push_back(text_value(id));
    query.where.add(in_clause("team_id", values.size()), values);
  }
  auto page = read_page(session, query);
  if (!page) return page.error();
  return ok(page_of("teams", list_value(std::move(page->rows)), page->total, query.page, query.size));
}

Reply team_available(Session& session, const Call& call) {
  const auto open = texts_of(call.config->plane->default_internal_user_params.find("available_teams"));
  auto teams = find_rows(session, "TeamTable", "team_id", open);
  if (!teams) return teams.error();
  ValueList out;
  for (auto& team : *teams)
    if (team_role(team, call.caller.user_id).empty()) out.emplace_back(std::move(team));
  return ok(Value(std::move(out)));
}

Reply team_filter(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return not_all_teams(call);
  PageQuery query;
  Reply reply;
  if (!query_number(call, "page", 1, 1, k_last_page, query.page, reply) ||
      !query_number(call, "page_size", 50, 1, 100, query.size, reply))
    return reply;
  query.table = "TeamTable", query.id = "team_id", query.sort_by = "team_alias", query.sort_order = "asc";
  for (std::string_view column : {"team_id", "team_alias"})
    if (auto part = query_text(call, column); part && !part->empty()) add_like(query.where, column, *part);
  auto page = read_page(session, query);
  if (!page) return page.error();
  return ok(list_value(std::move(page->rows)));
}

} // namespace switchyard::management
