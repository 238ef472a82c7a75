// Journals and the writer behind them, as main makes them (src/storage/journal*, spend_writer*). See
// spend.hpp.
#pragma once

#include <switchyard/plane.hpp>
#include <switchyard/spend.hpp>
#include <switchyard/store.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace switchyard::storage {

/// The data directory: locked by one process; holds the embedded store and the journals.
class DataDirectory {
 public:
  /// Makes it (0700) when missing and locks it. Errors name the directory, the process that holds it and the
  /// setting to change.
  static Result<std::unique_ptr<DataDirectory>> open(const std::string& path);
  virtual ~DataDirectory() = default;
  virtual const std::string& path() const = 0;
};
/// SWITCHYARD_DATA_DIR or STATE_DIRECTORY or $XDG_STATE_HOME/switchyard or $HOME/.local/state/switchyard or
/// /var/lib/switchyard; `configured` wins.
std::string default_data_directory(const std::string& configured);

struct SpendWriterHooks {
  std::function<void(const FlushedSpend&, std::uint64_t committed)> flushed; ///< behind every commit
  /// Budgets were reset (spend_set): read these rows again and publish them.
  std::function<void(Session&, const std::vector<Touched>&)> reset;
};

/// Brings journals to the database: one thread, batches by size or batch_write_at, one transaction each with
/// the watermark in it; unique by (journal, sequence). Interrupted calls of dead journals become rows with
/// that status. Also resets budgets that are due and deletes old spend rows.
class SpendWriter {
 public:
  static Result<std::unique_ptr<SpendWriter>> create(Store& store, const DataDirectory& directory,
                                                     const PlaneSettings& settings, const Clock& clock,
                                                     SpendWriterHooks hooks);
  virtual ~SpendWriter() = default;
  /// One per shard; before start(). Throws runtime_error when the directory does not take it.
  virtual std::unique_ptr<Journal> open_journal(std::size_t shard) = 0;
  /// Recovers the journals of processes that are gone, then follows the live ones.
  virtual void start() = 0;
  /// Writes what is there now and returns when it is committed, or the database has failed: before a spend
  /// view is read, at shutdown, in tests. Blocking; not on a shard.
  virtual bool flush() = 0;
  virtual std::uint64_t committed() const = 0; ///< batches so far
  virtual SpendStats stats() const = 0;
  /// Flushes once more, syncs and ends. Journals must be gone.
  virtual void stop() = 0;
};

} // namespace switchyard::storage
