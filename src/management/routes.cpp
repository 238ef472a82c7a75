// The management route table, joined from its families and sorted. Immutable once made.
#include "management/routes.hpp"

#include "management/cost_map_reload.hpp"

#include <algorithm>
#include <vector>

namespace switchyard::management {

std::span<const Route> all_routes() {
  static const std::vector<Route> routes = [] {
    std::vector<Route> all;
    for (auto part :
         {key_routes(), user_routes(), team_routes(), customer_routes(), organization_routes(),
          budget_routes(), tag_routes(), tag_user_routes(), project_routes(), model_routes(), config_routes(),
          people_routes(), cost_map_routes(), spend_routes(), global_spend_routes(), activity_routes()})
      all.insert(all.end(), part.begin(), part.end());
    std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.path < b.path; });
    return all;
  }();
  return routes;
}

} // namespace switchyard::management
