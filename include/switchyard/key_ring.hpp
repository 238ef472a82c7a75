// Database rows to identity records: the whole set at the start, single ones when they are missed or written,
// and what other processes wrote. Blocking functions for the store's threads (src/storage/identities*).
#pragma once

#include <switchyard/ask.hpp>
#include <switchyard/identity.hpp>
#include <switchyard/ledger.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/store.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace switchyard {

/// A key that the shard does not know; answered from the database, with a bounded negative cache in front.
struct FindKey {
  std::string hash;
  Instant now{};
};
struct FoundKey {
  Errc error = Errc::unavailable; ///< none = found; wrong_key = there is none; unavailable = store is down
  std::shared_ptr<const KeyRecord> key;
  static FoundKey unavailable() { return {}; }
};
using KeyLookup = Ask<FindKey, FoundKey>;

/// End users are read when they are first seen, since there may be millions.
struct FindCustomer {
  std::string id;
};
struct FoundCustomer {
  Errc error = Errc::unavailable; ///< none also when there is no row (then null)
  std::shared_ptr<const CustomerRecord> customer;
  static FoundCustomer unavailable() { return {}; }
};
using CustomerLookup = Ask<FindCustomer, FoundCustomer>;

namespace storage {

struct KeyRingStats { ///< any thread
  std::atomic<std::uint64_t> keys{0}, lookups{0}, misses{0}, reloads{0};
  std::atomic<std::int64_t> last_delay_ms{-1}; ///< write elsewhere -> published here
};

struct KeyRingHooks {
  /// To every shard; `done` runs when all of them have it (may be empty).
  std::function<void(IdentityDelta, std::function<void()> done)> publish;
  std::function<void(LedgerNews)> ledger_news;
  std::function<void()>
      models_changed; ///< ProxyModelTable, CredentialsTable or Config rows changed elsewhere
  std::function<std::uint64_t()> committed; ///< spend batches committed so far (Entity::version)
};

/// Keeps the shards' records equal to the database's. Owns a polling thread; all reading happens on store
/// threads.
class KeyRing {
 public:
  static std::unique_ptr<KeyRing> create(Store& store, const PlaneSettings& settings, const Clock& clock,
                                         KeyRingHooks hooks);
  virtual ~KeyRing() = default;
  /// Begins to load everything in the background, to poll and to listen.
  virtual void start() = 0;
  /// Reads what a management call wrote and publishes it; `done` runs when every shard has it. Call on a
  /// store thread, behind the commit. Also tells other Switchyards.
  virtual void changed(Session& session, const std::vector<Touched>& touched, std::function<void()> done) = 0;
  virtual Mailbox<KeyLookup> keys() = 0;
  virtual Mailbox<CustomerLookup> customers() = 0;
  virtual const KeyRingStats& stats() const = 0;
  virtual void stop() = 0;
};

// -- its pieces, for tests

/// Every row (customers: only those that limit something; rotated keys: those in their grace at `now`).
Result<IdentitySetPtr> load_identities(Session& session, const PlaneSettings& settings, std::uint64_t version,
                                       WallTime now);
/// The named ones and what hangs on them; null for rows that are gone.
Result<IdentitySetPtr> read_identities(Session& session, std::span<const Touched> touched,
                                       const PlaneSettings& settings, std::uint64_t version, WallTime now);

} // namespace storage
} // namespace switchyard
