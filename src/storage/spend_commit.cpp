// One batch, one transaction. Rows get ids that are free, entities ascend, and the watermark goes with them,
// so that a crash before or behind the commit neither loses nor doubles an event.
#include "storage/spend_commit.hpp"

#include "storage/error_rows.hpp"
#include "storage/spend_rows.hpp"

#include <switchyard/budget_window.hpp>

#include <algorithm>
#include <unordered_set>

namespace switchyard::storage {
namespace {

Value text(std::string value) { return Value(std::move(value)); }
Value integer(std::int64_t value) { return Value(value); }
Value dollars(Money value) { return Value(value.usd()); }

constexpr std::size_t k_rows_at_once = 256; ///< one statement of Postgres; few enough to stay in the cache

struct Named {
  const SpendBatch::Item* item;
  std::string id;
};

/// What a row may be called, best first: upstream ids repeat, call ids may be chosen by clients.
constexpr int k_names = 3;
std::string name_of(const SpendBatch::Item& item, int choice) {
  const std::string place = item.journal.substr(0, 8) + "-" + std::to_string(item.event.sequence);
  std::string first = row_id(item.event.event);
  if (first.empty()) first = place;
  if (choice == 0) return first;
  return first + "_" + (choice == 1 ? item.event.event.call_id : place);
}

Result<std::unordered_set<std::string>> taken_ids(Session& session, const std::vector<Named*>& names) {
  ValueList wanted;
  wanted.reserve(names.size());
  std::string_view last; // upstreams that repeat an id repeat it for every row
  for (const Named* named : names)
    if (named->id != last) wanted.push_back(text(named->id)), last = named->id;
  auto rows = session.select(
      {"SpendLogs", {{"request_id", "in", Value(std::move(wanted))}}, {}, -1, 0, {"request_id"}});
  if (!rows) return rows.error();
  std::unordered_set<std::string> taken;
  for (const Row& row : *rows)
    for (const auto& [column, value] : row)
      if (const auto* id = value.as_string(); id && column == "request_id") taken.insert(*id);
  return taken;
}

/// One query for the best names; those that are taken ask again with their next.
Result<void> choose_names(Session& session, std::vector<Named>& rows) {
  std::vector<Named*> open, next;
  for (Named& row : rows) open.push_back(&row);
  std::unordered_set<std::string_view> used;
  for (int choice = 0; choice < k_names && !open.empty(); ++choice, open.swap(next), next.clear()) {
    for (Named* row : open) row->id = name_of(*row->item, choice);
    if (choice + 1 == k_names) break; // a place in a journal is nobody else's
    auto taken = taken_ids(session, open);
    if (!taken) return taken.error();
    for (Named* row : open)
      if (taken->contains(row->id) || !used.insert(row->id).second) next.push_back(row);
  }
  return {};
}

Result<void> write_rows(Session& session, const SpendBatch& batch, const PlaneSettings& settings) {
  std::vector<Named> named;
  for (const auto& item : batch.items)
    if (has_row(item.event.event, settings)) named.push_back({&item, {}});
  if (auto chosen = choose_names(session, named); !chosen) return chosen;
  Rows rows;
  for (std::size_t i = 0; i < named.size(); i += rows.size()) {
    rows.clear();
    for (std::size_t at = i; at < std::min(i + k_rows_at_once, named.size()); ++at)
      rows.push_back(spend_row(named[at].item->event.event, std::move(named[at].id), settings));
    auto inserted = session.insert_all_new("SpendLogs", rows);
    if (!inserted) return inserted.error();
    // Another process wrote the same id between our look and our insert: the next try sees it.
    if (*inserted != static_cast<std::int64_t>(rows.size()))
      return Error(Errc::internal_server, "spend rows met others with the same request_id");
  }
  return {};
}

Result<void> add_to(Session& session, std::size_t entity, const std::string& id, Money amount,
                    const SpendSums& sums) {
  const EntityTable& table = k_entity_tables[entity];
  std::vector<Change> changes;
  if (amount != Money()) changes.push_back({"spend", dollars(amount), true});
  if (entity == k_keys)
    if (auto at = sums.last_active.find(id); at != sums.last_active.end())
      changes.push_back({"last_active", text(wire_time_of(at->second))});
  if (changes.empty()) return {};
  if (!table.made) {
    const Condition where[] = {{table.id, "=", text(id)}};
    auto done = session.update(table.table, changes, where);
    if (!done) return done.error();
    return {};
  }
  const std::string key[] = {table.id};
  return session.upsert(table.table,
                        {{table.id, text(id)}, {"spend", dollars(amount)}, {"blocked", Value(false)}}, key,
                        changes);
}

Result<void> add_to_member(Session& session, const std::pair<std::string, std::string>& who, Money amount) {
  if (amount == Money()) return {};
  const Change changes[] = {{"spend", dollars(amount), true}, {"total_spend", dollars(amount), true}};
  const Condition where[] = {{"user_id", "=", text(who.second)}, {"team_id", "=", text(who.first)}};
  auto done = session.update("TeamMembership", changes, where);
  if (!done) return done.error();
  return {};
}

Result<void> add_to_proxy(Session& session, Money amount) {
  if (amount == Money()) return {};
  const std::string key[] = {"user_id"};
  const Change changes[] = {{"spend", dollars(amount), true}};
  return session.upsert("UserTable", {{"user_id", text(k_proxy_user)}, {"spend", dollars(amount)}}, key,
                        changes);
}

Result<void> add_to_day(Session& session, const EntityTable& table, const DayKey& day, const DaySum& sum,
                        CallIds& ids) {
  Row row{{"id", text(ids.next())},
          {table.daily_id, text(std::string(day.id))},
          {"date", text(day.date)},
          {"api_key", text(std::string(day.api_key))},
          {"model", text(std::string(day.model))},
          {"model_group", text(sum.model_group)},
          {"custom_llm_provider", text(std::string(day.provider))},
          {"mcp_namespaced_tool_name", text("")},
          {"endpoint", text(std::string(day.endpoint))}};
  const std::vector<std::string> key{
      table.daily_id, "date", "api_key", "model", "custom_llm_provider", "mcp_namespaced_tool_name",
      "endpoint"};
  std::vector<Change> changes;
  const auto count = [&](const char* column, Value value) {
    row.emplace_back(column, value);
    changes.push_back({column, std::move(value), true});
  };
  count("prompt_tokens", integer(sum.prompt));
  count("completion_tokens", integer(sum.completion));
  count("cache_read_input_tokens", integer(sum.cache_read));
  count("cache_creation_input_tokens", integer(sum.cache_write));
  count("spend", dollars(sum.spend));
  count("api_requests", integer(sum.requests));
  count("successful_requests", integer(sum.succeeded));
  count("failed_requests", integer(sum.requests - sum.succeeded));
  if (std::string_view(table.daily_id) == "tag") row.emplace_back("request_id", text(sum.request_id));
  return session.upsert(table.daily, row, key, changes);
}

Result<void> write_sums(Session& session, const SpendSums& sums, const PlaneSettings& settings,
                        CallIds& ids) {
  for (std::size_t i = 0; i < k_entities; ++i)
    for (const auto& [id, amount] : sums.entities[i])
      if (auto done = add_to(session, i, id, amount, sums); !done) return done;
  if (settings.max_budget)
    if (auto done = add_to_proxy(session, sums.all); !done) return done;
  for (const auto& [who, amount] : sums.members)
    if (auto done = add_to_member(session, who, amount); !done) return done;
  for (std::size_t i = 0; i < k_entities; ++i)
    for (const auto& [day, sum] : sums.days[i])
      if (auto done = add_to_day(session, k_entity_tables[i], day, sum, ids); !done) return done;
  return {};
}

Result<void> put_watermark(Session& session, const std::string& journal, const Change& change) {
  const std::string key[] = {"journal"};
  return session.upsert("Switchyard_Journal", {{"journal", text(journal)}, {"sequence", change.value}}, key,
                        {&change, 1});
}

/// A connection that died in a commit leaves open what came of it. Adding nothing locks the row: an attempt
/// that is still under way on the server is waited for.
Result<bool> is_written(Session& session, const SpendBatch& batch) {
  const auto& [journal, sequence] = *batch.watermarks.begin(); // with all the others or not at all
  if (auto locked = put_watermark(session, journal, {"sequence", integer(0), true}); !locked)
    return locked.error();
  auto there = read_watermark(session, journal);
  if (!there) return there.error();
  return *there >= sequence;
}

} // namespace

Result<std::uint64_t> read_watermark(Session& session, const std::string& journal) {
  auto rows = session.select({"Switchyard_Journal", {{"journal", "=", text(journal)}}});
  if (!rows) return rows.error();
  for (const Row& row : *rows)
    for (const auto& [column, value] : row)
      if (const auto* sequence = value.as_int(); sequence && column == "sequence")
        return static_cast<std::uint64_t>(*sequence);
  return 0;
}

Result<void> forget_journal(Session& session, const std::string& journal) {
  const Condition where[] = {{"journal", "=", text(journal)}};
  auto done = session.remove("Switchyard_Journal", where);
  if (!done) return done.error();
  return {};
}

Result<void> commit_batch(Session& session, const SpendBatch& batch, const SpendSums& sums,
                          const PlaneSettings& settings, CallIds& ids) {
  return in_transaction(session, [&]() -> Result<void> {
    if (batch.tried) {
      auto there = is_written(session, batch);
      if (!there) return there.error();
      if (*there) return {};
    }
    for (const auto& [journal, sequence] : batch.watermarks) {
      const Value at = integer(static_cast<std::int64_t>(sequence));
      if (auto done = put_watermark(session, journal, {"sequence", at}); !done) return done;
    }
    if (settings.disable_spend_updates) return {};
    if (auto done = write_rows(session, batch, settings); !done) return done;
    if (auto done = write_errors(session, batch, settings); !done) return done;
    return write_sums(session, sums, settings, ids);
  });
}

Result<void> ensure_proxy_user(Session& session, const PlaneSettings& settings, WallTime now) {
  if (!settings.max_budget) return {};
  Row row{
      {"user_id", text(k_proxy_user)}, {"spend", Value(0.0)}, {"max_budget", dollars(*settings.max_budget)}};
  if (!settings.budget_duration.empty()) {
    auto end = next_reset(settings.budget_duration, now, settings.timezone);
    if (!end) return end.error();
    row.emplace_back("budget_duration", text(settings.budget_duration));
    row.emplace_back("budget_reset_at", text(wire_time(*end)));
  }
  auto made = session.insert_new("UserTable", row);
  if (!made) return made.error();
  if (*made) return {};
  const Condition where[] = {{"user_id", "=", text(k_proxy_user)}};
  auto rows = session.select({"UserTable", {where[0]}});
  if (!rows) return rows.error();
  std::vector<Change> changes{{"max_budget", dollars(*settings.max_budget)}};
  std::string duration;
  for (const auto& [column, value] : rows->empty() ? Row() : rows->front())
    if (const auto* known = value.as_string(); known && column == "budget_duration") duration = *known;
  if (duration != settings.budget_duration) // the window that runs stays when its length does
    for (const char* column : {"budget_duration", "budget_reset_at"}) {
      Value value;
      for (const auto& [name, set] : row)
        if (name == column) value = set;
      changes.push_back({column, std::move(value)});
    }
  auto done = session.update("UserTable", changes, where);
  if (!done) return done.error();
  return {};
}

} // namespace switchyard::storage
