// Members of organizations: role and budget within it. Store threads.
#include "management/audit.hpp"
#include "management/organizations.hpp"
#include "management/secrets.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "OrganizationMembership";
constexpr std::string_view k_roles[] = {"org_admin", "internal_user", "internal_user_viewer"};

constexpr Field k_add[] = {{"organization_id", Kind::text, Home::input, true},
                           {"member", Kind::any, Home::input, true},
                           {"max_budget_in_organization", Kind::money, Home::input}};
constexpr Field k_member[] = {{"role", Kind::text, Home::input, true},
                              {"user_id", Kind::text, Home::input},
                              {"user_email", Kind::text, Home::input}};
constexpr Field k_change[] = {{"organization_id", Kind::text, Home::input, true},
                              {"user_id", Kind::text, Home::input},
                              {"user_email", Kind::text, Home::input},
                              {"role", Kind::text, Home::input},
                              {"max_budget_in_organization", Kind::money, Home::input}};

/// What LiteLLM wraps as an authentication error.
Reply denied(int status, std::string_view text) { return refuse_detail(status, text, "auth_error"); }

bool is_role(const std::string& role) {
  return std::find(std::begin(k_roles), std::end(k_roles), role) != std::end(k_roles);
}
Reply wrong_role() {
  return invalid("body", "role", "Input should be 'org_admin', 'internal_user' or 'internal_user_viewer'",
                 "enum");
}
Reply nobody() {
  return invalid("body", "member", "Value error, Either user_id or user_email must be provided",
                 "value_error");
}

const Row* by_column(const Rows& rows, std::string_view column, const std::string& is) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](auto& row) { return text_of(row, column) == is; });
  return found == rows.end() ? nullptr : &*found;
}

/// The user by id, else by email without regard to case; an empty row = there is none.
Out<Row> find_user(Session& session, const Body& who) {
  if (who.has("user_id")) return find_row(session, "UserTable", "user_id", text_value(who.text("user_id")));
  const Value email = text_value(who.text("user_email"));
  auto rows = stored(session.query(
      R"(SELECT "user_id" FROM "LiteLLM_UserTable" WHERE LOWER("user_email") = LOWER($1))", {&email, 1}));
  if (!rows) return rows.error();
  if (rows->empty()) return Row();
  if (rows->size() > 1)
    return denied(400, "Multiple users with this email found in db. Please use 'user_id' instead.");
  return find_row(session, "UserTable", "user_id", at(rows->front(), "user_id"));
}

Out<Row> new_user(Session& session, const Call& call, const Body& who) {
  Row row{{"user_id", text_value(who.text("user_id", new_id()))},
          {"user_email", text_or_null(who.text("user_email"))},
          {"user_role", text_value("internal_user")},
          {"spend", Value(0.0)},
          {"models", Value(ValueList{})},
          {"teams", Value(ValueList{})},
          {"created_at", now_value(call)},
          {"updated_at", now_value(call)}};
  const Value& defaults = call.config->plane->default_internal_user_params;
  for (const char* name : {"max_budget", "budget_duration", "models", "user_role"})
    if (const Value* value = defaults.find(name); value && !value->is_null()) set(row, name, *value);
  auto made = insert_row(session, "UserTable", row);
  if (made) audit(session, call, "UserTable", "created", text_of(*made, "user_id"), Value(), Value(*made));
  return made;
}

struct Added {
  Row user, membership;
};

Out<Added> add_one(Session& session, const Call& call, const Body& body, const Body& who,
                   const Value& budget) {
  const std::string organization = body.text("organization_id");
  auto user = find_user(session, who);
  if (!user) return user.error();
  if (user->empty()) user = new_user(session, call, who);
  if (!user) return user.error();
  const Row row{{"user_id", at(*user, "user_id")},
                {"organization_id", text_value(organization)},
                {"user_role", text_value(who.text("role"))},
                {"spend", Value(0.0)},
                {"budget_id", budget},
                {"created_at", now_value(call)},
                {"updated_at", now_value(call)}};
  auto made = session.insert(k_table, row);
  if (!made && is_duplicate(made.error()))
    return denied(400, "User=" + text_of(*user, "user_id") +
                           " is already a member of organization=" + organization);
  if (!made) return Refusal(failed(made.error()));
  audit(session, call, k_table, "created", organization, Value(), Value(*made));
  switchyard::erase(*user, "password");
  return Added{std::move(*user), std::move(*made)};
}

