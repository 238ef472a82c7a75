// People in teams: joining, leaving, and the three places that know of it (the team's list, the user's list,
// TeamMembership). Store threads, inside a transaction.
#pragma once

#include "management/access.hpp"
#include "management/fields.hpp"

#include <optional>
#include <string>

namespace switchyard::management {

struct NewMember {
  std::string user_id, email, role = "user";
  std::optional<double> max_budget; ///< a budget of his own in this team
};
/// The user and membership rows as they are now.
struct Joined {
  Row user, membership;
};

/// Reads {"role","user_id"|"user_email"}, or a list of them.
Out<std::vector<NewMember>> read_members(const Value& given, std::string_view field);
/// Adds to the user's teams (the user is made when unknown) and to TeamMembership; `member` learns the id.
/// The team's own list is the caller's to write: see list_member().
Out<Joined> join_team(Session& session, const Call& call, const Row& team, NewMember& member, Reply& touched);
/// Appends {"user_id","user_email","role"} to members_with_roles of the row.
void list_member(Row& team, const NewMember& member);
/// Takes a user out of all three places; his keys of that team go too. The team row is written.
Out<Row> leave_team(Session& session, const Call& call, const Row& team, const std::string& user_id,
                    const std::string& email, Reply& touched);
/// One member's budget row: made when the membership has none of its own, changed otherwise.
Out<void> set_member_budget(Session& session, const Call& call, const Row& team, const std::string& user_id,
                            ValueMap limits, Reply& touched);
/// The row of one membership, empty when there is none.
Out<Row> membership_of(Session& session, std::string_view team_id, std::string_view user_id);
/// Memberships with litellm_budget_table; nothing = of all rows that match the one column.
Out<Rows> memberships(Session& session, std::string_view column, const std::vector<std::string>& ids);

/// Ids of the teams that the user administers.
Out<std::vector<std::string>> led_teams(Session& session, const std::string& user_id);
/// A user by id, else by email without regard to case; empty when unknown.
Out<Row> find_user(Session& session, std::string_view user_id, std::string_view email);
/// Columns that are shown: all but the password.
Row shown_user(Row row);

} // namespace switchyard::management
