// The spend writer's work without its thread: recovery, batches, watermarks, journals' upkeep, resets and
// retention. One thread (tests call it directly); blocks on the database and on the disk, never on a shard.
#pragma once

#include "storage/spend_commit.hpp"

#include <switchyard/call_id.hpp>
#include <switchyard/journal.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace switchyard::storage {

struct PumpOptions {
  std::string directory; ///< of the journals
  std::uint64_t segment_bytes = 8u << 20;
  std::size_t batch_events = 500, batch_bytes = 8u << 20;
  const JournalDisk* disk = &k_system_disk;
};

class SpendPump {
 public:
  SpendPump(Store& store, PumpOptions options, const PlaneSettings& settings, const Clock& clock,
            SpendWriterHooks hooks);

  /// Before the first step() (any thread).
  Result<std::shared_ptr<LiveJournal>> open_journal();
  /// Finds the journals of processes that are gone.
  void start();
  /// What is due now: batches, and between them everything else.
  void step();
  /// Everything that was appended before the call; false = the database failed.
  bool write_all();
  /// The shards are gone: what began and did not end is interrupted. Files stay when the database is down.
  void finish();

  std::uint64_t committed() const noexcept { return committed_.load(std::memory_order_acquire); }
  SpendStats stats() const;

 private:
  struct Live {
    std::shared_ptr<LiveJournal> journal;
    std::unique_ptr<JournalReader> reader;
  };

  // -- spend_pump.cpp
  Session* session();
  bool commit();
  void failed(const Error& problem);
  void keep_journals();
  void update_stats();
  // -- spend_batches.cpp
  bool fill_live();
  bool recover();
  bool recover_batch(JournalReader& reader);
  void close_batch(JournalReader& reader);
  void next_dead();
  void retire(JournalReader& reader);
  // -- spend_chores.cpp
  void reset_budgets();
  void delete_old();

  std::uint64_t waiting() const;

  Store& store_;
  const PumpOptions options_;
  const PlaneSettings settings_;
  const Clock& clock_;
  const SpendWriterHooks hooks_;
  std::unique_ptr<Session> session_;
  CallIds ids_;
  Random random_;

  std::vector<Live> live_;
  std::deque<std::unique_ptr<JournalReader>> dead_; ///< front = the one in work
  bool dead_known_ = false;                         ///< its watermark was read
  bool dead_closed_ = false;                        ///< its last batch was made
  SpendBatch batch_;                                ///< not empty: waits for the database

  Instant last_write_{}, next_try_{}, next_upkeep_{}, next_reset_{}, next_retention_{}, behind_since_{};
  Millis backoff_{0};
  int retention_steps_ = 0;
  bool proxy_user_known_ = false;

  std::atomic<std::uint64_t> committed_{0};
  mutable std::mutex stats_mutex_;
  SpendStats stats_;
};

} // namespace switchyard::storage
