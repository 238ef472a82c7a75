// Database rows to the records of identity.hpp. Pure functions for the store's threads; the reading itself is
// in identities_load.cpp and identities_read.cpp.
#pragma once

#include "identities_fields.hpp"

#include <switchyard/identity.hpp>
#include <switchyard/plane.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchyard::storage::identities {

/// What a BudgetTable row gives to everything that refers to it.
struct Budget {
  Limits limits;
  Value model_max_budget;
  std::vector<std::string> allowed_models;
};
using Budgets = std::unordered_map<std::string, Budget>;    ///< by budget_id
using TeamAliases = std::unordered_map<std::string, Value>; ///< ModelTable.id as text -> aliases

/// What rows are read against.
struct Context {
  const PlaneSettings& settings;
  Budgets budgets;
  TeamAliases aliases;
  std::uint64_t version = 0; ///< Entity::version
  /// The row's budget; null when it has none or (after a complaint) when there is no such budget.
  const Budget* budget(Spot spot, std::string_view column, const std::string& id) const;
};

// -- limits (identities_limits.cpp)

/// rpm_limit, tpm_limit, max_parallel_requests, max_budget, soft_budget, budget_duration, budget_reset_at and
/// budget_limits, as far as the row has them.
Limits limits_of(const Fields& row);
/// Limits of its own win, the tier's fill the gaps.
void fill_from(Limits& own, const Limits& tier);
/// temp_budget_increase until temp_budget_expiry, both or neither.
void add_increase(Limits& limits, Spot spot, const Value& metadata);

/// Where limits per model come from.
struct ModelSources {
  const Value *rpm = nullptr, *tpm = nullptr; ///< {"model": 5}
  const Value* budgets = nullptr; ///< {"model": 1.5} or {"model": {"budget_limit", "time_period", ...}}
  const Value* spend = nullptr;   ///< {"model": 0.5}
  std::string_view alias = {};    ///< of the key
};
ModelLimits model_limits_of(EntityKind kind, const std::string& id, Spot spot, const ModelSources& from,
                            std::uint64_t version);

// -- records (identities_rows.cpp)

Budget budget_of(const Fields& row);
std::shared_ptr<const KeyRecord> key_of(const Row& row, const Context& context);
std::shared_ptr<const TeamRecord> team_of(const Row& row, const Context& context);
std::shared_ptr<const UserRecord> user_of(const Row& row, const Context& context);
/// `fallback`: the team's metadata.team_member_budget_id, for memberships without a budget of their own.
std::shared_ptr<const MemberRecord> member_of(const Row& row, const std::string& fallback,
                                              const Context& context);
std::shared_ptr<const OrganizationRecord> organization_of(const Row& row, const Context& context);
std::shared_ptr<const ProjectRecord> project_of(const Row& row, const Context& context);
std::shared_ptr<const CustomerRecord> customer_of(const Row& row, const Context& context);
std::shared_ptr<const TagRecord> tag_of(const Row& row, const Context& context);
std::shared_ptr<const AccessGroupRecord> access_group_of(const Row& row);

/// "<team>:<user>"
std::string member_id(std::string_view team, std::string_view user);
/// "" when the team sets no default for its members.
std::string member_budget_id(const TeamRecord& team);
/// The active key's record under a rotated key's hash, until `revoke_at`.
std::shared_ptr<const KeyRecord> rotated(const KeyRecord& active, WallTime revoke_at);
/// Whether the record says anything that its absence does not.
bool matters(const CustomerRecord& customer);
bool matters(const TagRecord& tag);

} // namespace switchyard::storage::identities
