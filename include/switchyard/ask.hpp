// The only bridge from a coroutine to the actor graph: a counted slot shared by the waiting frame and the
// message. CAF-free, so that it runs under TSan. The asking side lives on a shard; the answering side on any
// thread. An answer never resumes the coroutine directly: it posts to the asker's shard.
#pragma once

#include <switchyard/aio.hpp>

#include <boost/asio/post.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace switchyard {

/// Called by ask() after it sent the message: runs this thread's actor run queue, so that an answer is
/// usually ready without suspending. Set by the scheduler on every shard thread; null elsewhere.
inline thread_local void (*run_actors_inline)() = nullptr;

namespace detail {

enum class SlotState : std::uint8_t { pending, waiting, ready, abandoned };

/// Answer must be default constructible into "unavailable" through Answer::unavailable(). An answer that
/// grants something has a static discard(Answer), called when nobody is left to take it.
template <class Answer>
class Slot {
 public:
  using Resume = asio::async_result<asio::use_awaitable_t<exec_t>, void()>::handler_type;

  explicit Slot(exec_t home) : home_(home) {}
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  void retain() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  // -- answering side (any thread, at most one completes)
  void add_duty() noexcept { duties_.fetch_add(1, std::memory_order_relaxed); }
  void drop_duty() noexcept {
    if (duties_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (!answered_.load(std::memory_order_acquire)) complete(Answer::unavailable());
  }
  /// False when somebody answered before, or when the asker is gone (then the answer is handed back through
  /// `back`).
  bool complete(Answer answer, Answer* back = nullptr) noexcept {
    if (answered_.exchange(true, std::memory_order_acq_rel)) return false;
    answer_.emplace(std::move(answer));
    switch (state_.exchange(SlotState::ready, std::memory_order_acq_rel)) {
    case SlotState::waiting:
      asio::post(home_, Wake(this));
      return true;
    case SlotState::abandoned:
      if (back) *back = std::move(*answer_);
      return false;
    default:
      return true;
    }
  }

  // -- asking side (the home shard only)
  bool ready() const noexcept { return state_.load(std::memory_order_acquire) == SlotState::ready; }
  void wait(Resume resume) {
    resume_.emplace(std::move(resume));
    auto expected = SlotState::pending;
    if (!state_.compare_exchange_strong(expected, SlotState::waiting, std::memory_order_acq_rel))
      asio::post(home_, Wake(this));
  }
  Answer take() { return std::move(*answer_); }
  /// The frame dies without taking the answer (a throw before it waited, or its io_context is destroyed).
  void abandon() noexcept {
    if (state_.exchange(SlotState::abandoned, std::memory_order_acq_rel) != SlotState::ready) return;
    if constexpr (requires(Answer answer) { Answer::discard(std::move(answer)); })
      Answer::discard(std::move(*answer_));
  }

 private:
  /// Posted to the home shard. When it is destroyed unrun (the io_context goes away) it takes the waiting
  /// frame with it: only the slot owns that frame, and the frame owns a reference of the slot.
  class Wake {
   public:
    explicit Wake(Slot* slot) noexcept : slot_(slot) { slot->retain(); }
    Wake(Wake&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
    Wake(const Wake&) = delete;
    ~Wake() {
      if (slot_) take_resume();
    }
    void operator()() {
      auto resume = take_resume();
      std::move(resume)();
    }

   private:
    Resume take_resume() {
      auto resume = std::move(*slot_->resume_);
      slot_->resume_.reset();
      std::exchange(slot_, nullptr)->release();
      return resume;
    }
    Slot* slot_; ///< one reference
  };
  std::atomic<std::uint32_t> refs_{0}, duties_{0};
  std::atomic<SlotState> state_{SlotState::pending};
  std::atomic<bool> answered_{false};
  std::optional<Answer> answer_;
  std::optional<Resume> resume_;
  exec_t home_;
};

/// The frame's reference to its slot; gives the answer back when the frame dies before it took it.
template <class Answer>
class SlotGuard {
 public:
  explicit SlotGuard(Slot<Answer>* slot) noexcept : slot_(slot) { slot_->retain(); }
  SlotGuard(const SlotGuard&) = delete;
  SlotGuard& operator=(const SlotGuard&) = delete;
  ~SlotGuard() {
    if (!taken_) slot_->abandon();
    slot_->release();
  }
  Answer take() {
    taken_ = true;
    return slot_->take();
  }

 private:
  Slot<Answer>* slot_;
  bool taken_ = false;
};

/// Suspends until the slot is answered. Cancellation may not throw here: the answer may hold a grant.
template <class Answer>
aw<void> wait_for(Slot<Answer>* slot) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  auto initiate = [slot](auto handler) { slot->wait(std::move(handler)); };
  co_await asio::async_initiate<const asio::use_awaitable_t<exec_t>, void()>(initiate, use_aw);
  co_await asio::this_coro::throw_if_cancelled(throws);
}

} // namespace detail

/// The duty to answer, carried by a message. Copies share it; when the last copy dies unanswered (dead actor,
/// closed mailbox) the asker gets Answer::unavailable(). Copyable, thread safe, one pointer.
template <class Answer>
class Duty {
 public:
  using Slot = detail::Slot<Answer>;
  Duty() = default;
  explicit Duty(Slot* slot) noexcept : slot_(slot) { acquire(); }
  Duty(const Duty& other) noexcept : slot_(other.slot_) { acquire(); }
  Duty(Duty&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  Duty& operator=(Duty other) noexcept { return std::swap(slot_, other.slot_), *this; }
  ~Duty() {
    if (slot_) slot_->drop_duty(), slot_->release();
  }
  /// Gives the answer; the first one counts. False = the asker is gone (undo what the answer granted),
  /// somebody answered before, or nobody asked.
  bool answer(Answer value, Answer* back = nullptr) const {
    return slot_ && slot_->complete(std::move(value), back);
  }
  /// False for an empty duty: nobody waits for an answer.
  explicit operator bool() const noexcept { return slot_ != nullptr; }

 private:
  void acquire() const noexcept {
    if (slot_) slot_->retain(), slot_->add_duty();
  }
  Slot* slot_ = nullptr;
};

/// A question in flight: the query and the duty to answer it.
template <class Query, class Answer>
struct Ask {
  Query query;
  Duty<Answer> duty;
};

/// Typed, copyable, thread-safe address of something that takes messages M (an actor, or a fake in tests).
template <class M>
class Mailbox {
 public:
  struct Sink {
    virtual ~Sink() = default;
    virtual void send(M message) const = 0; ///< never blocks, never throws; a dead receiver drops the message
  };
  Mailbox() = default;
  explicit Mailbox(std::shared_ptr<const Sink> sink) : sink_(std::move(sink)) {}
  void send(M message) const {
    if (sink_) sink_->send(std::move(message));
  }
  explicit operator bool() const noexcept { return sink_ != nullptr; }