/// The members of a body: one or a list of them.
bool read_members(const Body& body, std::vector<Body>& out, Reply& reply) {
  const Value& given = *body.find("member");
  const ValueList list = given.as_list() ? *given.as_list() : ValueList{given};
  std::int64_t index = 0;
  for (const auto& one : list) {
    ValueList where{text_value("body"), text_value("member")};
    if (given.as_list()) where.emplace_back(index++);
    if (!one.as_map())
      return reply = invalid("body", "member", "Input should be a valid dictionary", "dict_type"), false;
    if (!read_fields(one, k_member, out.emplace_back(), reply, where)) return false;
    if (!is_role(out.back().text("role"))) return reply = wrong_role(), false;
    if (out.back().text("user_id").empty() && out.back().text("user_email").empty())
      return reply = nobody(), false;
  }
  return true;
}

Reply add_all(Session& session, const Call& call, const Body& body, const std::vector<Body>& members) {
  const std::string id = body.text("organization_id");
  auto organization = find_row(session, "OrganizationTable", "organization_id", text_value(id));
  if (!organization) return organization.error();
  if (organization->empty()) return denied(404, "Organization not found for organization_id=" + id);
  Value budget;
  if (const auto most = body.number("max_budget_in_organization")) {
    auto made = new_budget(session, call, {{"max_budget", Value(*most)}});
    if (!made) return made.error();
    budget = text_value(*made);
  }
  Rows users, memberships;
  for (const auto& who : members) {
    auto added = add_one(session, call, body, who, budget);
    if (!added) return added.error();
    users.push_back(std::move(added->user)), memberships.push_back(std::move(added->membership));
  }
  if (auto done = link_rows(session, memberships); !done) return done.error();
  std::vector<Touched> touched;
  for (const auto& user : users) touched.push_back({Touched::What::user, text_of(user, "user_id")});
  Reply reply = ok(Value(ValueMap{{"organization_id", text_value(id)},
                                  {"updated_users", list_value(std::move(users))},
                                  {"updated_organization_memberships", list_value(std::move(memberships))}}));
  reply.touched = std::move(touched);
  return reply;
}

/// Finds the membership that a body names; the caller must administer the organization.
Out<Row> named_member(Session& session, const Call& call, const Body& body) {
  const std::string id = body.text("organization_id");
  auto allowed = administers_organization(session, call, id);
  if (!allowed) return allowed.error();
  if (!*allowed) return admin_only(call, 403);
  if (body.text("user_id").empty() && body.text("user_email").empty()) return nobody();
  auto user = find_user(session, body);
  if (!user) return user.error();
  auto row = find_membership(session, id, text_of(*user, "user_id"));
  if (!row) return row.error();
  if (row->empty())
    return denied(404, "Member not found in organization, for user_id=" +
                           body.text("user_id", body.text("user_email")) + " in organization=" + id);
  return row;
}

std::vector<Condition> key_of(const Row& membership) {
  return {{"user_id", "=", at(membership, "user_id")},
          {"organization_id", "=", at(membership, "organization_id")}};
}

