// DeadlineHeap: a binary min-heap of Deadline pointers on one shard. Entries may be early (key_ <= when_) and
// are corrected when they come up, so that moving a deadline later costs one store.
#include "http/deadline.hpp"

namespace switchyard::http {
namespace {

constexpr Instant::duration k_step = Millis{10};

/// Rounds up, so that a deadline never fires early and neighbours share a wake-up.
Instant round_up(Instant at) {
  auto since = at.time_since_epoch();
  return Instant{(since + k_step - Instant::duration{1}) / k_step * k_step};
}

} // namespace

void Deadline::expires_at(Instant when) {
  when_ = when;
  if (at_ == k_absent) return key_ = when, heap_.add(*this);
  if (when < key_) heap_.moved_earlier(*this);
}

void Deadline::disarm() noexcept {
  when_ = Instant::max();
  if (at_ != k_absent) heap_.remove(*this);
}

void DeadlineHeap::run_due() {
  if (running_) return;
  running_ = true;
  auto now = clock_.now();
  while (!heap_.empty() && heap_.front()->key_ <= now) {
    Deadline* due = heap_.front();
    if (due->when_ > now && due->when_ != Instant::max()) {
      due->key_ = due->when_;
      sift_down(0);
      continue;
    }
    remove(*due);
    // The owner may die inside fire, so `due` is not touched afterwards.
    if (std::exchange(due->when_, Instant::max()) != Instant::max()) due->fire_(due->argument_);
  }
  running_ = false;
  arm();
}

void DeadlineHeap::add(Deadline& deadline) {
  heap_.push_back(&deadline);
  deadline.at_ = heap_.size() - 1;
  sift_up(deadline.at_);
  if (deadline.at_ == 0) arm();
}

void DeadlineHeap::remove(Deadline& deadline) noexcept {
  auto at = std::exchange(deadline.at_, Deadline::k_absent);
  auto* last = heap_.back();
  heap_.pop_back();
  if (last != &deadline) {
    place(at, last);
    sift_up(at);
    sift_down(last->at_);
  }
  if (heap_.empty() && !running_) arm();
}

void DeadlineHeap::moved_earlier(Deadline& deadline) {
  deadline.key_ = deadline.when_;
  sift_up(deadline.at_);
  if (deadline.at_ == 0) arm();
}

void DeadlineHeap::arm() {
  if (running_) return;
  if (heap_.empty()) {
    if (std::exchange(armed_, Instant::max()) != Instant::max()) timer_.cancel();
    return;
  }
  auto at = round_up(heap_.front()->key_);
  if (at >= armed_) return; // the timer fires earlier anyway and corrects itself
  armed_ = at;
  timer_.expires_after(at - clock_.now());
  timer_.async_wait([this](error_code ec) {
    if (ec) return;
    armed_ = Instant::max();
    run_due();
  });
}

void DeadlineHeap::place(std::size_t at, Deadline* deadline) {
  heap_[at] = deadline;
  deadline->at_ = at;
}

void DeadlineHeap::sift_up(std::size_t at) {
  auto* moving = heap_[at];
  while (at > 0) {
    auto parent = (at - 1) / 2;
    if (heap_[parent]->key_ <= moving->key_) break;
    place(at, heap_[parent]);
    at = parent;
  }
  place(at, moving);
}

void DeadlineHeap::sift_down(std::size_t at) {
  auto* moving = heap_[at];
  for (;;) {
    auto child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->key_ < heap_[child]->key_) ++child;
    if (moving->key_ <= heap_[child]->key_) break;
    place(at, heap_[child]);
    at = child;
  }
  place(at, moving);
}

} // namespace switchyard::http
