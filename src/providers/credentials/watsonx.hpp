// IBM Cloud IAM for watsonx (spec providers.md 3.10). Start-up only.
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers {

/// Adds the Authorization line of a token that is known (token, WATSONX_TOKEN; zen_api_key,
/// WATSONX_ZENAPIKEY), or sets target.tokens for an API key (target.key or WATSONX_APIKEY, WATSONX_API_KEY,
/// WX_API_KEY). The row should say Auth::own_header, so that the key itself is not sent. A config error
/// without any of them.
Result<void> watsonx_credentials(FamilyTarget& target, const LitellmParams& params, EnvLookup env);

} // namespace switchyard::providers
