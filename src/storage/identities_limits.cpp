// Limits of identity rows: columns, budget tiers, windows, temporary increases, limits per model. Pure.
#include "identities_rows.hpp"

#include <switchyard/json.hpp>

#include <map>

namespace switchyard::storage::identities {
namespace {

const Value* first_of(const Value& map, std::string_view one, std::string_view other) {
  auto found = map.find(one);
  return found && !found->is_null() ? found : map.find(other);
}

/// budget_limits: [{"budget_duration": "24h", "max_budget": 10}, ...]
std::vector<BudgetWindow> windows_of(Spot spot, const Value* value) {
  constexpr std::string_view k_column = "budget_limits";
  std::vector<BudgetWindow> out;
  const Value plain = unpacked(value);
  if (plain.is_null()) return out;
  auto list = plain.as_list();
  if (!list) {
    if (auto map = plain.as_map(); !map || !map->empty()) complain(spot, k_column, "a list");
    return out;
  }
  for (auto& entry : *list) {
    const auto most = amount_of(spot, k_column, first_of(entry, "max_budget", "budget_limit"));
    auto duration = first_of(entry, "budget_duration", "time_period");
    auto text = duration ? duration->as_string() : nullptr;
    if (most && text && !text->empty())
      out.push_back({*text, *most});
    else
      complain(spot, k_column, "max_budget and budget_duration in every window");
  }
  return out;
}

using Drafts = std::map<std::string, Limits, std::less<>>;

void read_rates(Drafts& drafts, std::optional<std::int64_t> Limits::*which, Spot spot,
                std::string_view column, const Value* value) {
  const Value plain = unpacked(value);
  if (plain.is_null()) return;
  auto map = plain.as_map();
  if (!map) return complain(spot, column, "an object of numbers per model");
  for (auto& [model, limit] : *map)
    if (auto number = whole_of(spot, column, &limit)) drafts[model].*which = number;
}

/// One model's entry of model_max_budget: the old form is the amount alone and never resets.
void read_model_budget(Limits& limits, Spot spot, const Value& entry) {
  constexpr std::string_view k_column = "model_max_budget";
  if (!entry.as_map()) {
    limits.max_budget = amount_of(spot, k_column, &entry);
    return;
  }
  const auto most = amount_of(spot, k_column, first_of(entry, "budget_limit", "max_budget"));
  auto duration = first_of(entry, "time_period", "budget_duration");
  auto text = duration ? duration->as_string() : nullptr;
  if (most && text && !text->empty())
    limits.windows.push_back({*text, *most});
  else
    limits.max_budget = most;
  // metadata.model_rpm_limit wins and comes later
  limits.rpm = whole_of(spot, k_column, entry.find("rpm_limit"));
  limits.tpm = whole_of(spot, k_column, entry.find("tpm_limit"));
}

void read_model_budgets(Drafts& drafts, Spot spot, const Value* value) {
  const Value plain = unpacked(value);
  if (plain.is_null()) return;
  auto map = plain.as_map();
  if (!map) return complain(spot, "model_max_budget", "an object of budgets per model");
  for (auto& [model, entry] : *map) read_model_budget(drafts[model], spot, entry);
}

template <class T>
void fill(std::optional<T>& own, const std::optional<T>& tier) {
  if (!own) own = tier;
}

} // namespace

Limits limits_of(const Fields& row) {
  const auto whole = [&](std::string_view column) { return whole_of(row.spot(), column, row.find(column)); };
  const auto amount = [&](std::string_view column) {
    return amount_of(row.spot(), column, row.find(column));
  };
  Limits out;
  out.rpm = whole("rpm_limit");
  out.tpm = whole("tpm_limit");
  out.parallel = whole("max_parallel_requests");
  out.max_budget = amount("max_budget");
  out.soft_budget = amount("soft_budget");
  out.budget_duration = row.text("budget_duration");
  out.budget_reset_at = row.time("budget_reset_at");
  out.windows = windows_of(row.spot(), row.find("budget_limits"));
  return out;
}

void fill_from(Limits& own, const Limits& tier) {
  fill(own.rpm, tier.rpm);
  fill(own.tpm, tier.tpm);
  fill(own.parallel, tier.parallel);
  fill(own.soft_budget, tier.soft_budget);
  // A budget of its own that never resets does not begin to because a tier's does.
  if (!own.max_budget && tier.max_budget) {
    own.max_budget = tier.max_budget;
    if (own.budget_duration.empty()) own.budget_duration = tier.budget_duration;
    fill(own.budget_reset_at, tier.budget_reset_at);
  }
  if (own.windows.empty()) own.windows = tier.windows;
}

void add_increase(Limits& limits, Spot spot, const Value& metadata) {
  const auto more = amount_of(spot, "metadata.temp_budget_increase", metadata.find("temp_budget_increase"));
  if (!more || !limits.max_budget) return;
  const auto until = time_of(spot, "metadata.temp_budget_expiry", metadata.find("temp_budget_expiry"));
  if (!until) return; // without an end it would be for ever
  limits.increase = *more;
  limits.increase_ends = *until;
  *limits.max_budget += *more;
}

ModelLimits model_limits_of(EntityKind kind, const std::string& id, Spot spot, const ModelSources& from,
                            std::uint64_t version) {
  if (!from.rpm && !from.tpm && !from.budgets) return {};
  Drafts drafts;
  read_model_budgets(drafts, spot, from.budgets);
  read_rates(drafts, &Limits::rpm, spot, "metadata.model_rpm_limit", from.rpm);
  read_rates(drafts, &Limits::tpm, spot, "metadata.model_tpm_limit", from.tpm);
  ModelLimits out;
  const Value spend = unpacked(from.spend);
  for (auto& [model, limits] : drafts) {
    if (!limits.any()) continue;
    auto entity = std::make_shared<Entity>();
    entity->kind = kind;
    entity->owner_size = static_cast<std::uint32_t>(id.size());
    entity->id = id + ":" + model;
    entity->label = from.alias;
    entity->limits = std::move(limits);
    entity->spend = amount_of(spot, "model_spend", spend.find(model)).value_or(Money());
    entity->version = version;
    out.emplace(model, std::move(entity));
  }
  return out;
}

} // namespace switchyard::storage::identities
