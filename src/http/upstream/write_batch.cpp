// WriteBatch: collects links and flushes them from one posted handler. On a shard.
#include "http/upstream/write_batch.hpp"

#include <boost/asio/post.hpp>

namespace switchyard::http::upstream {
namespace {

constexpr int k_probe_every = 16; // lone requests until the next attempt to collect some
constexpr std::size_t k_full = 16;

} // namespace

void WriteBatch::add(Link::Ptr link) {
  if (alone_ > 0) {
    --alone_;
    return link->write();
  }
  link->delay_write();
  links_.push_back(std::move(link));
  if (links_.size() == k_full) return flush();
  if (links_.size() == 1) asio::post(home_, [this] { flush(); });
}

void WriteBatch::flush() {
  if (links_.size() == 1) alone_ = k_probe_every;
  sending_.swap(links_);
  for (auto& link : sending_) link->write();
  sending_.clear();
}

} // namespace switchyard::http::upstream
