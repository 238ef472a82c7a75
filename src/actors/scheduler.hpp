// CAF's scheduler module on the shard threads: an actor resumes on the shard that woke it. One Worker per
// shard, plus one for main, which runs what is left after the shards are joined. CAF's own pool is never
// started.
#pragma once

#include "actors/run_queue.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace switchyard::actors {

/// A thread's way into CAF and its run queue. Belongs to the thread that attached it.
class Worker final : public caf::execution_unit {
 public:
  /// Messages per resume.
  static constexpr std::size_t k_throughput = 16;

  explicit Worker(asio::io_context& home) : queue_(home, Resume{this}) {}
  void bind(caf::actor_system& system) noexcept { system_ = &system; }

  /// Makes this the calling thread's worker, and its drain what ask() runs inline.
  void attach() noexcept;
  static void detach() noexcept;
  static Worker* current() noexcept;

  void exec_later(caf::resumable* job) override { queue_.push(job); }
  void enqueue_foreign(caf::resumable* job) { queue_.push_foreign(job); }
  void drain() noexcept { queue_.drain(); }
  bool idle() const noexcept { return queue_.empty(); }
  bool hand_over(Worker& to) { return queue_.hand_over(to.queue_); }
  bool serves(const caf::actor_system& system) const noexcept { return system_ == &system; }

 private:
  struct Resume {
    Worker* worker;
    bool operator()(caf::resumable* job) const;
  };
  RunQueue<caf::resumable*, Resume> queue_;
};

/// Carries the workers into the scheduler module, which CAF constructs without arguments. Declared before the
/// actor_system, so that the workers outlive it.
struct SystemConfig final : caf::actor_system_config {
  explicit SystemConfig(const std::vector<asio::io_context*>& shards);
  asio::io_context unrun{1}; ///< home of main's worker; nobody runs it, main drains by hand
  std::vector<std::unique_ptr<Worker>> shards;
  Worker main{unrun};
  /// Runs on the calling thread, attached to `main`, until no queue holds a job.
  void settle();
};

class Scheduler final : public caf::scheduler::abstract_coordinator {
 public:
  explicit Scheduler(caf::actor_system& system);
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>);

  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override { return clock_; }
  void start() override;
  /// Called by ~actor_system on main's thread, with main's worker attached.
  void stop() override;

 private:
  SystemConfig& config_;
  std::atomic<std::size_t> next_{0};
  caf::detail::thread_safe_actor_clock clock_;
  // Ending actors push to the clock's 64-entry ring, so somebody has to empty it. Sleeps when it is empty.
  std::thread clock_thread_;
};

} // namespace switchyard::actors
