// One shard: one thread, one io_context, and everything that lives on it. Never touched from another thread,
// except through asio::post to its context.
#pragma once

#include "http/access/customers.hpp"
#include "http/deadline.hpp"
#include "http/heap_trim.hpp"
#include "http/write_batch.hpp"

#include <switchyard/aio.hpp>
#include <switchyard/clock.hpp>
#include <switchyard/graph.hpp>
#include <switchyard/serving.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace switchyard::http {

namespace upstream {
class Client;
}
namespace access {
class TokenKeys;
class Vouched;
} // namespace access
class Flights;
class RequestHandler;
class Tokens;
struct HealthResults; ///< health_check.hpp
class ListedModels;   ///< listed_models.hpp
struct ShardStats;

/// Caps of the whole process; shards add and subtract atomically (only for bodies > 64 KB and for
/// connections).
struct ProcessLimits {
  std::atomic<std::size_t> buffered_bytes{0};
  std::atomic<std::size_t> connections{0};
  std::atomic<std::int64_t> llm_requests{0}; ///< counted only with global_max_parallel_requests
  std::size_t max_buffered_bytes = 1024u * 1024 * 1024;
  std::size_t max_connections = 65536;
};

/// litellm_settings.max_budget as an entity, of one configuration and one state of the records.
struct ProxyBudget {
  EntityPtr entity;
  const void* settings = nullptr;
};

class Shard {
 public:
  Shard(std::size_t number, const Clock& clock, ProcessLimits& limits, std::uint64_t seed);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  const std::size_t number;
  asio::io_context context{1};
  const Clock& clock;
  ProcessLimits& limits;
  Random random;
  DeadlineHeap deadlines;
  WriteBatch writes{context.get_executor()};
  HeapTrim heap{context.get_executor()};
  RoutingPtr routing;                          ///< replaced whole by a posted function
  std::shared_ptr<const HealthResults> health; ///< likewise; null without background health checks
  ServingPlanePtr plane;       ///< null = no store: the master key is the only key, nothing is billed
  Identities identities;       ///< keys, teams, ...: changed by access::apply()
  access::Customers customers; ///< those that were asked for
  ProxyBudget proxy_budget;    ///< made when first needed
  std::unique_ptr<access::TokenKeys> token_keys; ///< made with the first JWT
  std::unique_ptr<access::Vouched> vouched;      ///< made with the first answer that may be kept
  std::unique_ptr<Journal> journal;              ///< with a plane; made before the thread starts
  std::unique_ptr<upstream::Client> client;      ///< set by the server before the thread starts
  std::unique_ptr<upstream::Client> guarded;     ///< for URLs of requests: media_fetch.hpp makes it
  std::shared_ptr<Flights> flights;              ///< made when coalesce_requests is first used
  std::shared_ptr<Tokens> tokens;                ///< made with the first fetched credentials
  std::unique_ptr<ShardStats> stats;             ///< metrics cells of this shard
  std::atomic<std::uint32_t> sessions{0}; ///< open client connections, read by other shards for hand-off
  bool draining = false;
  std::unique_ptr<ListedModels> listed_models; ///< made with the first /v1/models that asks providers

  exec_t executor() { return context.get_executor(); }
  Instant now() const { return clock.now(); }
  Instant coarse_now() const { return clock.coarse_now(); } ///< for deadlines
};

} // namespace switchyard::http
