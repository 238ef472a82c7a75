// The key ring's state and steps, apart from its thread: tests call the steps, the thread and the store's
// jobs call the same. Any thread; blocking, never a shard.
#pragma once

#include "key_ring_known.hpp"
#include "key_ring_questions.hpp"
#include "key_ring_watch.hpp"

#include <switchyard/key_ring.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace switchyard::storage {

class KeyRingCore : public std::enable_shared_from_this<KeyRingCore> {
 public:
  KeyRingCore(Store& store, PlaneSettings settings, const Clock& clock, KeyRingHooks hooks, std::string name);

  // -- steps, each with a session of the calling thread
  /// Everything, published as a new base.
  void load(Session& session);
  /// What others wrote since the last time; loads first when that has not worked yet.
  void poll(Session& session);
  void changed(Session& session, const std::vector<Touched>& touched, std::function<void()> done);
  /// Works off what hear() has put aside.
  void listen(Session& session);

  // -- never block
  void hear(std::string_view word);
  void ask(KeyLookup question);
  void ask(CustomerLookup question);
  /// No hook is called from here on.
  void stop();

  bool stopped() const noexcept { return stopped_; }
  Store& store() noexcept { return store_; }
  const KeyRingStats& stats() const noexcept { return stats_; }
  double poll_interval() const noexcept { return settings_.poll_interval; }

 private:
  using Done = std::function<void()>;
  /// `promise` lives until the answer is out.
  void answer(Session& session, const FindKey& query, std::shared_ptr<void> promise);
  void answer(Session& session, const FindCustomer& query);
  // -- these four with reading_ held
  void publish_found(Session& session, const std::string& hash, std::vector<Touched> asked,
                     std::shared_ptr<void> promise);
  bool refresh_some(Session& session, const std::vector<Touched>& touched, bool spend_set, Done done);
  /// False: stopped, `done` will not run.
  bool publish(std::shared_ptr<IdentitySet> changes, bool spend_set, std::uint64_t version, Done done);
  void rebase(Session& session, IdentitySetPtr loaded, std::uint64_t version, WallTime now);
  /// Reads and publishes; what could not be read is kept for the next poll. `done` always runs.
  void refresh(Session& session, const std::vector<Touched>& touched, Done done);
  void check_models(Session& session);
  void note_delay(WallTime written);
  std::uint64_t committed();
  template <class F>
  bool with_hooks(F f) {
    std::lock_guard gate(gate_);
    return !stopped_ && (f(), true);
  }

  Store& store_;
  const PlaneSettings settings_;
  const Clock& clock_;
  const KeyRingHooks hooks_;
  const std::string name_; ///< as sender of notifications
  KeyRingStats stats_;

  std::mutex gate_; ///< around every call of a hook
  std::atomic<bool> stopped_{false};

  std::mutex polling_; ///< load() and poll(); taken before reading_
  Watch watch_;
  bool models_known_ = false;

  std::mutex reading_; ///< read + publish in one order: an older reading must not undo a newer one
  Known known_;
  bool loading_ = false;
  std::vector<Touched> since_load_, retry_, own_;

  std::mutex heard_lock_;
  std::vector<std::string> heard_;
  bool hearing_ = false;

  Questions<FoundKey> key_questions_;
  Questions<FoundCustomer> customer_questions_;
  Absent absent_;
};

} // namespace switchyard::storage
