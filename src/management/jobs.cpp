// Jobs without a caller. Store threads.
#include "management/keys.hpp"

#include <switchyard/management_jobs.hpp>

namespace switchyard::management {

Result<std::vector<Touched>> delete_expired_ui_keys(storage::Session& session, const Call& call, int most) {
  Select wanted{"VerificationToken"};
  wanted.where = {{"team_id", "=", text_value("litellm-dashboard")},
                  {"expires", "<", text_value(storage::wire_time(call.now))}};
  wanted.limit = most;
  auto rows = session.select(wanted);
  if (!rows) return rows.error();
  if (rows->empty()) return std::vector<Touched>();
  const Reply done = write(session, [&]() -> Reply {
    Reply reply = ok(Value());
    if (auto gone = delete_keys(session, call, *rows, reply); !gone) return gone.error();
    return reply;
  });
  if (done.status != 200) return Error(Errc::unavailable, "expired keys of the admin page cannot be deleted");
  return done.touched;
}

} // namespace switchyard::management
