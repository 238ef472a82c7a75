// What the spend writer's thread does between batches: budget resets and the deletion of old rows.
#include "storage/budget_reset.hpp"
#include "storage/spend_pump.hpp"

#include <switchyard/budget_window.hpp>
#include <switchyard/log.hpp>

namespace switchyard::storage {

void SpendPump::reset_budgets() {
  if (settings_.disable_reset_budget) return;
  if (!write_all()) return; // what was spent before the reset belongs to the old window
  Session* with = session();
  if (!with) return;
  const double wait =
      settings_.reset_min + random_.unit() * std::max(0.0, settings_.reset_max - settings_.reset_min);
  next_reset_ =
      clock_.now() + std::chrono::duration_cast<Instant::duration>(std::chrono::duration<double>(wait));
  std::vector<Touched> touched;
  if (auto done = reset_due_budgets(*with, settings_, clock_.wall(), touched); !done) {
    failed(done.error());
    next_reset_ = next_try_;
  }
  if (touched.empty()) return;
  log::info("budgets_reset", {{"count", touched.size()}});
  if (hooks_.reset) hooks_.reset(*with, touched);
}

void SpendPump::delete_old() {
  if (settings_.retention_period.empty()) return;
  const Instant now = clock_.now();
  if (now >= next_retention_) {
    const auto interval = duration_of(settings_.retention_interval);
    next_retention_ = now + (interval ? *interval : std::chrono::seconds(std::chrono::hours(24)));
    retention_steps_ = k_retention_steps;
  }
  if (retention_steps_ == 0) return;
  --retention_steps_;
  Session* with = session();
  if (!with) return;
  auto gone = delete_old_rows(*with, settings_, clock_.wall());
  if (!gone) failed(gone.error());
  if (!gone || *gone < 1000) retention_steps_ = 0;
}

} // namespace switchyard::storage
