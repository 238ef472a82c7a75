// /organization/*: groups of teams with a budget and models. Members: organization_members.cpp. Store
// threads.
#include "management/organizations.hpp"

#include "management/audit.hpp"
#include "management/routes.hpp"
#include "management/secrets.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "OrganizationTable";
constexpr Field k_fields[] = {{"organization_id", Kind::text, Home::input},
                              {"organization_alias", Kind::text},
                              {"models", Kind::texts},
                              {"budget_id", Kind::text, Home::input},
                              {"metadata", Kind::object, Home::input},
                              {"spend", Kind::number},
                              {"model_rpm_limit", Kind::object, Home::metadata},
                              {"model_tpm_limit", Kind::object, Home::metadata},
                              {"tags", Kind::texts, Home::metadata},
                              {"guardrails", Kind::texts, Home::metadata},
                              {"object_permission", Kind::object, Home::input}};

Reply unknown(const std::string& id) {
  return detail(404, "Organization not found, passed organization_id=" + id);
}

/// Only models that the caller's own key may use.
Out<void> check_models(const Call& call, const Body& body) {
  if (!call.caller.key || call.caller.key->models.empty()) return {};
  const auto& own = call.caller.key->models;
  const auto wanted = body.texts("models");
  if (contains(own, "all-proxy-models")) return {};
  if (wanted.empty())
    return detail(400, "User not allowed to give access to all models. Select models you want org to have "
                       "access to.");
  for (const auto& model : wanted)
    if (!contains(own, model))
      return detail(400, "User not allowed to give access to model=" + model +
                             ". Models you have access to = " + python_list(own));
  return {};
}

ValueMap columns(const Body& body, ValueMap metadata) {
  ValueMap out;
  for (auto& [name, value] : columns_of(body, k_fields))
    if (body.has(name)) out.emplace_back(name, value);
  if (body.has("metadata")) metadata = body.object("metadata");
  lay_metadata(body, k_fields, metadata);
  set(out, "metadata", Value(std::move(metadata)));
  return out;
}

Out<void> attach(Session& session, const Call& call, const Body& body, const Row& before, ValueMap& into) {
  auto budget = attach_budget(session, call, body, text_of(before, "budget_id"), true);
  if (!budget) return budget.error();
  set(into, "budget_id", *budget);
  auto permission = attach_permission(session, body, text_of(before, "object_permission_id"));
  if (!permission) return permission.error();
  set(into, "object_permission_id", *permission);
  return {};
}

Reply insert(Session& session, const Call& call, const Body& body, const std::string& id) {
  Row row = columns(body, {});
  if (auto done = attach(session, call, body, {}, row); !done) return done.error();
  stamp(call, row);
  set(row, "organization_id", text_value(id));
  if (!body.has("models")) set(row, "models", Value(ValueList{}));
  for (const auto& [name, value] : ValueMap{{"spend", Value(0.0)}, {"model_spend", Value(ValueMap{})}})
    if (at(row, name).is_null()) set(row, name, value);
  auto made = session.insert(k_table, row);
  if (!made && is_duplicate(made.error()))
    return detail(400, "Organization with id=" + id + " already exists. Please use a different id.");
  if (!made) return failed(made.error());
  audit(session, call, k_table, "created", id, Value(), Value(*made));
  if (auto done = link_row(session, *made); !done) return done.error();
  return ok(Value(std::move(*made)));
}

Reply create(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin())
    return detail(401, "Only admins can create orgs. Your role is = " + role_of(call));
  if (!read_with_budget(call, k_fields, body, reply)) return reply;
  if (body.text("organization_alias").empty()) return invalid("body", "organization_alias", "Field required");
  if (auto fine = check_models(call, body); !fine) return fine.error();
  std::string id = body.text("organization_id");
  if (id.empty()) id = new_id();
  reply = write(session, [&] { return insert(session, call, body, id); });
  return touching(std::move(reply), Touched::What::organization, id);
}

