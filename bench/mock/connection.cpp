// Reads requests and plays plans on one socket; the server's only thread.
#include "connection.hpp"

#include "server.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace switchyard::mock {
namespace {

constexpr std::size_t k_write_batch = 256 * 1024;
constexpr std::size_t k_read_ahead = 1024 * 1024; ///< while a reply is playing
constexpr std::size_t k_keep_capacity = 64 * 1024;

void drop_big(std::string& buffer) {
  if (buffer.capacity() > k_keep_capacity) std::string().swap(buffer);
  buffer.clear();
}

} // namespace

Connection::Connection(Server& server, int fd, std::uint64_t id, std::unique_ptr<TlsStream> tls)
    : server_(server), fd_(fd), id_(id), tls_(std::move(tls)) {
  server_.app.stats.opened();
}

Connection::~Connection() {
  auto& stats = server_.app.stats;
  stats.abort(visit_, server_.now(), sent_); // does nothing when no reply is open
  stats.open--;
  if (tls_ && plan_.end == End::keep) tls_->close_notify();
  ::close(fd_);
}

ssize_t Connection::receive(char* data, std::size_t size) {
  if (tls_) return tls_->read(data, size);
  auto n = ::recv(fd_, data, size, 0);
  return n >= 0 ? n : errno == EAGAIN || errno == EINTR ? k_would_block : k_broken;
}

ssize_t Connection::send(const char* data, std::size_t size) {
  if (tls_) return tls_->write(data, size);
  auto n = ::send(fd_, data, size, MSG_NOSIGNAL);
  return n >= 0 ? n : errno == EAGAIN || errno == EINTR ? k_would_block : k_broken;
}

/// False when the peer closed or reset. A short read of a plain socket means it is drained: saves one recv
/// per request.
bool Connection::read_input() {
  auto& buffer = server_.buffer();
  while (!playing_ || in_.size() < k_read_ahead) {
    auto n = receive(buffer.data(), buffer.size());
    if (n == k_would_block) return true;
    if (n <= 0) return false;
    server_.app.stats.bytes_in += static_cast<std::uint64_t>(n);
    in_.append(buffer.data(), static_cast<std::size_t>(n));
    if (!tls_ && static_cast<std::size_t>(n) < buffer.size()) return true;
  }
  return true;
}

bool Connection::on_event() {
  bool open = read_input();
  if (playing_ && !play()) return false;
  if (!process()) return false;
  // A client that is gone, or half closed, wants no answer: what is still playing counts as aborted.
  return open && !server_.peer_closed();
}

bool Connection::on_timer() {
  if (!waiting_) return true;
  waiting_ = false;
  waited_ = true;
  if (!play()) return false;
  // Input beyond the read-ahead was left in the socket; no edge will announce it again.
  return playing_ || (read_input() && process());
}

bool Connection::process() {
  while (!playing_) {
    auto data = std::string_view(in_).substr(in_at_);
    if (data.empty()) break;
    auto state = reader_.next(data, request_);
    if (state == RequestReader::State::bad) return refuse();
    if (state == RequestReader::State::need_continue) {
      out_ += "HTTP/1.1 100 Continue\r\n\r\n";
      if (!flush()) return false;
    }
    if (state != RequestReader::State::ready) break;
    if (!start()) return false;
  }
  if (in_at_ == in_.size())
    drop_big(in_);
  else
    in_.erase(0, in_at_);
  in_at_ = 0;
  return true;
}

bool Connection::start() {
  keep_alive_ = request_.keep_alive;
  plan_ = server_.app.answer(request_, server_.now(), visit_);
  in_at_ += reader_.consume();
  playing_ = true;
  pace_ = server_.now();
  sent_ = 0;
  step_ = 0;
  copy_ = 0;
  waiting_ = waited_ = false;
  out_ += plan_.first;
  return play();
}

bool Connection::play() {
  for (;;) {
    fill();
    if (!flush()) return false;
    if (waiting_ || !out_.empty()) return true;
    if (step_ == plan_.steps.size()) return finish();
  }
}

void Connection::fill() {
  while (!waiting_ && step_ < plan_.steps.size() && out_.size() < k_write_batch) {
    const auto& step = plan_.steps[step_];
    if (step.wait_us > 0 && copy_ % step.burst == 0 && !waited_) {
      pace_ = std::max(pace_ + std::chrono::microseconds(step.wait_us), server_.now());
      waiting_ = true;
      server_.wake_at(pace_, id_);
      return;
    }
    waited_ = false;
    step.append_copy(out_, copy_);
    if (++copy_ == step.repeat) step_++, copy_ = 0;
  }
}

bool Connection::flush() {
  while (out_at_ < out_.size()) {
    auto n = send(out_.data() + out_at_, out_.size() - out_at_);
    if (n == k_would_block) return true;
    if (n <= 0) return false;
    out_at_ += static_cast<std::size_t>(n);
    sent_ += static_cast<std::uint64_t>(n);
    server_.app.stats.bytes_out += static_cast<std::uint64_t>(n);
  }
  out_at_ = 0;
  drop_big(out_);
  return true;
}

bool Connection::finish() {
  if (plan_.end == End::stall) return true; // silent until the client leaves
  if (plan_.end == End::reset) {
    struct linger now {
      1, 0
    };
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  server_.app.stats.end(visit_);
  playing_ = false;
  return plan_.end == End::keep && keep_alive_;
}

/// Bad framing is what a gateway must never pass on, so it is counted apart.
bool Connection::refuse() {
  server_.app.stats.bad_requests++;
  out_ += "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
  flush();
  return false;
}

} // namespace switchyard::mock
