// The read side of a session: a bounded read-ahead buffer and the one read that is always pending into it.
// Lives in the session, on its shard. Never moves bytes below its floor (a parsed head) while views exist.
#pragma once

#include "http/transport.hpp"

#include <switchyard/aio.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace switchyard::http {

class Inbox final : private ReadSink {
 public:
  using OnEnd = void (*)(void*);
  static constexpr std::size_t k_read_ahead = 2 * 1024; ///< room that callers should see to
  /// `on_end(argument)` runs from the event loop when the client is gone and nobody waits in more().
  Inbox(Transport& transport, OnEnd on_end, void* argument);
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// Bytes received and not yet consumed; valid until more() or compact() (below the floor: until the floor
  /// is lifted).
  std::string_view unread() const noexcept { return {data_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t n) noexcept { begin_ += n; }
  bool ended() const noexcept { return static_cast<bool>(error_); }
  std::uint64_t received() const noexcept { return received_; }

  /// Keeps a read pending if there is room and the client is there.
  void watch();
  /// Waits until a read completes or interrupt(); only while the client has not ended. With no read pending
  /// yet, the bytes land in `direct` if it is not empty (direct_bytes() of them); otherwise they join
  /// unread().
  aw<> more(std::span<char> direct = {});
  std::size_t direct_bytes() const noexcept { return direct_read_; }
  /// Those that came while nobody waited in more(), once: after an interrupt() they still land in `direct`.
  std::size_t take_direct() noexcept { return std::exchange(direct_read_, 0); }
  /// Wakes more() without bytes.
  void interrupt();

  /// Consumed bytes are kept from here on (views point at them); until release().
  void hold() noexcept { floor_ = begin_; }
  void release() noexcept { floor_ = 0; }
  /// Makes room for `room` more bytes behind unread(), if no read is pending; moves bytes above the floor, or
  /// without a floor reallocates (and gives back what one big head took).
  void make_room(std::size_t room);
  std::size_t room() const noexcept { return capacity_ - end_; }

  /// After Transport::close(): waits until no operation refers to the buffers any more.
  aw<> settle();

 private:
  using Resume = asio::async_result<asio::use_awaitable_t<exec_t>, void()>::handler_type;
  void on_read(error_code ec, std::size_t n) override;
  void start(std::span<char> into);
  void wake();
  aw<> wait();
  void reallocate(std::size_t capacity);

  Transport& transport_;
  OnEnd on_end_;
  void* argument_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0, floor_ = 0;
  std::uint64_t received_ = 0;
  std::size_t direct_read_ = 0;
  bool pending_ = false, direct_ = false;
  error_code error_;
  std::optional<Resume> waiter_;
};

} // namespace switchyard::http
