// Price reloads, now and on a schedule. Store threads.
#pragma once

#include "management/rows.hpp"

#include <span>
#include <string_view>

namespace switchyard::management {

std::span<const Route> cost_map_routes();
/// The row of LiteLLM_Config that holds the schedule: no section of the configuration.
bool is_price_schedule(std::string_view config_row);

} // namespace switchyard::management
