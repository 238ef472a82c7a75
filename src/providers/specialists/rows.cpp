// Registry rows of this folder's providers. Immutable data, any thread.
#include "providers/specialists/rows.hpp"

#include "providers/specialists/families.hpp"

namespace switchyard::providers::specialists {
namespace {

constexpr ProviderRow k_rows[] = {
    {.name = "voyage",
     .base_url = "https://api.voyageai.com/v1",
     .base_env = "VOYAGE_API_BASE",
     .key_env = "VOYAGE_API_KEY VOYAGE_AI_API_KEY VOYAGE_AI_TOKEN",
     .endpoints = E | R,
     .errors = ErrorFamily::generic,
     .family = &k_voyage},
    {.name = "jina_ai",
     .base_url = "https://api.jina.ai/v1",
     .base_env = "JINA_AI_API_BASE",
     .key_env = "JINA_AI_API_KEY JINA_AI_TOKEN",
     .endpoints = E | R,
     .errors = ErrorFamily::generic,
     .family = &k_jina},
    {.name = "infinity",
     .base_url = "",
     .base_env = "INFINITY_API_BASE",
     .key_env = "INFINITY_API_KEY",
     .endpoints = E | R,
     .errors = ErrorFamily::generic,
     .family = &k_infinity},
    {.name = "azure_anthropic",
     .base_url = "",
     .base_env = "AZURE_AI_API_BASE AZURE_API_BASE",
     .key_env = "AZURE_AI_API_KEY AZURE_API_KEY",
     .endpoints = C | N,
     .quirks = k_raw_errors,
     .auth = Auth::own_header,
     .errors = ErrorFamily::generic,
     .family = &k_azure_claude},
};

} // namespace

std::span<const ProviderRow> rows() noexcept { return k_rows; }

} // namespace switchyard::providers::specialists
