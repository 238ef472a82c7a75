// The key ring's own copy of what the shards were told. Guarded by the key ring; store threads.
#include "key_ring_known.hpp"

#include "identities_rows.hpp"

#include <algorithm>

namespace switchyard::storage {
namespace {

bool is_rotated(const std::string& id, const KeyRecord& key) { return key.hash != id; }

template <class R>
bool worth_keeping(const R&) {
  return true;
}
bool worth_keeping(const CustomerRecord& customer) { return identities::matters(customer); }
bool worth_keeping(const TagRecord& tag) { return identities::matters(tag); }

void add_models(std::vector<EntityPtr>& out, const ModelLimits& models) {
  for (auto& [model, entity] : models) out.push_back(entity);
}

template <class R>
void add_entities(std::vector<EntityPtr>& out, const R& record) {
  if constexpr (requires { record.entity; }) out.push_back(record.entity);
  if constexpr (requires { record.model_limits; }) add_models(out, record.model_limits);
}

} // namespace

void Known::replace(IdentitySetPtr base) {
  base_ = std::move(base);
  overlay_ = {};
  base_rotated_ = 0;
  for (auto& [id, key] : base_->keys) base_rotated_ += is_rotated(id, *key) ? 1 : 0;
}

void Known::lay_over(const IdentitySet& changes) {
  each_map([&](auto map, auto) {
    for (auto& [id, record] : changes.*map) (overlay_.*map)[id] = record;
  });
}

bool Known::overgrown() const {
  if (!base_) return false;
  constexpr std::size_t k_always_fine = 1000, k_share = 8;
  std::size_t over = 0, under = 0;
  each_map([&](auto map, auto) { over += (overlay_.*map).size(), under += ((*base_).*map).size(); });
  return over > std::max(k_always_fine, under / k_share);
}

IdentitySetPtr Known::merged() const {
  auto out = std::make_shared<IdentitySet>();
  each_map([&](auto map, auto) {
    auto& into = (*out).*map;
    if (base_) into = (*base_).*map;
    for (auto& [id, record] : overlay_.*map) {
      if (record && worth_keeping(*record))
        into[id] = record;
      else
        into.erase(id);
    }
  });
  return out;
}

std::size_t Known::key_rows() const {
  std::size_t rotated = base_rotated_;
  for (auto& [id, key] : overlay_.keys) {
    auto before = base_ ? base_->keys.find(id) : RecordMap<KeyRecord>::const_iterator();
    const bool was = base_ && before != base_->keys.end() && is_rotated(id, *before->second);
    const bool is = key && is_rotated(id, *key);
    rotated += is && !was ? 1 : 0;
    rotated -= was && !is ? 1 : 0;
  }
  return count(&IdentitySet::keys) - rotated;
}

LedgerNews news_of(const IdentitySet& changes, std::uint64_t version, bool spend_is_set) {
  LedgerNews out;
  out.version = version;
  out.spend_is_set = spend_is_set;
  each_map([&](auto map, Touched::What what) {
    for (auto& [id, record] : changes.*map) {
      if (record)
        add_entities(out.entities, *record);
      else
        out.forget.push_back({what, id, spend_is_set});
    }
  });
  return out;
}

} // namespace switchyard::storage
