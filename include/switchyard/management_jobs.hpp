// Management work that nobody calls for: a process does it by itself now and then. Store threads; blocking
// functions over a session, like the handlers.
#pragma once

#include <switchyard/management.hpp>

#include <optional>

namespace switchyard::management {

/// Deletes expired keys of the admin page's sessions, at most `most`; the rows that are gone.
Result<std::vector<Touched>> delete_expired_ui_keys(storage::Session& session, const Call& call, int most);

/// What /schedule/model_cost_map_reload and /reload/model_cost_map left in the database.
struct PriceSchedule {
  std::optional<double> hours;      ///< between two reloads; nothing = not scheduled
  std::optional<WallTime> reloaded; ///< a Switchyard that was told to has read them then
  bool forced = false;              ///< a LiteLLM asks the others to
};
Result<PriceSchedule> read_price_schedule(storage::Session& session);
/// Tells LiteLLM that its wish was followed.
Result<void> clear_price_wish(storage::Session& session);

} // namespace switchyard::management
