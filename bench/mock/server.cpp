// epoll loop of the mock; one thread. Ids are fd + generation, so a late event or timer never reaches another
// connection on the same fd.
#include "server.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace switchyard::mock {
namespace {

constexpr std::uint64_t k_listener_id = UINT64_MAX;
volatile std::sig_atomic_t g_stop = 0;

void stop(int) { g_stop = 1; }

/// Signals arrive only inside epoll_pwait2, so none is missed between test and wait.
sigset_t take_signals() {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGINT);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  sigdelset(&before, SIGTERM);
  sigdelset(&before, SIGINT);
  struct sigaction action {};
  action.sa_handler = stop;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN); // SSL_write has no MSG_NOSIGNAL
  return before;
}

} // namespace

Server::~Server() {
  connections_.clear();
  if (listener_ >= 0) ::close(listener_);
  if (epoll_ >= 0) ::close(epoll_);
}

int Server::listen(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return -1;
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int one = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 4096) != 0)
    return -1;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = k_listener_id;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  return ntohs(address.sin_port);
}

void Server::run() {
  auto mask = take_signals();
  epoll_event events[256];
  while (g_stop == 0) {
    timespec wait{};
    timespec* timeout = nullptr;
    if (!timers_.empty()) {
      auto left = timers_.top().at - std::chrono::steady_clock::now();
      auto ns = std::max<std::int64_t>(0, std::chrono::nanoseconds(left).count());
      wait = {ns / 1'000'000'000, ns % 1'000'000'000};
      timeout = &wait;
    }
    int n = ::epoll_pwait2(epoll_, events, 256, timeout, &mask);
    now_ = std::chrono::steady_clock::now();
    for (int i = 0; i < n; i++) handle(events[i].data.u64, events[i].events);
    fire_timers();
  }
}

void Server::handle(std::uint64_t id, std::uint32_t events) {
  if (id == k_listener_id) return accept_all();
  auto* connection = find(id);
  if (connection == nullptr) return;
  peer_closed_ = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (!connection->on_event()) connections_[static_cast<std::uint32_t>(id)].reset();
}

void Server::fire_timers() {
  while (!timers_.empty() && timers_.top().at <= now_) {
    auto id = timers_.top().id;
    timers_.pop();
    auto* connection = find(id);
    if (connection != nullptr && !connection->on_timer())
      connections_[static_cast<std::uint32_t>(id)].reset();
  }
}

Connection* Server::find(std::uint64_t id) {
  auto fd = static_cast<std::uint32_t>(id);
  auto* connection = fd < connections_.size() ? connections_[fd].get() : nullptr;
  return connection != nullptr && connection->id() == id ? connection : nullptr;
}

void Server::accept_all() {
  for (;;) {
    int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    add(fd);
  }
}

void Server::add(int fd) {
  int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  auto slot = static_cast<std::size_t>(fd);
  if (connections_.size() <= slot) connections_.resize(slot + 64);
  auto id = ++generation_ << 32 | static_cast<std::uint32_t>(fd);
  auto tls = tls_ != nullptr ? std::make_unique<TlsStream>(*tls_, fd) : nullptr;
  connections_[slot] = std::make_unique<Connection>(*this, fd, id, std::move(tls));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = id;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

} // namespace switchyard::mock
