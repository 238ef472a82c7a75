// A blocking client for servers with threads of their own; every wait ends after five seconds.
#pragma once

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace switchyard::http::testing {

class BlockingClient {
 public:
  explicit BlockingClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    timeval limit{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  BlockingClient(BlockingClient&& other) noexcept
      : connected(other.connected), fd_(std::exchange(other.fd_, -1)) {}
  ~BlockingClient() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }
  void send(std::string_view text) {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// Reads until `end` was received, or the connection ends.
  std::string read_until(std::string_view end) {
    std::string got;
    char buffer[4096];
    while (got.find(end) == got.npos) {
      auto n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n <= 0) break;
      got.append(buffer, static_cast<std::size_t>(n));
    }
    return got;
  }
  bool at_end() {
    char byte;
    return ::recv(fd_, &byte, 1, 0) == 0;
  }
  bool connected = false;

 private:
  int fd_;
};

} // namespace switchyard::http::testing
