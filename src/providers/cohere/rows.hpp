// Registry rows of this folder's providers. Immutable data, any thread.
#pragma once

#include "providers/row.hpp"

#include <span>

namespace switchyard::providers::cohere {
std::span<const ProviderRow> rows() noexcept;
} // namespace switchyard::providers::cohere
