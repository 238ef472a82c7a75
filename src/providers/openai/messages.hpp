// Rewrites `messages` and `tools` where a provider needs it. Pure, any thread.
#pragma once

#include "providers/row.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::providers {

/// nullopt = forward as it is. Decides by substring searches first, so that ordinary messages are not parsed.
std::optional<std::string> rewrite_messages(const ProviderRow& row, std::string_view model,
                                            std::string_view messages);
std::optional<std::string> rewrite_tools(const ProviderRow& row, std::string_view model,
                                         std::string_view tools);

} // namespace switchyard::providers