Reply change_member(Session& session, const Call& call, const Body& body) {
  auto before = named_member(session, call, body);
  if (!before) return before.error();
  ValueMap into{{"updated_at", now_value(call)}};
  if (body.has("role")) set(into, "user_role", text_value(body.text("role")));
  if (const auto most = body.number("max_budget_in_organization")) {
    // a row of its own: those who were added together share one
    auto budget = new_budget(session, call, {{"max_budget", Value(*most)}});
    if (!budget) return budget.error();
    set(into, "budget_id", text_value(*budget));
  }
  const auto where = key_of(*before);
  auto rows = session.update(k_table, changes_of(std::move(into)), where);
  if (!rows) return failed(rows.error());
  Row after = rows->empty() ? Row() : std::move(rows->front());
  audit(session, call, k_table, "updated", text_of(*before, "organization_id"), Value(*before), Value(after));
  if (auto done = link_row(session, after); !done) return done.error();
  return touching(ok(Value(after)), Touched::What::user, text_of(*before, "user_id"));
}

} // namespace

Out<Row> find_membership(Session& session, const std::string& organization, const std::string& user) {
  auto rows = stored(session.select(
      Select{std::string(k_table),
             {{"user_id", "=", text_value(user)}, {"organization_id", "=", text_value(organization)}}}));
  if (!rows) return rows.error();
  return rows->empty() ? Row() : std::move(rows->front());
}

Out<bool> administers_organization(Session& session, const Call& call, const std::string& id) {
  if (call.caller.is_admin()) return true;
  if (call.caller.user_id.empty()) return false;
  auto row = find_membership(session, id, call.caller.user_id);
  if (!row) return row.error();
  return text_of(*row, "user_role") == "org_admin";
}

Out<void> link_organizations(Session& session, Rows& rows) {
  if (auto done = link_rows(session, rows); !done) return done;
  std::vector<std::string> ids, users;
  for (const auto& row : rows) ids.push_back(text_of(row, "organization_id"));
  auto members = find_rows(session, k_table, "organization_id", ids);
  if (!members) return members.error();
  if (auto done = link_rows(session, *members); !done) return done;
  for (const auto& member : *members) users.push_back(text_of(member, "user_id"));
  auto people = find_rows(session, "UserTable", "user_id", users);
  if (!people) return people.error();
  for (auto& person : *people) switchyard::erase(person, "password");
  auto teams = find_rows(session, "TeamTable", "organization_id", ids);
  if (!teams) return teams.error();
  for (auto& row : rows) {
    Rows own, own_teams;
    for (auto& member : *members) {
      if (text_of(member, "organization_id") != text_of(row, "organization_id")) continue;
      const Row* person = by_column(*people, "user_id", text_of(member, "user_id"));
      set(member, "user", person ? Value(*person) : Value());
      switchyard::erase(member, "object_permission");
      own.push_back(member);
    }
    for (const auto& team : *teams)
      if (text_of(team, "organization_id") == text_of(row, "organization_id")) own_teams.push_back(team);
    set(row, "members", list_value(std::move(own)));
    set(row, "teams", list_value(std::move(own_teams)));
  }
  return {};
}

Reply add_organization_members(Session& session, const Call& call) {
  Body body;
  Reply reply;
  std::vector<Body> members;
  if (!read_body(call, k_add, body, reply) || !read_members(body, members, reply)) return reply;
  auto allowed = administers_organization(session, call, body.text("organization_id"));
  if (!allowed) return allowed.error();
  if (!*allowed) return admin_only(call, 403);
  return write(session, [&] { return add_all(session, call, body, members); });
}

Reply update_organization_member(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_change, body, reply)) return reply;
  if (body.has("role") && !is_role(body.text("role"))) return wrong_role();
  return write(session, [&] { return change_member(session, call, body); });
}

Reply delete_organization_member(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_change, body, reply)) return reply;
  return write(session, [&]() -> Reply {
    auto row = named_member(session, call, body);
    if (!row) return row.error();
    const auto where = key_of(*row);
    if (auto gone = session.remove(k_table, where); !gone) return failed(gone.error());
    audit(session, call, k_table, "deleted", text_of(*row, "organization_id"), Value(*row), Value());
    return touching(ok(Value(*row)), Touched::What::user, text_of(*row, "user_id"));
  });
}

} // namespace switchyard::management
