// The router's live state as JSON: for /router/state, /health and /model_group/info. Pure.
#pragma once

#include <switchyard/router_state.hpp>

#include <string>

namespace switchyard::http {

/// Times in seconds; null where there is no limit or no sample.
std::string state_json(const DeploymentState& state);
std::string state_json(const GroupState& state);
/// The group's sums, without its rows.
std::string summary_json(const GroupState& state);

} // namespace switchyard::http
