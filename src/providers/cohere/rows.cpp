// Registry rows of this folder's providers. Immutable data, any thread.
#include "providers/cohere/rows.hpp"

namespace switchyard::providers::cohere {
std::span<const ProviderRow> rows() noexcept { return {}; }
} // namespace switchyard::providers::cohere
