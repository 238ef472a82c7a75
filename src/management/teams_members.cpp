// /team/member_add, bulk_member_add, member_delete, member_update. Store threads.
#include "management/audit.hpp"
#include "management/members.hpp"
#include "management/teams.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::size_t k_most_at_once = 500;

bool is_listed(const Row& team, const NewMember& member) {
  for (auto& old : members_of(team)) {
    const auto id = text_at(old, "user_id"), email = text_at(old, "user_email");
    if (!member.user_id.empty() && id == member.user_id) return true;
    if (!member.email.empty() && same_text(email, member.email)) return true;
  }
  return false;
}

Reply already_there(const NewMember& member) {
  return refuse(
      400,
      "User already in team. Member: user_id=" + (member.user_id.empty() ? "None" : member.user_id) +
          ", user_email=" + (member.email.empty() ? "None" : member.email),
      "team_member_already_in_team", "user_id");
}

Reply not_in_team(const Row& team, const std::string& who) {
  return refuse_detail(400, "User not found in team. Team=" + text_of(team, "team_id") + ", User=" + who);
}

/// Team admins, and anybody who joins a team that is open to all by himself.
Out<void> may_add(Session& session, const Call& call, const Row& team,
                  const std::vector<NewMember>& members) {
  const auto open = texts_of(call.config->plane->default_internal_user_params.find("available_teams"));
  const bool only_me = members.size() == 1 && members[0].user_id == call.caller.user_id &&
                       !members[0].user_id.empty() && members[0].role == "user" && !members[0].max_budget;
  if (only_me && contains(open, text_of(team, "team_id")) && !is_viewer(call.caller)) return {};
  return need_team_admin(session, call, team, "/team/member_add");
}

struct Added {
  Row team;
  ValueList users, memberships;
};

/// Everybody or nobody; the team row is written once.
Out<Added> add_all(Session& session, const Call& call, const Row& team, std::vector<NewMember> members,
                   Reply& touched) {
  Added out{team, {}, {}};
  for (auto& member : members) {
    if (is_listed(out.team, member)) return already_there(member);
    auto joined = join_team(session, call, team, member, touched);
    if (!joined) return joined.error();
    if (is_listed(out.team, member)) return already_there(member);
    list_member(out.team, member);
    out.users.emplace_back(std::move(joined->user));
    out.memberships.emplace_back(std::move(joined->membership));
  }
  auto row =
      write_team(session, call, team, {{"members_with_roles", at(out.team, "members_with_roles")}}, touched);
  if (!row) return row.error();
  out.team = std::move(*row);
  return out;
}

/// The listed member that the body names by user_id or user_email.
const Value* find_member(const ValueList& members, const Body& body) {
  for (auto& member : members) {
    if (body.has("user_id") && text_at(member, "user_id") == body.text("user_id")) return &member;
    if (!body.has("user_id") && body.has("user_email") &&
        same_text(text_at(member, "user_email"), body.text("user_email")))
      return &member;
  }
  return nullptr;
}

Out<Row> known_team(Session& session, std::string_view team_id) {
  auto team = find_row(session, "TeamTable", "team_id", text_value(team_id));
  if (team && team->empty())
    return refuse_detail(400, "Team id=" + std::string(team_id) + " does not exist in db");
  return team;
}

/// The ids of every user, for all_users.
Out<std::vector<NewMember>> everybody(Session& session, const Row& team) {
  Select what{"UserTable", {}};
  what.columns = {"user_id", "user_email"};
  auto rows = session.select(what);
  if (!rows) return failed(rows.error());
  std::vector<NewMember> out;
  for (auto& row : *rows) {
    NewMember member{text_of(row, "user_id"), text_of(row, "user_email"), "user", {}};
    if (!is_listed(team, member)) out.push_back(std::move(member));
  }
  return out;
}

Value result_of(const NewMember& member, Joined joined, std::string_view problem) {
  return Value(
      ValueMap{{"user_id", text_or_null(member.user_id)},
               {"user_email", text_or_null(member.email)},
               {"success", Value(problem.empty())},
               {"error", text_or_null(problem)},
               {"updated_user", problem.empty() ? Value(std::move(joined.user)) : Value()},
               {"updated_team_membership", problem.empty() ? Value(std::move(joined.membership)) : Value()}});
}

