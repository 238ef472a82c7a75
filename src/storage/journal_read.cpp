// Reads journals. A record that is torn ends its file: what follows in it cannot be trusted; the next file
// can, since sequences only grow.
#include "storage/journal_read.hpp"

#include "storage/spend_codec.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace switchyard::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_chunk = 1u << 20;
constexpr std::size_t k_name = 32;

bool is_journal_name(std::string_view name) {
  return name.size() == k_name && name.find_first_not_of("0123456789abcdef") == name.npos;
}

/// "<name>-00000001.journal" -> 1; 0 = something else.
std::uint64_t segment_of(std::string_view file) {
  constexpr std::string_view ending = ".journal";
  if (file.size() < k_name + 2 + ending.size() || file[k_name] != '-' || !file.ends_with(ending)) return 0;
  const std::string_view digits = file.substr(k_name + 1, file.size() - k_name - 1 - ending.size());
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return problem == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

/// Calls `found(file name)` for every file of a journal.
template <class F>
void each_file(const std::string& directory, F found) {
  std::error_code problem;
  for (fs::directory_iterator it(directory, problem), end; !problem && it != end; it.increment(problem)) {
    const std::string file = it->path().filename().string();
    const std::string_view name = std::string_view(file).substr(0, k_name);
    if (is_journal_name(name) && (segment_of(file) != 0 || std::string_view(file).substr(k_name) == ".open"))
      found(file);
  }
}

void sync_directory(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

std::string whole_file(const std::string& path) {
  std::string bytes;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return bytes;
  char chunk[64 * 1024];
  for (ssize_t size = 0; (size = ::read(fd, chunk, sizeof chunk)) > 0;)
    bytes.append(chunk, static_cast<std::size_t>(size));
  ::close(fd);
  return bytes;
}

} // namespace

std::vector<std::string> journals_in(const std::string& directory) {
  std::set<std::string> names;
  each_file(directory, [&names](const std::string& file) { names.insert(file.substr(0, k_name)); });
  return {names.begin(), names.end()};
}

JournalReader::JournalReader(std::string directory, std::shared_ptr<const LiveJournal> live)
    : directory_(std::move(directory)), name_(live->name()), live_(std::move(live)), segment_(1) {}

JournalReader::JournalReader(std::string directory, std::string name)
    : directory_(std::move(directory)), name_(std::move(name)) {
  list_segments();
  load_carry();
  if (!segments_.empty()) segment_ = segments_.front();
}

JournalReader::~JournalReader() {
  if (fd_ >= 0) ::close(fd_);
}

void JournalReader::list_segments() {
  segments_.clear();
  on_disk_ = 0;
  each_file(directory_, [this](const std::string& file) {
    if (file.compare(0, k_name, name_) != 0) return;
    struct stat facts {};
    if (::stat((directory_ + "/" + file).c_str(), &facts) == 0)
      on_disk_ += static_cast<std::uint64_t>(facts.st_size);
    if (const std::uint64_t number = segment_of(file); number != 0) segments_.push_back(number);
  });
  std::sort(segments_.begin(), segments_.end());
}

bool JournalReader::open_segment() {
  fd_ = ::open(segment_path(directory_, name_, segment_).c_str(), O_RDONLY | O_CLOEXEC);
  struct stat facts {};
  if (fd_ < 0 || ::fstat(fd_, &facts) != 0) return ++damaged_, false;
  size_ = static_cast<std::uint64_t>(facts.st_size);
  offset_ = 0;
  buffer_.clear();
  buffer_at_ = 0;
  fill(k_file_header);
  const FileKind kind = read_file_header(buffer_);
  newer_ = newer_ || kind == FileKind::newer;
  damaged_ += kind == FileKind::damaged;
  offset_ = k_file_header;
  return kind == FileKind::journal;
}

std::uint64_t JournalReader::limit() const {
  if (!live_) return size_;
  const JournalPosition end = live_->committed();
  return end.segment == segment_ ? std::min(end.offset, size_) : size_;
}

/// Makes `need` bytes from offset_ on stand in the buffer; false = the file has fewer.
bool JournalReader::fill(std::uint64_t need) {
  const std::uint64_t most = limit();
  if (offset_ + need > most) need = most > offset_ ? most - offset_ : 0;
  if (offset_ >= buffer_at_ && offset_ + need <= buffer_at_ + buffer_.size()) return true;
  const std::uint64_t size = std::min(std::max(need, k_chunk), most > offset_ ? most - offset_ : 0);
  buffer_.resize(size);
  buffer_at_ = offset_;
  std::size_t done = 0;
  while (done < size) {
    const ssize_t part = ::pread(fd_, buffer_.data() + done, size - done, static_cast<off_t>(offset_ + done));
    if (part <= 0) break;
    done += static_cast<std::size_t>(part);
  }
  buffer_.resize(done);
  return done >= need;
}

/// Goes to the file behind; false = there is none yet.
bool JournalReader::next_file() {
  std::uint64_t next = 0;
  if (live_) {
    if (live_->committed().segment > segment_) next = segment_ + 1;
  } else if (auto it = std::upper_bound(segments_.begin(), segments_.end(), segment_);
             it != segments_.end()) {
    next = *it;
  }
  if (next == 0) return false;
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  segment_ = next;
  stuck_ = false;
  return true;
}

bool JournalReader::take(const JournalRecord& record, std::vector<JournalEvent>& out, std::size_t& bytes) {
  sequence_ = record.sequence;
  if (record.type == RecordType::begin) {
    open_[record.ticket] = Open{segment_, std::string(record.payload)};
    return false;
  }
  open_.erase(record.ticket);
  if (record.sequence <= watermark_) return false;
  JournalEvent& event = out.emplace_back();
  event.sequence = record.sequence;
  if (!decode_event(record.payload, event.event)) return out.pop_back(), ++damaged_, false;
  bytes += record.payload.size();
  ++given_out_;
  return true;
}

bool JournalReader::read(std::size_t events, std::size_t bytes, std::vector<JournalEvent>& out) {
  std::size_t count = 0, size = 0;
  while (segment_ != 0 && !newer_ && count < events && size < bytes) {
    // Looked at before the records: what is appended meanwhile is seen by the next turn.
    const bool is_last = !live_ || live_->committed().segment == segment_;
    if (fd_ < 0 && !stuck_) stuck_ = !open_segment();
    JournalRecord record;
    std::size_t length = k_record_header;
    Scan scan = Scan::end;
    if (!stuck_) {
      fill(k_record_header);
      const auto rest = [this] { return std::string_view(buffer_).substr(offset_ - buffer_at_); };
      scan = next_record(rest(), limit() - std::min(limit(), offset_), sequence_, record, length);
      if (scan == Scan::more && fill(length))
        scan = next_record(rest(), limit() - std::min(limit(), offset_), sequence_, record, length);
    }
    if (scan == Scan::record) {
      count += take(record, out, size);
      offset_ += length;
      continue;
    }
    if (scan == Scan::torn || scan == Scan::more) ++damaged_, stuck_ = true;
    if (live_ && is_last && !stuck_) return false;
    if (!next_file()) return false;
  }
  return segment_ != 0 && !newer_;
}

std::vector<JournalEvent> JournalReader::interrupted() const {
  std::vector<JournalEvent> out;
  for (const auto& [ticket, open] : open_) {
    JournalEvent found;
    if (!decode_event(open.payload, found.event)) continue;
    found.sequence = ticket;
    found.event.status = "interrupted";
    found.event.spend = Money();
    found.event.end_ms = found.event.start_ms; // how long it ran nobody knows
    out.push_back(std::move(found));
  }
  return out;
}

void JournalReader::load_carry() {
  const std::string bytes = whole_file(carry_path(directory_, name_));
  if (read_file_header(bytes) != FileKind::journal) return;
  std::string_view left = std::string_view(bytes).substr(k_file_header);
  JournalRecord record;
  std::size_t size = 0;
  for (std::uint64_t last = 0; next_record(left, left.size(), last, record, size) == Scan::record;
       last = record.sequence) {
    open_[record.ticket] = Open{0, std::string(record.payload)};
    left.remove_prefix(size);
  }
}

/// Written beside and moved into place: before the files go that hold the same begins.
bool JournalReader::save_carry(std::uint64_t first_kept) const {
  std::string bytes = file_header(0), record;
  for (const auto& [ticket, open] : open_) {
    if (open.segment >= first_kept) continue;
    start_record(record);
    record += open.payload;
    seal_record(record, RecordType::begin, ticket, ticket);
    bytes += record;
  }
  const std::string path = carry_path(directory_, name_), beside = path + ".new";
  if (bytes.size() == k_file_header) return ::unlink(path.c_str()) == 0 || errno == ENOENT;
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool good =
      ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fdatasync(fd) == 0;
  good = ::close(fd) == 0 && good && ::rename(beside.c_str(), path.c_str()) == 0;
  if (good) sync_directory(directory_);
  return good;
}

void JournalReader::drop_read_segments() {
  list_segments();
  if (segments_.empty() || segments_.front() >= segment_ || !save_carry(segment_)) return;
  for (const std::uint64_t number : segments_)
    if (number < segment_) ::unlink(segment_path(directory_, name_, number).c_str());
  list_segments();
}

bool JournalReader::remove() {
  std::vector<std::string> files;
  each_file(directory_, [&](const std::string& file) {
    if (file.compare(0, k_name, name_) == 0) files.push_back(directory_ + "/" + file);
  });
  bool gone = true;
  for (const std::string& file : files) gone = (::unlink(file.c_str()) == 0 || errno == ENOENT) && gone;
  ::unlink((carry_path(directory_, name_) + ".new").c_str());
  sync_directory(directory_);
  if (gone) on_disk_ = 0;
  return gone;
}

} // namespace switchyard::storage
