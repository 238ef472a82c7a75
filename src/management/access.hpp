// Who may do what to which key, team or user: the second half of authorisation, behind the shard's route
// checks. Store threads.
#pragma once

#include "management/rows.hpp"

#include <string>
#include <string_view>

namespace switchyard::management {

/// 401/403 in LiteLLM's words for a caller whose role does not allow the route.
Reply not_admin(const Call& call, int status = 403);
Reply forbidden(std::string_view message); ///< 403 {'error': message}
/// Viewers write nothing; everybody else may go on to be checked.
bool is_viewer(const Caller& caller);
/// Admins only; the refusal otherwise.
Out<void> need_admin(const Call& call);

/// "admin", "user" or "" = no member.
std::string team_role(const Row& team, std::string_view user_id);
/// Members as stored: {"role","user_id","user_email"}.
ValueList members_of(const Row& team);
/// The caller is org_admin of the organization ("" = of none).
Out<bool> is_org_admin(Session& session, const Caller& caller, std::string_view organization_id);

enum class TeamRight { none, member, manage };
/// manage: proxy admin, team admin, admin of the team's organization.
Out<TeamRight> right_to_team(Session& session, const Caller& caller, const Row& team);
/// The refusal when the caller may not manage the team.
Out<void> need_team_admin(Session& session, const Call& call, const Row& team, std::string_view route);

/// Proxy and organization admins raise a team's limits; team admins do not raise their own.
Out<bool> may_raise_team(Session& session, const Caller& caller, const Row& team);

/// JSON text in which empty forms are alike: null, false, [] and {}.
std::string plain_text(const Value& value);
/// The value is what the row (or its metadata) holds, or a smaller limit.
bool is_no_raise(std::string_view name, const Value& value, const Row& before);

/// What team members may do with the team's keys: team_member_permissions, or the default.
std::vector<std::string> member_permissions(const Row& team);
std::vector<std::string> known_permissions();

/// Rights to a key row. `route` is the permission's name ("/key/update").
struct KeyRight {
  bool allowed = false;
  bool admin = false; ///< may raise limits: proxy, team or organization admin
};
Out<KeyRight> right_to_key(Session& session, const Caller& caller, const Row& key, std::string_view route,
                           bool writes);
/// The 401 of a team member whose team does not let members do this.
Reply no_team_permission(const Row& team, std::string_view route);

} // namespace switchyard::management
