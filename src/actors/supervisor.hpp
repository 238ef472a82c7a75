// The supervisor actor: knows how to start each child again and does so when one ends by a crash, behind the
// same address. Never on the request path.
#pragma once

#include "actors/handles.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <unordered_map>

namespace switchyard::actors {

class Supervisor final : public SupervisorHandle::base {
 public:
  /// Restarts of one child; its earlier handles stay allocated (Address), so the number is bounded.
  static constexpr unsigned k_max_restarts = 1000;

  explicit Supervisor(caf::actor_config& config);
  const char* name() const override { return "supervisor"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  struct Child {
    Watch spec;
    unsigned restarts = 0;
  };
  void watch(const Watch& spec);
  void bury(const caf::down_msg& down);
  void restart(std::uint64_t number, const std::string& reason);
  void begin_life(std::uint64_t number);
  void follow(std::uint64_t number, const caf::strong_actor_ptr& life);

  std::unordered_map<std::uint64_t, Child> children_;        ///< by Watch::number
  std::unordered_map<caf::actor_id, std::uint64_t> numbers_; ///< present lives
};

} // namespace switchyard::actors
