// The supervisor actor's handlers. A child that retires or is shut down is forgotten; any other end restarts
// it, or does what its spec says about crashes.
#include "actors/supervisor.hpp"

#include "actors/crash.hpp"

#include <caf/actor_system.hpp>

namespace switchyard::actors {

Supervisor::Supervisor(caf::actor_config& config) : SupervisorHandle::base(config) {
  quiet_crashes(*this);
  set_down_handler([this](caf::down_msg& down) { bury(down); });
}

Supervisor::behavior_type Supervisor::make_behavior() {
  return {[this](const Watch& spec) { watch(spec); }};
}

void Supervisor::on_exit() {
  children_.clear();
  numbers_.clear();
}

void Supervisor::watch(const Watch& spec) {
  const bool known = children_.count(spec.number) != 0;
  auto& child = children_[spec.number];
  child.spec = spec;
  child.spec.first = nullptr;
  if (spec.first) return follow(spec.number, spec.first);
  if (!known) return begin_life(spec.number); // given up before this reload
  // A crash before this message was cured with the old facts, one after it will be with the new: so the
  // refresh has to come from here.
  if (spec.refresh) spec.refresh();
}

void Supervisor::follow(std::uint64_t number, const caf::strong_actor_ptr& life) {
  numbers_[life->id()] = number;
  monitor(life);
}

void Supervisor::bury(const caf::down_msg& down) {
  const auto life = numbers_.find(down.source.id());
  if (life == numbers_.end()) return;
  const auto number = life->second;
  numbers_.erase(life);
  const bool wanted = !down.reason || down.reason == caf::exit_reason::normal ||
                      down.reason == caf::exit_reason::user_shutdown;
  if (wanted)
    children_.erase(number);
  else
    restart(number, system().render(down.reason));
}

void Supervisor::restart(std::uint64_t number, const std::string& reason) {
  auto& child = children_[number];
  if (child.spec.fatal) return child.spec.fatal(reason);
  if (++child.restarts > k_max_restarts) {
    log::error("actor_given_up", {{"actor", child.spec.name}, {"restarts", k_max_restarts}});
    children_.erase(number);
    return;
  }
  log::error("actor_restarted", {{"actor", child.spec.name}, {"reason", reason}});
  begin_life(number);
}

void Supervisor::begin_life(std::uint64_t number) {
  if (const auto life = children_[number].spec.start())
    follow(number, life);
  else
    children_.erase(number); // nobody holds its address any more
}

} // namespace switchyard::actors
