// Growth, shrinking and memory accounting of a connection's read buffer. Lives on a shard.
#include "http/upstream/read_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace switchyard::http::upstream {
namespace {

constexpr std::size_t k_accounted_from = 64 * 1024;

std::size_t accounted(std::size_t capacity) noexcept { return capacity > k_accounted_from ? capacity : 0; }

} // namespace

bool ReadBuffer::make_room(std::size_t wanted) {
  auto least = size() + 1;
  wanted = std::max(wanted, least);
  if (capacity_ - begin_ >= wanted) return true;
  if (begin_ > 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, size());
    end_ -= begin_, begin_ = 0;
  }
  if (capacity_ >= wanted) return true;
  auto doubled = std::max(capacity_ * 2, k_usual);
  return resize(wanted == least ? doubled : std::min(wanted, doubled));
}

bool ReadBuffer::resize(std::size_t capacity) {
  auto more = accounted(capacity) - std::min(accounted(capacity), accounted(capacity_));
  if (more > 0 && limits_.buffered_bytes.load(std::memory_order_relaxed) + more > limits_.max_buffered_bytes)
    return false;
  auto* grown = static_cast<char*>(std::realloc(bytes_.get(), capacity));
  if (!grown) return false;
  (void)bytes_.release();
  bytes_.reset(grown);
  account(capacity);
  return true;
}

void ReadBuffer::account(std::size_t capacity) noexcept {
  auto before = accounted(capacity_), after = accounted(capacity);
  if (before != after) limits_.buffered_bytes.fetch_add(after - before, std::memory_order_relaxed);
  capacity_ = capacity;
}

void ReadBuffer::shrink() noexcept {
  begin_ = end_ = 0;
  if (capacity_ > k_usual) (void)resize(k_usual);
}

} // namespace switchyard::http::upstream
