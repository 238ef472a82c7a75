// /invitation/*: links by which users set their first password. Store threads.
#include "management/attached.hpp"
#include "management/audit.hpp"
#include "management/routes.hpp"
#include "management/secrets.hpp"
#include "management/ui_session.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "InvitationLink";
constexpr auto k_lasts = std::chrono::hours(7 * 24);

Reply unknown() { return detail(400, "Invitation id does not exist in the database."); }

/// Organizations and teams in which the caller is admin and the user is a member.
Out<bool> administers_user(Session& session, const Call& call, const Row& user) {
  auto teams = find_rows(session, "TeamTable", "team_id", list_in(user, "teams"));
  if (!teams) return teams.error();
  if (std::any_of(teams->begin(), teams->end(), [&](const Row& team) { return administers(call, team); }))
    return true;
  auto own = find_rows(session, "OrganizationMembership", "user_id", {call.caller.user_id});
  if (!own) return own.error();
  auto theirs = find_rows(session, "OrganizationMembership", "user_id", {text_of(user, "user_id")});
  if (!theirs) return theirs.error();
  return std::any_of(own->begin(), own->end(), [&](const Row& mine) {
    return text_of(mine, "user_role") == "org_admin" &&
           std::any_of(theirs->begin(), theirs->end(), [&](const Row& other) {
             return text_of(other, "organization_id") == text_of(mine, "organization_id");
           });
  });
}

/// Whoever may invite a user can log in as that user. So admins of teams and organizations invite only those
/// who could not log in yet, and never proxy admins.
Out<void> check_right(Session& session, const Call& call, const Row& user) {
  if (call.caller.is_admin()) return {};
  if (call.caller.user_id.empty() || text_of(user, "user_role").starts_with("proxy_admin") ||
      !text_of(user, "password").empty() || !text_of(user, "sso_user_id").empty())
    return admin_only(call, 400);
  auto allowed = administers_user(session, call, user);
  if (!allowed) return allowed.error();
  if (!*allowed) return admin_only(call, 400);
  return {};
}

Reply insert(Session& session, const Call& call, const std::string& user_id) {
  auto user = find_row(session, "UserTable", "user_id", text_value(user_id));
  if (!user) return user.error();
  if (!user->empty() || !call.caller.is_admin())
    if (auto fine = check_right(session, call, *user); !fine) return fine.error();
  if (user->empty())
    return detail(
        400, "User id does not exist in 'LiteLLM_UserTable'. Fix this by creating user via `/user/new`.");
  if (call.caller.is_admin()) { // created_by refers to a user, and the master key's may have no row yet
    auto made = session.insert_new("UserTable", {{"user_id", text_value(actor(call))},
                                                 {"user_role", text_value("proxy_admin")},
                                                 {"spend", Value(0.0)}});
    if (!made) return failed(made.error());
  }
  Row row{{"id", text_value(new_id())},
          {"user_id", text_value(user_id)},
          {"is_accepted", Value(false)},
          {"expires_at", text_value(storage::wire_time(call.now + k_lasts))}};
  stamp(call, row);
  auto made = insert_row(session, k_table, row);
  if (!made) return made.error();
  audit(session, call, k_table, "created", text_of(*made, "id"), Value(), Value(*made));
  return ok(Value(std::move(*made)));
}

Reply create(Session& session, const Call& call) {
  constexpr Field k_fields[] = {{"user_id", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  return write(session, [&] { return insert(session, call, body.text("user_id")); });
}

Reply info(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 400);
  const auto id = query_text(call, "invitation_id");
  if (!id) return invalid("query", "invitation_id", "Field required");
  auto row = find_row(session, k_table, "id", text_value(*id));
  if (!row) return row.error();
  if (row->empty()) return unknown();
  // whoever holds the id logs in as the user, and a viewer may only read
  if (!call.caller.is_admin()) set(*row, "id", text_value("*****"));
  return ok(Value(std::move(*row)));
}

Reply update(Session& session, const Call& call) {
  constexpr Field k_fields[] = {{"invitation_id", Kind::text, Home::input, true},
                                {"is_accepted", Kind::flag, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  const Value id = text_value(body.text("invitation_id"));
  return write(session, [&]() -> Reply {
    auto before = find_row(session, k_table, "id", id);
    if (!before) return before.error();
    const bool own = !call.caller.user_id.empty() && text_of(*before, "user_id") == call.caller.user_id;
    if (!call.caller.is_admin() && !own) return admin_only(call, 400);
    if (before->empty()) return unknown();
    auto row =
        update_row(session, call, k_table, "id", id,
                   {{"is_accepted", Value(body.flag("is_accepted"))}, {"accepted_at", now_value(call)}});
    if (!row) return row.error();
    audit(session, call, k_table, "updated", text_of(*row, "id"), Value(*before), Value(*row));
    return ok(Value(std::move(*row)));
  });
}

Reply remove(Session& session, const Call& call) {
  constexpr Field k_fields[] = {{"invitation_id", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  const std::string id = body.text("invitation_id");
  return write(session, [&]() -> Reply {
    auto row = find_row(session, k_table, "id", text_value(id));
    if (!row) return row.error();
    const bool own = !call.caller.user_id.empty() && text_of(*row, "created_by") == call.caller.user_id;
    if (!call.caller.is_admin() && !own) return admin_only(call, 400);
    if (row->empty()) return unknown();
    if (auto gone = remove_rows(session, k_table, "id", {id}); !gone) return gone.error();
    audit(session, call, k_table, "deleted", id, Value(*row), Value());
    return ok(Value(std::move(*row)));
  });
}

/// Budgets of providers as the router counts them.
Reply provider_budgets(Session&, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  ValueMap providers = call.live.provider_budgets ? call.live.provider_budgets() : ValueMap{};
  return ok(Value(ValueMap{{"providers", Value(std::move(providers))}}));
}

constexpr Route k_routes[] = {
    {"/invitation/delete", k_post, remove, "Take an invitation back"},
    {"/invitation/info", k_get, info, "One invitation"},
    {"/invitation/new", k_post, create, "Invite a user to the admin page"},
    {"/invitation/update", k_post, update, "Mark an invitation as accepted"},
    {"/provider/budgets", k_get, provider_budgets, "Budgets of providers and what they spent"},
};

} // namespace

std::span<const Route> invitation_routes() { return k_routes; }

std::span<const Route> people_routes() {
  static const std::vector<Route> routes = [] {
    std::vector<Route> all;
    for (auto part : {invitation_routes(), login_routes(), audit_routes(), jwt_mapping_routes()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return routes;
}

} // namespace switchyard::management
