// What the shards have been told: the base and what was laid over it since, so that the key ring can tell
// what is new or gone. Not thread safe: guarded by the key ring. Holds the same records as the shards do.
#pragma once

#include <switchyard/identity.hpp>
#include <switchyard/ledger.hpp>

#include <cstddef>
#include <string>

namespace switchyard::storage {

/// f(&IdentitySet::keys, Touched::What::key), ... for all nine.
template <class F>
void each_map(F f) {
  using What = Touched::What;
  f(&IdentitySet::keys, What::key);
  f(&IdentitySet::teams, What::team);
  f(&IdentitySet::users, What::user);
  f(&IdentitySet::members, What::member);
  f(&IdentitySet::organizations, What::organization);
  f(&IdentitySet::projects, What::project);
  f(&IdentitySet::customers, What::customer);
  f(&IdentitySet::tags, What::tag);
  f(&IdentitySet::access_groups, What::access_group);
}

class Known {
 public:
  const IdentitySetPtr& base() const noexcept { return base_; } ///< null before the first one
  void replace(IdentitySetPtr base);
  void lay_over(const IdentitySet& changes);
  /// The overlay has outgrown its purpose: shards look through two maps and hold superseded records.
  bool overgrown() const;
  /// One set without the rows that are gone or say nothing.
  IdentitySetPtr merged() const;

  template <class R>
  std::shared_ptr<const R> find(RecordMap<R> IdentitySet::*map, const std::string& id) const {
    if (auto it = (overlay_.*map).find(id); it != (overlay_.*map).end()) return it->second;
    if (!base_) return nullptr;
    auto it = ((*base_).*map).find(id);
    return it == ((*base_).*map).end() ? nullptr : it->second;
  }
  /// f(id, record) for everything that there is.
  template <class R, class F>
  void each(RecordMap<R> IdentitySet::*map, F f) const {
    if (base_)
      for (auto& [id, record] : (*base_).*map)
        if (!(overlay_.*map).contains(id)) f(id, *record);
    for (auto& [id, record] : overlay_.*map)
      if (record) f(id, *record);
  }
  template <class R>
  std::size_t count(RecordMap<R> IdentitySet::*map) const {
    std::size_t out = base_ ? ((*base_).*map).size() : 0;
    for (auto& [id, record] : overlay_.*map) {
      const bool before = base_ && ((*base_).*map).contains(id);
      out += record && !before ? 1 : 0;
      out -= !record && before ? 1 : 0;
    }
    return out;
  }
  /// Keys with a row of their own (rotated hashes have none).
  std::size_t key_rows() const;

 private:
  IdentitySetPtr base_;
  IdentitySet overlay_;
  std::size_t base_rotated_ = 0;
};

/// What the ledgers hear about a set: entities with their limits per model, and what is gone.
LedgerNews news_of(const IdentitySet& changes, std::uint64_t version, bool spend_is_set);

} // namespace switchyard::storage
