// Requests written in one turn of the shard's loop leave together at its end: a peer that sleeps is woken once,
// not once per request. A lone request is not held back. Lives on one shard, with its client.
#pragma once

#include "http/upstream/link.hpp"

#include <vector>

namespace switchyard::http::upstream {

class WriteBatch {
 public:
  explicit WriteBatch(exec_t home) noexcept : home_(home) {}
  WriteBatch(const WriteBatch&) = delete;
  WriteBatch& operator=(const WriteBatch&) = delete;

  /// Sends what was queued on the link, now or at the end of this turn.
  void add(Link::Ptr link);

 private:
  void flush();

  exec_t home_;
  std::vector<Link::Ptr> links_, sending_;
  int alone_ = 0; ///< requests still to be sent at once, since batches turn out to hold one only
};

} // namespace switchyard::http::upstream
