// YAML text into a Value tree, read as PyYAML reads it: 1.1 scalars, `<<` merges, the last duplicate key
// wins. Main thread. The only file of the product that knows yaml-cpp is yaml.cpp.
#pragma once

#include "config/report.hpp"

#include <optional>
#include <string_view>

namespace switchyard::config {

inline constexpr std::size_t k_max_file_bytes = 16u << 20;

/// The document, or nothing after an error in `report`. `file` is the index of its name in report.files.
/// Bounded in depth and size whatever the text does with aliases.
std::optional<Value> parse_yaml(std::string_view text, std::uint16_t file, Report& report);

} // namespace switchyard::config
