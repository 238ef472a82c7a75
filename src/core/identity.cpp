// One shard's view of the records: a base that all shards share, and what changed since. Shard code.
#include <switchyard/identity.hpp>

#include <array>

namespace switchyard {
namespace {

template <class R>
void lay_over(RecordMap<R>& overlay, const RecordMap<R>& changes) {
  for (auto& [id, record] : changes) overlay[id] = record; // null marks a row that is gone
}

/// An alias that two have is nobody's: a token must not reach the wrong one.
template <class R>
void index(const RecordMap<R>& records, RecordMap<R>& aliases) {
  for (auto& [id, record] : records) {
    if (!record || record->alias.empty()) continue;
    const auto [place, fresh] = aliases.emplace(record->alias, record);
    if (!fresh) place->second = nullptr;
  }
}

} // namespace

std::string_view name_of(EntityKind kind) noexcept {
  constexpr std::array<std::string_view, static_cast<std::size_t>(EntityKind::k_count)> k_names = {
      "api_key",  "model_per_key",      "user",         "model_per_user",
      "team",     "model_per_team",     "team_member",  "model_per_team_member",
      "project",  "model_per_project",  "organization", "model_per_organization",
      "end_user", "model_per_end_user", "tag",          "proxy"};
  return k_names[static_cast<std::size_t>(kind)];
}

void index_aliases(IdentitySet& set) {
  index(set.teams, set.team_aliases);
  index(set.organizations, set.organization_aliases);
}

void Identities::apply(const IdentityDelta& delta) {
  if (delta.base) base_ = delta.base, overlay_ = {}, complete_ = delta.complete;
  if (!delta.changes) return;
  auto& changes = *delta.changes;
  lay_over(overlay_.keys, changes.keys);
  lay_over(overlay_.teams, changes.teams);
  lay_over(overlay_.users, changes.users);
  lay_over(overlay_.members, changes.members);
  lay_over(overlay_.organizations, changes.organizations);
  lay_over(overlay_.projects, changes.projects);
  lay_over(overlay_.customers, changes.customers);
  lay_over(overlay_.tags, changes.tags);
  lay_over(overlay_.access_groups, changes.access_groups);
  for (auto& [alias, team] : changes.team_aliases) {
    auto& place = overlay_.team_aliases[alias];
    place = named(&IdentitySet::teams, place, alias, team) ? nullptr : team;
  }
  for (auto& [alias, organization] : changes.organization_aliases) {
    auto& place = overlay_.organization_aliases[alias];
    place = named(&IdentitySet::organizations, place, alias, organization) ? nullptr : organization;
  }
}

} // namespace switchyard