Reply change(Session& session, const Call& call, const Body& body, const std::string& id) {
  auto before = find_row(session, k_table, "organization_id", text_value(id));
  if (!before) return before.error();
  if (before->empty()) return unknown(id);
  ValueMap into = columns(body, object_in(*before, "metadata"));
  if (auto done = attach(session, call, body, *before, into); !done) return done.error();
  auto after = update_row(session, call, k_table, "organization_id", text_value(id), std::move(into));
  if (!after) return after.error();
  audit(session, call, k_table, "updated", id, Value(*before), Value(*after));
  Rows one{std::move(*after)};
  if (auto done = link_organizations(session, one); !done) return done.error();
  Reply reply = touching(ok(Value(one.front())), Touched::What::organization, id);
  reply.touched.back().spend_set = body.has("spend");
  return touching(std::move(reply), Touched::What::budget, text_of(one.front(), "budget_id"));
}

/// Budgets and models of an organization are its bounds, so not even its own admins may change them.
Reply update(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin())
    return detail(403, "Only proxy admins can update organizations. Your role is = " + role_of(call));
  if (!read_with_budget(call, k_fields, body, reply)) return reply;
  const std::string id = body.text("organization_id");
  if (id.empty()) return invalid("body", "organization_id", "Field required");
  return write(session, [&] { return change(session, call, body, id); });
}

/// Removes the rows of a table that belong to the organizations and tells which.
Out<void> remove_of(Session& session, std::string_view table, std::string_view key, Touched::What what,
                    const std::vector<std::string>& organizations, std::vector<Touched>& touched) {
  auto rows = find_rows(session, table, "organization_id", organizations);
  if (!rows) return rows.error();
  std::vector<std::string> ids;
  for (const auto& row : *rows) {
    ids.push_back(text_of(row, key));
    touched.push_back({what, ids.back()});
  }
  if (auto gone = remove_rows(session, table, key, ids); !gone) return gone.error();
  if (what != Touched::What::team) return {};
  auto gone = remove_rows(session, "TeamMembership", "team_id", ids);
  return gone ? Out<void>() : Out<void>(gone.error());
}

Reply remove_all(Session& session, const Call& call, const std::vector<std::string>& ids) {
  auto rows = find_rows(session, k_table, "organization_id", ids);
  if (!rows) return rows.error();
  for (const auto& id : ids)
    if (std::none_of(rows->begin(), rows->end(),
                     [&](auto& row) { return text_of(row, "organization_id") == id; }))
      return detail(404, "Organization=" + id + " not found");
  std::vector<Touched> touched;
  if (auto done = remove_of(session, "VerificationToken", "token", Touched::What::key, ids, touched); !done)
    return done.error();
  if (auto done = remove_of(session, "TeamTable", "team_id", Touched::What::team, ids, touched); !done)
    return done.error();
  for (const char* table : {"OrganizationMembership", "OrganizationTable"})
    if (auto gone = remove_rows(session, table, "organization_id", ids); !gone) return gone.error();
  for (const auto& row : *rows)
    audit(session, call, k_table, "deleted", text_of(row, "organization_id"), Value(row), Value());
  Reply reply = ok(list_value(std::move(*rows)));
  for (const auto& id : ids) touched.push_back({Touched::What::organization, id});
  reply.touched = std::move(touched);
  return reply;
}

Reply remove(Session& session, const Call& call) {
  constexpr Field k_ids[] = {{"organization_ids", Kind::texts, Home::input, true}};
  Body body;
  Reply reply;
  if (!call.caller.is_admin())
    return detail(401, "Only proxy admins can delete organizations. Your role is = " + role_of(call));
  if (!read_body(call, k_ids, body, reply)) return reply;
  const auto ids = body.texts("organization_ids");
  return write(session, [&] { return remove_all(session, call, ids); });
}

