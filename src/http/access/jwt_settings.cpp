// The table of litellm_jwtauth's keys. Pure.
#include "http/access/jwt_settings.hpp"

#include <switchyard/json.hpp>
#include <switchyard/log.hpp>

#include <algorithm>
#include <array>
#include <variant>

namespace switchyard::http::access {

namespace {

using Texts = std::vector<std::string>;
using Read = Result<void> (*)(JwtSettings& out, std::string_view name, const Value& value);
struct Unbuilt {};
using Into = std::variant<std::string JwtSettings::*, Texts JwtSettings::*, bool JwtSettings::*,
                          double JwtSettings::*, Read, Unbuilt>;

Error bad(std::string_view name, std::string_view problem) {
  return Error(Errc::config,
               "general_settings.litellm_jwtauth." + std::string(name) + ": " + std::string(problem));
}

bool texts(const Value& value, Texts& out) {
  if (value.as_string()) return out = {*value.as_string()}, true;
  if (!value.as_list()) return false;
  out = texts_of(&value);
  return out.size() == value.as_list()->size();
}

/// [{<from>: ..., <to>: ...}]
Result<void> read_pairs(std::string_view name, const Value& value, std::string_view from, std::string_view to,
                        std::vector<JwtRoleMapping>& out) {
  if (!value.as_list()) return bad(name, "must be a list");
  for (auto& row : *value.as_list()) {
    JwtRoleMapping mapping{std::string(text_at(row, from)), std::string(text_at(row, to))};
    if (mapping.role.empty() || mapping.internal_role.empty())
      return bad(name, "each entry needs `" + std::string(from) + "` and `" + std::string(to) + "`");
    out.push_back(std::move(mapping));
  }
  return {};
}

Result<void> read_role_mappings(JwtSettings& out, std::string_view name, const Value& value) {
  if (auto done = read_pairs(name, value, "role", "internal_role", out.role_mappings); !done) return done;
  constexpr std::array<std::string_view, 3> k_roles = {"team", "internal_user", "proxy_admin"};
  for (auto& row : out.role_mappings)
    if (std::find(k_roles.begin(), k_roles.end(), row.internal_role) == k_roles.end())
      return bad(name, "internal_role must be team, internal_user or proxy_admin");
  return {};
}

Result<void> read_role_map(JwtSettings& out, std::string_view name, const Value& value) {
  return read_pairs(name, value, "jwt_role", "litellm_role", out.jwt_litellm_role_map);
}

Result<void> read_rules(std::string_view name, const Value& value, std::string_view key,
                        std::vector<JwtScopeMapping>& out) {
  if (!value.as_list()) return bad(name, "must be a list");
  for (auto& row : *value.as_list()) {
    JwtScopeMapping rule;
    rule.scope = text_at(row, key);
    if (rule.scope.empty()) return bad(name, "each entry needs `" + std::string(key) + "`");
    const auto *models = row.find("models"), *routes = row.find("routes");
    if ((models && !models->is_null() && !texts(*models, rule.models)) ||
        (routes && !routes->is_null() && !texts(*routes, rule.routes)))
      return bad(name, "models and routes must be lists of names");
    out.push_back(std::move(rule));
  }
  return {};
}

Result<void> read_scopes(JwtSettings& out, std::string_view name, const Value& value) {
  return read_rules(name, value, "scope", out.scope_mappings);
}

struct Row {
  std::string_view name;
  Into into;
};

using S = JwtSettings;
const std::array k_rows = {
    Row{"admin_jwt_scope", &S::admin_jwt_scope},
    Row{"admin_allowed_routes", &S::admin_allowed_routes},
    Row{"team_allowed_routes", &S::team_allowed_routes},
    Row{"public_allowed_routes", &S::public_allowed_routes},
    Row{"team_id_jwt_field", &S::team_id_jwt_field},
    Row{"team_ids_jwt_field", &S::team_ids_jwt_field},
    Row{"team_alias_jwt_field", &S::team_alias_jwt_field},
    Row{"team_id_default", &S::team_id_default},
    Row{"team_id_upsert", &S::team_id_upsert},
    Row{"org_id_jwt_field", &S::org_id_jwt_field},
    Row{"org_alias_jwt_field", &S::org_alias_jwt_field},
    Row{"user_id_jwt_field", &S::user_id_jwt_field},
    Row{"user_email_jwt_field", &S::user_email_jwt_field},
    Row{"user_allowed_email_domain", &S::user_allowed_email_domain},
    Row{"user_roles_jwt_field", &S::user_roles_jwt_field},
    Row{"user_allowed_roles", &S::user_allowed_roles},
    Row{"user_id_upsert", &S::user_id_upsert},
    Row{"end_user_id_jwt_field", &S::end_user_id_jwt_field},
    Row{"public_key_ttl", &S::public_key_ttl},
    Row{"enforce_rbac", &S::enforce_rbac},
    Row{"roles_jwt_field", &S::roles_jwt_field},
    Row{"role_mappings", Read(read_role_mappings)},
    Row{"object_id_jwt_field", &S::object_id_jwt_field},
    Row{"scope_mappings", Read(read_scopes)},
    Row{"enforce_scope_based_access", &S::enforce_scope_based_access},
    Row{"enforce_team_based_model_access", &S::enforce_team_based_model_access},
    Row{"jwt_litellm_role_map", Read(read_role_map)},
    Row{"upsert_sso_user_to_team", Unbuilt{}},
    Row{"custom_validate", Unbuilt{}},
    Row{"sync_user_role_and_teams", Unbuilt{}},
    Row{"oidc_userinfo_enabled", Unbuilt{}},
    Row{"oidc_userinfo_endpoint", Unbuilt{}},
    Row{"oidc_userinfo_cache_ttl", Unbuilt{}},
    Row{"virtual_key_claim_field", Unbuilt{}},
    Row{"virtual_key_mapping_cache_ttl", Unbuilt{}},
    Row{"unregistered_jwt_client_behavior", Unbuilt{}},
    Row{"routing_overrides", Unbuilt{}},
};

/// Puts one value where its row says.
struct Put {
  JwtSettings& out;
  std::string_view name;
  const Value& value;

