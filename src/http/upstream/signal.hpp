// Where one coroutine waits for "something happened" and everybody else says so. Lives on one shard; counted,
// because completions may arrive after the connection is gone. Carries no value: the waiter looks again after
// every wake.
#pragma once

#include <switchyard/aio.hpp>

#include <boost/asio/post.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <optional>
#include <utility>

namespace switchyard::http::upstream {

class Signal final : public boost::intrusive_ref_counter<Signal, boost::thread_unsafe_counter> {
 public:
  using Ptr = boost::intrusive_ptr<Signal>;
  using Resume = asio::async_result<asio::use_awaitable_t<exec_t>, void()>::handler_type;
  using Unheard = void (*)(void*);

  explicit Signal(exec_t home) noexcept : home_(home) {}

  /// Suspends until the next notification; at most one coroutine waits.
  auto wait() {
    return asio::async_initiate<const asio::use_awaitable_t<exec_t>, void()>(Suspend{this}, use_aw);
  }
  /// Who hears of notifications while nobody waits (idle connections); null = nobody.
  void when_unheard(Unheard fn, void* argument) noexcept { unheard_ = fn, argument_ = argument; }

  /// Resumes the waiter at once: only from completion handlers, since the waiter may destroy the caller's
  /// owner.
  void notify() {
    if (resume_) {
      auto resume = std::move(*resume_);
      resume_.reset();
      std::move(resume)();
    } else if (unheard_) {
      unheard_(argument_);
    }
  }
  /// Resumes the waiter from the event loop: for callers that must not be re-entered.
  void notify_later() {
    if (resume_) asio::post(home_, Later{Ptr(this)});
  }

 private:
  struct Suspend {
    Signal* signal;
    void operator()(Resume resume) const { signal->resume_.emplace(std::move(resume)); }
  };
  struct Later {
    Ptr signal;
    void operator()() const {
      if (signal->resume_) signal->notify();
    }
  };
  std::optional<Resume> resume_;
  Unheard unheard_ = nullptr;
  void* argument_ = nullptr;
  exec_t home_;
};

} // namespace switchyard::http::upstream
