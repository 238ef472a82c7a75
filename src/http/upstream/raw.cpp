// An upstream connection that has left HTTP (101): bytes in and out as they are. Lives on a shard. One
// coroutine reads and one writes, side by side, so each waits at a signal of its own.
#include "http/upstream/connection.hpp"
#include "http/upstream/failure.hpp"

#include <utility>

namespace switchyard::http::upstream {

namespace {

constexpr std::size_t k_piece = 16 * 1024;

} // namespace

/// The connection belongs to its new protocol for good.
void Connection::start_pipe() {
  head_taken_ = true, body_done_ = false;
  head_.keep_alive = false;
  total_deadline_ = Instant::max(); // it was the handshake's
  written_.reset(new Signal(home_.pools.shard.executor()));
  link_->tell_writes_to(written_);
}

aw<Result<std::string_view>> Connection::read_raw() {
  for (;;) {
    if (std::exchange(woken_, false)) co_return std::string_view();
    if (auto reason = stopped()) co_return *std::move(reason);
    if (!link_->reading()) {
      auto& in = link_->in;
      if (in.size() > 0) {
        const auto bytes = in.view();
        in.consume(bytes.size());
        co_return bytes;
      }
      if (!in.make_room(k_piece)) co_return out_of_memory();
      link_->read();
      if (!link_->reading()) co_return lost("in the middle of the session");
    }
    co_await signal_->wait();
  }
}

aw<bool> Connection::write_raw(std::string_view bytes, Millis limit) {
  if (link_->write_error() || stopped()) co_return false;
  link_->queue(bytes);
  link_->write();
  if (link_->writing()) arm(Phase::idle, limit);
  while (link_->writing() && !stopped()) co_await written_->wait();
  deadline_.disarm_lazily();
  co_return !link_->write_error() && !stopped();
}

void Connection::wake_reader() noexcept {
  woken_ = true;
  signal_->notify_later();
}

void Connection::stop() noexcept { interrupt(); }

aw<Result<std::string_view>> Reply::read_raw() { return connection_->read_raw(); }
aw<bool> Reply::write_raw(std::string_view bytes, Millis limit) {
  return connection_->write_raw(bytes, limit);
}
void Reply::wake_reader() noexcept { connection_->wake_reader(); }
void Reply::stop() noexcept { connection_->stop(); }

} // namespace switchyard::http::upstream
