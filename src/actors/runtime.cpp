// The actor runtime: owns the workers, the actor_system and the supervisor, in the order in which they must
// die. create, build and stop belong to main's thread.
#include "actors/graph.hpp"
#include "actors/ledgers.hpp"
#include "actors/scheduler.hpp"
#include "actors/supervisor.hpp"

#include <switchyard/log.hpp>

#include <cstdlib>
#include <optional>

namespace switchyard::actors {

namespace {

class Runtime final : public ActorRuntime {
 public:
  explicit Runtime(const std::vector<asio::io_context*>& shards)
      : config_(shards), system_(std::in_place, config_), supervisor_(system_->spawn<Supervisor>()) {}
  ~Runtime() override { stop(); }

  void attach_this_thread(std::size_t shard) override { config_.shards[shard]->attach(); }
  void detach_this_thread() override { Worker::detach(); }
  RoutingPtr build(ConfigPtr config, const ProviderCalls& providers, RoutingPtr previous,
                   std::vector<std::string>& warnings) override;
  Ledgers ledgers(const LedgerOptions& options) override;
  void stop() override;

 private:
  template <class AddressType>
  static void end_all(std::vector<std::weak_ptr<AddressType>>& addresses);
  template <class AddressType>
  static void close_all(std::vector<std::weak_ptr<AddressType>>& addresses);

  SystemConfig config_; // holds the workers: declared before, so outliving, the actor_system
  std::optional<caf::actor_system> system_;
  SupervisorHandle supervisor_;
  Registry registry_;
  std::shared_ptr<LedgersAddress> ledgers_;
};

/// What was reserved and not yet written is lost with the actor: a new process reads it from the journals.
[[noreturn]] void end_process(const std::string& reason) {
  log::error("ledgers_failed", {{"reason", reason}, {"action", "the process ends"}});
  log::stop();
  std::_Exit(EXIT_FAILURE);
}

RoutingPtr Runtime::build(ConfigPtr config, const ProviderCalls& providers, RoutingPtr previous,
                          std::vector<std::string>& warnings) {
  const auto* table = dynamic_cast<const RoutingTable*>(previous.get());
  GraphBuilder builder(*system_, supervisor_, registry_, providers, table, warnings);
  return builder.build(std::move(config));
}

Ledgers Runtime::ledgers(const LedgerOptions& options) {
  if (ledgers_)
    ledgers_->tell(rules_from(options));
  else if (system_)
    ledgers_ =
        start_ledgers(*system_, supervisor_, rules_from(options), ++registry_.last_number, end_process);
  return ledgers_ ? mailboxes_of(ledgers_) : Ledgers{};
}

template <class AddressType>
void Runtime::end_all(std::vector<std::weak_ptr<AddressType>>& addresses) {
  for (auto& weak : addresses)
    if (auto address = weak.lock()) address->end_actor();
}

template <class AddressType>
void Runtime::close_all(std::vector<std::weak_ptr<AddressType>>& addresses) {
  for (auto& weak : addresses)
    if (auto address = weak.lock()) address->close();
  addresses.clear();
}

void Runtime::stop() {
  if (!system_) return;
  config_.main.attach();
  config_.settle();
  if (ledgers_) ledgers_->end_actor();
  end_all(registry_.deployments); // leaf to root; what a dead actor is sent answers `unavailable`
  config_.settle();
  end_all(registry_.groups);
  config_.settle();
  caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  config_.settle();
  // A handle must not outlive the system, but mailboxes in snapshots and leases do.
  close_all(registry_.deployments);
  close_all(registry_.groups);
  if (ledgers_) ledgers_->close();
  supervisor_ = nullptr;
  system_.reset(); // ~actor_system: waits for all actors, then Scheduler::stop()
  Worker::detach();
}

} // namespace

} // namespace switchyard::actors

namespace switchyard {

std::unique_ptr<ActorRuntime> ActorRuntime::create(std::vector<asio::io_context*> shards) {
  return std::make_unique<actors::Runtime>(shards);
}

} // namespace switchyard
