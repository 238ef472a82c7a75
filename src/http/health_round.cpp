// HealthRound: as many workers as may run at a time, each takes the next row until none is left.
#include "http/health_round.hpp"

#include <switchyard/log.hpp>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>

namespace switchyard::http {

HealthRound::HealthRound(Shard& shard, RoutingPtr routing, std::vector<Row> rows)
    : shard_(shard), routing_(std::move(routing)), rows_(std::move(rows)), workers_(rows_.size()) {
  const int most = routing_->config().health.concurrency;
  if (most > 0) workers_ = std::min(workers_, static_cast<std::size_t>(most));
  scopes_ = std::make_unique<CancelScope[]>(workers_);
}

void HealthRound::start(std::function<void()> done) {
  done_ = std::move(done);
  working_ = workers_;
  if (working_ == 0) return done_();
  const auto self = shared_from_this(); // workers that need not wait end in here
  for (std::size_t i = 0; i < workers_; ++i)
    asio::co_spawn(shard_.executor(), work(self, i), [self](std::exception_ptr escaped) {
      if (escaped) log::error("health_check.escaped", {{"error", "exception in a health check"}});
      self->worker_done();
    });
}

void HealthRound::cancel() {
  if (std::exchange(cancelled_, true)) return;
  for (std::size_t i = 0; i < workers_; ++i) scopes_[i].cancel(CancelReason::draining);
}

aw<> HealthRound::work(std::shared_ptr<HealthRound> round, std::size_t worker) {
  auto& scope = round->scopes_[worker];
  const auto& settings = round->routing_->config().health;
  while (!round->cancelled_ && round->next_ < round->rows_.size()) {
    auto& row = round->rows_[round->next_++];
    row.result = co_await check_health(round->shard_, row.deployment(), settings, scope);
    if (!round->cancelled_ && round->on_row) round->on_row(row);
  }
}

void HealthRound::worker_done() {
  if (--working_ == 0) std::exchange(done_, nullptr)();
}

} // namespace switchyard::http
