// The command line's actions that do not serve: --validate_config, --test, --health. Main's thread; they may
// block.
#pragma once

#include <switchyard/config.hpp>
#include <switchyard/config_loader.hpp>

#include <string>
#include <vector>

namespace switchyard {

/// Rows that no provider takes, as "file:line: ..." lines.
std::vector<std::string> check_providers(const Config& config);
/// Prints warnings and problems; the process's exit code.
int validate_config(const config::LoadOptions& options);
/// Posts one chat call to the running server and prints its answer.
int run_test(const config::CommandLine& command_line, const Config* config);
/// Prints the running server's /health.
int run_health(const config::CommandLine& command_line, const Config* config);

} // namespace switchyard