Reply add_many(Session& session, const Call& call, const Row& team, std::vector<NewMember> members) {
  Reply touched;
  Row after = team;
  ValueList results;
  std::int64_t added = 0;
  for (auto& member : members) {
    if (is_listed(after, member)) {
      results.push_back(result_of(member, {}, "User already in team"));
      continue;
    }
    auto joined = join_team(session, call, team, member, touched);
    if (!joined) return joined.error();
    list_member(after, member);
    results.push_back(result_of(member, std::move(*joined), {}));
    ++added;
  }
  auto row =
      write_team(session, call, team, {{"members_with_roles", at(after, "members_with_roles")}}, touched);
  if (!row) return row.error();
  const auto total = static_cast<std::int64_t>(members.size());
  Reply done = ok(Value(ValueMap{{"team_id", at(team, "team_id")},
                                 {"results", Value(std::move(results))},
                                 {"total_requested", Value(total)},
                                 {"successful_additions", Value(added)},
                                 {"failed_additions", Value(total - added)},
                                 {"updated_team", Value(std::move(*row))}}));
  done.touched = std::move(touched.touched);
  return done;
}

/// Nobody raises his own budget in a team.
Out<void> check_own_limits(Session& session, const Call& call, const Body& body, const Row& team,
                           const std::string& user_id) {
  auto raises = may_raise_team(session, call.caller, team);
  if (!raises) return raises.error();
  if (*raises || user_id != call.caller.user_id) return {};
  auto membership = membership_of(session, text_of(team, "team_id"), user_id);
  if (!membership) return membership.error();
  auto budget = find_row(session, "BudgetTable", "budget_id", at(*membership, "budget_id"));
  if (!budget) return budget.error();
  constexpr std::pair<std::string_view, std::string_view> k_columns[] = {
      {"max_budget_in_team", "max_budget"}, {"tpm_limit", "tpm_limit"}, {"rpm_limit", "rpm_limit"}};
  for (auto& [field, column] : k_columns)
    if (body.has(field) && !is_no_raise(column, *body.find(field), *budget))
      return forbidden("Users cannot raise their own limits. Field=" + std::string(field));
  return {};
}

Out<void> put_role(Session& session, const Call& call, const Row& team, const Value& member,
                   const std::string& role, Reply& touched) {
  if (role.empty() || text_at(member, "role") == role) return {};
  auto members = members_of(team);
  for (auto& other : members)
    if (text_at(other, "user_id") == text_at(member, "user_id") &&
        text_at(other, "user_email") == text_at(member, "user_email"))
      set(other, "role", text_value(role));
  auto row = write_team(session, call, team, {{"members_with_roles", Value(std::move(members))}}, touched);
  return row ? Out<void>() : Out<void>(row.error());
}

Reply update_member(Session& session, const Call& call, const Body& body) {
  auto team = known_team(session, body.text("team_id"));
  if (!team) return team.error();
  if (auto may = need_team_admin(session, call, *team, "/team/member_update"); !may) return may.error();
  const auto members = members_of(*team);
  const auto* member = find_member(members, body);
  if (!member) return not_in_team(*team, body.text("user_id", body.text("user_email")));
  const std::string user_id(text_at(*member, "user_id"));
  if (auto fine = check_own_limits(session, call, body, *team, user_id); !fine) return fine.error();
  Reply touched;
  if (auto put = put_role(session, call, *team, *member, body.text("role"), touched); !put)
    return put.error();
  ValueMap limits;
  if (body.has("max_budget_in_team")) set(limits, "max_budget", *body.find("max_budget_in_team"));
  for (auto* name : {"tpm_limit", "rpm_limit"})
    if (body.has(name)) set(limits, name, *body.find(name));
  if (!limits.empty() && !user_id.empty())
    if (auto put = set_member_budget(session, call, *team, user_id, std::move(limits), touched); !put)
      return put.error();
  Reply done =
      ok(Value(ValueMap{{"team_id", at(*team, "team_id")},
                        {"user_id", text_or_null(user_id)},
                        {"user_email", text_or_null(text_at(*member, "user_email"))},
                        {"max_budget_in_team",
                         Value(body.find("max_budget_in_team") ? *body.find("max_budget_in_team") : Value())},
                        {"tpm_limit", body.find("tpm_limit") ? *body.find("tpm_limit") : Value()},
                        {"rpm_limit", body.find("rpm_limit") ? *body.find("rpm_limit") : Value()}}));
  done.touched = std::move(touched.touched);
  return done;
}

} // namespace

