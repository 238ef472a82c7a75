// The route table of /team/*. Immutable data.
#include "management/routes.hpp"
#include "management/teams.hpp"

namespace switchyard::management {

std::span<const Route> team_routes() {
  static constexpr Route k_routes[] = {
      {"/team/new", k_post, team_new, "Make a team"},
      {"/team/update", k_post, team_update, "Change a team"},
      {"/team/delete", k_post, team_delete, "Delete teams with their keys"},
      {"/team/info", k_get, team_info, "What is known about a team"},
      {"/team/list", k_get, team_list, "Teams with keys and memberships"},
      {"/v2/team/list", k_get, team_list_v2, "Teams, page by page"},
      {"/team/available", k_get, team_available, "Teams that anybody may join"},
      {"/team/filter/ui", k_get, team_filter, "Teams by a part of their id or alias"},
      {"/team/block", k_post, team_block, "Block a team"},
      {"/team/unblock", k_post, team_unblock, "Unblock a team"},
      {"/team/member_add", k_post, team_member_add, "Add members"},
      {"/team/bulk_member_add", k_post, team_bulk_member_add, "Add up to 500 members, or everybody"},
      {"/team/member_delete", k_post, team_member_delete, "Remove a member"},
      {"/team/member_update", k_post, team_member_update, "Change a member's role or limits"},
      {"/team/model/add", k_post, team_model_add, "Allow a team more models"},
      {"/team/model/delete", k_post, team_model_delete, "Take models from a team"},
      {"/team/permissions_list", k_get, team_permissions_list, "What members may do with the team's keys"},
      {"/team/permissions_update", k_post, team_permissions_update, "Set what members may do"},
      {"/team/{m}/callback", k_get | k_post, team_callback, "A team's logging callbacks"},
      {"/team/{m}/disable_logging", k_post, team_disable_logging, "Take a team's logging callbacks away"},
  };
  return k_routes;
}

} // namespace switchyard::management
