// Gives freed memory back to the system when a shard has come to rest: the allocator does it by itself only
// while it is asked for more. Lives on a shard; sets no timer while nothing is served.
#pragma once

#include <switchyard/aio.hpp>

#include <chrono>

namespace switchyard::http {

/// mimalloc's, of this thread's heap; nothing where another allocator is linked.
void collect_heap();

class HeapTrim {
 public:
  explicit HeapTrim(const exec_t& executor,
                    std::chrono::milliseconds look_every = std::chrono::milliseconds(300),
                    void (*collect)() = collect_heap)
      : timer_(executor), look_every_(look_every), collect_(collect) {}

  /// With every request: it looks from time to time while they come, and collects once when they have ended.
  void busy() {
    busy_ = true;
    if (!waiting_) wait();
  }

 private:
  void wait();

  steady_timer timer_;
  const std::chrono::milliseconds look_every_;
  void (*const collect_)();
  bool busy_ = false, waiting_ = false;
};

} // namespace switchyard::http
