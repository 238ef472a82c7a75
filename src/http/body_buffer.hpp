// A contiguous, growing buffer for one request body. Lives in the session; big ones are charged to the
// process-wide cap and given back when the request ends. Readable 64 bytes past its end (for simdjson).
#pragma once

#include "http/shard.hpp"

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>

namespace switchyard::http {

/// What one owner holds of the process-wide cap; sizes up to 64 KB are free.
class MemoryCharge {
 public:
  static constexpr std::size_t k_free = 64 * 1024;
  explicit MemoryCharge(ProcessLimits& limits) noexcept : limits_(limits) {}
  ~MemoryCharge() { set(0); }
  MemoryCharge(const MemoryCharge&) = delete;
  MemoryCharge& operator=(const MemoryCharge&) = delete;
  /// False = the cap is reached and nothing changed. Shrinking never fails.
  bool set(std::size_t size) noexcept;

 private:
  ProcessLimits& limits_;
  std::size_t charged_ = 0;
};

class BodyBuffer {
 public:
  explicit BodyBuffer(ProcessLimits& limits) noexcept : charge_(limits) {}

  /// Makes room for `capacity` bytes in all. False = the process may not buffer that much now.
  bool reserve(std::size_t capacity);
  /// The free space behind the bytes; commit() what was written there.
  std::span<char> tail() noexcept { return {data_.get() + size_, capacity_ - size_}; }
  void commit(std::size_t n) noexcept { size_ += n; }
  /// Copies `bytes`, growing geometrically. False as reserve().
  bool append(std::string_view bytes);
  std::string_view view() const noexcept { return {data_.get(), size_}; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  /// Ends the request: a small buffer is kept for the next one, a big one is freed.
  void release() noexcept;

 private:
  struct Free {
    void operator()(char* data) const noexcept { std::free(data); }
  };
  MemoryCharge charge_;
  std::unique_ptr<char, Free> data_;
  std::size_t size_ = 0, capacity_ = 0;
};

} // namespace switchyard::http
