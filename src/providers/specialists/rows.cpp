// Registry rows of this folder's providers. Immutable data, any thread.
#include "providers/specialists/rows.hpp"

namespace switchyard::providers::specialists {
std::span<const ProviderRow> rows() noexcept { return {}; }
} // namespace switchyard::providers::specialists
