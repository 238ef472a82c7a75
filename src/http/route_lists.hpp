// Route lists of the configuration (public_routes, allowed_routes): exact paths, "/prefix/*", and LiteLLM's
// group names. Pure.
#pragma once

#include "http/route_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {

/// True when an entry of `list` covers the route called as `path`. Groups: openai_routes, llm_api_routes,
/// info_routes, public_routes, each also as "LiteLLMRoutes.<group>".
bool route_listed(const std::vector<std::string>& list, const Route& route, std::string_view path);

} // namespace switchyard::http
