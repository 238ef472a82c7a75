// The parts of the management route table, one per family; routes.cpp joins them. Immutable data.
#pragma once

#include <switchyard/management.hpp>

#include <span>

namespace switchyard::management {

std::span<const Route> key_routes();
std::span<const Route> user_routes();
std::span<const Route> team_routes();
std::span<const Route> customer_routes();
std::span<const Route> organization_routes();
std::span<const Route> budget_routes();
std::span<const Route> tag_routes();
std::span<const Route> tag_user_routes();
std::span<const Route> project_routes();
std::span<const Route> model_routes();  ///< /model/new, update, delete, credentials
std::span<const Route> config_routes(); ///< /config/*, settings
std::span<const Route> people_routes(); ///< invitations, audit
std::span<const Route> spend_routes();  ///< /spend/*
std::span<const Route> global_spend_routes();
std::span<const Route> activity_routes(); ///< daily activity

} // namespace switchyard::management
