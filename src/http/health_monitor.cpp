// HealthMonitor: begin a round, send its marks, publish its results, wait for the next.
#include "http/health_monitor.hpp"

#include <switchyard/log.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>

namespace switchyard::http {

namespace {

/// From the start of one round to the next; 0 = no background checks.
Millis interval_of(const Config& config) {
  constexpr double k_shortest = 0.1, k_longest = 366.0 * 86400;
  const double seconds = config.router.health_check_interval;
  if (!config.health.background || !(seconds > 0)) return Millis{0};
  return Millis(static_cast<std::int64_t>(std::clamp(seconds, k_shortest, k_longest) * 1000));
}

std::vector<HealthRound::Row> rows_to_check(const Routing& routing) {
  std::vector<HealthRound::Row> rows;
  for (auto& group : routing.groups())
    for (std::size_t seat = 0; seat < group->deployments.size(); ++seat) {
      if (!group->deployments[seat]->row.health.in_background) continue;
      auto& row = rows.emplace_back();
      row.group = group, row.seat = seat;
    }
  return rows;
}

void send_mark(const HealthRound::Row& row, Instant now) {
  if (row.seat >= row.group->health.size()) return;
  HealthMark mark;
  mark.now = now, mark.healthy = row.result.healthy();
  mark.error = row.result.error.code;
  if (!mark.healthy) mark.status = static_cast<std::uint16_t>(row.result.error.http_status());
  row.group->health[row.seat].send(mark);
}

/// A row that was not seen before is taken for healthy.
bool was_healthy(const HealthResults* before, const std::string& id) {
  if (!before) return true;
  const auto known = before->rows.find(id);
  return known == before->rows.end() || known->second.healthy();
}

/// Only changes: a row that stays broken is not worth a line per round.
void log_change(const HealthRound::Row& row, const HealthResults* before) {
  const auto& name = row.group->name;
  const auto& id = row.deployment().row.id;
  if (row.result.healthy() == was_healthy(before, id)) return;
  if (!row.result.healthy())
    log::warning("health_check.failed",
                 {{"model_group", name}, {"model_id", id}, {"error", row.result.error.message}});
  else
    log::info("health_check.recovered", {{"model_group", name}, {"model_id", id}});
}

} // namespace

HealthMonitor::HealthMonitor(Shard& shard, std::vector<Shard*> all)
    : shard_(shard), all_(std::move(all)),
      next_(
          shard.deadlines, [](void* self) { static_cast<HealthMonitor*>(self)->begin(); }, this) {}

void HealthMonitor::restart() {
  if (const auto running = round_) return running->cancel(); // its end begins the next
  begin();
}

void HealthMonitor::begin() {
  next_.disarm();
  if (stopped_) return;
  if (interval_of(shard_.routing->config()) == Millis{0}) return publish(nullptr);
  began_ = shard_.now();
  const auto round = std::make_shared<HealthRound>(shard_, shard_.routing, rows_to_check(*shard_.routing));
  round_ = round;
  round->on_row = [this](const HealthRound::Row& row) { learn(row); };
  round->start([this] { finish(); });
}

void HealthMonitor::learn(const HealthRound::Row& row) {
  if (!row.result.called) return; // says nothing about the row
  log_change(row, latest_.get());
  send_mark(row, shard_.now());
}

void HealthMonitor::finish() {
  const auto round = std::exchange(round_, nullptr);
  if (stopped_) return std::exchange(idle_, nullptr)();
  if (round->cancelled()) return begin();
  auto results = std::make_shared<HealthResults>();
  results->finished = shard_.now();
  std::size_t failed = 0;
  for (auto& row : round->rows()) {
    failed += !row.result.healthy();
    results->rows.insert_or_assign(row.deployment().row.id, row.result);
  }
  log::debug("health_check.round", {{"rows", round->rows().size()}, {"failed", failed}});
  publish(std::move(results));
  next_.expires_at(began_ + interval_of(shard_.routing->config()));
}

void HealthMonitor::stop(std::function<void()> idle) {
  stopped_ = true;
  next_.disarm();
  const auto running = round_;
  if (!running) return idle();
  idle_ = std::move(idle);
  running->cancel();
}

void HealthMonitor::publish(std::shared_ptr<const HealthResults> results) {
  if (!results && !latest_) return;
  latest_ = results;
  for (auto* shard : all_) asio::post(shard->context, [shard, results] { shard->health = results; });
}

} // namespace switchyard::http
