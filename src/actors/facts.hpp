// Settings and row to what a seat and its deployment actor need to know. Pure; called by the builder.
#pragma once

#include "actors/roster.hpp"

namespace switchyard::actors {

/// Seconds of a setting, within a year.
Millis to_millis(double seconds);

Facts facts_of(const Deployment& deployment, const RouterSettings& router, const Roster& roster, bool alone);
Seat make_seat(const DeploymentPtr& deployment, std::shared_ptr<const DeploymentAddress> address);

} // namespace switchyard::actors
