// Name resolution (spec router.md 1.6). No allocation for exact names; runs on the shards.
#include "actors/resolve.hpp"

#include <algorithm>

namespace switchyard::actors {

Resolved RoutingTable::resolve(std::string_view name) const {
  if (name.empty() || config_->any_model_name) return first();
  if (auto id = ids_.find(name); id != ids_.end()) return {id->second.group, id->second.only, {}};
  name = alias_target(name);
  if (auto exact = names_.find(name); exact != names_.end()) return {exact->second, -1, {}};
  if (auto matched = match(name); matched.group) return matched;
  if (auto model = models_.find(name); model != models_.end()) return {model->second, -1, {}};
  return {};
}

/// deployment id -> alias -> the team's own name -> what everybody gets -> the team's patterns
Resolved RoutingTable::resolve_for(std::string_view team, std::string_view name) const {
  const auto names = team.empty() ? teams_.end() : teams_.find(team);
  if (names == teams_.end() || name.empty() || ids_.find(name) != ids_.end()) return resolve(name);
  const auto target = alias_target(name);
  if (auto own = names->second.groups.find(target); own != names->second.groups.end())
    return {own->second, -1, {}};
  auto shared = resolve(name);
  std::vector<std::string> stars;
  for (const auto& [pattern, group] : names->second.patterns)
    if (!shared.group && pattern.match(target, stars)) return {group, -1, std::move(stars)};
  return shared;
}

/// A pattern cannot stand in for a missing name, unless it is the only group (--model with '*').
Resolved RoutingTable::first() const {
  for (const auto& group : groups_)
    if (!group->pattern || config_->any_model_name) return {group, -1, {}};
  return {};
}

std::string_view RoutingTable::alias_target(std::string_view name) const {
  if (auto alias = model_aliases_.find(name); alias != model_aliases_.end()) name = alias->second;
  if (auto alias = group_aliases_.find(name); alias != group_aliases_.end()) name = alias->second;
  return name;
}

/// Each pattern sees the name as given, then with its provider, before the next pattern does: so "*" is the
/// last resort it is meant to be.
Resolved RoutingTable::match(std::string_view name) const {
  if (patterns_.empty()) return {};
  std::string prefixed;
  const std::string_view provider = infer_ ? infer_(name) : std::string_view{};
  if (!provider.empty()) prefixed.append(provider).append("/").append(name);
  std::vector<std::string> stars;
  for (const auto& [pattern, group] : patterns_)
    if (pattern.match(name, stars) || (!prefixed.empty() && pattern.match(prefixed, stars)))
      return {group, -1, std::move(stars)};
  return {};
}

std::vector<std::string> RoutingTable::model_names(bool with_patterns) const {
  std::vector<std::string> names;
  auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto& group : groups_)
    if (with_patterns || !group->pattern) add(group->name);
  for (const auto& alias : config_->router.model_group_alias)
    if (!alias.hidden) add(alias.alias);
  return names;
}

std::vector<std::string> RoutingTable::team_names(std::string_view team) const {
  std::vector<std::string> names;
  if (const auto own = teams_.find(team); own != teams_.end())
    for (const auto& [name, group] : own->second.groups) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

} // namespace switchyard::actors
