// Registry rows of this folder's providers. Immutable data, any thread.
#include "providers/anthropic/rows.hpp"

namespace switchyard::providers::anthropic {
std::span<const ProviderRow> rows() noexcept { return {}; }
} // namespace switchyard::providers::anthropic
