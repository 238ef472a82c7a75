// general_settings.litellm_jwtauth and role_permissions, read from their trees. Immutable once read; pure.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/plane.hpp>

#include <string>
#include <vector>

namespace switchyard::http::access {

struct JwtRoleMapping { ///< role_mappings: a role of the token -> team, internal_user, proxy_admin
  std::string role, internal_role;
};
struct JwtScopeMapping { ///< scope_mappings, role_permissions
  std::string scope;     ///< or the role
  std::vector<std::string> models, routes;
};

struct JwtSettings {
  std::string admin_jwt_scope = "litellm_proxy_admin";
  std::vector<std::string> admin_allowed_routes{"management_routes", "spend_tracking_routes",
                                                "global_spend_tracking_routes", "info_routes"};
  std::vector<std::string> team_allowed_routes{"openai_routes", "info_routes", "mcp_routes"};
  std::vector<std::string> public_allowed_routes{"public_routes"};
  std::string team_id_jwt_field, team_ids_jwt_field, team_id_default;
  std::string team_alias_jwt_field, org_id_jwt_field, org_alias_jwt_field;
  std::string user_id_jwt_field, user_email_jwt_field, user_allowed_email_domain, user_roles_jwt_field;
  std::vector<std::string> user_allowed_roles;
  std::string end_user_id_jwt_field, roles_jwt_field, object_id_jwt_field;
  bool team_id_upsert = false, user_id_upsert = false;
  bool enforce_rbac = false, enforce_scope_based_access = false, enforce_team_based_model_access = false;
  double public_key_ttl = 600; ///< seconds
  std::vector<JwtRoleMapping> role_mappings;
  std::vector<JwtScopeMapping> scope_mappings, role_permissions;
  std::vector<JwtRoleMapping> jwt_litellm_role_map; ///< role may be a pattern (fnmatch)
  std::vector<std::string> unbuilt;                 ///< known settings that have no effect yet
};

/// Unknown keys, wrong types and halves of pairs are errors that name the key.
Result<JwtSettings> read_jwt_settings(const PlaneSettings& settings);

/// For the start: litellm_jwtauth can be read, and what enable_jwt_auth and enable_oauth2_auth need is there.
/// Settings without an effect are named in a warning.
Result<void> check_token_settings(const PlaneSettings& settings);

} // namespace switchyard::http::access
