// Sums of a batch. Pure.
#include "storage/spend_sums.hpp"

#include "storage/spend_rows.hpp"

#include <algorithm>
#include <vector>

namespace switchyard::storage {
namespace {

using Ids = std::vector<std::string_view>;

/// Once each, none empty. `out` is reused.
void ids_of(const SpendEvent& event, std::size_t entity, Ids& out) {
  out.clear();
  if (entity == k_tags) {
    for (const std::string_view tag : event.tags)
      if (!tag.empty() && std::find(out.begin(), out.end(), tag) == out.end()) out.push_back(tag);
    return;
  }
  const std::string* const ids[] = {&event.api_key,  &event.user, &event.team_id,    &event.organization_id,
                                    &event.end_user, nullptr,     &event.project_id, &event.agent_id};
  if (!ids[entity]->empty()) out.push_back(*ids[entity]);
}

template <class Map>
auto& at(Map& map, std::string_view id) {
  const auto found = map.lower_bound(id);
  if (found != map.end() && found->first == id) return found->second;
  return map.emplace_hint(found, id, typename Map::mapped_type())->second;
}

} // namespace

const std::array<EntityTable, k_entities> k_entity_tables{{
    {"VerificationToken", "token", nullptr, nullptr, EntityKind::key, false},
    {"UserTable", "user_id", "DailyUserSpend", "user_id", EntityKind::user, false},
    {"TeamTable", "team_id", "DailyTeamSpend", "team_id", EntityKind::team, false},
    {"OrganizationTable", "organization_id", "DailyOrganizationSpend", "organization_id",
     EntityKind::organization, false},
    {"EndUserTable", "user_id", "DailyEndUserSpend", "end_user_id", EntityKind::customer, true},
    {"TagTable", "tag_name", "DailyTagSpend", "tag", EntityKind::tag, false},
    {"ProjectTable", "project_id", nullptr, nullptr, EntityKind::project, false},
    {"AgentsTable", "agent_id", "DailyAgentSpend", "agent_id", std::nullopt, false},
}};

void SpendSums::add(const SpendEvent& event) {
  DayKey key{{}, day_of(event.start_ms), event.api_key, event.model, event.provider, event.route};
  Ids ids;
  for (std::size_t i = 0; i < k_entities; ++i) {
    ids_of(event, i, ids);
    for (const std::string_view id : ids) at(entities[i], id) += event.spend;
    if (!k_entity_tables[i].daily) continue;
    if (i == k_users && ids.empty())
      ids.push_back(""); // daily rows of nobody are part of the global activity
    for (const std::string_view id : ids) {
      key.id = id;
      DaySum& sum = days[i][key];
      if (sum.requests++ == 0) sum.model_group = event.model_group, sum.request_id = row_id(event);
      sum.prompt += event.usage.prompt_tokens, sum.completion += event.usage.completion_tokens;
      sum.cache_read += event.usage.cache_read_tokens, sum.cache_write += event.usage.cache_write_tokens;
      sum.succeeded += event.status == "success";
      sum.spend += event.spend;
    }
  }
  if (event.member && !event.team_id.empty() && !event.user.empty())
    members[{event.team_id, event.user}] += event.spend;
  if (!event.api_key.empty()) {
    auto& last = at(last_active, event.api_key);
    last = std::max(last, event.start_ms);
  }
  all += event.spend;
}

FlushedSpend SpendSums::flushed(bool proxy) const {
  FlushedSpend out;
  for (std::size_t i = 0; i < k_entities; ++i)
    for (const auto& [id, amount] : entities[i])
      if (k_entity_tables[i].ledger && amount != Money())
        out.parts.push_back({*k_entity_tables[i].ledger, id, amount});
  for (const auto& [who, amount] : members)
    if (amount != Money()) out.parts.push_back({EntityKind::member, who.first + ":" + who.second, amount});
  if (proxy && all != Money()) out.parts.push_back({EntityKind::proxy, k_proxy_user, all});
  return out;
}

} // namespace switchyard::storage
