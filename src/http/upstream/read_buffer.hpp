// The growing byte buffer of one upstream connection: bytes wait in [data, data + size), reads append at
// free_space(). Lives on a shard with its connection. Large ones count against the process-wide cap.
#pragma once

#include "http/shard.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace switchyard::http::upstream {

class ReadBuffer {
 public:
  static constexpr std::size_t k_usual = 3 * 1024;

  explicit ReadBuffer(ProcessLimits& limits) noexcept : limits_(limits) {}
  ~ReadBuffer() { account(0); }
  ReadBuffer(const ReadBuffer&) = delete;
  ReadBuffer& operator=(const ReadBuffer&) = delete;

  char* data() noexcept { return bytes_.get() + begin_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  std::string_view view() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
  std::size_t capacity() const noexcept { return capacity_; }

  asio::mutable_buffer free_space() noexcept { return {bytes_.get() + end_, capacity_ - end_}; }
  void appended(std::size_t count) noexcept { end_ += count; }
  /// The bytes stay in place until the next read.
  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void truncate(std::size_t size) noexcept { end_ = begin_ + size; }

  /// Makes room for at least one more byte and, if that at most doubles the buffer, for `wanted` bytes from
  /// data() on: memory follows what arrived, not what was announced. Moves bytes, so no read may be pending
  /// and views die. False: the process is out of its memory cap.
  bool make_room(std::size_t wanted);
  /// Back to the usual size; only when empty.
  void shrink() noexcept;

 private:
  struct Free {
    void operator()(char* bytes) const noexcept { std::free(bytes); }
  };
  bool resize(std::size_t capacity);
  void account(std::size_t capacity) noexcept;

  std::unique_ptr<char, Free> bytes_;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
  ProcessLimits& limits_;
};

} // namespace switchyard::http::upstream
