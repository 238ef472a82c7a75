// Which AWS credentials a deployment uses (spec providers.md 3.3). Start-up only.
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers {

/// Sets target.aws for keys that are known, else target.tokens. Reads target.region: set it first. Order: web
/// identity, role, profile, keys, then whatever the environment and the machine offer. Config errors name the
/// parameter. Bearer keys (api_key, AWS_BEARER_TOKEN_BEDROCK) are the family's business.
Result<void> aws_credentials(FamilyTarget& target, const LitellmParams& params, EnvLookup env);

} // namespace switchyard::providers
