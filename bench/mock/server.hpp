// The mock's event loop: listener, connections, timers. One thread, one epoll.
#pragma once

#include "connection.hpp"

#include <memory>
#include <queue>
#include <vector>

namespace switchyard::mock {

class Server {
 public:
  Server(App& application, const TlsContext* tls) : app(application), tls_(tls) {}
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  App& app;

  /// The bound port, or -1 with errno set.
  int listen(const std::string& host, int port);
  /// Until SIGTERM or SIGINT.
  void run();

  // For connections.
  Instant now() const { return now_; }
  std::vector<char>& buffer() { return buffer_; }
  bool peer_closed() const { return peer_closed_; }
  void wake_at(Instant when, std::uint64_t id) { timers_.push({when, id}); }

 private:
  struct Due {
    Instant at;
    std::uint64_t id;
    bool operator>(const Due& other) const { return at > other.at; }
  };

  void accept_all();
  void add(int fd);
  void handle(std::uint64_t id, std::uint32_t events);
  void fire_timers();
  Connection* find(std::uint64_t id);

  const TlsContext* tls_;
  int epoll_ = -1, listener_ = -1;
  Instant now_{};
  bool peer_closed_ = false; ///< of the event being handled
  std::uint64_t generation_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_; ///< by fd
  std::priority_queue<Due, std::vector<Due>, std::greater<>> timers_;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
};

} // namespace switchyard::mock
