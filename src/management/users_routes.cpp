// The route table of /user/*. Immutable data.
#include "management/routes.hpp"
#include "management/users.hpp"

namespace switchyard::management {

std::span<const Route> user_routes() {
  static constexpr Route k_routes[] = {
      {"/user/new", k_post, user_new, "Make a user, by default with a key"},
      {"/user/info", k_get, user_info, "A user with keys and teams"},
      {"/v2/user/info", k_get, user_info_v2, "A user's row"},
      {"/user/available_roles", k_get, user_roles, "Roles that users may have"},
      {"/user/update", k_post, user_update, "Change a user"},
      {"/user/bulk_update", k_post, user_bulk_update, "Change up to 500 users, or all"},
      {"/user/list", k_get, user_list, "Users, page by page"},
      {"/user/get_users", k_get, user_list, "The older name of /user/list"},
      {"/user/filter/ui", k_get, user_filter, "Users by a part of their id or email"},
      {"/user/delete", k_post, user_delete, "Delete users with their keys"},
  };
  return k_routes;
}

} // namespace switchyard::management
