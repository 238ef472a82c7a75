// Runs one management call. Store threads.
#include "management/answer.hpp"

#include <exception>

namespace switchyard::management {

Reply run(const Route& route, storage::Session& session, const Call& call) try {
  return route.handle(session, call);
} catch (const std::exception& problem) {
  return refuse(500, std::string("Internal Server Error, ") + problem.what());
}

} // namespace switchyard::management
