// The DNS cache's rules. Lives on a shard; lookups run on the resolver's threads.
#include "http/upstream/names.hpp"

namespace switchyard::http::upstream {
namespace {

constexpr Millis k_failure_ttl{1000};
constexpr std::size_t k_max_entries = 1024;

} // namespace

Names::Found Names::find(const std::string& host, Signal& waiter) {
  error_code not_numeric;
  auto address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) return {std::make_shared<const Addresses>(1, address), {}};
  auto known = entries_.find(host);
  if (known == entries_.end()) {
    make_space();
    known = entries_.emplace(host, Entry{}).first;
  }
  auto& entry = known->second;
  if (!entry.asking && clock_.now() < entry.valid_until) {
    if (entry.addresses) return {entry.addresses, {}};
    return {nullptr, entry.error};
  }
  entry.waiters.emplace_back(&waiter);
  if (!entry.asking) ask(host, entry);
  return {};
}

void Names::ask(const std::string& host, Entry& entry) {
  entry.asking = true;
  // The posted answer may run after this cache is gone.
  auto deliver = [weak = weak_from_this(), host](Result<Addresses> answer) {
    if (auto self = weak.lock()) self->answered(host, std::move(answer));
  };
  resolver_->submit(this, home_, host, std::move(deliver));
}

void Names::answered(const std::string& host, Result<Addresses> answer) {
  auto& entry = entries_[host];
  entry.asking = false;
  entry.valid_until = clock_.now() + (answer ? ttl_ : k_failure_ttl);
  if (answer)
    entry.addresses = std::make_shared<const Addresses>(std::move(*answer));
  else
    entry.error = std::move(answer.error().message);
  auto waiters = std::move(entry.waiters);
  entry.waiters.clear();
  for (auto& waiter : waiters) waiter->notify_later();
}

/// Names come from the configuration, but client-side credentials may bring any: their number is bounded.
void Names::make_space() {
  if (entries_.size() < k_max_entries) return;
  std::erase_if(entries_, [](const auto& item) { return !item.second.asking; });
}

} // namespace switchyard::http::upstream
