// Names of request parameters: what OpenAI knows, what only the gateway reads. Immutable, any thread.
#pragma once

#include <string_view>

namespace switchyard::providers {

/// Chat parameters newer than the classic set; rows with k_classic_params support none of them.
bool is_newer_param(std::string_view key) noexcept;

} // namespace switchyard::providers
