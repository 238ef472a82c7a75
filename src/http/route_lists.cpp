// Matches a route against the configuration's lists.
#include "http/route_lists.hpp"

#include "http/access/route_groups.hpp"

#include <algorithm>

namespace switchyard::http {

bool route_listed(const std::vector<std::string>& list, const Route& route, std::string_view path) {
  return access::listed(list, path) || std::find(list.begin(), list.end(), route.path) != list.end();
}

} // namespace switchyard::http
