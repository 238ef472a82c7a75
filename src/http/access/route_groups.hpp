// LiteLLM's route groups and who may use which: one table. Pure, immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http::access {

/// Whether `path` is one of the group's ("openai_routes", also as "LiteLLMRoutes.openai_routes"); false for
/// names that are no group.
bool in_group(std::string_view group, std::string_view path) noexcept;
bool is_group(std::string_view name) noexcept;

/// Whether an entry of a route list covers `path`: exact, "/prefix/*", a template ("/files/{id}": one
/// segment each), "*", or a group's name.
bool covers(std::string_view entry, std::string_view path) noexcept;
bool listed(const std::vector<std::string>& list, std::string_view path) noexcept;

/// Whether the role opens the route. Roles: proxy_admin, proxy_admin_viewer, org_admin, internal_user,
/// internal_user_viewer, team, customer; "" = a key whose user has none.
bool role_opens(std::string_view role, std::string_view method, std::string_view path) noexcept;

/// Only the master key itself.
bool master_only(std::string_view path) noexcept;

} // namespace switchyard::http::access
