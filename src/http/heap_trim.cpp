// HeapTrim: see heap_trim.hpp. The allocator goes by a weak name, since builds with sanitizers have another
// one.
#include "http/heap_trim.hpp"

extern "C" void mi_collect(bool force) __attribute__((weak));

namespace switchyard::http {

void collect_heap() {
  if (mi_collect) mi_collect(true);
}

void HeapTrim::wait() {
  waiting_ = true;
  busy_ = false;
  timer_.expires_after(look_every_);
  timer_.async_wait([this](error_code ec) {
    waiting_ = false;
    if (ec) return;
    busy_ ? wait() : collect_();
  });
}

} // namespace switchyard::http
