// One shard's view of the records: a base that all shards share, and what changed since. Shard code.
#include <switchyard/identity.hpp>

#include <array>

namespace switchyard {
namespace {

template <class R>
void lay_over(RecordMap<R>& overlay, const RecordMap<R>& changes) {
  for (auto& [id, record] : changes) overlay[id] = record; // null marks a row that is gone
}

} // namespace

std::string_view name_of(EntityKind kind) noexcept {
  constexpr std::array<std::string_view, static_cast<std::size_t>(EntityKind::k_count)> k_names = {
      "api_key", "model_per_key", "user",     "team", "model_per_team", "team_member",
      "project", "organization",  "end_user", "tag",  "proxy"};
  return k_names[static_cast<std::size_t>(kind)];
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
}

} // namespace switchyard
