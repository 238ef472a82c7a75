// /user/new: a user, his places in teams and organizations, and his first key. Store threads.
#include "management/audit.hpp"
#include "management/keys.hpp"
#include "management/mail.hpp"
#include "management/members.hpp"
#include "management/secrets.hpp"
#include "management/teams.hpp"
#include "management/users.hpp"

namespace switchyard::management {
namespace {

/// Proxy admins, and organization admins within their organizations.
Out<void> may_make_user(Session& session, const Call& call, const Body& body) {
  if (call.caller.is_admin()) return {};
  const auto organizations = body.texts("organizations");
  if (is_viewer(call.caller) || organizations.empty() || body.text("user_role").starts_with("proxy_admin"))
    return not_admin(call);
  for (auto& id : organizations) {
    auto leads = is_org_admin(session, call.caller, id);
    if (!leads) return leads.error();
    if (!*leads) return not_admin(call);
  }
  for (auto* name : {"allowed_routes", "permissions", "spend", "key_type", "team_id", "teams"})
    if (body.has(name)) return forbidden("Only proxy admins can set " + std::string(name) + ".");
  return {};
}

void fill_user_defaults(const Call& call, Body& body) {
  const auto& plane = *call.config->plane;
  const std::string role = body.text("user_role");
  if (role.empty() || role == "internal_user")
    if (auto* presets = plane.default_internal_user_params.as_map())
      for (auto& [name, value] : *presets) {
        const bool empty_list =
            body.has(name) && body.find(name)->as_list() && body.find(name)->as_list()->empty();
        if (name != "available_teams" && !value.is_null() && (!body.has(name) || empty_list))
          body.put(name, value);
      }
  if (body.text("user_role") != "internal_user") return;
  if (plane.max_internal_user_budget && !body.has("max_budget"))
    body.put("max_budget", Value(plane.max_internal_user_budget->usd()));
  if (!plane.internal_user_budget_duration.empty() && !body.has("budget_duration"))
    body.put("budget_duration", text_value(plane.internal_user_budget_duration));
}

/// One entry of `teams`: an id, or {team_id, max_budget_in_team, user_role}.
Out<void> join_one(Session& session, const Call& call, const Value& entry, const std::string& user_id,
                   const std::string& email, Reply& touched) {
  NewMember member{user_id, email, "user", {}};
  std::string id;
  if (auto* text = entry.as_string()) {
    id = *text;
  } else {
    constexpr Field k_entry[] = {{"team_id", Kind::text, Home::input, true},
                                 {"max_budget_in_team", Kind::money, Home::input},
                                 {"user_role", Kind::text, Home::input}};
    Body body;
    Reply reply;
    if (!read_fields(entry, k_entry, body, reply, {text_value("body"), text_value("teams")})) return reply;
    id = body.text("team_id");
    member.max_budget = body.number("max_budget_in_team");
    member.role = body.text("user_role", "user");
    if (member.role != "user" && member.role != "admin")
      return invalid("body", "teams", "Input should be 'user' or 'admin'", "literal_error");
  }
  auto team = need_team(session, id);
  if (!team) return team.error();
  auto joined = join_team(session, call, *team, member, touched);
  if (!joined) return joined.error();
  Row listed = *team;
  list_member(listed, member);
  auto row =
      write_team(session, call, *team, {{"members_with_roles", at(listed, "members_with_roles")}}, touched);
  return row ? Out<void>() : Out<void>(row.error());
}

Out<void> join_organizations(Session& session, const Call& call, const Body& body,
                             const std::string& user_id) {
  const Value now = text_value(storage::wire_time(call.now));
  for (auto& id : body.texts("organizations")) {
    auto organization = find_row(session, "OrganizationTable", "organization_id", text_value(id));
    if (!organization) return organization.error();
    if (organization->empty())
      return refuse(400, "Organization not found for organization_id=" + id, "bad_request_error",
                    "organizations");
    const Row row{{"user_id", text_value(user_id)},
                  {"organization_id", text_value(id)},
                  {"user_role", text_value("internal_user")},
                  {"created_at", now},
                  {"updated_at", now}};
    if (auto made = insert_row(session, "OrganizationMembership", row); !made) return made.error();
  }
  return {};
}

/// The fields of the body that are the key's.
Body key_body(const Body& body, const std::string& user_id) {
  Body out;
  for (auto* name : {"models", "duration", "key_alias", "key", "key_type", "team_id", "aliases", "config",
                     "permissions", "allowed_routes"})
    if (body.has(name)) out.put(name, *body.find(name));
  out.put("user_id", text_value(user_id));
  return out;
}

Out<Row> insert_user(Session& session, const Call& call, const Body& body, const std::string& id) {
  auto columns = user_columns(session, call, body, {});
  if (!columns) return columns.error();
  set(*columns, "user_id", text_value(id));
  for (auto* column : {"created_at", "updated_at"})
    set(*columns, column, text_value(storage::wire_time(call.now)));
  auto made = session.insert("UserTable", *columns);
  if (!made && is_duplicate(made.error()))
    return refuse_detail(409, "User with id " + id + " already exists");
  if (!made) return failed(made.error());
  audit(session, call, "UserTable", "created", id, Value(), Value(shown_user(*made)));
  return std::move(*made);
}

/// The answer of a key with the user's own values over it.
Value user_answer(const Body& body, const Row& user, ValueMap key) {
  if (key.empty()) {
    key = key_answer(Body(), Row(), "");
    set(key, "key", Value());
  }
  for (auto* name :
       {"user_id", "user_email", "user_role", "user_alias", "teams", "sso_user_id", "models", "spend",
        "max_budget", "budget_duration", "budget_reset_at", "max_parallel_requests", "tpm_limit", "rpm_limit",
        "metadata", "model_max_budget", "organization_id", "created_at", "updated_at"})
    set(key, name, at(user, name));
  set(key, "organizations", body.find("organizations") ? *body.find("organizations") : Value());
  return Value(std::move(key));
}

Reply make(Session& session, const Call& call, Body& body) {
  if (auto may = may_make_user(session, call, body); !may) return may.error();
  fill_user_defaults(call, body);
  if (auto fine = check_user(call, body); !fine) return fine.error();
  if (auto fine = check_references(session, body); !fine) return fine.error();
  const std::string id = body.text("user_id").empty() ? new_id() : body.text("user_id");
  const std::string email = body.text("user_email");
  if (auto fine = check_email(session, email, id); !fine) return fine.error();
  auto user = insert_user(session, call, body, id);
  if (!user) return user.error();
  Reply touched;
  touched.touched.push_back({Touched::What::user, id});
  if (auto* teams = body.find("teams"))
    for (auto& entry : *teams->as_list())
      if (auto joined = join_one(session, call, entry, id, email, touched); !joined) return joined.error();
  if (auto joined = join_organizations(session, call, body, id); !joined) return joined.error();
  ValueMap key;
  if (body.flag("auto_create_key", true)) {
    Body fields = key_body(body, id);
    auto team = find_row(session, "TeamTable", "team_id", text_value(fields.text("team_id")));
    if (!team) return team.error();
    auto made = make_key(session, call, fields, *team, false);
    if (!made) return made.error();
    touched.touched.push_back({Touched::What::key, text_of(made->row, "token")});
    key = std::move(made->answer);
  }
  user = find_row(session, "UserTable", "user_id", text_value(id));
  if (!user) return user.error();
  Reply done = ok(user_answer(body, *user, std::move(key)));
  done.headers = no_mail(body);
  done.touched = std::move(touched.touched);
  return done;
}

} // namespace

Reply user_new(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, user_fields(), body, reply)) return reply;
  return write(session, [&]() -> Reply { return make(session, call, body); });
}

} // namespace switchyard::management
