// When a store may try to connect again: all its sessions share one backoff, so that a database that is down
// costs one attempt per step and every other call fails at once. Any thread.
#pragma once

#include <switchyard/clock.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>

namespace switchyard::storage {

class ConnectGate {
 public:
  /// Empty = go on; else why the last attempt failed, and no attempt is due yet.
  std::string closed(Instant now) {
    const std::lock_guard lock(mutex_);
    if (failures_ == 0 || now >= next_) return {};
    return message_;
  }
  void failed(Instant now, std::string message) {
    const std::lock_guard lock(mutex_);
    next_ = now + delay(failures_++);
    message_ = std::move(message);
    up_ = false;
  }
  void reached() {
    if (up_) return;
    const std::lock_guard lock(mutex_);
    failures_ = 0;
    up_ = true;
  }
  void lost() noexcept { up_ = false; }
  bool up() const noexcept { return up_; }
  static Millis delay(int failures) { return Millis{std::min(100 << std::min(failures, 10), 5000)}; }

 private:
  std::mutex mutex_;
  Instant next_{};
  std::string message_;
  int failures_ = 0;
  std::atomic<bool> up_{false};
};

} // namespace switchyard::storage
