// One client connection of the mock: reads requests, plays plans. Lives in the server's loop, one thread;
// edge triggered, so every callback goes on until the socket would block.
#pragma once

#include "app.hpp"
#include "tls.hpp"

namespace switchyard::mock {

class Server;

class Connection {
 public:
  Connection(Server& server, int fd, std::uint64_t id, std::unique_ptr<TlsStream> tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::uint64_t id() const { return id_; }
  /// Both return false when the connection is over and must be destroyed.
  bool on_event();
  bool on_timer();

 private:
  bool read_input();
  bool process();
  bool start();
  bool play();
  void fill();
  bool flush();
  bool finish();
  bool refuse();
  ssize_t receive(char* data, std::size_t size);
  ssize_t send(const char* data, std::size_t size);

  Server& server_;
  int fd_;
  std::uint64_t id_;
  std::unique_ptr<TlsStream> tls_;

  RequestReader reader_;
  Request request_;
  std::string in_, out_;
  std::size_t in_at_ = 0, out_at_ = 0;
  std::uint64_t sent_ = 0; ///< of the current reply

  Plan plan_;
  Visit visit_;
  std::size_t step_ = 0;
  std::uint32_t copy_ = 0;
  Instant pace_{}; ///< when the last waited step was due: pacing does not drift
  bool playing_ = false, waiting_ = false, waited_ = false, keep_alive_ = true;
};

} // namespace switchyard::mock
