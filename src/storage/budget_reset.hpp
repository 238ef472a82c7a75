// The budget reset job and the deletion of old spend rows (spec management.md 5.4), as steps that the spend
// writer's thread takes between batches. Blocking.
#pragma once

#include <switchyard/identity.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/store.hpp>

#include <cstdint>
#include <vector>

namespace switchyard::storage {

/// Sets the spend of keys (not expired), users and teams that are due to 0, and of everything that refers to
/// a BudgetTable row that is due; their windows move on. Of several processes one resets a row. What was
/// reset is in `touched` also when a later row fails.
Result<void> reset_due_budgets(Session& session, const PlaneSettings& settings, WallTime now,
                               std::vector<Touched>& touched);

/// Deletes at most 1000 spend rows that are older than maximum_spend_logs_retention_period; how many went.
Result<std::int64_t> delete_old_rows(Session& session, const PlaneSettings& settings, WallTime now);
constexpr int k_retention_steps = 500; ///< of one round

} // namespace switchyard::storage
