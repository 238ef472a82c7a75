// Builds the request heads of a deployment. Start-up only.
#pragma once

#include "providers/openai/target.hpp"
#include "providers/url.hpp"

#include <memory>

namespace switchyard::providers {

struct Credentials {
  std::string key;                         ///< api_key, or empty
  std::string ad_token;                    ///< Azure: used when there is no key
  std::shared_ptr<const TokenPlan> tokens; ///< Azure: likewise, fetched
};

/// Fills origins, heads and api_base_public of the target, whose row and model are set.
Result<void> build_heads(OpenAiTarget& target, const LitellmParams& params, const BaseUrl& base,
                         const Credentials& credentials, EnvLookup env);

/// The path and query of an endpoint; `model_at` gets the offset of a wildcard model's place.
struct EndpointUrl {
  std::string target; ///< path?query
  std::size_t model_at = std::string::npos;
};
EndpointUrl plain_url(const OpenAiTarget& target, const BaseUrl& base, Endpoint endpoint);
EndpointUrl azure_url(const OpenAiTarget& target, const BaseUrl& base, Endpoint endpoint,
                      std::string_view api_version);
EndpointUrl azure_ai_url(const BaseUrl& base, Endpoint endpoint, std::string_view api_version);

/// Azure: whether the key goes as a bearer token instead of the api-key header.
bool azure_bearer(const OpenAiTarget& target, const BaseUrl& base, std::string_view api_version);
/// litellm_params.api_version > the base URL's query > environment > default.
std::string azure_version(const OpenAiTarget& target, const LitellmParams& params, const BaseUrl& base,
                          EnvLookup env);

/// Lines that frame the message are ours alone, whatever a row asks for.
bool is_framing(std::string_view name);
/// Of a row's extra_headers: --debug shows *** for them.
bool looks_secret(std::string_view name);

} // namespace switchyard::providers
