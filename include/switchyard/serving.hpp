// What the shards need of keys, budgets and spend, as main makes it. Null plane = no store: the master key is
// the only key and nothing is billed.
#pragma once

#include <switchyard/ask.hpp>
#include <switchyard/key_ring.hpp>
#include <switchyard/ledger.hpp>
#include <switchyard/management.hpp>
#include <switchyard/metrics.hpp>
#include <switchyard/pricing.hpp>
#include <switchyard/spend.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

namespace switchyard {

namespace management {

/// A management call on its way to the store's threads.
struct Query {
  const Route* route = nullptr;
  std::shared_ptr<const Call> call;
};
struct Answer {
  bool served = false; ///< false: the store's threads are gone
  Reply reply;
  static Answer unavailable() { return {}; }
};
using Desk = Ask<Query, Answer>;

} // namespace management

struct ServingPlane {
  Mailbox<KeyLookup> keys;
  Mailbox<CustomerLookup> customers;
  Mailbox<management::Desk> desk;
  Ledgers ledgers;
  PriceBookPtr prices;
  /// Called once per shard, on main's thread.
  std::function<std::unique_ptr<Journal>(std::size_t shard)> open_journal;
  /// Live::check_config of management calls.
  std::function<std::vector<std::string>(const ValueMap& sections)> check_config;
  management::PriceReload price_reload;
  std::function<bool()> store_up;              ///< any thread
  std::function<void(metrics::Text&)> metrics; ///< any thread
};
using ServingPlanePtr = std::shared_ptr<const ServingPlane>;

} // namespace switchyard
