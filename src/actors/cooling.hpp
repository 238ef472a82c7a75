// Cooldown and breaker of one row as they run: counts what cooldown.hpp judges and publishes the result in
// the view. Part of the deployment actor; takes time only from its arguments.
#pragma once

#include "actors/cooldown.hpp"

namespace switchyard::actors {

class Cooling {
 public:
  /// A request is granted. True = it is the probe of a half-open breaker: until it has reported, or a while
  /// has gone by, the row takes no other.
  bool take_probe(DeploymentView& view, const CooldownRule& rule, Instant now);
  /// The probe ended without saying anything about the row; the next request is one.
  void lose_probe(DeploymentView& view);

  void succeeded(DeploymentView& view, const Outcome& outcome);
  void failed(DeploymentView& view, const CooldownRule& rule, const Outcome& failure);

 private:
  void close(DeploymentView& view);
  void cool(DeploymentView& view, const CooldownRule& rule, Instant now, Millis length);
  void enter_minute(DeploymentView& view, Instant now);

  std::int64_t minute_ = -1; ///< which minute the view's minute counts belong to
  int recent_ = 0;           ///< failures for allowed_fails
  Instant recent_until_{};   ///< when they are forgotten
  int in_a_row_ = 0;         ///< failures without a success
};

} // namespace switchyard::actors
