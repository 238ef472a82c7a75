// Registry rows of this folder's providers. Immutable data, any thread.
#include "providers/ollama/rows.hpp"

namespace switchyard::providers::ollama {
std::span<const ProviderRow> rows() noexcept { return {}; }
} // namespace switchyard::providers::ollama
