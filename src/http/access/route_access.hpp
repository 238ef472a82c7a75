// Whether an authenticated caller may use a route at all; what it may do to which row is the handler's
// business. Pure.
#pragma once

#include "http/access/identity.hpp"

#include <string_view>

namespace switchyard::http::access {

struct RouteQuestion {
  std::string_view method, path;
};

/// Texts and statuses of spec management.md 1.5: 403 by the key or the configuration, 401 by the role.
Result<void> check_route(const Identity& identity, const PlaneSettings& settings, RouteQuestion route);

} // namespace switchyard::http::access
