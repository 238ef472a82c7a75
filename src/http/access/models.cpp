// Model lists. Pure.
#include "http/access/models.hpp"

#include "http/access/texts.hpp"

#include <algorithm>

namespace switchyard::http::access {

namespace {

using Names = std::vector<std::string>;
using Aliases = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view k_all_proxy = "all-proxy-models", k_all_team = "all-team-models",
                           k_no_default = "no-default-models";

bool holds(const Names& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

const std::string* alias_of(const Aliases& aliases, std::string_view name) noexcept {
  auto found = std::find_if(aliases.begin(), aliases.end(), [name](auto& row) { return row.first == name; });
  return found == aliases.end() ? nullptr : &found->second;
}

bool names_model(std::string_view entry, const ModelQuestion& model) {
  return entry == model.name() || (!model.group().empty() && entry == model.group());
}

bool wildcard_names_model(std::string_view entry, const ModelQuestion& model) {
  if (entry.find('*') == std::string_view::npos) return false;
  if (wildcard_matches(entry, model.name())) return true;
  if (!model.group().empty() && wildcard_matches(entry, model.group())) return true;
  const auto full = model.with_provider();
  return !full.empty() && wildcard_matches(entry, full);
}

bool names_or_matches(std::string_view entry, const ModelQuestion& model) {
  return names_model(entry, model) || wildcard_names_model(entry, model);
}

/// The models of a row of the access groups' table, by id or name.
bool record_names_model(std::string_view group, const ModelQuestion& model, const Identities* records) {
  const auto* record = records ? records->access_group(group) : nullptr;
  return record && std::any_of(record->models.begin(), record->models.end(),
                               [&](auto& entry) { return names_or_matches(entry, model); });
}

bool any_group(const Names& groups, const ModelQuestion& model, const Identities* records) {
  return std::any_of(groups.begin(), groups.end(),
                     [&](auto& group) { return record_names_model(group, model, records); });
}

Error denial(std::string_view who, const Names& list, std::string_view model) {
  std::string text(who);
  text += " not allowed to access model. This ", text += who, text += " can only access models=";
  text += list_text(list), text += ". Tried to access ", text += model;
  Error error(Errc::forbidden, std::move(text));
  error.extra().type = std::string(who == "team_member" ? "team" : who) + "_model_access_denied";
  error.extra().param = "model";
  return error;
}

Error no_default_denial(std::string_view model) {
  Error error(Errc::forbidden, "User not allowed to access model. No default model access, only team models "
                               "allowed. Tried to access " +
                                   std::string(model));
  error.extra().type = "key_model_access_denied", error.extra().param = "model";
  return error;
}

/// A key's alias says what is called, and whoever makes a key may write it: the lists above the key must open
/// what is called. The team's alias is the team's own, so that its lists may name either.
bool owner_opens(const Identity& identity, const Names& list, const ModelPair& model) {
  const auto* records = identity.groups;
  if (opens(list, model.called, records)) return true;
  const bool by_key = alias_of(identity.key->aliases, model.asked.name()) != nullptr;
  return !by_key && opens(list, model.asked, records);
}

bool team_opens(const Identity& identity, const ModelPair& model) {
  auto& team = *identity.team;
  return owner_opens(identity, team.models, model) ||
         any_group(team.access_group_ids, model.called, identity.groups);
}

bool key_opens(const Identity& identity, const ModelPair& model) {
  auto& key = *identity.key;
  if (holds(key.models, k_all_team)) return true; // the team's list decides
  const auto* records = identity.groups;
  return opens(key.models, model.asked, records) || opens(key.models, model.called, records) ||
         (identity.team && alias_of(identity.team->aliases, model.asked.name())) ||
         any_group(key.access_group_ids, model.called, records);
}

const Names& member_models(const Identity& identity) {
  const auto* own = identity.member ? &identity.member->allowed_models : nullptr;
  return own && !own->empty() ? *own : identity.team->default_member_models;
}

} // namespace

bool wildcard_matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++, resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1, t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool opens(const std::vector<std::string>& list, const ModelQuestion& model, const Identities* records) {
  if (list.empty()) return true;
  for (auto& entry : list)
    if (entry == "*" || entry == k_all_proxy || names_model(entry, model)) return true;
  return std::any_of(list.begin(), list.end(), [&](auto& entry) {
    return wildcard_names_model(entry, model) || model.in_access_group(entry) ||
           record_names_model(entry, model, records);
  });
}

std::string_view resolve_alias(const Identity& identity, std::string_view model) noexcept {
  if (identity.team)
    if (const auto* target = alias_of(identity.team->aliases, model)) model = *target;
  if (const auto* target = alias_of(identity.key->aliases, model)) model = *target;
  return model;
}

Result<void> check_key_model(const Identity& identity, const ModelPair& model) {
  if (key_opens(identity, model)) return {};
  return denial("key", identity.key->models, model.asked.name());
}

Result<void> check_owner_models(const Identity& identity, const ModelPair& model) {
  const auto asked = model.asked.name();
  if (identity.team) {
    if (!team_opens(identity, model)) return denial("team", identity.team->models, asked);
    auto& members = member_models(identity);
    if (!identity.user_id().empty() && !owner_opens(identity, members, model))
      return denial("team_member", members, asked);
  } else if (identity.user && identity.team_id().empty()) {
    auto& models = identity.user->models;
    if (holds(models, k_no_default)) return no_default_denial(asked);
    if (!owner_opens(identity, models, model)) return denial("user", models, asked);
  }
  if (identity.project && !owner_opens(identity, identity.project->models, model))
    return denial("project", identity.project->models, asked);
  if (identity.organization && !owner_opens(identity, identity.organization->models, model))
    return denial("org", identity.organization->models, asked);
  return {};
}

bool opens_model(const Identity& identity, const ModelPair& model) {
  return key_opens(identity, model) && static_cast<bool>(check_owner_models(identity, model));
}

} // namespace switchyard::http::access
