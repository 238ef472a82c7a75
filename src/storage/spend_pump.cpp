// The spend writer's steps and what they share: the session, the commit with its backoff, the upkeep of
// journals.
#include "storage/spend_pump.hpp"

#include <switchyard/log.hpp>

#include <algorithm>
#include <sys/stat.h>

namespace switchyard::storage {
namespace {

constexpr Millis k_first_backoff{250}, k_longest_backoff{15'000};
constexpr Millis k_upkeep{1000}; ///< what a power cut may cost: appended events of about this time
constexpr int k_quick_tries = 3; ///< deadlocks and races with other processes

Instant later(Instant now, double seconds) {
  return now + std::chrono::duration_cast<Instant::duration>(std::chrono::duration<double>(seconds));
}

} // namespace

SpendPump::SpendPump(Store& store, PumpOptions options, const PlaneSettings& settings, const Clock& clock,
                     SpendWriterHooks hooks)
    : store_(store), options_(std::move(options)), settings_(settings), clock_(clock),
      hooks_(std::move(hooks)), random_(std::hash<std::string>()(random_journal_name())) {
  const Instant now = clock_.now();
  last_write_ = next_try_ = next_upkeep_ = next_reset_ = next_retention_ = behind_since_ = now;
}

Result<std::shared_ptr<LiveJournal>> SpendPump::open_journal() {
  auto journal =
      LiveJournal::create({options_.directory, random_journal_name(), options_.segment_bytes, options_.disk});
  if (!journal) return journal.error();
  live_.push_back({*journal, std::make_unique<JournalReader>(options_.directory, *journal)});
  return *journal;
}

void SpendPump::start() {
  for (const std::string& name : journals_in(options_.directory)) {
    const bool ours = std::any_of(live_.begin(), live_.end(),
                                  [&](const Live& live) { return live.journal->name() == name; });
    if (!ours) dead_.push_back(std::make_unique<JournalReader>(options_.directory, name));
  }
  if (!dead_.empty()) log::info("spend_recovery", {{"journals", dead_.size()}});
}

std::uint64_t SpendPump::waiting() const {
  std::uint64_t count = 0;
  for (const Live& live : live_)
    count += live.journal->ends() - std::min(live.journal->ends(), live.reader->given_out());
  return count + batch_.items.size();
}

void SpendPump::step() {
  const Instant now = clock_.now();
  if (now >= next_upkeep_) next_upkeep_ = now + k_upkeep, keep_journals();
  const std::uint64_t events = waiting();
  if (events == 0) behind_since_ = now;
  const bool due = events >= options_.batch_events || !dead_.empty() || !batch_.empty() ||
                   (events > 0 && now >= later(last_write_, settings_.batch_write_at));
  if (now >= next_try_ && (!due || write_all())) {
    if (now >= next_reset_) reset_budgets();
    delete_old();
  }
  update_stats();
}

bool SpendPump::write_all() {
  if (!batch_.empty() && !commit()) return false;
  while (!dead_.empty())
    if (!recover()) return false;
  std::vector<std::uint64_t> wanted;
  for (const Live& live : live_) wanted.push_back(live.journal->ends());
  const auto is_behind = [&] {
    for (std::size_t i = 0; i < live_.size(); ++i)
      if (live_[i].reader->given_out() < wanted[i]) return true;
    return false;
  };
  last_write_ = clock_.now();
  while (is_behind()) {
    if (!fill_live()) break; // damaged: what is counted there cannot be read
    if (!commit()) return false;
  }
  update_stats();
  return true;
}

/// Nothing when the database cannot be reached.
Session* SpendPump::session() {
  if (!session_) {
    auto opened = store_.open();
    if (!opened) return failed(opened.error()), nullptr;
    session_ = std::move(*opened);
  }
  if (!proxy_user_known_) {
    if (auto done = ensure_proxy_user(*session_, settings_, clock_.wall()); !done)
      return failed(done.error()), nullptr;
    proxy_user_known_ = true;
  }
  return session_.get();
}

bool SpendPump::commit() {
  Session* to = session();
  if (!to) return false;
  SpendSums sums;
  if (!settings_.disable_spend_updates)
    for (const auto& item : batch_.items) sums.add(item.event.event);
  Result<void> done = commit_batch(*to, batch_, sums, settings_, ids_);
  for (int i = 1; i < k_quick_tries && !done && done.error().code != Errc::unavailable; ++i)
    batch_.tried = true, done = commit_batch(*to, batch_, sums, settings_, ids_);
  if (!done) return batch_.tried = true, failed(done.error()), false;
  backoff_ = Millis(0);
  const std::uint64_t count = committed_.fetch_add(1, std::memory_order_acq_rel) + 1;
  {
    const std::lock_guard lock(stats_mutex_);
    stats_.written += batch_.items.size();
    ++stats_.batches;
  }
  FlushedSpend flushed = sums.flushed(settings_.max_budget.has_value());
  flushed.recovered = batch_.recovered;
  batch_ = SpendBatch();
  if (hooks_.flushed) hooks_.flushed(flushed, count);
  return true;
}

void SpendPump::failed(const Error& problem) {
  backoff_ = std::clamp(backoff_ * 2, k_first_backoff, k_longest_backoff);
  next_try_ = clock_.now() + backoff_;
  log::warning("spend_write_failed",
               {{"reason", problem.message}, {"waiting", waiting()}, {"next_try_ms", backoff_.count()}});
  const std::lock_guard lock(stats_mutex_);
  ++stats_.failures;
}

void SpendPump::keep_journals() {
  for (const Live& live : live_) {
    if (!live.journal->healthy()) live.journal->revive();
    live.journal->sync();
    live.journal->prepare();
    if (batch_.empty())
      live.reader->drop_read_segments();
    else
      live.reader->list_segments(); // nothing can go while the database is away, but the cap must see it grow
  }
}

void SpendPump::update_stats() {
  const std::lock_guard lock(stats_mutex_);
  stats_.waiting = waiting();
  stats_.journal_bytes = 0;
  for (const Live& live : live_) stats_.journal_bytes += live.reader->bytes_on_disk();
  for (const auto& reader : dead_) stats_.journal_bytes += reader->bytes_on_disk();
  // What is always there, a segment and the next one of each shard, does not count.
  const auto usual = live_.size() * 2 * options_.segment_bytes;
  stats_.journal_most = static_cast<std::uint64_t>(settings_.journal_most_mb) << 20;
  const bool full = stats_.journal_most != 0 && stats_.journal_bytes > stats_.journal_most + usual;
  for (const Live& live : live_) live.journal->set_full(full);
  if (std::exchange(stats_.journal_full, full) != full)
    log::warning(full ? "journals_full" : "journals_have_room",
                 {{"bytes", stats_.journal_bytes}, {"waiting", waiting()}});
  if (stats_.waiting == 0) behind_since_ = clock_.now();
  stats_.oldest = std::chrono::duration_cast<Millis>(clock_.now() - behind_since_);
}

SpendStats SpendPump::stats() const {
  const std::lock_guard lock(stats_mutex_);
  return stats_;
}

} // namespace switchyard::storage
