// Request parameters as generationConfig and its neighbours. Pure, any thread.
#pragma once

#include "providers/google/model.hpp"

#include <optional>

namespace switchyard::providers::google {

/// Moves a member out of the request; nothing when it is absent or null.
std::optional<Value> take(Value& request, std::string_view key);
/// The first of these names that is there.
std::optional<Value> take_any(Value& request, std::string_view one, std::string_view other);

/// Moves what generationConfig holds out of the request, and writes it into the body.
Result<void> write_config(Job& job, const Model& model, ValueMap& body);
/// safetySettings, cachedContent, labels, serviceTier.
void write_settings(Job& job, ValueMap& body, Upstream& out);

} // namespace switchyard::providers::google
