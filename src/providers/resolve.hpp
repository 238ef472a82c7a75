// Which provider a model string means (spec providers.md 2). Pure, any thread.
#pragma once

#include <string_view>

namespace switchyard::providers {

struct Resolution {
  std::string_view provider; ///< empty = LiteLLM would say that the provider was not provided
  std::string_view model;    ///< the name without its provider prefix
};

Resolution resolve(std::string_view model, std::string_view custom_llm_provider, std::string_view api_base);

} // namespace switchyard::providers
