// maximum_spend_logs_retention_period: old rows of LiteLLM_SpendLogs and LiteLLM_ErrorLogs go, a thousand at
// a time.
#include "storage/budget_reset.hpp"

#include <switchyard/budget_window.hpp>

#include <algorithm>

namespace switchyard::storage {

namespace {

constexpr std::int64_t k_at_once = 1000;

Result<std::int64_t> delete_from(Session& session, const char* table, const Condition& old) {
  auto rows = session.select({table, {old}, {{"startTime"}}, k_at_once, 0, {"request_id"}});
  if (!rows) return rows.error();
  ValueList ids;
  for (Row& row : *rows)
    for (auto& [column, value] : row)
      if (column == "request_id") ids.push_back(std::move(value));
  if (ids.empty()) return 0;
  const Condition these[] = {{"request_id", "in", Value(std::move(ids))}};
  return session.remove(table, these);
}

} // namespace

Result<std::int64_t> delete_old_rows(Session& session, const PlaneSettings& settings, WallTime now) {
  if (settings.retention_period.empty()) return 0;
  auto period = duration_of(settings.retention_period);
  if (!period) return period.error();
  const Condition old{"startTime", "<", Value(wire_time(now - *period))};
  auto errors = delete_from(session, "ErrorLogs", old);
  if (!errors) return errors;
  auto rows = delete_from(session, "SpendLogs", old);
  return rows ? std::max(*errors, *rows) : rows;
}

} // namespace switchyard::storage
