// The actor graph as main sees it: the runtime that resumes actors on the shard threads, and the builder that
// turns a configuration into actors. No CAF here. Declare it after the io_contexts: it dies before them.
#pragma once

#include <switchyard/aio.hpp>
#include <switchyard/config.hpp>
#include <switchyard/error.hpp>
#include <switchyard/graph.hpp>
#include <switchyard/ledger.hpp>
#include <switchyard/route_budgets.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// What the builder needs from providers/, injected by main because folders do not link each other.
struct ProviderCalls {
  using TargetPtr = std::shared_ptr<const providers::Target>;
  /// Row -> target; an error skips the row with a warning. Not called for `model: "*"`.
  std::function<Result<TargetPtr>(const ModelRow& row)> prepare;
  /// Provider that a bare model name belongs to ("gpt-4o" -> "openai"), or "". Called per request when a name
  /// is only known through a pattern. May be empty.
  std::function<std::string_view(std::string_view model)> infer;
  /// What calls of a row cost; fills Deployment::price and adjust. May be empty.
  std::function<void(Deployment& row)> price;
  RouteBudgetsPtr budgets; ///< provider_budget_config and rows' max_budget; null = none
  /// Whether calls of a row may have this parameter; empty = all may.
  std::function<bool(const Deployment& row, std::string_view parameter)> takes;
};

class ActorRuntime {
 public:
  /// One run queue per shard. The contexts outlive the runtime; each is run by one thread.
  static std::unique_ptr<ActorRuntime> create(std::vector<asio::io_context*> shards);
  /// stop(), if nobody called it.
  virtual ~ActorRuntime() = default;

  /// First call of every shard thread: actors woken on it run on it from now on.
  virtual void attach_this_thread(std::size_t shard) = 0;
  virtual void detach_this_thread() = 0;

  /// Config to actors. `previous` (may be null) gives the actors and views that are kept: deployments by id,
  /// groups by name. Rows that cannot be prepared are skipped, one warning each ("file:line: ..."). May take
  /// milliseconds: never on a shard, never two at once.
  virtual RoutingPtr build(ConfigPtr config, const ProviderCalls& providers, RoutingPtr previous,
                           std::vector<std::string>& warnings) = 0;

  /// The ledgers of keys, teams and so on: one actor, started by the first call; later calls hand it new
  /// options. Its failure ends the process, since what it held cannot be made up (journals recover it).
  virtual Ledgers ledgers(const LedgerOptions& options) = 0;

  /// After the shard threads are joined (or before they ever ran): runs what is queued, ends every actor leaf
  /// to root, drops the handles. Mailboxes that live on drop what they are sent. Idempotent.
  virtual void stop() = 0;
};

} // namespace switchyard
