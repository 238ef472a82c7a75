// The load generator's loop: connections, schedule, results. One thread, one epoll. In the open loop latency
// counts from the moment a request was due, not from when a connection was free (no coordinated omission).
#pragma once

#include "histogram.hpp"
#include "reply.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <sys/epoll.h>
#include <vector>

namespace switchyard::load {

using Instant = std::chrono::steady_clock::time_point;

struct Options {
  std::string host = "127.0.0.1", path = "/", method = "POST", body, headers;
  int port = 80;
  std::size_t connections = 64;
  double seconds = 5, warmup = 0, hold = 0;
  double rate = 0; ///< requests per second; 0 = closed loop
  double abort_percent = 0;
  bool stream = false;
};

struct Results {
  std::map<int, std::uint64_t> status;
  std::uint64_t connect_errors = 0, closed_early = 0, bad_replies = 0, aborted = 0, unfinished = 0;
  std::uint64_t completed_in_time = 0, events = 0, events_in_time = 0, bytes_in = 0, closed_while_held = 0;
  double seconds = 0;
  Histogram latency, first_byte;
  Histogram refused; ///< latency of answers with status 400 and above
};

class Client {
 public:
  explicit Client(const Options& options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Blocks for warm-up, measured time, drain and hold.
  const Results& run();

 private:
  struct Connection {
    int fd = -1;
    bool connected = false, busy = false, abort = false, first_seen = false, measured = false;
    std::size_t sent = 0;
    Instant due{}; ///< when the current request should have been sent
    ReplyReader reply;
  };

  void open(std::size_t i);
  void shut(std::size_t i);
  void fail(std::size_t i, std::uint64_t& counter);
  void on_event(std::size_t i, std::uint32_t events);
  bool connected(std::size_t i);
  void next(std::size_t i);
  void send(std::size_t i, Instant due);
  bool write(std::size_t i);
  void read(std::size_t i, bool to_end);
  bool take(std::size_t i, std::string_view data);
  void complete(std::size_t i);
  void abort(std::size_t i);
  void release_due();
  void turn(Instant until);
  void drain();
  void hold();
  bool chance(double percent);

  const Options& options_;
  Results results_;
  std::string request_;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::vector<std::size_t> idle_;
  std::deque<Instant> waiting_; ///< due, no connection free
  std::deque<std::pair<Instant, std::size_t>> reopen_;
  Instant now_{}, begin_{}, measure_{}, end_{};
  std::uint64_t released_ = 0, random_ = 88172645463325252ull;
  bool stopping_ = false;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
};

} // namespace switchyard::load
