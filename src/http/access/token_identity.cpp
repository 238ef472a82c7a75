// Claims to records. Pure.
#include "http/access/token_identity.hpp"

#include "http/access/claims.hpp"
#include "http/access/key_hash.hpp"
#include "http/access/route_groups.hpp"
#include "http/access/texts.hpp"

#include <algorithm>
#include <fnmatch.h>

namespace switchyard::http::access {

namespace {

using Texts = std::vector<std::string>;

bool holds(const Texts& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

void add(Texts& out, const Texts& more) {
  for (auto& text : more)
    if (!holds(out, text)) out.push_back(text);
}

/// What the claims say, before records are looked up.
struct Token {
  Texts scopes, roles, teams;
  std::string user, organization, email, role; ///< role: of ours, by role_mappings
  bool admin = false;
};

std::string mapped_role(const JwtSettings& settings, const Texts& roles) {
  for (auto& mapping : settings.role_mappings)
    if (holds(roles, mapping.role)) return mapping.internal_role;
  return {};
}

/// jwt_litellm_role_map: the first pattern that one of the token's roles matches.
std::string litellm_role(const JwtSettings& settings, const Token& token) {
  for (auto& mapping : settings.jwt_litellm_role_map)
    for (auto& role : token.roles)
      if (::fnmatch(mapping.role.c_str(), role.c_str(), 0) == 0) return mapping.internal_role;
  return {};
}

Token read_token(const Value& claims, const JwtSettings& settings, std::string_view path) {
  Token token;
  token.scopes = claim_texts(claims, "scope", true);
  const auto& role_field =
      settings.roles_jwt_field.empty() ? settings.user_roles_jwt_field : settings.roles_jwt_field;
  token.roles = claim_texts(claims, role_field);
  token.role = mapped_role(settings, token.roles);
  token.user = claim_text(claims, settings.user_id_jwt_field);
  token.email = claim_text(claims, settings.user_email_jwt_field);
  token.organization = claim_text(claims, settings.org_id_jwt_field);
  if (auto team = claim_text(claims, settings.team_id_jwt_field); !team.empty()) token.teams = {team};
  add(token.teams, claim_texts(claims, settings.team_ids_jwt_field));
  const auto object = claim_text(claims, settings.object_id_jwt_field);
  if (!object.empty() && token.role == "team") token.teams = {object};
  if (!object.empty() && token.role == "internal_user") token.user = object;
  // As LiteLLM: an admin's token is one on the admins' routes only, and anybody's on the others.
  const bool admin_scope = holds(token.scopes, settings.admin_jwt_scope) || token.role == "proxy_admin";
  token.admin = admin_scope && listed(settings.admin_allowed_routes, path);
  return token;
}

Result<void> check_roles(const Value& claims, const JwtSettings& settings, const Token& token) {
  if (settings.enforce_rbac && token.role.empty() && !token.admin)
    return forbidden("JWT Auth: no role of the token is in role_mappings (enforce_rbac)");
  if (!settings.user_roles_jwt_field.empty() && !token.admin) {
    const auto roles = claim_texts(claims, settings.user_roles_jwt_field);
    const bool known = std::any_of(roles.begin(), roles.end(),
                                   [&](auto& r) { return holds(settings.user_allowed_roles, r); });
    if (!known) return forbidden("JWT Auth: no role of the token is in user_allowed_roles");
  }
  if (!settings.user_allowed_email_domain.empty() && !token.admin &&
      !token.email.ends_with("@" + settings.user_allowed_email_domain))
    return forbidden("JWT Auth: the token's email is not in user_allowed_email_domain");
  return {};
}

/// The rules' models; several lists narrow each other.
void narrow(Texts& models, const Texts& by) {
  constexpr std::string_view k_none = "no-default-models"; // an empty list would open everything
  if (by.empty()) return;
  if (models.empty()) {
    models = by;
    return;
  }
  std::erase_if(models, [&](auto& model) { return !holds(by, model); });
  if (models.empty()) models.emplace_back(k_none);
}

/// scope_mappings and role_permissions: 403 for routes, models into the record.
Result<void> apply_rules(const JwtSettings& settings, const Token& token, std::string_view path,
                         KeyRecord& record) {
  Texts models, routes;
  bool any = false;
  for (auto& rule : settings.scope_mappings)
    if (holds(token.scopes, rule.scope)) any = true, add(models, rule.models), add(routes, rule.routes);
  if (settings.enforce_scope_based_access) {
    if (!any) return forbidden("JWT Auth: no scope of the token is in scope_mappings");
    if (!routes.empty() && !listed(routes, path))
      return forbidden("JWT Auth: the token's scopes do not open this route. Allowed routes=" +
                       list_text(routes) + ". Tried to call route: " + std::string(path));
    if (models.empty()) models.emplace_back("no-default-models");
    record.models = models;
  }
  for (auto& rule : settings.role_permissions) {
    if (rule.scope != token.role) continue;
    if (!rule.routes.empty() && !listed(rule.routes, path))
      return forbidden("JWT Auth: role=" + token.role + " does not open this route. Allowed routes=" +
                       list_text(rule.routes) + ". Tried to call route: " + std::string(path));
    narrow(record.models, rule.models);
  }
  return {};
}

Error loading() {
  Error error(Errc::unavailable, "The teams and users are still being loaded, please try again.");
  error.retry_after = Millis(1000);
  return error;
}

/// The teams of the token that exist, the wanted one first.
Result<std::vector<std::shared_ptr<const TeamRecord>>>
find_teams(const JwtSettings& settings, Token& token, const Identities& records, std::string_view wanted) {
  std::vector<std::shared_ptr<const TeamRecord>> out;
  if (!wanted.empty()) {
    if (!holds(token.teams, wanted))
      return forbidden("Team=" + std::string(wanted) + " is not among the token's teams");
    token.teams = {std::string(wanted)};
  }
  for (auto& id : token.teams)
    if (auto team = records.team_ptr(id)) out.push_back(std::move(team));
  if (out.empty() && !token.teams.empty() && !settings.team_id_upsert) {
    if (!records.complete()) return loading();
    return auth_refusal("Team doesn't exist in db. Team=" + token.teams.front() +
                        ". Create team via `/team/new` call.");
  }
  return out;
}

/// An alias that nobody has, or more than one.
Error unknown_alias(const Identities& records, std::string_view what, const std::string& alias) {
  if (!records.complete()) return loading();
  return auth_refusal(std::string(what) + " doesn't exist in db, or not only once. Alias=" + alias);
}

/// Ids beat aliases; the default comes last.
Result<void> take_aliases(const Value& claims, const JwtSettings& settings, const Identities& records,
                          Token& token) {
  const auto team = claim_text(claims, settings.team_alias_jwt_field);
  if (token.teams.empty() && !team.empty()) {
    const auto found = records.team_by_alias(team);
    if (!found && !token.admin) return unknown_alias(records, "Team", team);
    if (found) token.teams = {found->id};
  }
  const auto organization = claim_text(claims, settings.org_alias_jwt_field);
  if (token.organization.empty() && !organization.empty()) {
    const auto found = records.organization_by_alias(organization);
    if (!found && !token.admin) return unknown_alias(records, "Organization", organization);
    if (found) token.organization = found->id;
  }
  if (token.teams.empty() && !settings.team_id_default.empty()) token.teams = {settings.team_id_default};
  return {};
}

Result<void> check_needed(const JwtSettings& settings, const Token& token, const Identities& records) {
  if (token.admin) return {};
  const auto& team_field =
      settings.team_id_jwt_field.empty() ? settings.team_alias_jwt_field : settings.team_id_jwt_field;
  const bool team_required = !team_field.empty() || settings.enforce_team_based_model_access;
  if (team_required && token.teams.empty())
    return settings.enforce_team_based_model_access
               ? forbidden("JWT Auth: the token names no team (enforce_team_based_model_access)")
               : auth_refusal("No team id found in token. Expected claim: " + team_field);
  if (token.user.empty() || settings.user_id_upsert || records.user(token.user)) return {};
  if (!records.complete()) return loading();
  return auth_refusal("User doesn't exist in db. 'user_id'=" + token.user +
                      ". Create user via `/user/new` call.");
}

std::string role_of(const JwtSettings& settings, const Token& token, const Identity& identity) {
  if (token.admin) return "proxy_admin";
  if (auto role = litellm_role(settings, token); !role.empty()) return role;
  if (identity.user && !identity.user->role.empty()) return identity.user->role;
  return token.user.empty() && !token.teams.empty() ? "team" : "internal_user";
}

} // namespace

Result<std::unique_ptr<Identity>> identify_token(const Value& claims, const JwtSettings& settings,
                                                 const Identities& records, const TokenQuestion& question) {
  auto token = read_token(claims, settings, question.path);
  if (auto done = check_roles(claims, settings, token); !done) return done.error();
  if (auto done = take_aliases(claims, settings, records, token); !done) return done.error();
  if (auto done = check_needed(settings, token, records); !done) return done.error();
  auto record = std::make_shared<KeyRecord>();
  if (!token.admin)
    if (auto done = apply_rules(settings, token, question.path, *record); !done) return done.error();
  auto teams = find_teams(settings, token, records, question.wanted_team);
  if (!teams && !token.admin) return teams.error();
  record->hash = "hashed-jwt-" + std::string(hash_key(question.token).text());
  record->user_id = token.user, record->organization_id = token.organization;
  if (!token.teams.empty())
    record->team_id = teams && !teams->empty() ? teams->front()->id : token.teams.front();
  if (!token.admin && !token.teams.empty()) record->allowed_routes = settings.team_allowed_routes;
  auto identity = identify(records, std::move(record));
  if (!identity) return identity.error();
  auto& id = **identity;
  id.role = role_of(settings, token, id);
  id.virtual_key = false;
  id.end_user = claim_text(claims, settings.end_user_id_jwt_field);
  if (teams && teams->size() > 1) id.other_teams.assign(teams->begin() + 1, teams->end());
  return identity;
}

Result<void> choose_team(Identity& identity, const Identities& records, std::string_view model,
                         const std::function<bool(const Identity&)>& opens) {
  if (identity.other_teams.empty() || opens(identity)) return {};
  Texts checked{identity.team_id()};
  for (auto& team : identity.other_teams) {
    auto record = std::make_shared<KeyRecord>(*identity.key);
    record->team_id = team->id;
    checked.push_back(team->id);
    auto other = identify(records, std::move(record));
    if (!other || team->blocked) continue;
    auto& id = **other;
    id.role = identity.role, id.virtual_key = false, id.end_user = identity.end_user;
    if (!opens(id)) continue;
    identity = std::move(id);
    return {};
  }
  return forbidden("No team has access to the requested model: " + std::string(model) + ". Checked teams=" +
                   list_text(checked) + ". Check `/models` to see all available models.");
}

} // namespace switchyard::http::access