/// Organizations that the caller is a member of.
Out<std::vector<std::string>> own_organizations(Session& session, const Call& call) {
  std::vector<std::string> ids;
  if (call.caller.user_id.empty()) return ids;
  auto rows = find_rows(session, "OrganizationMembership", "user_id", {call.caller.user_id});
  if (!rows) return rows.error();
  for (const auto& row : *rows) ids.push_back(text_of(row, "organization_id"));
  return ids;
}

Reply list(Session& session, const Call& call) {
  Out<Rows> rows = Rows();
  if (call.caller.may_read_all()) {
    rows = stored(session.select(Select{std::string(k_table), {}, {{"created_at", true}}}));
  } else {
    auto own = own_organizations(session, call);
    if (!own) return own.error();
    rows = find_rows(session, k_table, "organization_id", *own);
  }
  if (!rows) return rows.error();
  const std::string id = query_text(call, "org_id").value_or(""),
                    alias = query_text(call, "org_alias").value_or("");
  std::erase_if(*rows, [&](const Row& row) {
    if (!id.empty() && text_of(row, "organization_id") != id) return true;
    return lower_case(text_of(row, "organization_alias")).find(lower_case(alias)) == std::string::npos;
  });
  if (auto done = link_organizations(session, *rows); !done) return done.error();
  return ok(list_value(std::move(*rows)));
}

Out<bool> may_read(Session& session, const Call& call, const std::string& id) {
  if (call.caller.may_read_all()) return true;
  auto own = own_organizations(session, call);
  if (!own) return own.error();
  return contains(*own, id);
}

Reply info_of_one(Session& session, const Call& call) {
  const auto id = query_text(call, "organization_id");
  if (!id) return invalid("query", "organization_id", "Field required");
  auto allowed = may_read(session, call, *id);
  if (!allowed) return allowed.error();
  if (!*allowed)
    return detail(403, "User=" + call.caller.user_id + " not authorized to access this organization=" + *id);
  auto row = find_row(session, k_table, "organization_id", text_value(*id));
  if (!row) return row.error();
  if (row->empty()) return detail(404, "Organization not found");
  Rows one{std::move(*row)};
  if (auto done = link_organizations(session, one); !done) return done.error();
  return ok(Value(one.front()));
}

Reply info_of_many(Session& session, const Call& call) {
  constexpr Field k_ids[] = {{"organizations", Kind::texts, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_ids, body, reply)) return reply;
  const auto ids = body.texts("organizations");
  if (ids.empty()) return detail(400, "Specify list of organization id's to query. Passed in=[]");
  for (const auto& id : ids) {
    auto allowed = may_read(session, call, id);
    if (!allowed) return allowed.error();
    if (!*allowed)
      return detail(403, "User=" + call.caller.user_id + " not authorized to access this organization=" + id);
  }
  auto rows = find_rows(session, k_table, "organization_id", ids);
  if (!rows) return rows.error();
  if (auto done = link_rows(session, *rows); !done) return done.error();
  return ok(list_value(std::move(*rows)));
}

Reply info(Session& session, const Call& call) {
  return call.method == "POST" ? info_of_many(session, call) : info_of_one(session, call);
}

constexpr Route k_routes[] = {
    {"/organization/delete", k_delete, remove, "Delete organizations with their teams and keys"},
    {"/organization/info", k_get | k_post, info, "One organization with members and teams; POST: by ids"},
    {"/organization/list", k_get, list, "Organizations that the caller may see"},
    {"/organization/member_add", k_post, add_organization_members, "Add members"},
    {"/organization/member_delete", k_delete, delete_organization_member, "Remove a member"},
    {"/organization/member_update", k_patch, update_organization_member, "Change a member's role or budget"},
    {"/organization/new", k_post, create, "Create an organization"},
    {"/organization/update", k_patch, update, "Change an organization"},
};

} // namespace

std::span<const Route> organization_routes() { return k_routes; }

} // namespace switchyard::management
