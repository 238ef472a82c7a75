// The tree of daily activity: days, their breakdowns, and the keys within each. Store threads.
#include "management/spend_daily.hpp"

#include <array>

namespace switchyard::management {
namespace {

/// The counters of a row, in the order in which they are shown; spend comes before them.
constexpr std::string_view k_counts[] = {
    "prompt_tokens", "completion_tokens",   "cache_read_input_tokens", "cache_creation_input_tokens",
    "total_tokens",  "successful_requests", "failed_requests",         "api_requests"};
constexpr std::size_t k_total = 4; ///< of prompt and completion: no column

struct Metrics {
  double spend = 0;
  std::array<std::int64_t, std::size(k_counts)> counts{};

  void add(const Row& row) {
    spend += number_of(row, "spend");
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (i != k_total) counts[i] += count_of(row, k_counts[i]);
    counts[k_total] = counts[0] + counts[1];
  }
  ValueMap fields(std::string_view prefix = {}) const {
    ValueMap out{{std::string(prefix) + "spend", Value(spend)}};
    for (std::size_t i = 0; i < counts.size(); ++i)
      out.emplace_back(std::string(prefix) + std::string(k_counts[i]), Value(counts[i]));
    return out;
  }
};

struct Node {
  Metrics metrics;
  std::map<std::string, Metrics> keys;
};

struct Breakdown {
  std::string_view name, column; ///< column "" = the entity
};
constexpr Breakdown k_breakdowns[] = {{"models", "model"},
                                      {"model_groups", "model_group"},
                                      {"mcp_servers", "mcp_namespaced_tool_name"},
                                      {"providers", "custom_llm_provider"},
                                      {"endpoints", "endpoint"},
                                      {"entities", ""}};

struct DayTree {
  Metrics metrics;
  std::array<std::map<std::string, Node>, std::size(k_breakdowns)> parts;
  std::map<std::string, Metrics> keys;
};

/// What ids are called.
struct Names {
  std::map<std::string, Row> keys, entities;
  std::string_view alias; ///< the entity's column
};

ValueMap key_metadata(const Names& names, const std::string& key) {
  auto at_key = names.keys.find(key);
  const bool known = at_key != names.keys.end();
  return {{"key_alias", known ? at(at_key->second, "key_alias") : Value()},
          {"team_id", known ? at(at_key->second, "team_id") : Value()}};
}

Value keys_value(const std::map<std::string, Metrics>& keys, const Names& names) {
  ValueMap out;
  for (auto& [key, metrics] : keys)
    out.emplace_back(key, Value(ValueMap{{"metrics", Value(metrics.fields())},
                                         {"metadata", Value(key_metadata(names, key))}}));
  return Value(std::move(out));
}

ValueMap entity_metadata(const Names& names, const std::string& id) {
  auto found = names.entities.find(id);
  if (found == names.entities.end()) return {};
  return {{std::string(names.alias), at(found->second, names.alias)}};
}

Value part_value(const std::map<std::string, Node>& nodes, const Names& names, bool entities) {
  ValueMap out;
  for (auto& [name, node] : nodes)
    out.emplace_back(name,
                     Value(ValueMap{{"metrics", Value(node.metrics.fields())},
                                    {"metadata", Value(entities ? entity_metadata(names, name) : ValueMap{})},
                                    {"api_key_breakdown", keys_value(node.keys, names)}}));
  return Value(std::move(out));
}

Value day_value(const std::string& date, const DayTree& day, const Names& names) {
  ValueMap breakdown;
  for (std::size_t i = 0; i < day.parts.size(); ++i)
    breakdown.emplace_back(std::string(k_breakdowns[i].name),
                           part_value(day.parts[i], names, k_breakdowns[i].column.empty()));
  breakdown.emplace_back("api_keys", keys_value(day.keys, names));
  return Value(ValueMap{{"date", Value(date)},
                        {"metrics", Value(day.metrics.fields())},
                        {"breakdown", Value(std::move(breakdown))}});
}

void add_row(DayTree& day, const Row& row, const DailyKind& kind) {
  const auto key = text_of(row, "api_key");
  day.metrics.add(row);
  if (!key.empty()) day.keys[key].add(row);
  for (std::size_t i = 0; i < day.parts.size(); ++i) {
    auto column = k_breakdowns[i].column;
    const auto name = text_of(row, column.empty() ? kind.column : column);
    if (name.empty()) continue;
    auto& node = day.parts[i][name];
    node.metrics.add(row);
    if (!key.empty()) node.keys[key].add(row);
  }
}

Out<Names> names_of(Session& session, const DailyKind& kind, const Rows& rows) {
  Names out;
  out.alias = kind.alias;
  auto keys = rows_by_id(session, "VerificationToken", "token", distinct(rows, "api_key"));
  if (!keys) return keys.error();
  out.keys = std::move(*keys);
  if (kind.names.empty()) return out;
  auto entities = rows_by_id(session, kind.names, kind.key, distinct(rows, kind.column));
  if (!entities) return entities.error();
  out.entities = std::move(*entities);
  return out;
}

} // namespace

Out<Value> daily_results(Session& session, const DailyKind& kind, const Rows& rows, std::int64_t page,
                         std::int64_t pages) {
  auto names = names_of(session, kind, rows);
  if (!names) return names.error();
  std::map<std::string, DayTree, std::greater<>> days; // the newest first
  Metrics total;
  for (auto& row : rows) {
    add_row(days[text_of(row, "date")], row, kind);
    total.add(row);
  }
  ValueList results;
  for (auto& [date, day] : days) results.push_back(day_value(date, day, *names));
  auto metadata = total.fields("total_");
  for (auto& [name, value] : metadata)
    if (name == "total_total_tokens") name = "total_tokens";
  metadata.emplace_back("page", Value(page));
  metadata.emplace_back("total_pages", Value(pages));
  metadata.emplace_back("has_more", Value(page < pages));
  return Value(ValueMap{{"results", Value(std::move(results))}, {"metadata", Value(std::move(metadata))}});
}

} // namespace switchyard::management
