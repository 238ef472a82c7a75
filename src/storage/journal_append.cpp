// One shard's journal, writing side. A record counts once committed_ says so; a write that failed half-way is
// written over by the next one at the same place.
#include "storage/journal_append.hpp"

#include "storage/spend_codec.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

namespace switchyard::storage {
namespace {

int allocate(int fd, off_t size) {
  if (::fallocate(fd, 0, 0, size) == 0) return 0;
  if (errno != EOPNOTSUPP) return errno;
  return ::ftruncate(fd, size) == 0 ? 0 : errno; // a file system without it: blocks come with the writes
}
int sync_data(int fd) { return ::fdatasync(fd) == 0 ? 0 : errno; }

constexpr unsigned k_offset_bits = 40;
constexpr std::uint64_t k_largest_record = 64u << 20;

std::uint64_t packed(JournalPosition at) { return at.segment << k_offset_bits | at.offset; }

Error refusal(int problem) {
  return Error(Errc::unavailable, std::string("Spend cannot be recorded: ") + std::strerror(problem));
}

/// Prompts are left out of a begin (an interrupted row needs none) and of what would be too large.
void encode(const SpendEvent& event, bool whole, std::string& record) {
  start_record(record);
  const bool texts =
      !event.messages.empty() || !event.response.empty() || !event.proxy_server_request.empty();
  if (texts && !whole) {
    SpendEvent slim = event;
    slim.messages.clear(), slim.response.clear(), slim.proxy_server_request.clear();
    return encode_event(slim, record);
  }
  encode_event(event, record);
  if (texts && record.size() > k_largest_record) encode(event, false, record);
}

class ShardSide final : public Journal {
 public:
  explicit ShardSide(std::shared_ptr<LiveJournal> journal) : journal_(std::move(journal)) {}
  ~ShardSide() override { journal_->close(); }
  Result<JournalTicket> begin(const SpendBegin& event) override { return journal_->begin(event); }
  Result<void> end(JournalTicket ticket, const SpendEvent& event) override {
    return journal_->end(ticket, event);
  }
  bool healthy() const noexcept override { return journal_->healthy(); }

 private:
  std::shared_ptr<LiveJournal> journal_;
};

} // namespace

const JournalDisk k_system_disk{allocate, ::pwrite, sync_data};

std::unique_ptr<Journal> shard_side(std::shared_ptr<LiveJournal> journal) {
  return std::make_unique<ShardSide>(std::move(journal));
}

std::string random_journal_name() {
  unsigned char bytes[16];
  if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
    throw std::runtime_error("the system gives no random numbers");
  std::string name;
  for (const unsigned char byte : bytes)
    name += "0123456789abcdef"[byte >> 4], name += "0123456789abcdef"[byte & 15];
  return name;
}

std::string segment_path(const std::string& directory, const std::string& name, std::uint64_t segment) {
  char number[32];
  std::snprintf(number, sizeof number, "-%08llu.journal", static_cast<unsigned long long>(segment));
  return directory + "/" + name + number;
}
std::string carry_path(const std::string& directory, const std::string& name) {
  return directory + "/" + name + ".open";
}

Result<std::shared_ptr<LiveJournal>> LiveJournal::create(JournalOptions options) {
  std::shared_ptr<LiveJournal> journal(new LiveJournal(std::move(options)));
  if (const int problem = journal->next_segment(0); problem != 0)
    return Error(Errc::config, "journal in " + journal->options_.directory + ": " + std::strerror(problem));
  return journal;
}

LiveJournal::~LiveJournal() {
  if (fd_ >= 0) ::close(fd_);
  if (const std::uint64_t spare = spare_.load(); spare != 0)
    ::close(static_cast<int>(spare & 0xFFFFFFFF) - 1);
}

JournalPosition LiveJournal::committed() const noexcept {
  const std::uint64_t value = committed_.load(std::memory_order_acquire);
  return {value >> k_offset_bits, value & ((1ull << k_offset_bits) - 1)};
}

Result<JournalTicket> LiveJournal::begin(const SpendBegin& event) {
  if (!healthy()) return refusal(problem_.load(std::memory_order_relaxed));
  if (full_.load(std::memory_order_relaxed))
    return Error(Errc::unavailable,
                 "The spend journals are full: the database has not taken spend for too long "
                 "(general_settings.spend_journal_max_size_mb). Please try again later.");
  encode(event, false, record_);
  if (const int problem = write(record_, RecordType::begin, 0); problem != 0) {
    break_with(problem, nullptr);
    return refusal(problem);
  }
  return JournalTicket{sequence_};
}

Result<void> LiveJournal::end(JournalTicket ticket, const SpendEvent& event) {
  encode(event, true, record_);
  if (state_.load(std::memory_order_acquire) == k_broken) {
    const std::lock_guard lock(mutex_);
    if (state_.load(std::memory_order_acquire) == k_broken) {
      pending_.push_back({record_, RecordType::end, ticket.sequence});
      return refusal(problem_.load(std::memory_order_relaxed));
    }
  }
  const int problem = write(record_, RecordType::end, ticket.sequence);
  if (problem == 0) return {};
  Pending keep{record_, RecordType::end, ticket.sequence};
  break_with(problem, &keep);
  return refusal(problem);
}

void LiveJournal::break_with(int problem, Pending* keep) {
  const std::lock_guard lock(mutex_);
  if (keep) pending_.push_back(std::move(*keep));
  problem_.store(problem, std::memory_order_relaxed);
  state_.store(k_broken, std::memory_order_release); // from here on the writer's thread owns the end
}

int LiveJournal::write(std::string& record, RecordType type, std::uint64_t ticket) {
  if (record.size() > room_ - offset_)
    if (const int problem = next_segment(record.size()); problem != 0) return problem;
  const std::uint64_t sequence = sequence_ + 1;
  seal_record(record, type, sequence, ticket != 0 ? ticket : sequence);
  if (const int problem = put(record, offset_); problem != 0) return problem;
  sequence_ = sequence;
  offset_ += record.size();
  committed_.store(packed({segment_, offset_}), std::memory_order_release);
  if (type == RecordType::end)
    ends_.store(ends_.load(std::memory_order_relaxed) + 1, std::memory_order_release); // one writer at a time
  return 0;
}

int LiveJournal::put(const std::string& bytes, std::uint64_t at) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t size =
        options_.disk->write(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return size < 0 ? errno : ENOSPC;
    done += static_cast<std::size_t>(size);
  }
  return 0;
}

