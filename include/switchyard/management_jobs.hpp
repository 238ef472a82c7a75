// Management work that nobody calls for: a process does it by itself now and then. Store threads; blocking
// functions over a session, like the handlers.
#pragma once

#include <switchyard/management.hpp>

#include <optional>

namespace switchyard::management {

/// Deletes expired keys of the admin page's sessions, at most `most`; the rows that are gone.
Result<std::vector<Touched>> delete_expired_ui_keys(storage::Session& session, const Call& call, int most);

/// Keys whose rotation is due, at most `most`, as rows: this process has claimed them for ten minutes, so
/// that no other tells new values for the same. Forgets replaced hashes whose grace is over.
Result<storage::Rows> claim_due_keys(storage::Session& session, const Call& call, int most);
struct Rotation {
  std::string key;  ///< the new value: a secret
  std::string told; ///< what the hook is told, JSON
};
Rotation plan_rotation(const storage::Row& row, const Call& call);
/// Once somebody knows the new value. What was touched; nothing when the key was changed meanwhile.
Result<std::vector<Touched>> rotate_key(storage::Session& session, const Call& call, const storage::Row& row,
                                        const std::string& key);

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
