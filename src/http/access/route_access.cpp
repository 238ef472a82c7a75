// Route rules in their order: the configuration's, the key's, the role's. Pure.
#include "http/access/route_access.hpp"

#include "http/access/route_groups.hpp"
#include "http/access/texts.hpp"

namespace switchyard::http::access {

namespace {

std::string text_of(std::string_view path) { return std::string(path); }

bool flag(const Value& object, std::string_view name) {
  const auto* value = object.find(name);
  const auto* set = value ? value->as_bool() : nullptr;
  return set && *set;
}

/// permissions.get_spend_routes of the key opens spend to everybody who has it.
bool spend_is_open(const Identity& identity, std::string_view path) {
  return flag(identity.key->permissions, "get_spend_routes") &&
         (in_group("spend_tracking_routes", path) || in_group("global_spend_tracking_routes", path));
}

Error not_for_this_role(const Identity& identity, std::string_view path) {
  return auth_refusal(
      "Only proxy admin can be used to generate, delete, update info for new "
      "keys/users/teams. Route=" +
      text_of(path) + ". Your role=" + (identity.role.empty() ? "unknown" : identity.role) +
      ". Your user_id=" + (identity.user_id().empty() ? "unknown" : masked_id(identity.user_id())));
}

Error store_is_down() {
  Error error(Errc::unavailable, "No connected db.");
  error.extra().type = "no_db_connection";
  return error;
}

} // namespace

Result<void> check_route(const Identity& identity, const PlaneSettings& settings, RouteQuestion route) {
  const auto path = route.path;
  const bool admin = identity.role == "proxy_admin";
  if (identity.only_llm && !in_group("llm_api_routes", path)) return store_is_down();
  if (master_only(path))
    return forbidden("Only the master key can be used for this route. Route=" + text_of(path));
  if (!admin && listed(settings.admin_only_routes, path))
    return forbidden("user not allowed to access this route. Route=" + text_of(path) +
                     " is an admin only route");
  auto& allowed = identity.key->allowed_routes;
  if (!allowed.empty() && !listed(allowed, path))
    return forbidden(std::string(identity.virtual_key ? "Virtual key" : "Token") +
                     " is not allowed to call this route. Only allowed to call routes: " +
                     list_text(allowed) + ". Tried to call route: " + text_of(path));
  if (role_opens(identity.role, route.method, path) || spend_is_open(identity, path)) return {};
  return not_for_this_role(identity, path);
}

} // namespace switchyard::http::access
