// The run queue of one shard: what its thread runs between socket events. CAF-free, so that it runs under
// TSan. push() and drain() belong to the home thread, push_foreign() to everybody else. Never blocks the home
// thread for longer than one burst and never runs a job inside a job.
#pragma once

#include <switchyard/aio.hpp>

#include <boost/asio/post.hpp>

#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace switchyard::actors {

/// `Run` is called with a Job and says whether the job wants another turn. It must not throw.
template <class Job, class Run>
class RunQueue {
 public:
  /// Jobs per drain; then sockets get their turn.
  static constexpr int k_burst = 64;

  RunQueue(asio::io_context& home, Run run) : home_(home), run_(std::move(run)) {}
  RunQueue(const RunQueue&) = delete;
  RunQueue& operator=(const RunQueue&) = delete;

  /// Home thread. On return a drain is running (and will see the job) or posted.
  void push(Job job) {
    ready_.push_back(job);
    if (!draining_) post_drain();
  }
  /// Any other thread. One post wakes the home thread for all jobs that arrive before it runs.
  void push_foreign(Job job) {
    {
      std::lock_guard lock(mutex_);
      foreign_.push_back(job);
      if (std::exchange(foreign_posted_, true)) return;
    }
    asio::post(home_, [this] { take_foreign(), drain(); });
  }
  /// Home thread: one burst now. Inside a drain it does nothing, so the stack stays as deep as one job:
  /// coroutine, drain, resume, handler.
  void drain() noexcept {
    if (std::exchange(draining_, true)) return;
    for (int n = 0; n < k_burst && !ready_.empty(); ++n) {
      auto job = ready_.front();
      ready_.pop_front();
      if (run_(job)) ready_.push_back(job);
    }
    draining_ = false;
    if (!ready_.empty()) post_drain();
  }
  /// After the home thread ended: moves everything into `to`, whose home thread is the caller. True if there
  /// was something.
  bool hand_over(RunQueue& to) {
    take_foreign();
    const bool some = !ready_.empty();
    for (; !ready_.empty(); ready_.pop_front()) to.push(ready_.front());
    return some;
  }
  bool empty() const noexcept { return ready_.empty(); }

 private:
  void post_drain() {
    if (std::exchange(posted_, true)) return;
    asio::post(home_, [this] { posted_ = false, drain(); });
  }
  void take_foreign() {
    std::lock_guard lock(mutex_);
    foreign_posted_ = false;
    ready_.insert(ready_.end(), foreign_.begin(), foreign_.end());
    foreign_.clear();
  }

  asio::io_context& home_;
  Run run_;
  std::deque<Job> ready_;
  bool draining_ = false, posted_ = false;
  std::mutex mutex_; ///< guards the two below
  std::vector<Job> foreign_;
  bool foreign_posted_ = false;
};

} // namespace switchyard::actors
