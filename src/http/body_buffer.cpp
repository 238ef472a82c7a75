// BodyBuffer: realloc, so that large bodies grow by remapping pages rather than by copying.
#include "http/body_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace switchyard::http {
namespace {

constexpr std::size_t k_padding = 64;
constexpr std::size_t k_kept = 16 * 1024;

} // namespace

bool MemoryCharge::set(std::size_t size) noexcept {
  auto wanted = size > k_free ? size : 0;
  if (wanted > charged_) {
    auto more = wanted - charged_;
    auto before = limits_.buffered_bytes.fetch_add(more, std::memory_order_relaxed);
    if (before + more > limits_.max_buffered_bytes) {
      limits_.buffered_bytes.fetch_sub(more, std::memory_order_relaxed);
      return false;
    }
  } else if (wanted < charged_) {
    limits_.buffered_bytes.fetch_sub(charged_ - wanted, std::memory_order_relaxed);
  }
  charged_ = wanted;
  return true;
}

bool BodyBuffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return true;
  if (!charge_.set(capacity)) return false;
  auto* grown = static_cast<char*>(std::realloc(data_.get(), capacity + k_padding));
  if (!grown) return charge_.set(capacity_), false;
  (void)data_.release();
  data_.reset(grown);
  capacity_ = capacity;
  return true;
}

bool BodyBuffer::append(std::string_view bytes) {
  auto needed = size_ + bytes.size();
  if (needed > capacity_ && !reserve(std::max(needed, capacity_ * 2))) return false;
  if (!bytes.empty()) std::memcpy(data_.get() + size_, bytes.data(), bytes.size());
  size_ = needed;
  return true;
}

void BodyBuffer::release() noexcept {
  size_ = 0;
  if (capacity_ <= k_kept) return;
  data_.reset();
  capacity_ = 0;
  charge_.set(0);
}

} // namespace switchyard::http
