// The writing side of one shard's journal. begin() and end() on the shard; sync(), revive() and prepare() on
// the writer's thread. Who may touch the file's end is whoever `state_` says: no lock while the disk works.
#pragma once

#include "storage/journal_format.hpp"

#include <switchyard/spend.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <vector>

namespace switchyard::storage {

/// What a journal needs of the system; tests put failing disks here.
struct JournalDisk {
  int (*allocate)(int fd, off_t size) = nullptr;                                ///< 0 or errno
  ssize_t (*write)(int fd, const void* bytes, size_t size, off_t at) = nullptr; ///< as pwrite(2)
  int (*sync)(int fd) = nullptr;                                                ///< 0 or errno
};
extern const JournalDisk k_system_disk;

struct JournalOptions {
  std::string directory;
  std::string name; ///< 32 hexadecimal digits, random
  std::uint64_t segment_bytes = 8u << 20;
  const JournalDisk* disk = &k_system_disk;
};

std::string random_journal_name();
std::string segment_path(const std::string& directory, const std::string& name, std::uint64_t segment);
std::string carry_path(const std::string& directory, const std::string& name);

/// Up to where a journal is written.
struct JournalPosition {
  std::uint64_t segment = 0, offset = 0;
  friend bool operator==(JournalPosition, JournalPosition) = default;
};

class LiveJournal {
 public:
  /// Makes the first segment.
  static Result<std::shared_ptr<LiveJournal>> create(JournalOptions options);
  ~LiveJournal();

  // -- shard
  Result<JournalTicket> begin(const SpendBegin& event);
  Result<void> end(JournalTicket ticket, const SpendEvent& event);
  bool healthy() const noexcept {
    return state_.load(std::memory_order_acquire) == k_writing &&
           !sync_failed_.load(std::memory_order_relaxed);
  }
  /// At the cap: begin() refuses, what runs may end. Writer's thread.
  void set_full(bool full) noexcept { full_.store(full, std::memory_order_relaxed); }
  void close() noexcept { closed_.store(true, std::memory_order_release); }

  // -- writer's thread
  const std::string& name() const noexcept { return options_.name; }
  JournalPosition committed() const noexcept;
  std::uint64_t ends() const noexcept { return ends_.load(std::memory_order_acquire); }
  bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }
  /// Brings what was appended to the disk: bounds what a power cut loses to the time between two calls.
  bool sync();
  /// After a failure: writes what waits in memory and, when all went well, gives the journal back to its
  /// shard.
  void revive();
  /// Makes the next segment, so that the shard need not.
  void prepare();

 private:
  enum State : int { k_writing, k_broken };
  struct Pending {
    std::string record;
    RecordType type;
    std::uint64_t ticket;
  };
  explicit LiveJournal(JournalOptions options) : options_(std::move(options)) {}
  int write(std::string& record, RecordType type, std::uint64_t ticket);
  int next_segment(std::uint64_t bytes);
  int open_segment(std::uint64_t segment, std::uint64_t bytes, int& fd) const;
  int put(const std::string& bytes, std::uint64_t at);
  int probe();
  void break_with(int problem, Pending* keep);

  const JournalOptions options_;
  std::atomic<int> state_{k_writing};
  std::atomic<std::uint64_t> committed_{0}; ///< segment << 40 | offset
  std::atomic<std::uint64_t> ends_{0};
  std::atomic<bool> sync_failed_{false}, closed_{false}, full_{false};
  std::atomic<std::uint64_t> spare_{0}; ///< segment << 32 | fd + 1; 0 = none
  std::atomic<int> problem_{0};

  // -- the end of the file: the shard's while writing, the writer's while broken
  int fd_ = -1;
  std::uint64_t segment_ = 0, offset_ = 0, room_ = 0, sequence_ = 0;
  std::string record_; ///< reused
  // -- while broken
  std::mutex mutex_;
  std::vector<Pending> pending_; ///< ends of calls that were running: bounded by their number

  JournalPosition synced_; ///< writer's thread
};

/// The Journal that a shard owns.
std::unique_ptr<Journal> shard_side(std::shared_ptr<LiveJournal> journal);

} // namespace switchyard::storage
