// Registry rows of this folder's providers. Immutable data, any thread.
#include "providers/legacy/rows.hpp"

namespace switchyard::providers::legacy {
std::span<const ProviderRow> rows() noexcept { return {}; }
} // namespace switchyard::providers::legacy
