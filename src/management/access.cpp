// Who may do what to which key, team or user: the second half of authorisation, behind the shard's route
// checks. Store threads.
#include "management/access.hpp"

#include <algorithm>
#include <array>

namespace switchyard::management {
namespace {

constexpr std::array<std::string_view, 2> k_default_permissions{"/key/info", "/key/health"};
constexpr std::array<std::string_view, 13> k_permissions{"/key/generate",
                                                         "/key/service-account/generate",
                                                         "/key/update",
                                                         "/key/bulk_update",
                                                         "/key/delete",
                                                         "/key/regenerate",
                                                         "/key/{key_id}/regenerate",
                                                         "/key/{key_id}/reset_spend",
                                                         "/key/block",
                                                         "/key/unblock",
                                                         "/key/info",
                                                         "/key/health",
                                                         "/key/list"};

std::string masked(std::string_view id) {
  constexpr std::size_t k_shown = 4;
  if (id.size() <= 2 * k_shown) return std::string(id.substr(0, 1)) + "****";
  return std::string(id.substr(0, k_shown)) + "****" + std::string(id.substr(id.size() - k_shown));
}

} // namespace

Reply not_admin(const Call& call, int status) {
  const auto& caller = call.caller;
  return refuse(
      status,
      "Only proxy admin can be used to generate, delete, update info for new keys/users/teams. Route=" +
          call.path + ". Your role=" + (caller.role.empty() ? "unknown" : caller.role) +
          ". Your user_id=" + (caller.user_id.empty() ? "unknown" : masked(caller.user_id)),
      "auth_error");
}

Reply forbidden(std::string_view message) { return refuse_detail(403, message, "auth_error"); }

bool is_viewer(const Caller& caller) { return caller.role.find("viewer") != std::string::npos; }

Out<void> need_admin(const Call& call) {
  if (!call.caller.is_admin()) return not_admin(call);
  return {};
}

ValueList members_of(const Row& team) {
  auto* list = at(team, "members_with_roles").as_list();
  return list ? *list : ValueList{}; // the column's default is {}
}

std::string team_role(const Row& team, std::string_view user_id) {
  if (user_id.empty()) return {};
  for (auto& member : members_of(team))
    if (text_at(member, "user_id") == user_id) return text_at(member, "role") == "admin" ? "admin" : "user";
  if (contains(list_in(team, "admins"), user_id)) return "admin";
  return contains(list_in(team, "members"), user_id) ? "user" : "";
}

Out<bool> is_org_admin(Session& session, const Caller& caller, std::string_view organization_id) {
  if (organization_id.empty() || caller.user_id.empty()) return false;
  const std::array<Condition, 3> where{Condition{"user_id", "=", text_value(caller.user_id)},
                                       Condition{"organization_id", "=", text_value(organization_id)},
                                       Condition{"user_role", "=", text_value("org_admin")}};
  auto count = session.count("OrganizationMembership", where);
  if (!count) return failed(count.error());
  return *count > 0;
}

Out<TeamRight> right_to_team(Session& session, const Caller& caller, const Row& team) {
  if (caller.is_admin()) return TeamRight::manage;
  const std::string role = team_role(team, caller.user_id);
  if (role == "admin") return TeamRight::manage;
  auto org = is_org_admin(session, caller, text_of(team, "organization_id"));
  if (!org) return org.error();
  if (*org) return TeamRight::manage;
  // A key of the team reads it, as a member does.
  const bool own = !caller.team_id.empty() && caller.team_id == text_of(team, "team_id");
  return role == "user" || own ? TeamRight::member : TeamRight::none;
}

Out<bool> may_raise_team(Session& session, const Caller& caller, const Row& team) {
  if (caller.is_admin()) return true;
  return is_org_admin(session, caller, text_of(team, "organization_id"));
}

Out<void> need_team_admin(Session& session, const Call& call, const Row& team, std::string_view route) {
  auto right = right_to_team(session, call.caller, team);
  if (!right) return right.error();
  if (*right == TeamRight::manage && !is_viewer(call.caller)) return {};
  return forbidden("Call not allowed. User not proxy admin OR team admin. route=" + std::string(route) +
                   ", team_id=" + text_of(team, "team_id"));
}

std::vector<std::string> member_permissions(const Row& team) {
  auto given = list_in(team, "team_member_permissions");
  if (given.empty()) given.assign(k_default_permissions.begin(), k_default_permissions.end());
  return given;
}

std::vector<std::string> known_permissions() { return {k_permissions.begin(), k_permissions.end()}; }

std::string plain_text(const Value& value) {
  const bool empty = (value.as_bool() && !*value.as_bool()) ||
                     (value.as_list() && value.as_list()->empty()) ||
                     (value.as_map() && value.as_map()->empty());
  return empty ? "null" : to_json(value);
}

bool is_no_raise(std::string_view name, const Value& value, const Row& before) {
  const Value metadata(object_in(before, "metadata"));
  const Value* old = &at(before, name);
  if (old->is_null() && metadata.find(name)) old = metadata.find(name);
  double mine = 0, now = 0;
  const bool number = name == "max_budget" || name.ends_with("_limit") || name == "max_parallel_requests";
  if (number && value.number(mine) && old->number(now)) return mine <= now;
  return plain_text(*old) == plain_text(value);
}

Reply no_team_permission(const Row& team, std::string_view route) {
  return refuse(401,
                "Team member does not have permissions for endpoint: " + std::string(route) +
                    ". You only have access to the following endpoints: " +
                    python_list(member_permissions(team)) + " for team " + text_of(team, "team_id") +
                    ". To create keys for this team, please ask your proxy admin to check the team member "
                    "permission settings and update the settings to allow team member users to create keys.",
                "team_member_permission_error", route);
}

Out<KeyRight> right_to_key(Session& session, const Caller& caller, const Row& key, std::string_view route,
                           bool writes) {
  if (caller.is_admin()) return KeyRight{true, true};
  if (!writes && caller.may_read_all()) return KeyRight{true, false};
  if (writes && is_viewer(caller)) return KeyRight{};
  const bool own = !caller.user_id.empty() && text_of(key, "user_id") == caller.user_id;
  const bool itself = !caller.key_hash.empty() && text_of(key, "token") == caller.key_hash;
  const std::string team_id = text_of(key, "team_id");
  if (team_id.empty()) return KeyRight{own || (itself && !writes), false};
  auto team = find_row(session, "TeamTable", "team_id", text_value(team_id));
  if (!team) return team.error();
  if (team->empty()) return KeyRight{!writes && (own || itself), false};
  const std::string role = team_role(*team, caller.user_id);
  auto org = is_org_admin(session, caller, text_of(*team, "organization_id"));
  if (!org) return org.error();
  if (role == "admin" || *org) return KeyRight{true, true};
  if (!writes && (own || itself)) return KeyRight{true, false};
  const auto permissions = member_permissions(*team);
  const bool listed = contains(permissions, route) ||
                      (route == "/key/regenerate" && contains(permissions, "/key/{key_id}/regenerate"));
  return KeyRight{!role.empty() && listed, false};
}

} // namespace switchyard::management
