// What the plane does by itself: follows the schedule of price reloads, deletes expired keys of the admin
// page's sessions, rotates keys. A thread of its own that waits for the database; never on a shard.
#include "plane.hpp"

#include <switchyard/log.hpp>
#include <switchyard/management_jobs.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/server.hpp>

#include <algorithm>

namespace switchyard {

namespace {

constexpr Millis k_between_tries{60'000}; ///< of reading prices, when that fails

constexpr Millis k_hook_patience{10'000};
constexpr int k_rotations = 100; ///< at a time

Millis millis(double seconds) { return Millis(static_cast<std::int64_t>(seconds * 1000)); }

management::Call own_call(const ConfigPtr& config, const Clock& clock) {
  management::Call call;
  call.config = config, call.now = clock.wall();
  call.caller.is_master = true, call.caller.role = "proxy_admin";
  return call;
}

} // namespace

void Plane::do_chores(const std::stop_token& stop) {
  const auto pause = millis(std::clamp(config_->plane->poll_interval, 0.1, 60.0));
  std::unique_ptr<storage::Session> session; // kept: it reconnects by itself
  std::unique_lock lock(chores_mutex_);
  while (!chores_wake_.wait_for(lock, stop, pause, [] { return false; }) && !stop.stop_requested()) {
    if (!session) {
      auto opened = store_->open();
      if (!opened) continue;
      session = std::move(*opened);
    }
    look_at_prices(*session);
    clean_ui_keys(*session);
    rotate_keys(*session);
  }
}

/// On its schedule, when another Switchyard was told to, or when a LiteLLM asks for it.
void Plane::look_at_prices(storage::Session& session) {
  auto schedule = management::read_price_schedule(session);
  if (!schedule || !hooks_.price_reload.run) return;
  const auto last = hooks_.price_reload.last().value_or(started_);
  const auto due = schedule->hours && clock_.wall() - last >= millis(*schedule->hours * 3600);
  const auto told = schedule->reloaded && *schedule->reloaded > last;
  if ((!due && !told && !schedule->forced) || clock_.now() < next_prices_) return;
  next_prices_ = clock_.now() + k_between_tries;
  if (auto done = hooks_.price_reload.run(); !done) {
    log::warning("prices", {{"problem", done.error().message}});
    return;
  }
  if (schedule->forced) (void)management::clear_price_wish(session);
}

void Plane::clean_ui_keys(storage::Session& session) {
  auto& settings = *config_->plane;
  if (!settings.clean_ui_keys || clock_.now() < next_cleaning_) return;
  next_cleaning_ = clock_.now() + millis(settings.clean_interval);
  const auto call = own_call(config_, clock_);
  auto gone = management::delete_expired_ui_keys(session, call, settings.clean_batch);
  if (!gone) {
    log::warning("ui_keys", {{"problem", gone.error().message}});
    return;
  }
  if (gone->empty()) return;
  log::info("ui_keys", {{"deleted", gone->size()}});
  keys_->changed(session, *gone, {});
}

/// The hook knows a new value before it counts; when it does not take it, the key stays as it is.
void Plane::rotate_keys(storage::Session& session) {
  auto& settings = *config_->plane;
  if (!settings.rotate_keys || settings.key_rotation_hook.empty() || clock_.now() < next_rotation_) return;
  next_rotation_ = clock_.now() + millis(settings.rotation_interval);
  auto call = own_call(config_, clock_);
  call.caller.user_id = call.changed_by = "litellm_internal_jobs";
  const auto due = management::claim_due_keys(session, call, k_rotations);
  if (!due) return log::warning("key_rotation", {{"problem", due.error().message}});
  for (auto& row : *due) {
    const auto plan = management::plan_rotation(row, call);
    const auto told = http::post(*config_, settings.key_rotation_hook, plan.told, k_hook_patience);
    auto done = told ? management::rotate_key(session, call, row, plan.key)
                     : Result<std::vector<Touched>>(told.error());
    if (done)
      keys_->changed(session, *done, {});
    else
      log::warning("key_rotation",
                   {{"problem", done.error().message}, {"then", "tried again at the next check"}});
  }
  if (!due->empty()) log::info("key_rotation", {{"due", due->size()}});
}

} // namespace switchyard
