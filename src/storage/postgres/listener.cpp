// Hears what other processes notify(). Its own thread; blocks only in poll() and while connecting.
#include "storage/postgres/listener.hpp"

#include "storage/postgres/gate.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace switchyard::storage {
namespace {

constexpr int k_connect_seconds = 5;

struct FreeNotify {
  void operator()(PGnotify* notify) const { pq().PQfreemem(notify); }
};

} // namespace

PgListener::PgListener(const PostgresSettings& settings, std::function<void(std::string_view)> heard)
    : connection_(settings), heard_(std::move(heard)), wake_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this] { work(); }) {}

void PgListener::close() {
  if (!thread_.joinable()) return;
  ::eventfd_write(wake_, 1);
  thread_.join();
  ::close(wake_);
}

bool PgListener::wait(int socket, int timeout_ms) {
  pollfd waiting[] = {{wake_, POLLIN, 0}, {socket, POLLIN, 0}}; // a negative socket is ignored
  ::poll(waiting, 2, timeout_ms);
  return waiting[0].revents == 0;
}

void PgListener::work() {
  for (int failures = 0;;) {
    if (connection_.connect(k_connect_seconds)) {
      failures = 0;
      hear();
      connection_.close();
    }
    const auto pause = ConnectGate::delay(failures++);
    if (!wait(-1, static_cast<int>(pause.count()))) return;
  }
}

void PgListener::hear() {
  const PgResult listening(pq().PQexec(connection_.raw(), "LISTEN switchyard"));
  if (pq().PQresultStatus(listening.get()) != PGRES_COMMAND_OK) return;
  heard_(""); // something may have been missed
  while (wait(pq().PQsocket(connection_.raw()), -1)) {
    if (pq().PQconsumeInput(connection_.raw()) == 0) return;
    while (const std::unique_ptr<PGnotify, FreeNotify> note{pq().PQnotifies(connection_.raw())})
      heard_(note->extra);
  }
}

} // namespace switchyard::storage
