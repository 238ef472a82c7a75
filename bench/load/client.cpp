// Connections and schedule of the load generator; one thread.
#include "client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace switchyard::load {
namespace {

using std::chrono::milliseconds;
constexpr auto k_reopen_after = milliseconds(10); ///< a refused connection must not spin
constexpr std::uint32_t k_gone = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr auto k_drain = std::chrono::seconds(5);

Instant clock_now() { return std::chrono::steady_clock::now(); }

Instant after(Instant at, double seconds) {
  return at + std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

std::uint64_t ns(Instant from, Instant to) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, (to - from).count()));
}

} // namespace

Client::Client(const Options& options) : options_(options), connections_(options.connections) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  request_ = options.method + " " + options.path + " HTTP/1.1\r\nHost: " + options.host + ":" +
             std::to_string(options.port) + "\r\n" + options.headers;
  if (!options.body.empty())
    request_ +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(options.body.size()) + "\r\n";
  request_ += "\r\n" + options.body;
  idle_.reserve(options.connections);
}

Client::~Client() {
  for (auto& c : connections_)
    if (c.fd >= 0) ::close(c.fd);
  ::close(epoll_);
}

bool Client::chance(double percent) {
  random_ ^= random_ << 13, random_ ^= random_ >> 7, random_ ^= random_ << 17;
  return percent > 0 && static_cast<double>(random_ % 1000000) < percent * 10000;
}

void Client::open(std::size_t i) {
  auto& c = connections_[i];
  c = Connection{};
  c.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int one = 1;
  ::setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = i;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(options_.port));
  ::inet_pton(AF_INET, options_.host.c_str(), &to.sin_addr);
  if (::connect(c.fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
    fail(i, results_.connect_errors);
}

/// Closes and reopens later; a busy request is lost.
void Client::shut(std::size_t i) {
  auto& c = connections_[i];
  if (c.fd >= 0) ::close(c.fd);
  auto idle = std::find(idle_.begin(), idle_.end(), i);
  if (idle != idle_.end()) idle_.erase(idle);
  c.fd = -1;
  c.busy = c.connected = false;
}

void Client::fail(std::size_t i, std::uint64_t& counter) {
  counter++;
  shut(i);
  reopen_.emplace_back(now_ + k_reopen_after, i);
}

bool Client::connected(std::size_t i) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(connections_[i].fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    fail(i, results_.connect_errors);
    return false;
  }
  connections_[i].connected = true;
  next(i);
  return true;
}

/// The connection is free: closed loop sends at once, open loop takes what is due.
void Client::next(std::size_t i) {
  if (options_.rate <= 0) return stopping_ ? void() : send(i, now_);
  if (waiting_.empty()) return idle_.push_back(i);
  auto due = waiting_.front();
  waiting_.pop_front();
  send(i, due);
}

void Client::send(std::size_t i, Instant due) {
  auto& c = connections_[i];
  c.busy = true;
  c.abort = chance(options_.abort_percent);
  c.first_seen = false;
  c.measured = due >= measure_;
  c.sent = 0;
  c.due = due;
  c.reply.restart();
  if (!write(i)) return;
  if (c.abort && !options_.stream) abort(i);
}

bool Client::write(std::size_t i) {
  auto& c = connections_[i];
  while (c.sent < request_.size()) {
    auto n = ::send(c.fd, request_.data() + c.sent, request_.size() - c.sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return true;
    if (n <= 0) {
      fail(i, results_.closed_early);
      return false;
    }
    c.sent += static_cast<std::size_t>(n);
  }
  return true;
}

/// Leaves in the middle: a stream after its first bytes, another request right after it was sent.
void Client::abort(std::size_t i) {
  results_.aborted++;
  shut(i);
  reopen_.emplace_back(now_, i);
}

void Client::on_event(std::size_t i, std::uint32_t events) {
  auto& c = connections_[i];
  if (c.fd < 0) return;
  if (!c.connected) {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) connected(i);
    return;
  }
  if (c.busy && c.sent < request_.size() && !write(i)) return;
  if ((events & (EPOLLIN | k_gone)) != 0) read(i, (events & k_gone) != 0);
}

/// A short read means drained, unless the event also announced the end: edges come once.
void Client::read(std::size_t i, bool to_end) {
  for (;;) {
    auto& c = connections_[i];
    auto n = ::recv(c.fd, buffer_.data(), buffer_.size(), 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      if (!c.busy || c.reply.closed() == ReplyReader::State::done) {
        if (c.busy) complete(i);
        shut(i);
        reopen_.emplace_back(now_ + k_reopen_after, i);
      } else {
        fail(i, results_.closed_early);
      }
      return;
    }
    results_.bytes_in += static_cast<std::uint64_t>(n);
    auto fd = c.fd;
    if (!take(i, {buffer_.data(), static_cast<std::size_t>(n)}) || connections_[i].fd != fd) return;
    if (!to_end && static_cast<std::size_t>(n) < buffer_.size()) return;
  }
}

