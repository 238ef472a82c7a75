// The DNS cache of one shard: answers live for a fixed time, failures for a second, concurrent questions
// share one lookup, and an old answer serves while a refresh fails. Never blocks.
#pragma once

#include "http/upstream/resolver.hpp"
#include "http/upstream/signal.hpp"

#include <switchyard/clock.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchyard::http::upstream {

class Names : public std::enable_shared_from_this<Names> {
 public:
  using AddressesPtr = std::shared_ptr<const Addresses>;
  /// Neither addresses nor error: the lookup runs, `waiter` is notified when it is done.
  struct Found {
    AddressesPtr addresses;
    std::string error;
  };

  Names(exec_t home, const Clock& clock, std::shared_ptr<Resolver> resolver, Millis ttl)
      : home_(home), clock_(clock), resolver_(std::move(resolver)), ttl_(std::max(ttl, Millis(1000))) {}
  ~Names() { resolver_->forget(this); }
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  /// Numeric hosts are answered at once.
  Found find(const std::string& host, Signal& waiter);

 private:
  struct Entry {
    AddressesPtr addresses; ///< the last good answer, perhaps old
    std::string error;      ///< of the last lookup; empty = it succeeded
    Instant valid_until{};
    bool asking = false;
    std::vector<Signal::Ptr> waiters;
  };
  void ask(const std::string& host, Entry& entry);
  void answered(const std::string& host, Result<Addresses> answer);
  void make_space();

  exec_t home_;
  const Clock& clock_;
  std::shared_ptr<Resolver> resolver_;
  Millis ttl_;
  std::unordered_map<std::string, Entry> entries_;
};

} // namespace switchyard::http::upstream