 private:
  std::shared_ptr<const Sink> sink_;
};

/// A question that has been sent. Usually answered by the time it exists, since the actors ran inline; then
/// no coroutine frame is needed. Whoever makes one takes its answer, or gives it back by destroying it.
template <class Answer>
class Pending {
 public:
  template <class Query>
  Pending(const Mailbox<Ask<Query, Answer>>& to, Query query, exec_t home)
      : slot_(new detail::Slot<Answer>(home)), guard_(slot_) {
    Ask<Query, Answer> message{std::move(query), Duty<Answer>(slot_)};
    to.send(std::move(message)); // by value: no duty stays behind here
    if (run_actors_inline) run_actors_inline();
  }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  bool ready() const noexcept { return slot_->ready(); }
  /// Ignores cancellation: the answer may hold a grant that must be given back.
  aw<> wait() { return detail::wait_for(slot_); }
  /// Once, when ready.
  Answer take() { return guard_.take(); }

 private:
  detail::Slot<Answer>* slot_;
  detail::SlotGuard<Answer> guard_;
};

/// Sends `query` and waits for the answer on this shard. Never fails: a dead actor answers
/// Answer::unavailable().
template <class Query, class Answer>
aw<Answer> ask(const Mailbox<Ask<Query, Answer>>& to, Query query, exec_t home) {
  Pending<Answer> pending(to, std::move(query), home);
  if (!pending.ready()) co_await pending.wait();
  co_return pending.take();
}

} // namespace switchyard
