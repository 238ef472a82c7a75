// Databricks' machine-to-machine OAuth (spec providers.md 3.10). Start-up only.
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers {

/// For targets without a key: sets target.tokens from client_id and client_secret (or DATABRICKS_CLIENT_ID,
/// DATABRICKS_CLIENT_SECRET), fetched from the workspace of target.base. Without them it does nothing.
Result<void> databricks_credentials(FamilyTarget& target, const LitellmParams& params, EnvLookup env);

} // namespace switchyard::providers
