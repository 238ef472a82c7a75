// The listening socket of one shard. Accepts until there is nothing left, gives surplus connections to the
// least loaded shard, pauses when descriptors run out. Lives on its shard; bound before the thread starts.
#pragma once

#include "http/edge.hpp"

#include <switchyard/error.hpp>

#include <string>
#include <vector>

namespace switchyard::http {

/// The addresses of `host` to listen on, never none: one for an address, all that this machine has for a
/// name.
Result<std::vector<tcp::endpoint>> listen_addresses(const std::string& host, std::uint16_t port);
/// Binds once without SO_REUSEPORT, so that a port in use is noticed, and lets go again.
Result<void> probe_address(const tcp::endpoint& address);

class Listener {
 public:
  /// `all` holds the edges of every shard, this one's included; it outlives the listener.
  Listener(Edge& edge, const std::vector<std::unique_ptr<Edge>>& all);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Listens; with port 0 the address gets the port that the kernel chose.
  Result<void> bind(tcp::endpoint& address);
  void start();
  /// Accepts what the kernel has already completed, then closes.
  void stop();

 private:
  enum class Accepted : std::uint8_t { one, none, no_descriptors };
  Accepted accept_one();
  void accept_all();
  void wait();
  void pause();
  void place(int fd, const tcp::endpoint& peer);
  Edge& choose();
  void refuse(int fd);

  Edge& edge_;
  const std::vector<std::unique_ptr<Edge>>& all_;
  tcp_acceptor acceptor_;
  Deadline resume_;
  bool starved_ = false; ///< the last burst ran out of descriptors
};

} // namespace switchyard::http
