// Specs of the graph's actors for the supervisor. They hold addresses weakly: supervision keeps nobody alive.
#include "actors/births.hpp"

#include "actors/deployment.hpp"
#include "actors/model_group.hpp"

namespace switchyard::actors {

namespace {

/// `spawn` makes the next life. Null when the last holder of the address let go.
template <class AddressType, class Spawn>
auto starter(const std::shared_ptr<AddressType>& address, Spawn spawn) {
  return [weak = std::weak_ptr(address), spawn = std::move(spawn)]() -> caf::strong_actor_ptr {
    const auto held = weak.lock();
    if (!held) return nullptr;
    const auto handle = spawn();
    held->point_to(handle);
    return caf::actor_cast<caf::strong_actor_ptr>(handle);
  };
}

} // namespace

void watch_deployment(const SupervisorHandle& supervisor, caf::actor_system& system,
                      const std::shared_ptr<DeploymentAddress>& address, const Facts& facts, bool fresh) {
  Watch watch;
  watch.number = address->number;
  watch.name = "deployment " + facts.id;
  watch.start = starter(address, [&system, facts] { return system.spawn<DeploymentActor>(facts); });
  watch.refresh = [weak = std::weak_ptr(address), facts] {
    if (const auto held = weak.lock()) held->tell(facts);
  };
  if (fresh) watch.first = watch.start();
  caf::anon_send(supervisor, std::move(watch));
}

void watch_group(const SupervisorHandle& supervisor, caf::actor_system& system,
                 const std::shared_ptr<GroupAddress>& address, const std::string& name) {
  Watch watch;
  watch.number = address->number;
  watch.name = "model_group " + name;
  watch.start = starter(address, [&system, view = address->view] { return system.spawn<ModelGroup>(view); });
  watch.first = watch.start();
  caf::anon_send(supervisor, std::move(watch));
}

} // namespace switchyard::actors