Reply team_member_add(Session& session, const Call& call) {
  constexpr Field k_body[] = {{"team_id", Kind::text, Home::input, true},
                              {"member", Kind::any, Home::input, true},
                              {"max_budget_in_team", Kind::money, Home::input}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  auto members = read_members(*body.find("member"), "member");
  if (!members) return members.error();
  for (auto& member : *members) member.max_budget = body.number("max_budget_in_team");
  return write(session, [&]() -> Reply {
    auto team = need_team(session, body.text("team_id"));
    if (!team) return team.error();
    if (auto may = may_add(session, call, *team, *members); !may) return may.error();
    Reply touched;
    auto added = add_all(session, call, *team, std::move(*members), touched);
    if (!added) return added.error();
    set(added->team, "updated_users", Value(std::move(added->users)));
    set(added->team, "updated_team_memberships", Value(std::move(added->memberships)));
    Reply done = ok(Value(std::move(added->team)));
    done.touched = std::move(touched.touched);
    return done;
  });
}

Reply team_bulk_member_add(Session& session, const Call& call) {
  constexpr Field k_body[] = {{"team_id", Kind::text, Home::input, true},
                              {"members", Kind::list, Home::input},
                              {"all_users", Kind::flag, Home::input},
                              {"max_budget_in_team", Kind::money, Home::input}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  const bool all = body.flag("all_users");
  auto members = read_members(body.has("members") ? *body.find("members") : Value(ValueList{}), "members");
  if (!members) return members.error();
  if (!all && members->empty()) return refuse_detail(400, "At least one member is required");
  if (!all && members->size() > k_most_at_once)
    return refuse_detail(400, "Maximum 500 members can be added at once");
  return write(session, [&]() -> Reply {
    auto team = need_team(session, body.text("team_id"));
    if (!team) return team.error();
    if (auto may = need_team_admin(session, call, *team, "/team/bulk_member_add"); !may) return may.error();
    if (all) {
      if (!call.caller.is_admin()) return not_admin(call);
      members = everybody(session, *team);
      if (!members) return members.error();
    }
    for (auto& member : *members) member.max_budget = body.number("max_budget_in_team");
    return add_many(session, call, *team, std::move(*members));
  });
}

Reply team_member_delete(Session& session, const Call& call) {
  constexpr Field k_body[] = {{"team_id", Kind::text, Home::input, true},
                              {"user_id", Kind::text, Home::input},
                              {"user_email", Kind::text, Home::input}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  if (!body.has("user_id") && !body.has("user_email"))
    return invalid("body", "user_id", "Either user_id or user_email must be provided", "value_error");
  return write(session, [&]() -> Reply {
    auto team = known_team(session, body.text("team_id"));
    if (!team) return team.error();
    if (auto may = need_team_admin(session, call, *team, "/team/member_delete"); !may) return may.error();
    const auto members = members_of(*team);
    const auto* member = find_member(members, body);
    if (!member) return not_in_team(*team, body.text("user_id", body.text("user_email")));
    Reply touched;
    auto row = leave_team(session, call, *team, std::string(text_at(*member, "user_id")),
                          std::string(text_at(*member, "user_email")), touched);
    if (!row) return row.error();
    audit(session, call, "TeamTable", "updated", text_of(*team, "team_id"), Value(*team), Value(*row));
    Reply done = ok(Value(std::move(*row)));
    done.touched = std::move(touched.touched);
    return done;
  });
}

Reply team_member_update(Session& session, const Call& call) {
  constexpr Field k_body[] = {
      {"team_id", Kind::text, Home::input, true}, {"user_id", Kind::text, Home::input},
      {"user_email", Kind::text, Home::input},    {"max_budget_in_team", Kind::money, Home::input},
      {"role", Kind::text, Home::input},          {"tpm_limit", Kind::integer, Home::input},
      {"rpm_limit", Kind::integer, Home::input}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  if (!body.has("user_id") && !body.has("user_email"))
    return invalid("body", "user_id", "Either user_id or user_email must be provided", "value_error");
  if (const auto role = body.text("role", "user"); role != "admin" && role != "user")
    return invalid("body", "role", "Input should be 'admin' or 'user'", "literal_error");
  return write(session, [&]() -> Reply { return update_member(session, call, body); });
}

} // namespace switchyard::management
