// Registry rows of AWS: Bedrock and SageMaker. Immutable data, any thread.
#include "providers/bedrock/rows.hpp"

#include "providers/bedrock/bedrock.hpp"
#include "providers/sagemaker/sagemaker.hpp"

namespace switchyard::providers::bedrock {
namespace {

constexpr ProviderRow row_of_bedrock(EndpointSet endpoints) {
  return {.name = "bedrock",
          .base_url = "",
          .base_env = "AWS_BEDROCK_RUNTIME_ENDPOINT",
          .key_env = "AWS_BEARER_TOKEN_BEDROCK",
          .endpoints = endpoints,
          .errors = ErrorFamily::generic,
          .family = &k_bedrock};
}

constexpr ProviderRow k_rows[] = {
    row_of_bedrock(C | E | R | set_of(Endpoint::images_generations)),
    {.name = "bedrock_mantle",
     .base_url = "",
     .base_env = "BEDROCK_MANTLE_API_BASE",
     .key_env = "BEDROCK_MANTLE_API_KEY AWS_BEARER_TOKEN_BEDROCK",
     .endpoints = C,
     .errors = ErrorFamily::generic,
     .family = &k_mantle},
    {.name = "sagemaker",
     .base_url = "",
     .base_env = "",
     .key_env = "",
     .endpoints = C | E,
     .auth = Auth::none,
     .errors = ErrorFamily::generic,
     .family = &sagemaker::k_text},
    {.name = "sagemaker_chat",
     .base_url = "",
     .base_env = "",
     .key_env = "",
     .endpoints = C | E,
     .auth = Auth::none,
     .errors = ErrorFamily::generic,
     .family = &sagemaker::k_chat},
    {.name = "sagemaker_nova",
     .base_url = "",
     .base_env = "",
     .key_env = "",
     .endpoints = C,
     .auth = Auth::none,
     .errors = ErrorFamily::generic,
     .family = &sagemaker::k_chat},
};

} // namespace

constexpr ProviderRow k_claude_row = row_of_bedrock(C | set_of(Endpoint::messages));

std::span<const ProviderRow> rows() noexcept { return k_rows; }

} // namespace switchyard::providers::bedrock
