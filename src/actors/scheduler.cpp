// The scheduler module: shard threads, detached actors and CAF's clock all enqueue here. Any thread.
#include "actors/scheduler.hpp"

#include <switchyard/ask.hpp>

#include <caf/actor_system.hpp>
#include <caf/intrusive_ptr.hpp>

namespace switchyard::actors {

namespace {
thread_local Worker* t_worker = nullptr;

void drain_current() { t_worker->drain(); }
} // namespace

// -- Worker

void Worker::attach() noexcept {
  t_worker = this;
  run_actors_inline = &drain_current;
}

void Worker::detach() noexcept {
  run_actors_inline = nullptr;
  t_worker = nullptr;
}

Worker* Worker::current() noexcept { return t_worker; }

bool Worker::Resume::operator()(caf::resumable* job) const {
  switch (job->resume(worker, k_throughput)) {
  case caf::resumable::resume_later:
    return true;
  case caf::resumable::shutdown_execution_unit:
    return false;
  default: // done or waiting for messages: the queue's reference goes
    caf::intrusive_ptr_release(job);
    return false;
  }
}

// -- SystemConfig

SystemConfig::SystemConfig(const std::vector<asio::io_context*>& contexts) {
  for (auto* context : contexts) shards.push_back(std::make_unique<Worker>(*context));
  set("logger.verbosity", caf::atom("quiet"));
  set("scheduler.max-throughput", static_cast<std::int64_t>(Worker::k_throughput));
  set("scheduler.max-threads", static_cast<std::int64_t>(contexts.size()));
  load<Scheduler>();
}

void SystemConfig::settle() {
  for (bool busy = true; busy;) {
    busy = false;
    for (auto& shard : shards) busy |= shard->hand_over(main);
    for (; !main.idle(); busy = true) main.drain();
  }
}

// -- Scheduler

Scheduler::Scheduler(caf::actor_system& system)
    : abstract_coordinator(system),
      config_(const_cast<SystemConfig&>(dynamic_cast<const SystemConfig&>(system.config()))) {
  for (auto& shard : config_.shards) shard->bind(system);
  config_.main.bind(system);
}

caf::actor_system::module* Scheduler::make(caf::actor_system& system, caf::detail::type_list<>) {
  return new Scheduler(system);
}

void Scheduler::enqueue(caf::resumable* job) {
  if (auto* worker = Worker::current(); worker && worker->serves(system_)) return worker->exec_later(job);
  const auto shard = next_.fetch_add(1, std::memory_order_relaxed) % config_.shards.size();
  config_.shards[shard]->enqueue_foreign(job);
}

void Scheduler::start() {
  clock_thread_ = std::thread([this] { clock_.run_dispatch_loop(); });
  abstract_coordinator::start();
}

void Scheduler::stop() {
  config_.settle();
  stop_actors();
  config_.settle();
  clock_.cancel_dispatch_loop();
  clock_thread_.join();
}

} // namespace switchyard::actors
