// What our actors do with an exception: end with it as their reason, so that the supervisor logs and
// restarts. CAF's own handler would print to stdout.
#pragma once

#include <switchyard/log.hpp>

#include <caf/sec.hpp>

#include <exception>

namespace switchyard::actors {

template <class Actor>
void quiet_crashes(Actor& self) {
  self.set_exception_handler([&self](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      log::error("actor_crashed", {{"actor", self.name()}, {"what", e.what()}});
    } catch (...) {
      log::error("actor_crashed", {{"actor", self.name()}, {"what", "unknown exception"}});
    }
    return caf::make_error(caf::sec::runtime_error);
  });
}

} // namespace switchyard::actors
