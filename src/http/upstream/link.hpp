// A byte pipe to one peer, plain or TLS: at most one pending read into its buffer and one write in the
// background. Lives on a shard; counted, because pending operations outlive the connection. Knows nothing of
// HTTP.
#pragma once

#include "http/upstream/read_buffer.hpp"
#include "http/upstream/signal.hpp"
#include "http/write_batch.hpp"

#include <switchyard/aio.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace switchyard::http::upstream {

class Link final : public boost::intrusive_ref_counter<Link, boost::thread_unsafe_counter>,
                   private DelayedWrite {
 public:
  using Ptr = boost::intrusive_ptr<Link>;
  using TlsStream = asio::ssl::stream<tcp_socket&>;
  using InnerStream = asio::ssl::stream<TlsStream&>;

  Link(tcp_socket socket, ProcessLimits& limits, Signal::Ptr signal);
  ~Link();

  /// Turns the pipe into TLS; configure the returned SSL, then handshake(). A second time: TLS inside of TLS.
  SSL* use_tls(asio::ssl::context& context);
  void handshake();
  bool secured() const noexcept { return secured_; }
  error_code handshake_error() const noexcept { return handshake_error_; }

  /// Starts reading into the buffer's free space unless a read is pending or the pipe has ended.
  void read();
  bool reading() const noexcept { return reading_; }
  /// All bytes read so far.
  std::uint64_t received() const noexcept { return received_; }
  error_code read_error() const noexcept { return read_error_; }
  /// The peer closed its side in order (TLS: also without its farewell).
  bool at_end() const noexcept;

  /// Adds bytes to the next write(). They must live until writing() is false or the pipe is closed.
  void queue(std::string_view bytes);
  /// Writes what was queued: at once as far as the socket takes it, the rest in the background.
  void write();
  /// The same, but together with others at the end of this turn of the loop; until then it counts as writing.
  void write_with(WriteBatch& batch);
  bool writing() const noexcept { return writing_; }
  error_code write_error() const noexcept { return write_error_; }
  /// Whom the end of a write wakes from now on; until then it is whoever waits for bytes.
  void tell_writes_to(Signal::Ptr signal) noexcept { written_ = std::move(signal); }

  /// Ends everything; pending operations complete soon with an error and notify.
  void close() noexcept;

  ReadBuffer in;

 private:
  struct ReadDone;
  struct WriteDone;
  struct HandshakeDone;
  struct Gather { ///< a buffer sequence that is cheap to copy
    const asio::const_buffer *first, *last;
    const asio::const_buffer* begin() const noexcept { return first; }
    const asio::const_buffer* end() const noexcept { return last; }
  };
  void on_read(error_code ec, std::size_t count);
  void on_written(error_code ec, std::size_t count);
  void write_now() override;
  void write_plain();
  void write_tls();
  void write_more();
  void advance(std::size_t count) noexcept;
  std::size_t stage() noexcept;
  void end_write(error_code ec) noexcept;

  tcp_socket socket_;
  std::optional<TlsStream> tls_;
  std::optional<InnerStream> inner_; ///< through the tunnel of an https:// proxy
  Signal::Ptr signal_, written_;
  std::vector<asio::const_buffer> out_;
  std::size_t out_at_ = 0;
  std::unique_ptr<char[]> staging_; ///< one TLS record of plain text: the caller's slices may die at close()
  std::uint64_t received_ = 0;
  error_code read_error_, write_error_, handshake_error_;
  bool reading_ = false, writing_ = false, secured_ = false, closed_ = false;
};

} // namespace switchyard::http::upstream
