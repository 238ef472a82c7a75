// What the command line adds to a config: options that override the file, and the row of --model. Main
// thread.
#pragma once

#include "config/model_rows.hpp"

#include <switchyard/config_loader.hpp>

#include <span>
#include <string_view>

namespace switchyard::config {

/// One option. `set` is null for LiteLLM's options that make no sense for a binary.
struct Option {
  std::string_view names; ///< "--model,-m"
  enum class Kind : std::uint8_t { flag, value, optional_value } kind;
  std::string_view type;
  std::string_view fallback;
  std::string_view help;
  Problem (*set)(const std::string& text, CommandLine& out) = nullptr;
};

std::span<const Option> options();

/// Last, because the command line wins. `has_file`: --model then forces the model instead of serving every
/// name.
void apply_command_line(const CommandLine& given, bool has_file, RowContext& rows);

} // namespace switchyard::config
