// Sums of a batch. Pure.
#include "storage/spend_sums.hpp"

#include "storage/spend_rows.hpp"

#include <algorithm>
#include <set>

namespace switchyard::storage {
namespace {

using Ids = std::set<std::string_view>;

Ids ids_of(const SpendEvent& event, std::size_t entity) {
  if (entity == k_tags) {
    Ids tags(event.tags.begin(), event.tags.end());
    tags.erase("");
    return tags;
  }
  const std::string* const ids[] = {&event.api_key,  &event.user, &event.team_id,    &event.organization_id,
                                    &event.end_user, nullptr,     &event.project_id, &event.agent_id};
  return ids[entity]->empty() ? Ids() : Ids{*ids[entity]};
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
  const DayKey day{"", day_of(event.start_ms), event.api_key, event.model, event.provider, event.route};
  for (std::size_t i = 0; i < k_entities; ++i) {
    Ids ids = ids_of(event, i);
    for (const std::string_view id : ids) entities[i][std::string(id)] += event.spend;
    if (!k_entity_tables[i].daily) continue;
    if (i == k_users && ids.empty()) ids.insert(""); // daily rows of nobody are part of the global activity
    for (const std::string_view id : ids) {
      DayKey key = day;
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
    auto& last = last_active[event.api_key];
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
