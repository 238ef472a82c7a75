// Records for tests, made in a line each.
#pragma once

#include "http/access/identity.hpp"

#include <memory>
#include <string>

namespace switchyard::http::access::testing {

inline EntityPtr entity(EntityKind kind, std::string id, std::optional<double> budget = std::nullopt,
                        std::optional<std::int64_t> rpm = std::nullopt) {
  auto out = std::make_shared<Entity>();
  out->kind = kind, out->id = out->label = std::move(id), out->limits.rpm = rpm;
  if (budget) out->limits.max_budget = Money::from_usd(*budget);
  return out;
}

/// A set of records that is filled in and then applied whole.
struct World {
  IdentitySet set;
  Identities records;

  KeyRecord& key(std::string hash) { return *made(set.keys, hash, &KeyRecord::hash); }
  TeamRecord& team(std::string id) { return *made(set.teams, id, &TeamRecord::id); }
  UserRecord& user(std::string id) { return *made(set.users, id, &UserRecord::id); }
  OrganizationRecord& organization(std::string id) {
    return *made(set.organizations, id, &OrganizationRecord::id);
  }
  ProjectRecord& project(std::string id) { return *made(set.projects, id, &ProjectRecord::id); }
  MemberRecord& member(std::string id) { return *made(set.members, id); }
  CustomerRecord& customer(std::string id) { return *made(set.customers, id, &CustomerRecord::id); }
  TagRecord& tag(std::string name) { return *made(set.tags, name); }
  AccessGroupRecord& access_group(std::string name) { return *made(set.access_groups, name); }

  IdentityDelta delta(bool complete = true) const {
    IdentityDelta out;
    out.base = std::make_shared<const IdentitySet>(set), out.complete = complete;
    return out;
  }
  void apply(bool complete = true) { records.apply(delta(complete)); }
  std::unique_ptr<Identity> identity(std::string_view hash) {
    apply();
    return *identify(records, records.key_ptr(hash));
  }

 private:
  template <class R>
  R* made(RecordMap<R>& map, const std::string& id) {
    if (auto& there = map[id]) return const_cast<R*>(there.get()); // the tests' own, made below
    auto record = std::make_shared<R>();
    auto* raw = record.get();
    map[id] = std::move(record);
    return raw;
  }
  template <class R>
  R* made(RecordMap<R>& map, const std::string& id, std::string R::*name) {
    auto* record = made(map, id);
    record->*name = id;
    return record;
  }
};

} // namespace switchyard::http::access::testing
