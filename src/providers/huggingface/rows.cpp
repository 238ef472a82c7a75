// Registry rows of this folder's providers. Immutable data, any thread.
#include "providers/huggingface/rows.hpp"

namespace switchyard::providers::huggingface {
std::span<const ProviderRow> rows() noexcept { return {}; }
} // namespace switchyard::providers::huggingface
