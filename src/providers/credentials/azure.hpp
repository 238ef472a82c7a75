// Entra ID (Azure AD) tokens for Azure OpenAI and Azure AI (spec providers.md 3.9). Start-up only.
#pragma once

#include <switchyard/config.hpp>
#include <switchyard/credentials.hpp>
#include <switchyard/provider.hpp>

namespace switchyard::providers {

/// For rows without an API key. Null = azure_ad_token is a token already, or nothing was said. Order:
/// tenant_id, client_id and client_secret; azure_username and azure_password; azure_ad_token "oidc/..."; with
/// enable_azure_ad_token_refresh (a parameter of the row, or `refresh` for litellm_settings') what the
/// machine offers: workload identity, managed identity. Config errors name the parameter.
Result<std::shared_ptr<const TokenPlan>> azure_plan(const LitellmParams& params, EnvLookup env,
                                                    bool refresh = false);

} // namespace switchyard::providers
