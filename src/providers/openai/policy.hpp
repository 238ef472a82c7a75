// Applies the parameter policy to one JSON request (spec providers.md 4). Pure, any thread.
#pragma once

#include "providers/openai/target.hpp"

namespace switchyard::providers {

/// Edits `splice` (over `scan`, the client's object with fallback overrides merged) into the upstream's body.
/// Returns what remains to be dropped below the top level: the paths among the request's own
/// additional_drop_params ("a.b", "tools[*].x"). Fails with unsupported_params.
Result<std::vector<std::string>> apply_policy(const OpenAiTarget& target, const Call& call,
                                              const ObjectScan& scan, JsonSplice& splice);

} // namespace switchyard::providers
