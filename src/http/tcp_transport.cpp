// Transport over plain TCP: writes are tried first, reads wait for the reactor. Lives on one shard.
#include "http/flatten.hpp"
#include "http/transport.hpp"

#include <boost/asio/write.hpp>

namespace switchyard::http {
namespace {

class TcpTransport final : public Transport {
 public:
  explicit TcpTransport(tcp_socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
  }

  aw<error_code> open() override { co_return error_code{}; }

  void start_read(asio::mutable_buffer into, ReadSink& sink) override {
    socket_.async_read_some(into, [&sink](error_code ec, std::size_t n) { sink.on_read(ec, n); });
  }

  Written try_write(WriteParts parts) override {
    Written written;
    const Flattened flat(parts);
    written.n = flat.empty() ? socket_.write_some(parts, written.ec)
                             : socket_.write_some(asio::buffer(flat.piece()), written.ec);
    if (written.ec == asio::error::would_block) written.ec = {};
    return written;
  }

  aw<Written> write_some(WriteParts parts) override {
    auto [ec, n] = co_await socket_.async_write_some(parts, tuple_aw);
    co_return Written{ec, n};
  }

  bool can_delay() const noexcept override { return true; }

  void start_write(asio::const_buffer bytes, WriteSink& sink) override {
    socket_.async_write_some(bytes, [&sink](error_code ec, std::size_t n) { sink.on_written(ec, n); });
  }

  aw<> end_output() override {
    error_code ignored;
    socket_.shutdown(tcp_socket::shutdown_send, ignored);
    co_return;
  }

  void close() noexcept override {
    error_code ignored;
    socket_.close(ignored);
  }

  void abort() noexcept override {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

 private:
  tcp_socket socket_;
};

} // namespace

std::unique_ptr<Transport> make_tcp_transport(tcp_socket socket) {
  return std::make_unique<TcpTransport>(std::move(socket));
}

} // namespace switchyard::http
