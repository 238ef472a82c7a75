// Route lists of the configuration (public_routes, allowed_routes): exact paths, "/prefix/*", templates, and
// LiteLLM's group names. Pure.
#pragma once

#include "http/route_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {

/// True when an entry of `list` covers the route called as `path` (access/route_groups.hpp), or is its own
/// template.
bool route_listed(const std::vector<std::string>& list, const Route& route, std::string_view path);

} // namespace switchyard::http
