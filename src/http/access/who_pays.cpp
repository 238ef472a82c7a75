// Entities of a request, in order. Pure.
#include "http/access/who_pays.hpp"

#include <initializer_list>

namespace switchyard::http::access {

namespace {

constexpr std::string_view k_proxy_id = "litellm-proxy-budget";

void add(std::vector<EntityPtr>& out, const EntityPtr& entity) {
  if (entity && entity->limits.any()) out.push_back(entity);
}

/// The limits of one model: by the name that was asked for, or called.
const EntityPtr* of_model(const ModelLimits& limits, const Payers& payers) {
  if (limits.empty()) return nullptr;
  auto found = limits.find(payers.called);
  if (found == limits.end()) found = limits.find(payers.asked);
  return found == limits.end() ? nullptr : &found->second;
}

template <class Record>
void add_both(std::vector<EntityPtr>& out, const Record& record, const Payers& payers) {
  if (!record) return;
  add(out, record->entity);
  if (auto model = of_model(record->model_limits, payers)) add(out, *model);
}

bool has_budget(const Limits& limits) {
  return limits.max_budget || limits.soft_budget || !limits.windows.empty();
}

/// A user's budget is for personal keys; rates count for all of them.
EntityPtr without_budget(const EntityPtr& entity) {
  if (!has_budget(entity->limits)) return entity;
  auto copy = std::make_shared<Entity>(*entity);
  copy->limits.max_budget.reset(), copy->limits.soft_budget.reset(), copy->limits.windows.clear();
  return copy;
}

void add_user(std::vector<EntityPtr>& out, const Payers& payers) {
  auto& identity = *payers.identity;
  if (!identity.user || !identity.user->entity) return;
  const bool personal = identity.team_id().empty();
  add(out, personal ? identity.user->entity : without_budget(identity.user->entity));
  if (auto model = of_model(identity.user->model_limits, payers))
    add(out, personal ? *model : without_budget(*model));
}

void add_identity(std::vector<EntityPtr>& out, const Payers& payers) {
  auto& identity = *payers.identity;
  if (identity.key->entity) out.push_back(identity.key->entity);
  if (auto model = of_model(identity.key->model_limits, payers)) add(out, *model);
  add_both(out, identity.member, payers);
  add_user(out, payers);
  add_both(out, identity.team, payers);
  add_both(out, identity.project, payers);
  add_both(out, identity.organization, payers);
}

/// A tag's row beats what the configuration says about it.
void add_tag(std::vector<EntityPtr>& out, const Payers& payers, const std::string& tag) {
  if (const auto* record = payers.records ? payers.records->tag(tag) : nullptr)
    return add(out, record->entity);
  if (!payers.settings) return;
  const auto configured = payers.settings->tag_budgets.find(tag);
  if (configured != payers.settings->tag_budgets.end()) add(out, configured->second);
}

} // namespace

std::vector<EntityPtr> who_pays(const Payers& payers) {
  std::vector<EntityPtr> out;
  if (payers.identity) add_identity(out, payers);
  if (payers.tags)
    for (auto& tag : *payers.tags) add_tag(out, payers, tag);
  add_both(out, payers.customer, payers);
  add(out, payers.proxy);
  return out;
}

EntityPtr make_proxy_entity(const PlaneSettings& settings, const Identities& records) {
  if (!settings.max_budget) return nullptr;
  auto entity = std::make_shared<Entity>();
  entity->kind = EntityKind::proxy, entity->id = k_proxy_id;
  entity->limits.max_budget = settings.max_budget, entity->limits.budget_duration = settings.budget_duration;
  const auto* row = records.user(k_proxy_id); // LiteLLM keeps the proxy's spend as a user's
  if (row && row->entity) {
    entity->spend = row->entity->spend, entity->version = row->entity->version;
    entity->limits.budget_reset_at = row->entity->limits.budget_reset_at;
  }
  return entity;
}

} // namespace switchyard::http::access
