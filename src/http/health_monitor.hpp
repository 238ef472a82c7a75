// Background health checks (spec router.md 2.9): a round per health_check_interval, marks for the
// deployments, the results for every shard's /health. Lives on one shard of the process. Without
// background_health_checks it does nothing and wakes nobody.
#pragma once

#include "http/health_round.hpp"

namespace switchyard::http {

class HealthMonitor {
 public:
  /// `all` are the shards that get the results; all of this runs on `shard`.
  HealthMonitor(Shard& shard, std::vector<Shard*> all);

  /// The shard has a routing snapshot, its first or a new one: a round begins, or the checks end.
  void restart();
  /// Ends what runs, for good; `idle` runs when nothing does any more.
  void stop(std::function<void()> idle);

 private:
  void begin();
  void learn(const HealthRound::Row& row);
  void finish();
  void publish(std::shared_ptr<const HealthResults> results);

  Shard& shard_;
  std::vector<Shard*> all_;
  Deadline next_;
  Instant began_{};
  std::shared_ptr<HealthRound> round_;          ///< while one runs
  std::shared_ptr<const HealthResults> latest_; ///< as published
  bool stopped_ = false;
  std::function<void()> idle_;
};

} // namespace switchyard::http
