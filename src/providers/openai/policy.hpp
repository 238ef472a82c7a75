// Applies the parameter policy to one JSON request (spec providers.md 4). Pure, any thread.
#pragma once

#include "providers/openai/target.hpp"

namespace switchyard::providers {

/// Edits `splice` (over `scan`, the client's object with fallback overrides merged) into the upstream's body.
/// Fails with unsupported_params.
Result<void> apply_policy(const OpenAiTarget& target, const Call& call, const ObjectScan& scan,
                          JsonSplice& splice);

/// Paths among the request's own additional_drop_params ("a.b", "tools[*].x").
std::vector<std::string> request_drop_paths(const ObjectScan& scan);

} // namespace switchyard::providers
