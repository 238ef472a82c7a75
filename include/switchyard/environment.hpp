// The process environment with config.yaml's environment_variables laid over it. Any thread. Replaces setenv,
// which is not safe while other threads read the environment.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

/// The overlay's value, else the process's; nothing when unset.
std::optional<std::string> environment(std::string_view name);
/// The same with "" for unset (providers::EnvLookup).
std::string environment_or_empty(std::string_view name);
void set_environment(std::string name, std::string value);

} // namespace switchyard
