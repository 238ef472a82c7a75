// What a session needs from its connection: plain TCP or TLS. Lives on one shard, owned by the session. At
// most one read and one write at a time.
#pragma once

#include <switchyard/aio.hpp>

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace switchyard::http {

/// Told, from the event loop and never from inside start_read(), that the pending read is over.
struct ReadSink {
  virtual void on_read(error_code ec, std::size_t n) = 0;

 protected:
  ~ReadSink() = default;
};

/// Told, from the event loop and never from inside start_write(), that the pending write is over.
struct WriteSink {
  virtual void on_written(error_code ec, std::size_t n) = 0;

 protected:
  ~WriteSink() = default;
};

using WriteParts = std::span<const asio::const_buffer>;
struct Written {
  error_code ec;
  std::size_t n = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// The TLS handshake; nothing on plain TCP.
  virtual aw<error_code> open() = 0;
  virtual void start_read(asio::mutable_buffer into, ReadSink& sink) = 0;
  /// Writes what fits without waiting; zero bytes and no error = it has to wait.
  virtual Written try_write(WriteParts parts) = 0;
  virtual aw<Written> write_some(WriteParts parts) = 0;
  /// True when small writes may be held back for a moment: try_write() and start_write() then carry them.
  virtual bool can_delay() const noexcept { return false; }
  /// Waits until some of `bytes` could be written; only with can_delay().
  virtual void start_write(asio::const_buffer, WriteSink&) {}
  /// Says that nothing more will be sent (FIN, close_notify).
  virtual aw<> end_output() = 0;
  /// Pending operations complete with an error, later.
  virtual void close() noexcept = 0;
  /// Closes with a reset, so that the client cannot take what it got for complete.
  virtual void abort() noexcept = 0;
};

std::unique_ptr<Transport> make_tcp_transport(tcp_socket socket);

} // namespace switchyard::http
