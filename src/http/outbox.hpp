// Small responses of a session that wait for the end of the loop's turn, and what the socket did not take of
// them at once. Lives in the session, on its shard. At most one write at a time; bytes leave in order.
#pragma once

#include "http/transport.hpp"
#include "http/write_batch.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace switchyard::http {

class Outbox final : private DelayedWrite, private WriteSink {
 public:
  using Done = void (*)(void*, error_code ec, std::size_t n);
  /// `done(argument, ec, n)` runs after every write, from the event loop or from push().
  Outbox(Transport& transport, WriteBatch& batch, Done done, void* argument)
      : transport_(transport), batch_(batch), done_(done), argument_(argument) {}

  /// Takes copies of the parts. False: they are too many, or now is no time to wait; nothing was taken.
  bool hold(WriteParts parts);
  /// Sends at once what the socket takes.
  void push() { write_now(); }
  /// Bytes are still on their way: a write of anything else has to wait.
  bool busy() const noexcept { return pending_; }
  bool empty() const noexcept { return bytes_.empty(); }
  /// Waits for the end of the pending write.
  aw<> progress();
  /// After Transport::close(): waits until no operation refers to the bytes any more.
  aw<> settle();

 private:
  using Resume = asio::async_result<asio::use_awaitable_t<exec_t>, void()>::handler_type;
  void write_now() override;
  void on_written(error_code ec, std::size_t n) override;
  void sent(error_code ec, std::size_t n);

  Transport& transport_;
  WriteBatch& batch_;
  Done done_;
  void* argument_;
  std::string bytes_;
  std::size_t at_ = 0;
  bool pending_ = false;
  std::optional<Resume> waiter_;
};

} // namespace switchyard::http
