// Whether a stream has begun to say something: until then a failure of the upstream can be hidden. Pure.
#pragma once

#include "providers/openai/answer.hpp"

#include <string_view>

namespace switchyard::providers {

/// False for chunks that only announce an answer: a role, empty texts, usage. What is not understood counts
/// as content.
bool holds_content(const Members& chunk);
/// Whether an event of the responses API of this type (as written) comes before all output.
bool announces(std::string_view type) noexcept;

} // namespace switchyard::providers
