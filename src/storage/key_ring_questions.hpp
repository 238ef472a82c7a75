// Questions that wait for the database: one at a time per id however many ask, and a bounded memory of keys
// that do not exist. Any thread; the lock is held for map operations only, and only a miss comes here.
#pragma once

#include <switchyard/ask.hpp>

#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace switchyard::storage {

template <class Answer>
class Questions {
 public:
  enum class Turn { first, waits, full };
  /// `first`: the caller asks the database; everybody else waits for its answer. `full`: too many different
  /// ids are being asked for already.
  Turn join(const std::string& id, Duty<Answer> duty) {
    std::lock_guard lock(mutex_);
    auto found = waiting_.find(id);
    if (found != waiting_.end()) return found->second.push_back(std::move(duty)), Turn::waits;
    if (waiting_.size() >= k_most) return Turn::full;
    waiting_[id].push_back(std::move(duty));
    return Turn::first;
  }
  std::vector<Duty<Answer>> take(const std::string& id) {
    std::lock_guard lock(mutex_);
    auto found = waiting_.find(id);
    if (found == waiting_.end()) return {};
    auto out = std::move(found->second);
    waiting_.erase(found);
    return out;
  }
  void answer(const std::string& id, const Answer& answer) {
    for (auto& duty : take(id)) duty.answer(answer);
  }

 private:
  static constexpr std::size_t k_most = 4096;
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<Duty<Answer>>> waiting_;
};

/// Hashes that were looked for in vain, for a few seconds.
class Absent {
 public:
  static constexpr std::size_t k_most = 10'000;
  static constexpr std::chrono::seconds k_for{5};

  bool has(const std::string& hash, Instant now) const {
    std::lock_guard lock(mutex_);
    auto found = until_.find(hash);
    return found != until_.end() && found->second > now;
  }
  void add(const std::string& hash, Instant now) {
    std::lock_guard lock(mutex_);
    if (!until_.insert_or_assign(hash, now + k_for).second) return;
    order_.push_back(hash);
    while (order_.size() > k_most) until_.erase(order_.front()), order_.pop_front();
  }
  /// It exists now.
  void remove(const std::string& hash) {
    std::lock_guard lock(mutex_);
    if (auto found = until_.find(hash); found != until_.end()) found->second = Instant();
  }
  std::size_t size() const {
    std::lock_guard lock(mutex_);
    return until_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Instant> until_;
  std::deque<std::string> order_; ///< every id of until_ once, oldest first
};

} // namespace switchyard::storage
