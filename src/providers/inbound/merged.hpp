// merge_reasoning_content_in_choices of a row: chat streams tell the reasoning as content, between <think>
// and
// </think>, for clients that know no reasoning_content. Immutable, any thread; a stream belongs to one shard.
#pragma once

#include <switchyard/provider.hpp>

namespace switchyard::providers::inbound {

/// A provider in front of the target's chat provider; null for rows that do not want it.
const Provider* merging_provider(const Target& target) noexcept;

} // namespace switchyard::providers::inbound
