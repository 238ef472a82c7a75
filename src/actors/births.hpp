// How actors of the graph come to life behind an address, now and after a crash. Called by the builder; the
// supervisor calls what it is given here.
#pragma once

#include "actors/roster.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <string>

namespace switchyard::actors {

/// Puts a deployment under supervision. `fresh`: starts it now; else it runs already and is told `facts`.
void watch_deployment(const SupervisorHandle& supervisor, caf::actor_system& system,
                      const std::shared_ptr<DeploymentAddress>& address, const Facts& facts, bool fresh);

/// Starts a group's actor and puts it under supervision.
void watch_group(const SupervisorHandle& supervisor, caf::actor_system& system,
                 const std::shared_ptr<GroupAddress>& address, const std::string& name);

} // namespace switchyard::actors
