// The process-wide log: callers format a line and append it to a bounded buffer; one detached thread writes
// it out. A caller never waits for the disk or the terminal: a full buffer drops the line and counts it.
#include "core/log_line.hpp"

#include <switchyard/log.hpp>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace switchyard::log {
namespace {

constexpr std::size_t k_queue_bytes = 4 << 20;

std::atomic<LogLevel> g_level{LogLevel::info};
std::atomic<bool> g_json{false};

void format(std::string& out, LogLevel level, std::string_view event, Fields fields) {
  const bool json = g_json.load(std::memory_order_relaxed);
  (json ? append_json_line : append_text_line)(out, std::chrono::system_clock::now(), level, event, fields);
}

// Leaves on any error but a full non-blocking pipe: there is nobody left to tell.
void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd wait{fd, POLLOUT, 0};
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

class Writer {
 public:
  void start(int fd) {
    const std::lock_guard lock(mutex_);
    fd_ = fd, running_ = true;
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      if (!running_) return;
      running_ = false;
    }
    wake_.notify_one();
    thread_.join();
    if (fd_ != STDERR_FILENO) ::close(fd_);
  }

  // False when no thread is there to take the line.
  bool push(std::string_view line) {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      if (!running_) return false;
      was_empty = pending_.empty();
      if (pending_.size() + line.size() <= k_queue_bytes)
        pending_ += line;
      else
        dropped_.fetch_add(1, std::memory_order_relaxed);
    }
    // Only the first line of a batch wakes the writer: one system call per batch, not per line.
    if (was_empty) wake_.notify_one();
    return true;
  }

  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void run() {
    std::string batch;
    std::unique_lock lock(mutex_);
    while (running_ || !pending_.empty()) {
      wake_.wait(lock, [this] { return !running_ || !pending_.empty(); });
      batch.clear();
      batch.swap(pending_);
      lock.unlock();
      report_dropped(batch);
      write_all(fd_, batch);
      lock.lock();
    }
  }

  void report_dropped(std::string& batch) {
    const std::uint64_t now = dropped();
    if (now == reported_) return;
    format(batch, LogLevel::warning, "log lines dropped", {{"count", now - reported_}});
    reported_ = now;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::string pending_;
  std::thread thread_;
  std::atomic<std::uint64_t> dropped_{0};
  std::uint64_t reported_ = 0; ///< the writer's own
  int fd_ = STDERR_FILENO;
  bool running_ = false;
};

// Never destroyed: a line may come from a static destructor.
Writer& writer() {
  static Writer* const one = new Writer;
  return *one;
}

int open_log(const std::string& file) {
  if (file.empty()) return STDERR_FILENO;
  return ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

} // namespace

void start(LogLevel level, bool json, const std::string& file) {
  stop();
  set_level(level);
  g_json.store(json, std::memory_order_relaxed);
  const int fd = open_log(file);
  if (fd < 0)
    error("cannot open the log file, logging to stderr", {{"file", file}, {"reason", std::strerror(errno)}});
  writer().start(fd < 0 ? STDERR_FILENO : fd);
}

void set_level(LogLevel level) { g_level.store(level, std::memory_order_relaxed); }

void stop() { writer().stop(); }

bool enabled(LogLevel level) noexcept { return level >= g_level.load(std::memory_order_relaxed); }

std::uint64_t dropped() noexcept { return writer().dropped(); }

void write(LogLevel level, std::string_view event, Fields fields) {
  static thread_local std::string line;
  line.clear();
  format(line, level, event, fields);
  if (!writer().push(line)) write_all(STDERR_FILENO, line);
}

void write_block(LogLevel level, std::string_view event, std::string_view text) {
  if (g_json.load(std::memory_order_relaxed)) return write(level, event, {{"text", text}});
  std::string block;
  format(block, level, event, {});
  block += "    ";
  for (char c : text) {
    bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    block += control && c != '\n' ? ' ' : c;
    if (c == '\n') block += "    ";
  }
  block += '\n';
  if (!writer().push(block)) write_all(STDERR_FILENO, block);
}

} // namespace switchyard::log
