// Matches a route against the configuration's lists.
#include "http/route_lists.hpp"

namespace switchyard::http {

namespace {

bool in_group(std::string_view group, const Route& route) {
  constexpr std::string_view k_prefix = "LiteLLMRoutes.";
  if (group.starts_with(k_prefix)) group.remove_prefix(k_prefix.size());
  if (group == "openai_routes" || group == "llm_api_routes") return route.kind == RouteKind::llm;
  if (group == "info_routes") return route.kind == RouteKind::info && route.access == Access::key;
  if (group == "public_routes") return route.access == Access::open;
  return false;
}

bool covers(std::string_view entry, const Route& route, std::string_view path) {
  if (entry == path || entry == route.path) return true;
  if (entry.ends_with("/*")) return path.starts_with(entry.substr(0, entry.size() - 1));
  return in_group(entry, route);
}

} // namespace

bool route_listed(const std::vector<std::string>& list, const Route& route, std::string_view path) {
  for (auto& entry : list)
    if (covers(entry, route, path)) return true;
  return false;
}

} // namespace switchyard::http
