// Cancellation of one attempt: the client went away, a deadline passed, the server drains. Lives on one
// shard. The first reason counts. Whoever waits registers how to be woken; nothing is awaited here.
#pragma once

#include <cstdint>
#include <utility>

namespace switchyard::http {

enum class CancelReason : std::uint8_t {
  none,
  client_gone,
  connect_timeout,
  first_byte_timeout,
  idle_timeout,
  total_timeout,
  draining
};

class CancelScope {
 public:
  using Wake = void (*)(void*);

  CancelScope() = default;
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;

  /// Stores the reason (once) and wakes the current waiter. Safe to call at any time on the shard, and
  /// re-entrantly.
  void cancel(CancelReason reason) noexcept {
    if (reason_ != CancelReason::none) return;
    reason_ = reason;
    if (auto wake = wake_) wake(argument_);
  }
  CancelReason reason() const noexcept { return reason_; }
  bool cancelled() const noexcept { return reason_ != CancelReason::none; }
  void reset() noexcept { reason_ = CancelReason::none; }

  /// Registers how to wake the operation that is about to wait (close a socket, cancel a timer); nests,
  /// newest wins.
  class Waiter {
   public:
    Waiter(CancelScope& scope, Wake wake, void* argument) noexcept
        : scope_(scope), wake_(std::exchange(scope.wake_, wake)),
          argument_(std::exchange(scope.argument_, argument)) {}
    ~Waiter() { scope_.wake_ = wake_, scope_.argument_ = argument_; }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

   private:
    CancelScope& scope_;
    Wake wake_;
    void* argument_;
  };

 private:
  Wake wake_ = nullptr;
  void* argument_ = nullptr;
  CancelReason reason_ = CancelReason::none;
};

} // namespace switchyard::http
