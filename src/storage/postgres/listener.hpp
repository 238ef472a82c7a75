// Hears what other processes notify(): a thread with a connection of its own. close() before what `heard`
// uses goes away.
#pragma once

#include "storage/postgres/connection.hpp"

#include <functional>
#include <string_view>
#include <thread>

namespace switchyard::storage {

class PgListener {
 public:
  PgListener(const PostgresSettings& settings, std::function<void(std::string_view)> heard);
  ~PgListener() { close(); }
  void close();

 private:
  void work();
  void hear();                           ///< until the connection is lost or the listener is closed
  bool wait(int socket, int timeout_ms); ///< false = closed

  PgConnection connection_;
  std::function<void(std::string_view)> heard_;
  int wake_;
  std::thread thread_;
};

} // namespace switchyard::storage
