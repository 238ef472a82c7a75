// WriteBatch: collects writers and lets them write from one posted handler. On a shard.
#include "http/write_batch.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace switchyard::http {
namespace {

constexpr int k_probe_every = 16; // lone writes until the next attempt to collect some
constexpr std::size_t k_full = 16;
constexpr std::size_t k_kept_buffer = 16 * 1024;

} // namespace

DelayedWrite::~DelayedWrite() {
  if (batch_) batch_->forget(*this);
}

/// A shard's context, destroyed after its batch, still ends writers that waited here.
WriteBatch::~WriteBatch() {
  for (auto* write : waiting_) write->batch_ = nullptr;
}

void WriteBatch::add(DelayedWrite& write) {
  if (write.batch_) return;
  write.batch_ = this;
  waiting_.push_back(&write);
  if (waiting_.size() == k_full && sending_.empty()) return flush(); // never inside another one
  if (waiting_.size() == 1) asio::post(home_, [this] { flush(); });
}

void WriteBatch::flush() {
  if (waiting_.size() == 1) alone_ = k_probe_every;
  sending_.swap(waiting_);
  for (std::size_t i = 0; i < sending_.size(); ++i) {
    auto* write = sending_[i];
    if (!write) continue;
    write->batch_ = nullptr;
    write->write_now();
  }
  sending_.clear();
}

std::string WriteBatch::take_buffer() {
  if (buffers_.empty()) return {};
  auto buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void WriteBatch::give_back(std::string buffer) {
  if (buffers_.size() == k_full || buffer.capacity() > k_kept_buffer) return;
  buffer.clear();
  buffers_.push_back(std::move(buffer));
}

void WriteBatch::forget(DelayedWrite& write) noexcept {
  std::erase(waiting_, &write);
  std::replace(sending_.begin(), sending_.end(), &write, static_cast<DelayedWrite*>(nullptr));
}

} // namespace switchyard::http
