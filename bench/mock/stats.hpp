// What the mock saw: counts per path and model, connections, bytes, aborts. Owned by the App, one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace switchyard::mock {

using Instant = std::chrono::steady_clock::time_point;

struct Cell {
  std::uint64_t requests = 0, aborted = 0, in_flight = 0, max_in_flight = 0;
};

/// Nodes are never erased, so an open reply may point at its cell across a reset.
using CellMap = std::map<std::string, Cell, std::less<>>;

/// One reply being played; names its cells.
struct Visit {
  CellMap::value_type* path = nullptr;
  CellMap::value_type* model = nullptr;
  Instant began{};
  std::uint64_t sent_before = 0; ///< bytes_out of the connection when it began
};

class Stats {
 public:
  std::uint64_t accepted = 0, open = 0, max_open = 0, bytes_in = 0, bytes_out = 0, bad_requests = 0;

  void opened();
  Visit begin(std::string_view path, std::string_view model, Instant now);
  void end(Visit& visit);
  /// The client left before the reply was complete.
  void abort(Visit& visit, Instant now, std::uint64_t sent_bytes);
  void reset();
  std::string json() const;

 private:
  struct Abort {
    std::string path, model;
    double after_ms;
    std::int64_t at_unix_ms;
    std::uint64_t sent_bytes;
  };
  Cell total_;
  CellMap paths_, models_;
  std::deque<Abort> aborts_; ///< the last 1000
};

} // namespace switchyard::mock
