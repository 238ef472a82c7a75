// A connection whose other end is the test: it says how many bytes the peer takes and when a write fails, and
// checks that there is never more than one write at a time. Lives on the test's thread; no sockets.
#pragma once

#include "http/transport.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace switchyard::http::testing {

/// The test's end of the connection.
struct Wire : std::enable_shared_from_this<Wire> {
  static constexpr std::size_t k_no_limit = std::numeric_limits<std::size_t>::max();
  explicit Wire(exec_t executor) : home(executor) {}

  exec_t home;
  std::string sent;
  std::size_t window = k_no_limit; ///< what the peer still takes
  int writes = 0;                  ///< that moved bytes
  error_code write_error;
  bool can_delay = true, output_ended = false, aborted = false, closed = false;

  void feed(std::string_view bytes) { input += bytes, schedule(); }
  void end_input() { input_ended = true, schedule(); }
  void grant(std::size_t more) { window = window == k_no_limit ? window : window + more, schedule(); }
  void fail_writes() { write_error = asio::error::connection_reset, schedule(); }
  bool write_pending() const { return writer != nullptr; }

  // The transport's side.
  Written take(WriteParts parts) {
    if (closed) return {asio::error::bad_descriptor, 0};
    if (write_error) return {write_error, 0};
    std::string bytes;
    for (auto& part : parts) bytes.append(static_cast<const char*>(part.data()), part.size());
    auto n = std::min(window, bytes.size());
    if (window != k_no_limit) window -= n;
    if (n != 0) ++writes;
    sent.append(bytes, 0, n);
    return {{}, n};
  }
  void start_read(asio::mutable_buffer buffer, ReadSink& sink) {
    EXPECT_EQ(std::exchange(reader, &sink), nullptr);
    into = buffer;
    schedule();
  }
  void start_write(asio::const_buffer bytes, WriteSink& sink) {
    EXPECT_EQ(std::exchange(writer, &sink), nullptr);
    outgoing = bytes;
    schedule();
  }
  void close() { closed = true, schedule(); }

 private:
  void schedule() {
    asio::post(home, [self = shared_from_this()] { self->step(); });
  }
  void step() {
    if (reader && (closed || input_ended || !input.empty())) finish_read();
    if (writer && (closed || write_error || window != 0)) {
      auto written = take(WriteParts(&outgoing, 1));
      std::exchange(writer, nullptr)->on_written(written.ec, written.n);
    }
  }
  void finish_read() {
    auto& sink = *std::exchange(reader, nullptr);
    if (closed) return sink.on_read(asio::error::operation_aborted, 0);
    if (input.empty()) return sink.on_read(asio::error::eof, 0);
    auto n = std::min(into.size(), input.size());
    std::memcpy(into.data(), input.data(), n);
    input.erase(0, n);
    sink.on_read({}, n);
  }

  std::string input;
  bool input_ended = false;
  asio::mutable_buffer into;
  asio::const_buffer outgoing;
  ReadSink* reader = nullptr;
  WriteSink* writer = nullptr;
};

class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

  aw<error_code> open() override { co_return error_code{}; }
  void start_read(asio::mutable_buffer into, ReadSink& sink) override { wire_->start_read(into, sink); }
  Written try_write(WriteParts parts) override {
    EXPECT_FALSE(wire_->write_pending()) << "a write overtakes another";
    return wire_->take(parts);
  }
  aw<Written> write_some(WriteParts parts) override {
    Awaited done;
    wire_->start_write(parts.front(), done);
    co_await done.wait();
    co_return done.written;
  }
  bool can_delay() const noexcept override { return wire_->can_delay; }
  void start_write(asio::const_buffer bytes, WriteSink& sink) override { wire_->start_write(bytes, sink); }
  aw<> end_output() override {
    EXPECT_FALSE(wire_->write_pending()) << "the end overtakes a write";
    wire_->output_ended = true;
    co_return;
  }
  void close() noexcept override { wire_->close(); }
  void abort() noexcept override { wire_->aborted = true, wire_->close(); }

 private:
  struct Awaited final : WriteSink {
    using Resume = asio::async_result<asio::use_awaitable_t<exec_t>, void()>::handler_type;
    Written written;
    std::optional<Resume> waiter;
    aw<> wait() {
      return asio::async_initiate<const asio::use_awaitable_t<exec_t>, void()>(
          [this](auto handler) { waiter.emplace(std::move(handler)); }, use_aw);
    }
    void on_written(error_code ec, std::size_t n) override {
      written = {ec, n};
      auto resume = std::move(*waiter);
      waiter.reset();
      std::move(resume)();
    }
  };
  std::shared_ptr<Wire> wire_;
};

} // namespace switchyard::http::testing
