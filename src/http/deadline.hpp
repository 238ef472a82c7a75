// Deadlines of one shard: a min-heap and one timer armed to the earliest, in 10 ms steps, off when the heap
// is empty. Moving a deadline later is free: the heap entry is corrected when it comes up.
#pragma once

#include <switchyard/aio.hpp>
#include <switchyard/clock.hpp>

#include <cstddef>
#include <vector>

namespace switchyard::http {

class Deadline;

class DeadlineHeap {
 public:
  DeadlineHeap(asio::io_context& context, const Clock& clock) : timer_(context), clock_(clock) {}
  DeadlineHeap(const DeadlineHeap&) = delete;
  DeadlineHeap& operator=(const DeadlineHeap&) = delete;

  /// Runs everything that is due; called by the timer, and by tests on manual time.
  void run_due();
  std::size_t size() const noexcept { return heap_.size(); }
  Instant now() const { return clock_.coarse_now(); }

 private:
  friend class Deadline;
  void add(Deadline& deadline);
  void remove(Deadline& deadline) noexcept;
  void moved_earlier(Deadline& deadline);
  void arm();
  void sift_up(std::size_t at);
  void sift_down(std::size_t at);
  void place(std::size_t at, Deadline* deadline);

  std::vector<Deadline*> heap_;
  steady_timer timer_;
  const Clock& clock_;
  Instant armed_{Instant::max()};
  bool running_ = false;
};

/// One pending deadline; a member of whoever waits. Calls `fire(argument)` on the shard once, unless disarmed
/// before.
class Deadline {
 public:
  using Fire = void (*)(void*);
  Deadline(DeadlineHeap& heap, Fire fire, void* argument) noexcept
      : heap_(heap), fire_(fire), argument_(argument) {}
  ~Deadline() { disarm(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void expires_at(Instant when);
  void expires_in(Millis delay) { expires_at(heap_.now() + delay); }
  /// Keeps the heap entry and only pushes the time out of reach: cheap when it will be armed again soon.
  void disarm_lazily() noexcept { when_ = Instant::max(); }
  void disarm() noexcept;
  bool armed() const noexcept { return at_ != k_absent && when_ != Instant::max(); }

 private:
  friend class DeadlineHeap;
  static constexpr std::size_t k_absent = ~std::size_t{0};
  DeadlineHeap& heap_;
  Fire fire_;
  void* argument_;
  Instant when_{Instant::max()}; ///< what the owner asked for
  Instant key_{Instant::max()};  ///< where the heap has it; key_ <= when_
  std::size_t at_ = k_absent;
};

} // namespace switchyard::http
