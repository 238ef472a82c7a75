// What a start prints: models, warnings, URL. Main's thread.
#pragma once

#include <switchyard/config.hpp>
#include <switchyard/graph.hpp>

#include <string>
#include <vector>

namespace switchyard {

/// Lines for the terminal; `warnings` one per line.
void print_banner(const Config& config, const Routing& routing, const std::vector<std::string>& warnings,
                  std::uint16_t port);
/// "http://127.0.0.1:4000"
std::string server_url(const Config& config, std::uint16_t port);

} // namespace switchyard
