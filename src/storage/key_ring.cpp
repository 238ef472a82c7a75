// The key ring as the composition root sees it: a core, the thread that polls, the mailboxes of the shards.
#include "key_ring_core.hpp"

#include <switchyard/log.hpp>

#include <algorithm>
#include <condition_variable>
#include <random>
#include <thread>

namespace switchyard::storage {
namespace {

template <class Question>
class Sink final : public Mailbox<Question>::Sink {
 public:
  explicit Sink(std::shared_ptr<KeyRingCore> core) : core_(std::move(core)) {}
  void send(Question question) const override { core_->ask(std::move(question)); }

 private:
  std::shared_ptr<KeyRingCore> core_;
};

/// Unlike any other process's: only tells own notifications from others'.
std::string sender_name() {
  std::random_device device;
  return std::to_string(device()) + "-" + std::to_string(device());
}

class Ring final : public KeyRing {
 public:
  Ring(Store& store, const PlaneSettings& settings, const Clock& clock, KeyRingHooks hooks)
      : core_(std::make_shared<KeyRingCore>(store, settings, clock, std::move(hooks), sender_name())) {}
  ~Ring() override { Ring::stop(); }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  void start() override {
    auto& store = core_->store();
    store.run([core = core_](Session& session) { core->poll(session); }); // which loads first
    store.listen([core = core_](std::string_view word) { core->hear(word); });
    thread_ = std::thread([this] { tick(); });
  }
  void changed(Session& session, const std::vector<Touched>& touched, std::function<void()> done) override {
    core_->changed(session, touched, std::move(done));
  }
  Mailbox<KeyLookup> keys() override { return Mailbox<KeyLookup>(std::make_shared<Sink<KeyLookup>>(core_)); }
  Mailbox<CustomerLookup> customers() override {
    return Mailbox<CustomerLookup>(std::make_shared<Sink<CustomerLookup>>(core_));
  }
  const KeyRingStats& stats() const override { return core_->stats(); }
  void stop() override {
    core_->stop();
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void tick() {
    const std::chrono::duration<double> interval(std::clamp(core_->poll_interval(), 0.1, 86400.0));
    auto busy = std::make_shared<std::atomic<bool>>(false);
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, interval, [this] { return ending_; })) {
      if (busy->exchange(true)) continue; // the last one still waits for the database
      core_->store().run([core = core_, busy](Session& session) {
        if (!core->stopped()) core->poll(session);
        *busy = false;
      });
    }
  }

  std::shared_ptr<KeyRingCore> core_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace

std::unique_ptr<KeyRing> KeyRing::create(Store& store, const PlaneSettings& settings, const Clock& clock,
                                         KeyRingHooks hooks) {
  return std::make_unique<Ring>(store, settings, clock, std::move(hooks));
}

} // namespace switchyard::storage
