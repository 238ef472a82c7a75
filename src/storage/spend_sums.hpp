// What a batch of events adds to whom: entity rows and daily rows. Pure, any thread. Sums are integers; daily
// keys point into the events, which must outlive them.
#pragma once

#include <switchyard/spend.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace switchyard::storage {

/// Tables with a spend column, in the order in which every writer updates them (no deadlocks: ids ascend).
struct EntityTable {
  const char* table;
  const char* id;
  const char* daily;                ///< LiteLLM_Daily...: nullptr = none
  const char* daily_id;             ///< its column for the id
  std::optional<EntityKind> ledger; ///< which ledger is told
  bool made;                        ///< a missing row is made, as LiteLLM does for end users only
};
enum Entities : std::size_t {
  k_keys,
  k_users,
  k_teams,
  k_organizations,
  k_customers,
  k_tags,
  k_projects,
  k_agents,
  k_entities
};
extern const std::array<EntityTable, k_entities> k_entity_tables;
constexpr const char* k_proxy_user = "litellm-proxy-budget";

struct DayKey {
  std::string_view id;
  std::string date;
  std::string_view api_key, model, provider, endpoint;
  friend auto operator<=>(const DayKey&, const DayKey&) = default;
};
struct DaySum {
  std::string model_group, request_id;
  std::int64_t prompt = 0, completion = 0, cache_read = 0, cache_write = 0, requests = 0, succeeded = 0;
  Money spend;
};

struct SpendSums {
  std::array<std::map<std::string, Money, std::less<>>, k_entities> entities;
  std::map<std::pair<std::string, std::string>, Money> members; ///< team, user
  std::map<std::string, std::int64_t, std::less<>> last_active; ///< key -> unix ms
  std::array<std::map<DayKey, DaySum>, k_entities> days;
  Money all;

  void add(const SpendEvent& event);
  /// For the ledgers; entities that got nothing are left out. `proxy`: there is a budget for everything.
  FlushedSpend flushed(bool proxy) const;
};

} // namespace switchyard::storage
