// Registry rows of this folder's providers. Immutable data, any thread.
#include "providers/replicate/rows.hpp"

namespace switchyard::providers::replicate {
std::span<const ProviderRow> rows() noexcept { return {}; }
} // namespace switchyard::providers::replicate
