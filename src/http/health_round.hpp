// One round of health checks: every row once, so many at a time. Lives on one shard, kept alive by its own
// checks; used by GET /health and by the background monitor.
#pragma once

#include "http/health_check.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace switchyard::http {

class HealthRound : public std::enable_shared_from_this<HealthRound> {
 public:
  struct Row {
    GroupPtr group;
    std::size_t seat = 0; ///< of group->deployments and group->health
    CheckResult result;
    const Deployment& deployment() const { return *group->deployments[seat]; }
  };

  /// `routing` is kept until the round is over.
  HealthRound(Shard& shard, RoutingPtr routing, std::vector<Row> rows);
  HealthRound(const HealthRound&) = delete;
  HealthRound& operator=(const HealthRound&) = delete;

  std::function<void(const Row&)> on_row; ///< a row has its result; not called once the round is cancelled
  /// `done` runs on the shard when no check runs any more: now, if there is nothing to wait for.
  void start(std::function<void()> done);
  /// Ends running checks and begins no others. The results are worthless then.
  void cancel();

  bool cancelled() const noexcept { return cancelled_; }
  const std::vector<Row>& rows() const noexcept { return rows_; }

 private:
  static aw<> work(std::shared_ptr<HealthRound> round, std::size_t worker);
  void worker_done();

  Shard& shard_;
  RoutingPtr routing_;
  std::vector<Row> rows_;
  std::size_t next_ = 0, workers_ = 0, working_ = 0;
  std::unique_ptr<CancelScope[]> scopes_; ///< one per worker
  bool cancelled_ = false;
  std::function<void()> done_;
};

} // namespace switchyard::http
