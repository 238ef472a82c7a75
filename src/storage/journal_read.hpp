// The reading side of a journal, live or of a process that is gone: events in order, begins that have no end,
// and the removal of what the database has. The spend writer's thread; any bytes in the files are survived.
#pragma once

#include "storage/journal_append.hpp"

#include <switchyard/spend.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace switchyard::storage {

/// An event and where it stood.
struct JournalEvent {
  SpendEvent event;
  std::uint64_t sequence = 0;
};

class JournalReader {
 public:
  /// Follows a journal of this process from its start.
  JournalReader(std::string directory, std::shared_ptr<const LiveJournal> live);
  /// Reads what another process left.
  JournalReader(std::string directory, std::string name);
  ~JournalReader();
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;

  const std::string& name() const noexcept { return name_; }
  /// Ends up to this sequence are in the database: read over, not given out.
  void set_watermark(std::uint64_t sequence) noexcept { watermark_ = sequence; }
  /// The sequence that the database should hold once everything given out is there.
  std::uint64_t sequence() const noexcept { return sequence_; }
  /// Appends at most `events` events or about `bytes` bytes. False: nothing more for now (dead: ever).
  bool read(std::size_t events, std::size_t bytes, std::vector<JournalEvent>& out);
  /// Dead journals, behind the last read(): calls that began and did not end, status "interrupted", spend 0.
  std::vector<JournalEvent> interrupted() const;
  /// Everything given out is committed: removes files that lie wholly below. Begins in them that are still
  /// open move to one small file.
  void drop_read_segments();
  /// Removes all files of the journal.
  /// False: a file is still there, and its events with it.
  bool remove();

  /// Which files there are, and how large; drop_read_segments() looks too.
  void list_segments();

  bool newer() const noexcept { return newer_; }                    ///< of a version that we cannot read
  std::uint64_t damaged() const noexcept { return damaged_; }       ///< places where no record could be read
  std::uint64_t given_out() const noexcept { return given_out_; }   ///< events so far
  std::uint64_t bytes_on_disk() const noexcept { return on_disk_; } ///< as of the last listing

 private:
  struct Open {
    std::uint64_t segment = 0;
    std::string payload;
  };
  bool open_segment();
  bool next_file();
  std::uint64_t limit() const;
  bool fill(std::uint64_t need);
  bool take(const JournalRecord& record, std::vector<JournalEvent>& out, std::size_t& bytes);
  void load_carry();
  bool save_carry(std::uint64_t first_kept) const;

  const std::string directory_, name_;
  const std::shared_ptr<const LiveJournal> live_;
  std::vector<std::uint64_t> segments_; ///< on disk, ascending
  std::uint64_t segment_ = 0, offset_ = 0, size_ = 0;
  int fd_ = -1;
  std::string buffer_; ///< bytes of the file from buffer_at_
  std::uint64_t buffer_at_ = 0;
  std::uint64_t sequence_ = 0, watermark_ = 0, damaged_ = 0, given_out_ = 0, on_disk_ = 0;
  std::map<std::uint64_t, Open> open_; ///< by ticket; bounded by the calls that run
  bool newer_ = false, stuck_ = false;
};

/// Names of the journals in a directory; files that are none are not looked at.
std::vector<std::string> journals_in(const std::string& directory);

} // namespace switchyard::storage
