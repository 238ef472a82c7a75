// Registry rows of this folder's providers. Immutable data, any thread.
#include "providers/google/rows.hpp"

namespace switchyard::providers::google {
std::span<const ProviderRow> rows() noexcept { return {}; }
} // namespace switchyard::providers::google
