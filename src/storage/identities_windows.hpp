// What budget windows and budgets of single models have spent, out of the spend tables: no row holds it, and
// a process that starts must not begin them anew. Store threads.
#pragma once

#include <switchyard/identity.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/store.hpp>

namespace switchyard::storage::identities {

/// Fills in BudgetWindow::spent and ends, and Entity::spend of models. Of keys, users, teams, organizations
/// and customers; members and projects have no sums per day. Nobody else may know the set yet.
Result<void> fill_windows(Session& session, IdentitySet& set, const PlaneSettings& settings, WallTime now);

} // namespace switchyard::storage::identities
