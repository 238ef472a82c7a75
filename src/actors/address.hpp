// The restartable address of one actor: what mailboxes hold instead of a CAF handle. Senders on any thread;
// only the supervisor (or the builder, before anybody else sees it) points it to a new life. When the last
// holder lets go, the actor is told to retire, behind all messages that were sent before.
#pragma once

#include "actors/handles.hpp"

#include <caf/send.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

namespace switchyard::actors {

/// What stop() needs to know about any address. Main's thread only.
class Closable {
 public:
  virtual ~Closable() = default;
  virtual void end_actor() = 0; ///< sends the exit
  virtual void close() = 0;     ///< drops the handles; later messages are dropped
};

template <class Handle>
class Address : public Closable {
 public:
  explicit Address(std::uint64_t number) : number(number) {}
  Address(const Address&) = delete;
  Address& operator=(const Address&) = delete;
  ~Address() override { tell(Retire{}); }

  template <class M>
  void tell(M&& message) const {
    if (auto* handle = current_.load(std::memory_order_acquire))
      caf::anon_send(*handle, std::forward<M>(message));
  }
  /// Earlier handles are kept: a sender on another thread may be using one. The supervisor bounds their
  /// number.
  void point_to(Handle handle) {
    lives_.push_back(std::move(handle));
    current_.store(&lives_.back(), std::memory_order_release);
  }
  /// Of the present life; for the supervisor and tests.
  const Handle& handle() const { return *current_.load(std::memory_order_acquire); }
  const std::uint64_t number; ///< the supervisor's name for it: unlike a pointer never used twice

  void end_actor() override {
    if (auto* handle = current_.load()) caf::anon_send_exit(*handle, caf::exit_reason::user_shutdown);
  }
  void close() override {
    current_.store(nullptr);
    lives_.clear();
  }

 private:
  std::deque<Handle> lives_; ///< push_back keeps references valid
  std::atomic<const Handle*> current_{nullptr};
};

} // namespace switchyard::actors
