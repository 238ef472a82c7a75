// /reload/model_cost_map and /schedule/model_cost_map_reload: prices read again, now or every few hours.
// Store threads; the reading itself is main's.
#include "management/cost_map_reload.hpp"

#include "management/access.hpp"
#include "management/config_rows.hpp"

#include <switchyard/management_jobs.hpp>

namespace switchyard::management {
namespace {

constexpr std::string_view k_row = "model_cost_map_reload_config", k_hours = "interval_hours",
                           k_force = "force_reload", k_reloaded = "reloaded_at";

/// LiteLLM writes times without a zone here.
std::string python_time(WallTime when) {
  std::string out = storage::wire_time(when);
  if (out.ends_with('Z')) out.pop_back();
  return out;
}

Out<void> need_the_admin(const Call& call) {
  if (call.caller.is_admin()) return {};
  return refuse(403, "Access denied. Admin role required. Current role: " + call.caller.role, "auth_error");
}

Reply reload(Session& session, const Call& call) {
  if (auto may = need_the_admin(call); !may) return may.error();
  if (!call.live.price_reload.run) return refuse(500, "Failed to reload model cost map: not available here");
  auto count = call.live.price_reload.run();
  if (!count) return refuse(500, "Failed to reload model cost map: " + count.error().message);
  return write(session, [&]() -> Reply {
    auto row = stored_section(session, k_row);
    if (!row) return row.error();
    if (at(*row, k_hours).is_null()) set(*row, k_hours, Value());
    set(*row, k_force, Value(true)); // for LiteLLMs at the same database
    set(*row, k_reloaded, text_value(storage::wire_time(call.now)));
    if (auto kept = store_section(session, k_row, std::move(*row)); !kept) return kept.error();
    const auto models = static_cast<std::int64_t>(*count);
    return ok(Value(ValueMap{{"message", text_value("Price data reloaded successfully! " +
                                                    std::to_string(models) + " models updated.")},
                             {"status", text_value("success")},
                             {"models_count", Value(models)},
                             {"timestamp", text_value(python_time(call.now))}}));
  });
}

Reply schedule(Session& session, const Call& call) {
  if (auto may = need_the_admin(call); !may) return may.error();
  if (!query_text(call, "hours")) return invalid("query", "hours", "Field required");
  Reply problem;
  std::int64_t hours = 0;
  if (!query_number(call, "hours", 0, INT32_MIN, INT32_MAX, hours, problem)) return problem;
  if (hours <= 0) return refuse(400, "Hours must be greater than 0");
  return write(session, [&]() -> Reply {
    auto row = stored_section(session, k_row);
    if (!row) return row.error();
    set(*row, k_hours, Value(hours));
    set(*row, k_force, Value(false));
    if (auto kept = store_section(session, k_row, std::move(*row)); !kept) return kept.error();
    return ok(Value(ValueMap{{"message", text_value("Model cost map reload scheduled for every " +
                                                    std::to_string(hours) + " hours")},
                             {"status", text_value("success")},
                             {"interval_hours", Value(hours)},
                             {"timestamp", text_value(python_time(call.now))}}));
  });
}

Reply cancel(Session& session, const Call& call) {
  if (auto may = need_the_admin(call); !may) return may.error();
  return write(session, [&]() -> Reply {
    auto gone = remove_rows(session, "Config", "param_name", {std::string(k_row)});
    if (!gone) return gone.error();
    return ok(Value(ValueMap{{"message", text_value("Model cost map reload schedule cancelled")},
                             {"status", text_value("success")},
                             {"timestamp", text_value(python_time(call.now))}}));
  });
}

Reply status(Session& session, const Call& call) {
  if (auto may = need_the_admin(call); !may) return may.error();
  auto row = stored_section(session, k_row);
  if (!row) return row.error();
  double hours = 0;
  const bool scheduled = at(*row, k_hours).number(hours);
  std::optional<WallTime> last;
  if (scheduled && call.live.price_reload.last) last = call.live.price_reload.last();
  Value next;
  if (last) {
    const auto at_time = *last + std::chrono::seconds(static_cast<std::int64_t>(hours * 3600));
    if (at_time > call.now) next = text_value(python_time(at_time));
  }
  return ok(Value(ValueMap{{"scheduled", Value(scheduled)},
                           {"interval_hours", scheduled ? at(*row, k_hours) : Value()},
                           {"last_run", last ? text_value(python_time(*last)) : Value()},
                           {"next_run", std::move(next)}}));
}

Reply schedule_or_cancel(Session& session, const Call& call) {
  return call.method == "DELETE" ? cancel(session, call) : schedule(session, call);
}

} // namespace

bool is_price_schedule(std::string_view config_row) { return config_row == k_row; }

std::span<const Route> cost_map_routes() {
  static constexpr Route k_routes[] = {
      {"/reload/model_cost_map", k_post, reload, "Read the prices again"},
      {"/schedule/model_cost_map_reload", k_post | k_delete, schedule_or_cancel,
       "Read the prices again every so many hours, or no more"},
      {"/schedule/model_cost_map_reload/status", k_get, status, "When the prices are read again"},
  };
  return k_routes;
}

Result<PriceSchedule> read_price_schedule(storage::Session& session) {
  auto row = stored_section(session, k_row);
  if (!row) return Error(Errc::unavailable, "the schedule of price reloads cannot be read");
  PriceSchedule out;
  double hours = 0;
  if (at(*row, k_hours).number(hours) && hours > 0) out.hours = hours;
  out.forced = flag_of(*row, k_force) && at(*row, k_reloaded).is_null();
  if (auto when = storage::read_time(text_of(*row, k_reloaded))) out.reloaded = *when;
  return out;
}

Result<void> clear_price_wish(storage::Session& session) {
  auto row = stored_section(session, k_row);
  if (!row || row->empty()) return {};
  set(*row, k_force, Value(false));
  if (auto kept = store_section(session, k_row, std::move(*row)); !kept)
    return Error(Errc::unavailable, "the schedule of price reloads cannot be written");
  return {};
}

} // namespace switchyard::management
