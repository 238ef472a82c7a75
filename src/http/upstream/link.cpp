// Reads and writes of one upstream pipe. Lives on a shard. Plain sockets try the write first; TLS writes one
// record at a time from a copy, since a synchronous TLS write loses bytes when the socket is full.
#include "http/upstream/link.hpp"

#include "http/flatten.hpp"
#include "http/upstream/tls.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace switchyard::http::upstream {
namespace {

constexpr std::size_t k_record = 16 * 1024;
constexpr std::size_t k_max_gather = 64; ///< what Asio puts into one sendmsg

} // namespace

struct Link::ReadDone {
  Ptr link;
  void operator()(error_code ec, std::size_t count) const { link->on_read(ec, count); }
};

struct Link::WriteDone {
  Ptr link;
  void operator()(error_code ec, std::size_t count) const { link->on_written(ec, count); }
};

struct Link::HandshakeDone {
  Ptr link;
  void operator()(error_code ec) const {
    link->handshake_error_ = ec;
    link->secured_ = !ec;
    link->signal_->notify();
  }
};

Link::Link(tcp_socket socket, ProcessLimits& limits, Signal::Ptr signal)
    : in(limits), socket_(std::move(socket)), signal_(std::move(signal)), written_(signal_) {}

Link::~Link() { close(); }

SSL* Link::use_tls(asio::ssl::context& context) {
  if (tls_) {
    secured_ = false;
    return inner_.emplace(*tls_, context).native_handle();
  }
  tls_.emplace(socket_, context);
  staging_ = std::make_unique<char[]>(k_record);
  return tls_->native_handle();
}

void Link::handshake() {
  if (inner_)
    inner_->async_handshake(asio::ssl::stream_base::client, HandshakeDone{Ptr(this)});
  else
    tls_->async_handshake(asio::ssl::stream_base::client, HandshakeDone{Ptr(this)});
}

void Link::read() {
  if (reading_ || closed_ || read_error_) return;
  reading_ = true;
  auto space = in.free_space();
  if (inner_)
    inner_->async_read_some(space, ReadDone{Ptr(this)});
  else if (tls_)
    tls_->async_read_some(space, ReadDone{Ptr(this)});
  else
    socket_.async_read_some(space, ReadDone{Ptr(this)});
}

void Link::on_read(error_code ec, std::size_t count) {
  reading_ = false;
  in.appended(count);
  received_ += count;
  read_error_ = ec;
  signal_->notify();
}

bool Link::at_end() const noexcept {
  return read_error_ == asio::error::eof || read_error_ == asio::ssl::error::stream_truncated;
}

void Link::queue(std::string_view bytes) {
  if (out_at_ == out_.size()) out_.clear(), out_at_ = 0;
  if (!bytes.empty()) out_.emplace_back(bytes.data(), bytes.size());
}

void Link::write() {
  writing_ = out_at_ < out_.size();
  if (tls_)
    write_tls();
  else
    write_plain();
}

void Link::write_with(WriteBatch& batch) {
  if (tls_ || !batch.collecting()) return write();
  writing_ = out_at_ < out_.size();
  batch.add(*this);
}

/// Whoever waits for the reply learns of a failure; of success it learns from the reply.
void Link::write_now() {
  write();
  if (write_error_) signal_->notify_later();
}

void Link::write_plain() {
  if (!writing_) return;
  error_code ec;
  const Flattened flat{std::span<const asio::const_buffer>(out_)};
  auto count =
      flat.empty()
          ? socket_.write_some(Gather{out_.data(), out_.data() + std::min(out_.size(), k_max_gather)}, ec)
          : socket_.write_some(asio::buffer(flat.piece()), ec);
  if (ec && ec != asio::error::would_block) return end_write(ec);
  advance(count);
  write_more();
}

void Link::write_tls() {
  if (!writing_) return;
  auto size = stage();
  if (inner_)
    asio::async_write(*inner_, asio::buffer(staging_.get(), size), WriteDone{Ptr(this)});
  else
    asio::async_write(*tls_, asio::buffer(staging_.get(), size), WriteDone{Ptr(this)});
}

void Link::on_written(error_code ec, std::size_t count) {
  if (ec) {
    end_write(ec);
  } else if (tls_) {
    writing_ = out_at_ < out_.size();
    write_tls();
  } else {
    advance(count);
    write_more();
  }
  written_->notify();
}

void Link::write_more() {
  writing_ = out_at_ < out_.size();
  if (!writing_) return;
  auto* first = out_.data() + out_at_;
  auto* last = first + std::min(out_.size() - out_at_, k_max_gather);
  socket_.async_write_some(Gather{first, last}, WriteDone{Ptr(this)});
}

void Link::advance(std::size_t count) noexcept {
  while (count > 0) {
    auto& slice = out_[out_at_];
    auto part = std::min(count, slice.size());
    slice += part, count -= part;
    if (slice.size() == 0) ++out_at_;
  }
}

/// Copies the next record's worth of the slices.
std::size_t Link::stage() noexcept {
  std::size_t size = 0;
  while (size < k_record && out_at_ < out_.size()) {
    auto& slice = out_[out_at_];
    auto part = std::min(k_record - size, slice.size());
    std::memcpy(staging_.get() + size, slice.data(), part);
    size += part;
    advance(part);
  }
  return size;
}

void Link::end_write(error_code ec) noexcept {
  writing_ = false;
  write_error_ = ec;
}

void Link::close() noexcept {
  if (closed_) return;
  closed_ = true;
  out_.clear(), out_at_ = 0;
  // OpenSSL forgets the session of a connection that was dropped without a farewell, and we want to resume
  // it.
  for (auto* ssl : {inner_ ? inner_->native_handle() : nullptr, tls_ ? tls_->native_handle() : nullptr})
    if (ssl) {
      SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
      forget_session(ssl);
    }
  error_code ignored;
  socket_.close(ignored);
}

} // namespace switchyard::http::upstream
