// What answers and stream chunks have in common: usage, and the spelling of reasoning. Pure, any thread.
#pragma once

#include <switchyard/provider.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::providers {

/// Reads a usage object of either spelling (prompt_tokens or input_tokens) into `out`; null is no usage.
void read_usage(std::string_view usage_json, Usage& out);

/// `choices` with `reasoning` renamed to reasoning_content inside message and delta; nullopt = none there.
std::optional<std::string> rename_reasoning(std::string_view choices);

} // namespace switchyard::providers