  Result<void> operator()(std::string S::*into) const {
    if (!value.as_string()) return bad(name, "must be a string");
    return out.*into = *value.as_string(), Result<void>();
  }
  Result<void> operator()(Texts S::*into) const {
    if (!texts(value, out.*into)) return bad(name, "must be a list of strings");
    return {};
  }
  Result<void> operator()(bool S::*into) const {
    if (!value.as_bool()) return bad(name, "must be true or false");
    return out.*into = *value.as_bool(), Result<void>();
  }
  Result<void> operator()(double S::*into) const {
    if (!value.number(out.*into) || !(out.*into >= 1) || out.*into > 1e7)
      return bad(name, "must be a number of seconds, at least 1");
    return {};
  }
  Result<void> operator()(Read read) const { return read(out, name, value); }
  Result<void> operator()(Unbuilt) const { return out.unbuilt.emplace_back(name), Result<void>(); }
};

Result<void> check(const JwtSettings& out) {
  if (out.user_roles_jwt_field.empty() != out.user_allowed_roles.empty())
    return bad("user_roles_jwt_field", "needs user_allowed_roles, and the other way round");
  if (!out.object_id_jwt_field.empty() && out.role_mappings.empty())
    return bad("object_id_jwt_field", "needs role_mappings");
  // A setting that restricts and has no effect would open what the operator closed.
  for (std::string_view name : {"custom_validate", "unregistered_jwt_client_behavior"})
    if (std::find(out.unbuilt.begin(), out.unbuilt.end(), name) != out.unbuilt.end())
      return bad(name, "is not supported");
  return {};
}

} // namespace

Result<JwtSettings> read_jwt_settings(const PlaneSettings& settings) {
  JwtSettings out;
  out.enforce_rbac = settings.enforce_rbac;
  if (!settings.role_permissions.is_null())
    if (auto done = read_rules("role_permissions", settings.role_permissions, "role", out.role_permissions);
        !done)
      return done.error();
  if (settings.litellm_jwtauth.is_null()) return out;
  if (!settings.litellm_jwtauth.as_map()) return bad("", "must be a mapping");
  for (auto& [name, value] : *settings.litellm_jwtauth.as_map()) {
    const std::string_view wanted = name;
    auto row = std::find_if(k_rows.begin(), k_rows.end(), [&](auto& r) { return r.name == wanted; });
    if (row == k_rows.end()) return bad(name, "is not a known setting");
    if (value.is_null()) continue;
    if (auto done = std::visit(Put{out, name, value}, row->into); !done) return done.error();
  }
  if (auto done = check(out); !done) return done.error();
  return out;
}

Result<void> check_token_settings(const PlaneSettings& settings) {
  if (settings.enable_oauth2_auth && settings.oauth_token_info_endpoint.empty())
    return Error(Errc::config, "general_settings.enable_oauth2_auth: needs OAUTH_TOKEN_INFO_ENDPOINT");
  if (!settings.enable_jwt_auth) return {};
  auto read = read_jwt_settings(settings);
  if (!read) return read.error();
  if (settings.jwt_public_key_url.empty())
    return Error(Errc::config, "general_settings.enable_jwt_auth: needs JWT_PUBLIC_KEY_URL");
  for (auto& name : read->unbuilt)
    log::warning("jwt.setting_without_effect", {{"setting", "litellm_jwtauth." + name}});
  return {};
}

} // namespace switchyard::http::access