/// False when the connection was given up.
bool Client::take(std::size_t i, std::string_view data) {
  auto& c = connections_[i];
  if (!c.busy) {
    fail(i, results_.bad_replies); // bytes that nobody asked for
    return false;
  }
  auto before = c.reply.events();
  auto state = c.reply.feed(data);
  auto fresh = c.measured ? c.reply.events() - before : 0;
  results_.events += fresh;
  if (now_ <= end_) results_.events_in_time += fresh;
  if (!c.first_seen && c.reply.has_body()) {
    c.first_seen = true;
    if (c.measured) results_.first_byte.add(ns(c.due, clock_now()));
  }
  if (c.abort && c.reply.has_body()) {
    abort(i);
    return false;
  }
  if (state == ReplyReader::State::more) return true;
  if (state == ReplyReader::State::bad || !data.empty()) {
    fail(i, results_.bad_replies);
    return false;
  }
  bool keep = c.reply.keep_alive();
  complete(i);
  if (keep) {
    next(i);
    return true;
  }
  shut(i);
  reopen_.emplace_back(now_, i);
  return false;
}

void Client::complete(std::size_t i) {
  auto& c = connections_[i];
  now_ = clock_now();
  c.busy = false;
  if (!c.measured) return;
  results_.status[c.reply.status()]++;
  results_.latency.add(ns(c.due, now_));
  if (c.reply.status() >= 400) results_.refused.add(ns(c.due, now_));
  if (now_ <= end_) results_.completed_in_time++;
}

/// Open loop: everything whose time has come gets a connection or waits for one.
void Client::release_due() {
  if (options_.rate <= 0 || stopping_) return;
  for (;;) {
    auto due = after(begin_, static_cast<double>(released_) / options_.rate);
    if (due > now_ || due >= end_) return; // a late wake-up does not lengthen the measured time
    released_++;
    if (idle_.empty()) {
      waiting_.push_back(due);
      continue;
    }
    auto i = idle_.back();
    idle_.pop_back();
    send(i, due);
  }
}

void Client::turn(Instant until) {
  auto wake = until;
  if (options_.rate > 0 && !stopping_)
    wake = std::min(wake, after(begin_, static_cast<double>(released_) / options_.rate));
  if (!reopen_.empty()) wake = std::min(wake, reopen_.front().first);
  auto left = std::max<std::int64_t>(0, (wake - clock_now()).count());
  timespec wait{left / 1'000'000'000, left % 1'000'000'000};
  epoll_event events[512];
  int n = ::epoll_pwait2(epoll_, events, 512, &wait, nullptr);
  now_ = clock_now();
  for (int k = 0; k < n; k++) on_event(events[k].data.u64, events[k].events);
  while (!reopen_.empty() && reopen_.front().first <= now_) {
    auto i = reopen_.front().second;
    reopen_.pop_front();
    if (!stopping_ || !waiting_.empty()) open(i);
  }
  release_due();
}

/// What was due is still served: leaving it out would hide the longest waits.
void Client::drain() {
  stopping_ = true;
  auto busy = [](const Connection& c) { return c.busy; };
  auto left = [&] {
    return !waiting_.empty() || std::any_of(connections_.begin(), connections_.end(), busy);
  };
  auto until = now_ + k_drain;
  while (now_ < until && left()) turn(until);
  results_.unfinished = waiting_.size() + static_cast<std::uint64_t>(
                                              std::count_if(connections_.begin(), connections_.end(), busy));
}

void Client::hold() {
  auto open = [this] {
    return static_cast<std::uint64_t>(std::count_if(connections_.begin(), connections_.end(),
                                                    [](const Connection& c) { return c.fd >= 0; }));
  };
  auto before = open();
  std::fprintf(stderr, "holding %llu connections\n", static_cast<unsigned long long>(before));
  auto until = after(now_, options_.hold);
  while (now_ < until) turn(until);
  results_.closed_while_held = before - open();
}

const Results& Client::run() {
  now_ = begin_ = clock_now();
  measure_ = after(begin_, options_.warmup);
  end_ = after(measure_, options_.seconds);
  results_.seconds = options_.seconds;
  for (std::size_t i = 0; i < connections_.size(); i++) open(i);
  while (now_ < end_) turn(end_);
  drain();
  if (options_.hold > 0) hold();
  return results_;
}

} // namespace switchyard::load
