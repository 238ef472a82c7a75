// /team/new, update, delete, block: the team's row and what it refers to. Store threads.
#include "management/audit.hpp"
#include "management/key_fields.hpp"
#include "management/keys.hpp"
#include "management/members.hpp"
#include "management/secrets.hpp"
#include "management/teams.hpp"

#include <algorithm>
#include <array>

namespace switchyard::management {
namespace {

constexpr Field k_fields[] = {
    {"team_alias"},
    {"team_id"},
    {"organization_id"},
    {"admins", Kind::texts},
    {"members", Kind::texts},
    {"team_member_permissions", Kind::texts},
    {"tpm_limit", Kind::integer},
    {"rpm_limit", Kind::integer},
    {"max_parallel_requests", Kind::small},
    {"max_budget", Kind::money},
    {"soft_budget", Kind::money},
    {"budget_duration"},
    {"budget_limits", Kind::list},
    {"models", Kind::texts},
    {"model_max_budget", Kind::object},
    {"blocked", Kind::flag},
    {"router_settings", Kind::object},
    {"access_group_ids", Kind::texts},
    {"default_team_member_models", Kind::texts},
    {"metadata", Kind::object, Home::input},
    {"tags", Kind::texts, Home::metadata},
    {"guardrails", Kind::texts, Home::metadata},
    {"policies", Kind::texts, Home::metadata},
    {"prompts", Kind::texts, Home::metadata},
    {"logging", Kind::list, Home::metadata},
    {"model_rpm_limit", Kind::object, Home::metadata},
    {"model_tpm_limit", Kind::object, Home::metadata},
    {"rpm_limit_type", Kind::text, Home::metadata},
    {"tpm_limit_type", Kind::text, Home::metadata},
    {"allowed_passthrough_routes", Kind::list, Home::metadata},
    {"allowed_vector_store_indexes", Kind::list, Home::metadata},
    {"secret_manager_settings", Kind::object, Home::metadata},
    {"team_member_key_duration", Kind::text, Home::metadata},
    {"enforced_batch_output_expires_after", Kind::object, Home::metadata},
    {"enforced_file_expires_after", Kind::object, Home::metadata},
    {"members_with_roles", Kind::list, Home::input},
    {"model_aliases", Kind::object, Home::input},
    {"object_permission", Kind::object, Home::input},
    {"team_member_budget", Kind::money, Home::input},
    {"team_member_budget_duration", Kind::text, Home::input},
    {"team_member_rpm_limit", Kind::integer, Home::input},
    {"team_member_tpm_limit", Kind::integer, Home::input},
};
/// Team admins do not change these upwards; proxy and organization admins do.
constexpr std::string_view k_guarded[] = {"max_budget",
                                          "soft_budget",
                                          "budget_duration",
                                          "budget_limits",
                                          "tpm_limit",
                                          "rpm_limit",
                                          "max_parallel_requests",
                                          "model_max_budget",
                                          "models",
                                          "blocked",
                                          "organization_id",
                                          "access_group_ids",
                                          "model_rpm_limit",
                                          "model_tpm_limit",
                                          "allowed_passthrough_routes",
                                          "rpm_limit_type",
                                          "tpm_limit_type",
                                          "guardrails",
                                          "policies",
                                          "team_member_budget_id"};

/// A list that only loses members; an empty one means everything.
bool is_part_of(const Value& value, const Value& whole) {
  const auto some = texts_of(&value), all = texts_of(&whole);
  return !some.empty() &&
         std::all_of(some.begin(), some.end(), [&](auto& name) { return contains(all, name); });
}

Out<void> check_team_guarded(const Call& call, const Body& body, const Row& before) {
  const Value metadata(body.object("metadata")), old(object_in(before, "metadata"));
  for (auto name : k_guarded) {
    bool fine = true;
    if (body.given(name)) {
      const Value value = body.find(name) ? *body.find(name) : Value();
      fine = is_no_raise(name, value, before) || (name == "models" && is_part_of(value, at(before, name)));
    }
    if (auto* was = old.find(name); fine && body.given("metadata")) {
      auto* is = metadata.find(name);
      fine = plain_text(was ? *was : Value()) == plain_text(is ? *is : Value());
    }
    if (!fine)
      return forbidden("Only proxy admins or org admins can change " + std::string(name) +
                       " of a team. user_role=" + call.caller.role + ", user_id=" + call.caller.user_id);
  }
  return {};
}

void fill_team_defaults(const Call& call, Body& body) {
  for (std::string_view name :
       {"max_budget", "budget_duration", "tpm_limit", "rpm_limit", "team_member_permissions"}) {
    auto* preset = call.config->plane->default_team_params.find(name);
    if (preset && !preset->is_null() && !body.has(name)) body.put(name, *preset);
  }
}

/// Fields of the common budget of a team's members.
ValueMap member_budget(const Body& body) {
  constexpr std::pair<std::string_view, std::string_view> k_columns[] = {
      {"team_member_budget", "max_budget"},
      {"team_member_budget_duration", "budget_duration"},
      {"team_member_rpm_limit", "rpm_limit"},
      {"team_member_tpm_limit", "tpm_limit"}};
  ValueMap out;
  for (auto& [field, column] : k_columns)
    if (body.given(field)) set(out, column, body.find(field) ? *body.find(field) : Value());
  return out;
}

/// Members without a budget of their own get the team's.
Out<void> spread_budget(Session& session, const Row& team, const std::string& id, Reply& touched) {
  const std::array<Condition, 2> where{Condition{"team_id", "=", at(team, "team_id")},
                                       Condition{"budget_id", "is null", Value()}};
  const Change change{"budget_id", text_value(id)};
  auto rows = session.update("TeamMembership", {&change, 1}, where);
  if (!rows) return failed(rows.error());
  for (auto& row : *rows)
    touched.touched.push_back(
        {Touched::What::member, text_of(row, "team_id") + ":" + text_of(row, "user_id")});
  return {};
}

Out<void> put_member_budget(Session& session, const Call& call, const Body& body, const Row& before,
                            ValueMap& metadata, Reply& touched) {
  auto limits = member_budget(body);
  if (limits.empty()) return {};
  const std::string id(text_at(Value(metadata), "team_member_budget_id"));
  if (id.empty()) {
    auto made = new_budget(session, call, std::move(limits));
    if (!made) return made.error();
    set(metadata, "team_member_budget_id", text_value(*made));
    return before.empty() ? Out<void>() : spread_budget(session, before, *made, touched);
  }
  if (body.given("team_member_budget_duration")) {
    auto reset = reset_time(call, body.text("team_member_budget_duration"), "team_member_budget_duration");
    if (!reset) return reset.error();
    set(limits, "budget_reset_at", *reset);
  }
  auto row = update_row(session, call, "BudgetTable", "budget_id", text_value(id), std::move(limits));
  if (!row) return row.error();
  touched.touched.push_back({Touched::What::budget, id});
  return {};
}

Out<void> put_model_aliases(Session& session, const Call& call, const Body& body, const Row& before,
                            ValueMap& columns) {
  if (!body.given("model_aliases")) return {};
  const Value aliases(body.object("model_aliases"));
  for (auto& [name, target] : *aliases.as_map())
    if (!target.as_string())
      return refuse(400, "model_aliases: what " + name + " stands for is not a model name",
                    "bad_request_error", "model_aliases");
  if (!at(before, "model_id").is_null()) {
    auto row = update_row(session, call, "ModelTable", "id", at(before, "model_id"), {{"aliases", aliases}});
    return row ? Out<void>() : Out<void>(row.error());
  }
  if (aliases.as_map()->empty()) return {};
  const Value now = text_value(storage::wire_time(call.now)), by = text_value(call.caller.user_id);
  auto row = insert_row(session, "ModelTable",
                        {{"aliases", aliases},
                         {"created_at", now},
                         {"created_by", by},
                         {"updated_at", now},
                         {"updated_by", by}});
  if (!row) return row.error();
  set(columns, "model_id", at(*row, "id"));
  return {};
}

/// The organization exists and has the models.
Out<void> check_organization(Session& session, const Body& body, const Row& before) {
  const std::string id =
      body.given("organization_id") ? body.text("organization_id") : text_of(before, "organization_id");
  if (id.empty() || (!body.given("organization_id") && !body.given("models"))) return {};
  auto row = find_row(session, "OrganizationTable", "organization_id", text_value(id));
  if (!row) return row.error();
  if (row->empty())
    return refuse(400, "Organization not found for organization_id=" + id, "bad_request_error",
                  "organization_id");
  const auto allowed = list_in(*row, "models");
  if (allowed.empty() || contains(allowed, "all-proxy-models")) return {};
  const auto models = body.given("models") ? body.texts("models") : list_in(before, "models");
  for (auto& model : models)
    if (!contains(allowed, model) && model != "all-team-models" && model != "no-default-models")
      return refuse(400,
                    "Model " + model + " is not in the organization's allowed models=" + python_list(allowed),
                    "bad_request_error", "models");
  return {};
}

/// What new and update have in common: rules and columns.
Out<ValueMap> team_columns(Session& session, const Call& call, const Body& body, const Row& before,
                           Reply& touched) {
  if (auto fine = check_shapes(call, body); !fine) return fine.error();
  if (auto fine = check_organization(session, body, before); !fine) return fine.error();
  ValueMap columns = columns_of(body, k_fields);
  auto metadata = body.given("metadata") ? body.object("metadata") : object_in(before, "metadata");
  // The reference to the members' budget is ours to keep, whatever metadata is written.
  const Value old(object_in(before, "metadata"));
  if (auto* id = old.find("team_member_budget_id")) set(metadata, "team_member_budget_id", *id);
  lay_metadata(body, k_fields, metadata);
  if (auto put = put_member_budget(session, call, body, before, metadata, touched); !put) return put.error();
  set(columns, "metadata", Value(std::move(metadata)));
  if (body.given("budget_duration")) {
    auto reset = reset_time(call, body.text("budget_duration"));
    if (!reset) return reset.error();
    set(columns, "budget_reset_at", *reset);
  }
  if (auto put = put_model_aliases(session, call, body, before, columns); !put) return put.error();
  if (auto put = put_object_permission(session, body, before, columns); !put) return put.error();
  return columns;
}

Out<Row> add_members(Session& session, const Call& call, const Body& body, Row team, Reply& touched) {
  auto members =
      read_members(body.has("members_with_roles") ? *body.find("members_with_roles") : Value(ValueList{}),
                   "members_with_roles");
  if (!members) return members.error();
  const std::string& me = call.caller.user_id;
  const auto is_me = [&](const NewMember& member) { return member.user_id == me; };
  if (!me.empty() && std::none_of(members->begin(), members->end(), is_me))
    members->push_back({me, {}, "admin", {}});
  set(team, "members_with_roles", Value(ValueList{}));
  for (auto& member : *members) {
    auto joined = join_team(session, call, team, member, touched);
    if (!joined) return joined.error();
    list_member(team, member);
  }
  return update_row(session, call, "TeamTable", "team_id", at(team, "team_id"),
                    {{"members_with_roles", at(team, "members_with_roles")}}, false);
}

Reply set_team_blocked(Session& session, const Call& call, bool blocked) {
  constexpr Field k_body[] = {{"team_id", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  return write(session, [&]() -> Reply {
    auto before = need_team(session, body.text("team_id"));
    if (!before) return before.error();
    auto may = may_raise_team(session, call.caller, *before);
    if (!may) return may.error();
    if (!*may) return not_admin(call);
    Reply touched;
    auto row = write_team(session, call, *before, {{"blocked", Value(blocked)}}, touched,
                          blocked ? "blocked" : "unblocked");
    if (!row) return row.error();
    Reply done = ok(Value(std::move(*row)));
    done.touched = std::move(touched.touched);
    return done;
  });
}

} // namespace

std::span<const Field> team_fields() { return k_fields; }

Out<Row> need_team(Session& session, std::string_view team_id) {
  auto row = find_row(session, "TeamTable", "team_id", text_value(team_id));
  if (row && row->empty())
    return refuse_detail(404, "Team not found, passed team_id=" + std::string(team_id));
  return row;
}

Out<void> link_team(Session& session, Row& team) {
  Value table;
  if (!at(team, "model_id").is_null()) {
    auto row = find_row(session, "ModelTable", "id", at(team, "model_id"));
    if (!row) return row.error();
    if (!row->empty()) {
      set(*row, "model_aliases", at(*row, "aliases"));
      switchyard::erase(*row, "aliases");
      table = Value(std::move(*row));
    }
  }
  if (auto linked = link_row(session, team); !linked) return linked;
  switchyard::erase(team, "litellm_budget_table"); // teams hold their budget themselves
  set(team, "litellm_model_table", std::move(table));
  return {};
}

Out<Row> write_team(Session& session, const Call& call, const Row& before, ValueMap columns, Reply& touched,
                    std::string_view action) {
  auto row =
      update_row(session, call, "TeamTable", "team_id", at(before, "team_id"), std::move(columns), false);
  if (!row) return row;
  audit(session, call, "TeamTable", action, text_of(before, "team_id"), Value(before), Value(*row));
  touched.touched.push_back({Touched::What::team, text_of(before, "team_id")});
  return row;
}

Reply team_new(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  return write(session, [&]() -> Reply {
    auto org = is_org_admin(session, call.caller, body.text("organization_id"));
    if (!org) return org.error();
    if (is_viewer(call.caller) || (!call.caller.is_admin() && !*org)) return not_admin(call);
    fill_team_defaults(call, body);
    const std::string id = body.text("team_id").empty() ? new_id() : body.text("team_id");
    Reply touched;
    auto columns = team_columns(session, call, body, {}, touched);
    if (!columns) return columns.error();
    set(*columns, "team_id", text_value(id));
    set(*columns, "members_with_roles", Value(ValueList{}));
    for (auto* column : {"created_at", "updated_at"})
      set(*columns, column, text_value(storage::wire_time(call.now)));
    auto made = session.insert("TeamTable", *columns);
    if (!made && is_duplicate(made.error()))
      return refuse_detail(400, "Team id = " + id + " already exists. Please use a different team id.");
    if (!made) return failed(made.error());
    auto row = add_members(session, call, body, std::move(*made), touched);
    if (!row) return row.error();
    audit(session, call, "TeamTable", "created", id, Value(), Value(*row));
    if (auto linked = link_team(session, *row); !linked) return linked.error();
    Reply done = ok(Value(std::move(*row)));
    done.touched = std::move(touched.touched);
    done.touched.push_back({Touched::What::team, id});
    return done;
  });
}

Reply team_update(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  if (!body.has("team_id")) return invalid("body", "team_id", "Field required");
  // Members have routes of their own.
  for (auto* name : {"members_with_roles", "admins", "members"}) body.drop(name);
  return write(session, [&]() -> Reply {
    auto before = need_team(session, body.text("team_id"));
    if (!before) return before.error();
    if (auto may = need_team_admin(session, call, *before, "/team/update"); !may) return may.error();
    auto raises = may_raise_team(session, call.caller, *before);
    if (!raises) return raises.error();
    if (!*raises)
      if (auto fine = check_team_guarded(call, body, *before); !fine) return fine.error();
    if (const auto org = body.text("organization_id"); !org.empty() && !call.caller.is_admin()) {
      auto leads = is_org_admin(session, call.caller, org);
      if (!leads) return leads.error();
      if (!*leads && org != text_of(*before, "organization_id")) return not_admin(call);
    }
    Reply touched;
    auto columns = team_columns(session, call, body, *before, touched);
    if (!columns) return columns.error();
    switchyard::erase(*columns, "team_id");
    auto row = write_team(session, call, *before, std::move(*columns), touched);
    if (!row) return row.error();
    if (auto linked = link_team(session, *row); !linked) return linked.error();
    Reply done = ok(Value(ValueMap{{"team_id", *body.find("team_id")}, {"data", Value(std::move(*row))}}));
    done.touched = std::move(touched.touched);
    return done;
  });
}

Reply team_block(Session& session, const Call& call) { return set_team_blocked(session, call, true); }
Reply team_unblock(Session& session, const Call& call) { return set_team_blocked(session, call, false); }

} // namespace switchyard::management
