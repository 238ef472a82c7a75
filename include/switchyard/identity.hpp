// Who may call and within which limits: rows of keys, teams, users and so on as the request path reads them.
// Records are immutable; each shard has an Identities of its own (base + overlay) that posts replace.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/money.hpp>
#include <switchyard/value.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace switchyard {

enum class EntityKind : std::uint8_t {
  key,
  key_model, ///< a model of a key: id "<hash>:<model>"
  user,
  user_model, ///< likewise, as all that follow
  team,
  team_model,
  member, ///< id "<team>:<user>"
  member_model,
  project,
  project_model,
  organization,
  organization_model,
  customer,
  customer_model,
  tag,
  proxy, ///< litellm_settings.max_budget; id "litellm-proxy-budget"
  k_count
};
std::string_view name_of(EntityKind kind) noexcept; ///< "key", "team_member", ...: words of error messages

/// A second budget with its own window (budget_limits, model_max_budget).
struct BudgetWindow {
  std::string duration; ///< "24h"
  Money most;
  Money spent{}; ///< in the window that ends at `ends`, as the database told; a new ledger goes on from there
  std::optional<WallTime> ends;
};

/// What is limited about an entity. Unset = no limit; 0 blocks everything.
struct Limits {
  std::optional<std::int64_t> rpm, tpm, parallel;
  std::optional<Money> max_budget,
      soft_budget; ///< temporary increases are in max_budget until `increase_ends`
  Money increase;
  std::optional<WallTime> increase_ends;
  std::string budget_duration;
  std::optional<WallTime> budget_reset_at;
  std::vector<BudgetWindow> windows;
  bool best_effort = false; ///< rpm/tpm count only while the model's rows fail (limit type dynamic)
  bool any() const noexcept {
    return rpm || tpm || parallel || max_budget || soft_budget || !windows.empty();
  }
};

/// Something that a ledger is kept for.
struct Entity {
  EntityKind kind = EntityKind::key;
  std::uint32_t owner_size = 0; ///< of a model: how much of the id is its owner's; a colon follows
  std::string id;
  std::string label; ///< for messages: key_model: the key's alias, "" = none
  Limits limits;
  Money spend;               ///< as the database said
  std::uint64_t version = 0; ///< count of batches that were committed before it was read
};
using EntityPtr = std::shared_ptr<const Entity>;

/// Limits per model: entities made when the record is read.
using ModelLimits = std::map<std::string, EntityPtr, std::less<>>;

struct KeyRecord {
  EntityPtr entity; ///< id = hash
  std::string hash, name, alias, user_id, team_id, organization_id, project_id, agent_id;
  std::vector<std::string> models, allowed_routes, access_group_ids, guardrails;
  std::vector<std::pair<std::string, std::string>> aliases; ///< model name -> model name
  std::vector<std::string> tags, enforced_params;
  bool blocked = false, service_account = false;
  std::optional<WallTime> expires;
  ModelLimits model_limits;
  Value metadata, permissions, router_settings;
  std::string spend_logs_metadata; ///< JSON object text or ""
};
struct TeamRecord {
  EntityPtr entity;
  std::string id, alias, organization_id;
  std::vector<std::string> models, default_member_models, access_group_ids, tags;
  std::vector<std::pair<std::string, std::string>> aliases;
  std::vector<std::pair<std::string, std::string>> members; ///< user_id -> "admin" | "user"
  std::vector<std::string> member_permissions;
  bool blocked = false;
  ModelLimits model_limits;
  Value metadata, router_settings;
  std::string spend_logs_metadata;
};
struct UserRecord {
  EntityPtr entity;
  std::string id, email, role; ///< role "" = none
  std::vector<std::string> models, teams;
  ModelLimits model_limits;
  Value metadata;
};
struct MemberRecord { ///< LiteLLM_TeamMembership with its budget
  EntityPtr entity;   ///< id "<team>:<user>"
  std::vector<std::string> allowed_models;
  ModelLimits model_limits;
};
struct OrganizationRecord {
  EntityPtr entity;
  std::string id, alias;
  std::vector<std::string> models;
  ModelLimits model_limits;
  Value metadata;
};
struct ProjectRecord {
  EntityPtr entity;
  std::string id, alias, team_id;
  std::vector<std::string> models;
  bool blocked = false;
  ModelLimits model_limits;
  Value metadata;
};
struct CustomerRecord {
  EntityPtr entity;
  ModelLimits model_limits;
  std::string id, allowed_region, default_model;
  bool blocked = false;
};
struct TagRecord {
  EntityPtr entity;
  std::vector<std::string> models;
};
struct AccessGroupRecord {
  std::string id, name;
  std::vector<std::string> models;
};

/// Lets maps be asked with a string_view, without a string made for the question.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
template <class R>
using RecordMap = std::unordered_map<std::string, std::shared_ptr<const R>, TextHash, std::equal_to<>>;

/// All records of one reading (base), or those that changed (delta: null = gone). Keys of members are
/// "<team>:<user>".
struct IdentitySet {
  RecordMap<KeyRecord> keys;
  RecordMap<TeamRecord> teams;
  RecordMap<UserRecord> users;
  RecordMap<MemberRecord> members;
  RecordMap<OrganizationRecord> organizations;
  RecordMap<ProjectRecord> projects;
  RecordMap<CustomerRecord> customers;        ///< only rows that limit something, block or set a default
  RecordMap<TagRecord> tags;                  ///< likewise
  RecordMap<AccessGroupRecord> access_groups; ///< by id and by name
  /// By alias, for tokens that name aliases. An entry may be out of date: the record of its id decides.
  RecordMap<TeamRecord> team_aliases;
  RecordMap<OrganizationRecord> organization_aliases;
};
/// Fills team_aliases and organization_aliases, once the rest is there.
void index_aliases(IdentitySet& set);
using IdentitySetPtr = std::shared_ptr<const IdentitySet>;

