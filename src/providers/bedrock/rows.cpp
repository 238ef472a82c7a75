// Registry rows of this folder's providers. Immutable data, any thread.
#include "providers/bedrock/rows.hpp"

namespace switchyard::providers::bedrock {
std::span<const ProviderRow> rows() noexcept { return {}; }
} // namespace switchyard::providers::bedrock
