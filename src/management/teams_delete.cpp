// /team/delete: teams with their keys, memberships and places in users' lists; copies are kept. Store
// threads.
#include "management/audit.hpp"
#include "management/keys.hpp"
#include "management/secrets.hpp"
#include "management/teams.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

Out<void> keep_copy(Session& session, const Call& call, const Row& team) {
  Row copy = team;
  set(copy, "id", text_value(new_id()));
  set(copy, "deleted_at", text_value(storage::wire_time(call.now)));
  set(copy, "deleted_by", text_or_null(call.caller.user_id));
  set(copy, "deleted_by_api_key", text_or_null(call.caller.key_hash));
  set(copy, "litellm_changed_by", text_or_null(call.changed_by));
  if (auto kept = insert_row(session, "DeletedTeamTable", copy); !kept) return kept.error();
  return {};
}

/// Takes the teams out of their users' lists and removes the memberships.
Out<void> forget_members(Session& session, const Call& call, const Rows& teams,
                         const std::vector<std::string>& team_ids, Reply& touched) {
  std::vector<std::string> user_ids;
  const auto add = [&](std::string id) {
    if (!id.empty() && !contains(user_ids, id)) user_ids.push_back(std::move(id));
  };
  for (auto& team : teams)
    for (auto& member : members_of(team)) add(std::string(text_at(member, "user_id")));
  auto rows = find_rows(session, "TeamMembership", "team_id", team_ids);
  if (!rows) return rows.error();
  for (auto& row : *rows) {
    add(text_of(row, "user_id"));
    touched.touched.push_back(
        {Touched::What::member, text_of(row, "team_id") + ":" + text_of(row, "user_id")});
  }
  auto users = find_rows(session, "UserTable", "user_id", user_ids);
  if (!users) return users.error();
  for (auto& user : *users) {
    auto left = list_in(user, "teams");
    const auto gone = [&](const std::string& id) { return contains(team_ids, id); };
    left.erase(std::remove_if(left.begin(), left.end(), gone), left.end());
    auto row = update_row(session, call, "UserTable", "user_id", at(user, "user_id"),
                          {{"teams", list_of(left)}}, false);
    if (!row) return row.error();
    touched.touched.push_back({Touched::What::user, text_of(user, "user_id")});
  }
  auto removed = remove_rows(session, "TeamMembership", "team_id", team_ids);
  return removed ? Out<void>() : Out<void>(removed.error());
}

} // namespace

Out<void> delete_teams(Session& session, const Call& call, const Rows& teams, Reply& touched) {
  std::vector<std::string> ids;
  for (auto& team : teams) {
    ids.push_back(text_of(team, "team_id"));
    if (auto kept = keep_copy(session, call, team); !kept) return kept;
    audit(session, call, "TeamTable", "deleted", ids.back(), Value(team), Value());
    touched.touched.push_back({Touched::What::team, ids.back()});
  }
  auto keys = find_rows(session, "VerificationToken", "team_id", ids);
  if (!keys) return keys.error();
  if (auto gone = delete_keys(session, call, *keys, touched); !gone) return gone;
  if (auto gone = forget_members(session, call, teams, ids, touched); !gone) return gone;
  auto removed = remove_rows(session, "TeamTable", "team_id", ids);
  return removed ? Out<void>() : Out<void>(removed.error());
}

Reply team_delete(Session& session, const Call& call) {
  constexpr Field k_body[] = {{"team_ids", Kind::texts, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  return write(session, [&]() -> Reply {
    const auto ids = body.texts("team_ids");
    Rows teams;
    for (auto& id : ids) {
      auto team = need_team(session, id);
      if (!team) return team.error();
      if (auto may = need_team_admin(session, call, *team, "/team/delete"); !may) return may.error();
      const auto same = [&](const Row& other) { return text_of(other, "team_id") == id; };
      if (std::none_of(teams.begin(), teams.end(), same)) teams.push_back(std::move(*team));
    }
    Reply touched;
    if (auto gone = delete_teams(session, call, teams, touched); !gone) return gone.error();
    Reply done = ok(Value(ValueMap{{"deleted_teams", list_of(ids)}}));
    done.touched = std::move(touched.touched);
    return done;
  });
}

} // namespace switchyard::management