int LiveJournal::open_segment(std::uint64_t segment, std::uint64_t bytes, int& fd) const {
  const std::string path = segment_path(options_.directory, options_.name, segment);
  fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  if (const int problem = options_.disk->allocate(fd, static_cast<off_t>(bytes)); problem != 0) {
    ::close(fd);
    return problem;
  }
  return 0;
}

int LiveJournal::next_segment(std::uint64_t bytes) {
  const std::uint64_t wanted = segment_ + 1;
  const std::uint64_t size = std::max<std::uint64_t>(options_.segment_bytes, k_file_header + bytes);
  int fd = -1;
  const std::uint64_t spare = spare_.exchange(0, std::memory_order_acq_rel);
  if (spare != 0) fd = static_cast<int>(spare & 0xFFFFFFFF) - 1;
  if (fd >= 0 && (spare >> 32 != (wanted & 0xFFFFFFFF) || size > options_.segment_bytes))
    ::close(fd), fd = -1;
  if (fd < 0)
    if (const int problem = open_segment(wanted, size, fd); problem != 0) return problem;
  const std::string header = file_header(wanted);
  const int before = std::exchange(fd_, fd);
  if (const int problem = put(header, 0); problem != 0) {
    ::close(std::exchange(fd_, before));
    return problem;
  }
  if (before >= 0) ::close(before);
  segment_ = wanted, offset_ = k_file_header, room_ = size;
  committed_.store(packed({segment_, offset_}), std::memory_order_release);
  return 0;
}

void LiveJournal::prepare() {
  const std::uint64_t wanted = committed().segment + 1;
  const std::uint64_t spare = spare_.load(std::memory_order_acquire);
  if (state_.load(std::memory_order_acquire) == k_broken || closed() || spare >> 32 == (wanted & 0xFFFFFFFF))
    return;
  int fd = -1;
  if (open_segment(wanted, options_.segment_bytes, fd) != 0)
    return; // the shard will meet the same and say so
  const std::uint64_t made = wanted << 32 | static_cast<std::uint32_t>(fd + 1);
  const std::uint64_t old = spare_.exchange(made, std::memory_order_acq_rel);
  if (old != 0) ::close(static_cast<int>(old & 0xFFFFFFFF) - 1);
}

bool LiveJournal::sync() {
  const JournalPosition now = committed();
  if (now == synced_ && !sync_failed_.load(std::memory_order_relaxed)) return true;
  for (std::uint64_t segment = std::max<std::uint64_t>(synced_.segment, 1); segment <= now.segment;
       ++segment) {
    const int fd =
        ::open(segment_path(options_.directory, options_.name, segment).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) continue; // the database has it
    const int problem = fd < 0 ? errno : options_.disk->sync(fd);
    if (fd >= 0) ::close(fd);
    if (problem == 0) continue;
    problem_.store(problem, std::memory_order_relaxed);
    sync_failed_.store(true, std::memory_order_relaxed);
    return false;
  }
  synced_ = now;
  sync_failed_.store(false, std::memory_order_relaxed);
  return true;
}

/// Would a record go through? Zeros behind the last one change nothing.
int LiveJournal::probe() {
  if (room_ - offset_ < 64 * k_record_header) return next_segment(0);
  return put(std::string(k_record_header, '\0'), offset_);
}

void LiveJournal::revive() {
  while (state_.load(std::memory_order_acquire) == k_broken) {
    std::vector<Pending> work;
    {
      const std::lock_guard lock(mutex_);
      work.swap(pending_);
      if (work.empty() && probe() != 0) return;
      if (work.empty()) return state_.store(k_writing, std::memory_order_release);
    }
    for (std::size_t i = 0; i < work.size(); ++i) {
      const int problem = write(work[i].record, work[i].type, work[i].ticket);
      if (problem == 0) continue;
      const std::lock_guard lock(mutex_);
      problem_.store(problem, std::memory_order_relaxed);
      pending_.insert(pending_.begin(),
                      std::make_move_iterator(work.begin() + static_cast<std::ptrdiff_t>(i)),
                      std::make_move_iterator(work.end()));
      return;
    }
  }
}

} // namespace switchyard::storage
