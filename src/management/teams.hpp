// The handlers of /team/* and what they share. Store threads.
#pragma once

#include "management/access.hpp"
#include "management/fields.hpp"

#include <span>
#include <string>
#include <string_view>

namespace switchyard::management {

Reply team_new(Session& session, const Call& call);
Reply team_update(Session& session, const Call& call);
Reply team_delete(Session& session, const Call& call);
Reply team_info(Session& session, const Call& call);
Reply team_list(Session& session, const Call& call);
Reply team_list_v2(Session& session, const Call& call);
Reply team_available(Session& session, const Call& call);
Reply team_filter(Session& session, const Call& call);
Reply team_block(Session& session, const Call& call);
Reply team_unblock(Session& session, const Call& call);
Reply team_member_add(Session& session, const Call& call);
Reply team_bulk_member_add(Session& session, const Call& call);
Reply team_member_delete(Session& session, const Call& call);
Reply team_member_update(Session& session, const Call& call);
Reply team_model_add(Session& session, const Call& call);
Reply team_model_delete(Session& session, const Call& call);
Reply team_permissions_list(Session& session, const Call& call);
Reply team_permissions_update(Session& session, const Call& call);
Reply team_callback(Session& session, const Call& call); ///< GET and POST
Reply team_disable_logging(Session& session, const Call& call);

std::span<const Field> team_fields();

/// 404 {'error': 'Team not found, passed team_id=X'} when there is none.
Out<Row> need_team(Session& session, std::string_view team_id);
/// The row as it is shown: litellm_model_table, object_permission.
Out<void> link_team(Session& session, Row& team);
/// Writes columns of a team and its audit row; the row as it is then.
Out<Row> write_team(Session& session, const Call& call, const Row& before, ValueMap columns, Reply& touched,
                    std::string_view action = "updated");
/// Deletes teams with keys and memberships; copies are kept.
Out<void> delete_teams(Session& session, const Call& call, const Rows& teams, Reply& touched);

} // namespace switchyard::management