struct IdentityDelta {
  IdentitySetPtr base;    ///< not null: replaces everything
  IdentitySetPtr changes; ///< not null: laid over it
  bool complete = true;   ///< base holds every row: a key that is missing does not exist
};

/// One shard's view. Shard thread only.
class Identities {
 public:
  void apply(const IdentityDelta& delta);
  bool complete() const noexcept { return complete_; }

  const KeyRecord* key(std::string_view hash) const { return find(&IdentitySet::keys, hash); }
  std::shared_ptr<const KeyRecord> key_ptr(std::string_view hash) const {
    return share(&IdentitySet::keys, hash);
  }
  std::shared_ptr<const TeamRecord> team_ptr(std::string_view id) const {
    return share(&IdentitySet::teams, id);
  }
  std::shared_ptr<const UserRecord> user_ptr(std::string_view id) const {
    return share(&IdentitySet::users, id);
  }
  std::shared_ptr<const MemberRecord> member_ptr(std::string_view id) const {
    return share(&IdentitySet::members, id);
  }
  std::shared_ptr<const OrganizationRecord> organization_ptr(std::string_view id) const {
    return share(&IdentitySet::organizations, id);
  }
  std::shared_ptr<const ProjectRecord> project_ptr(std::string_view id) const {
    return share(&IdentitySet::projects, id);
  }
  std::shared_ptr<const CustomerRecord> customer_ptr(std::string_view id) const {
    return share(&IdentitySet::customers, id);
  }
  std::shared_ptr<const TeamRecord> team_by_alias(std::string_view alias) const {
    return by_alias(&IdentitySet::team_aliases, &IdentitySet::teams, alias);
  }
  std::shared_ptr<const OrganizationRecord> organization_by_alias(std::string_view alias) const {
    return by_alias(&IdentitySet::organization_aliases, &IdentitySet::organizations, alias);
  }
  /// False: no tag limits anything, so nobody needs to know a request's.
  bool has_tags() const noexcept { return !overlay_.tags.empty() || (base_ && !base_->tags.empty()); }

  const TeamRecord* team(std::string_view id) const { return find(&IdentitySet::teams, id); }
  const UserRecord* user(std::string_view id) const { return find(&IdentitySet::users, id); }
  const MemberRecord* member(std::string_view id) const { return find(&IdentitySet::members, id); }
  const OrganizationRecord* organization(std::string_view id) const {
    return find(&IdentitySet::organizations, id);
  }
  const ProjectRecord* project(std::string_view id) const { return find(&IdentitySet::projects, id); }
  const CustomerRecord* customer(std::string_view id) const { return find(&IdentitySet::customers, id); }
  const TagRecord* tag(std::string_view name) const { return find(&IdentitySet::tags, name); }
  const AccessGroupRecord* access_group(std::string_view name) const {
    return find(&IdentitySet::access_groups, name);
  }

 private:
  template <class R>
  std::shared_ptr<const R> share(RecordMap<R> IdentitySet::*map, std::string_view id) const {
    if (auto it = (overlay_.*map).find(id); it != (overlay_.*map).end()) return it->second;
    if (!base_) return nullptr;
    auto it = ((*base_).*map).find(id);
    return it == ((*base_).*map).end() ? nullptr : it->second;
  }
  /// Whether the entry's record still has that alias, and is not `but`.
  template <class R>
  bool named(RecordMap<R> IdentitySet::*map, const std::shared_ptr<const R>& entry, std::string_view alias,
             const std::shared_ptr<const R>& but) const {
    if (!entry || (but && but->id == entry->id)) return false;
    const auto now = share(map, entry->id);
    return now && now->alias == alias;
  }
  /// Nobody when two have it.
  template <class R>
  std::shared_ptr<const R> by_alias(RecordMap<R> IdentitySet::*aliases, RecordMap<R> IdentitySet::*map,
                                    std::string_view alias) const {
    std::shared_ptr<const R> changed, based;
    auto& overlay = overlay_.*aliases;
    const auto over = overlay.find(alias);
    if (over != overlay.end() && !over->second) return nullptr;
    if (over != overlay.end() && named(map, over->second, alias, {})) changed = share(map, over->second->id);
    if (base_)
      if (auto it = ((*base_).*aliases).find(alias); it != ((*base_).*aliases).end()) based = it->second;
    if (!based || !named(map, based, alias, changed)) return changed;
    return changed ? nullptr : share(map, based->id);
  }
  template <class R>
  const R* find(RecordMap<R> IdentitySet::*map, std::string_view id) const {
    return share(map, id).get(); // base and overlay keep it alive until the next apply()
  }
  IdentitySetPtr base_;
  IdentitySet overlay_;
  bool complete_ = false;
};

/// Something that a management call wrote: its record is read again and published before the answer leaves.
struct Touched {
  enum class What : std::uint8_t {
    key,
    team,
    user,
    member,
    organization,
    project,
    customer,
    tag,
    budget,
    access_group,
    model,
    config
  };
  What what = What::key;
  std::string id;         ///< as in IdentitySet; budget: budget_id (everything that refers to it)
  bool spend_set = false; ///< spend was written too (reset): ledgers take the row's value
};

} // namespace switchyard
