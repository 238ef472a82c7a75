// People in teams: joining, leaving, and the three places that know of it (the team's list, the user's list,
// TeamMembership). Store threads, inside a transaction.
#include "management/members.hpp"

#include "management/audit.hpp"
#include "management/keys.hpp"
#include "management/secrets.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>
#include <array>

namespace switchyard::management {
namespace {

std::array<Condition, 2> one_membership(std::string_view team_id, std::string_view user_id) {
  return {Condition{"team_id", "=", text_value(team_id)}, Condition{"user_id", "=", text_value(user_id)}};
}

Touched member_of(std::string_view team_id, std::string_view user_id) {
  return {Touched::What::member, std::string(team_id) + ":" + std::string(user_id)};
}

bool is_same(const Value& member, const std::string& user_id, const std::string& email) {
  const auto id = text_at(member, "user_id");
  if (!user_id.empty() && id == user_id) return true;
  return !email.empty() && same_text(text_at(member, "user_email"), email) && (user_id.empty() || id.empty());
}

/// A user that is met for the first time: least rights unless the configuration says otherwise.
Out<Row> make_user(Session& session, const Call& call, const NewMember& member) {
  const Value now = text_value(storage::wire_time(call.now));
  const auto& preset = call.config->plane->default_internal_user_params;
  Row row{{"user_id", text_value(member.user_id)},
          {"user_email", text_or_null(member.email)},
          {"user_role", text_value(text_at(preset, "user_role", "internal_user_viewer"))},
          {"created_at", now},
          {"updated_at", now}};
  if (member.user_id == call.config->plane->admin_user_id) set(row, "user_role", Value());
  for (std::string_view name : {"max_budget", "budget_duration", "models", "tpm_limit", "rpm_limit"})
    if (auto* value = preset.find(name); value && !value->is_null()) set(row, name, *value);
  auto reset = reset_time(call, text_of(row, "budget_duration"));
  if (!reset) return reset.error();
  set(row, "budget_reset_at", *reset);
  return insert_row(session, "UserTable", row);
}

Out<void> put_user_teams(Session& session, const Call& call, const Row& user, std::vector<std::string> teams,
                         Reply& touched) {
  auto row = update_row(session, call, "UserTable", "user_id", at(user, "user_id"),
                        {{"teams", list_of(teams)}}, false);
  if (!row) return row.error();
  touched.touched.push_back({Touched::What::user, text_of(user, "user_id")});
  return {};
}

Out<void> put_membership(Session& session, std::string_view team_id, std::string_view user_id,
                         const Value& budget_id) {
  const Row row{{"user_id", text_value(user_id)}, {"team_id", text_value(team_id)}, {"budget_id", budget_id}};
  const std::array<std::string, 2> key{"user_id", "team_id"};
  const Change change{"budget_id", budget_id};
  return stored(session.upsert("TeamMembership", row, key, {&change, 1}));
}

} // namespace

Out<std::vector<NewMember>> read_members(const Value& given, std::string_view field) {
  constexpr Field k_member[] = {{"role", Kind::text, Home::input},
                                {"user_id", Kind::text, Home::input},
                                {"user_email", Kind::text, Home::input}};
  const ValueList parts = given.as_list() ? *given.as_list() : ValueList{given};
  std::vector<NewMember> out;
  for (auto& part : parts) {
    Body body;
    Reply reply;
    if (!part.as_map())
      return invalid("body", field, "Input should be a valid dictionary or object", "model_type");
    if (!read_fields(part, k_member, body, reply, {text_value("body"), text_value(field)})) return reply;
    NewMember member{body.text("user_id"), body.text("user_email"), body.text("role", "user"), {}};
    if (member.role != "admin" && member.role != "user")
      return invalid("body", field, "Input should be 'admin' or 'user'", "literal_error");
    if (member.user_id.empty() && member.email.empty())
      return invalid("body", field, "Either user_id or user_email must be provided", "value_error");
    out.push_back(std::move(member));
  }
  return out;
}

Out<Row> find_user(Session& session, std::string_view user_id, std::string_view email) {
  if (!user_id.empty()) return find_row(session, "UserTable", "user_id", text_value(user_id));
  if (email.empty()) return Row();
  const std::array<Value, 1> values{text_value(lower_case(email))};
  auto ids = session.query("SELECT \"user_id\" FROM \"LiteLLM_UserTable\" WHERE LOWER(\"user_email\") = $1 "
                           "ORDER BY \"created_at\" LIMIT 1",
                           values);
  if (!ids) return failed(ids.error());
  if (ids->empty()) return Row();
  return find_row(session, "UserTable", "user_id", at(ids->front(), "user_id"));
}

Row shown_user(Row row) {
  switchyard::erase(row, "password");
  return row;
}

Out<std::vector<std::string>> led_teams(Session& session, const std::string& user_id) {
  auto user = find_row(session, "UserTable", "user_id", text_value(user_id));
  if (!user) return user.error();
  auto teams = find_rows(session, "TeamTable", "team_id", list_in(*user, "teams"));
  if (!teams) return teams.error();
  std::vector<std::string> out;
  for (auto& team : *teams)
    if (team_role(team, user_id) == "admin") out.push_back(text_of(team, "team_id"));
  return out;
}

Out<Row> membership_of(Session& session, std::string_view team_id, std::string_view user_id) {
  const auto where = one_membership(team_id, user_id);
  auto rows = session.select(Select{"TeamMembership", {where.begin(), where.end()}});
  if (!rows) return failed(rows.error());
  return rows->empty() ? Row() : std::move(rows->front());
}

Out<Rows> memberships(Session& session, std::string_view column, const std::vector<std::string>& ids) {
  auto rows = find_rows(session, "TeamMembership", column, ids);
  if (!rows) return rows;
  if (auto linked = link_rows(session, *rows); !linked) return linked.error();
  for (auto& row : *rows) switchyard::erase(row, "object_permission");
  return rows;
}

Out<Joined> join_team(Session& session, const Call& call, const Row& team, NewMember& member,
                      Reply& touched) {
  Joined out;
  const std::string team_id = text_of(team, "team_id");
  auto user = find_user(session, member.user_id, member.email);
  if (!user) return user.error();
  if (user->empty()) {
    if (member.user_id.empty()) member.user_id = new_id();
    user = make_user(session, call, member);
    if (!user) return user.error();
    audit(session, call, "UserTable", "created", member.user_id, Value(), Value(shown_user(*user)));
  }
  member.user_id = text_of(*user, "user_id");
  auto teams = list_in(*user, "teams");
  if (!contains(teams, team_id)) teams.push_back(team_id);
  set(*user, "teams", list_of(teams));
  if (auto put = put_user_teams(session, call, *user, teams, touched); !put) return put.error();
  Value budget = text_or_null(text_at(Value(object_in(team, "metadata")), "team_member_budget_id"));
  if (member.max_budget) {
    auto made = new_budget(session, call, {{"max_budget", Value(*member.max_budget)}});
    if (!made) return made.error();
    budget = text_value(*made);
  }
  if (auto put = put_membership(session, team_id, member.user_id, budget); !put) return put.error();
  auto row = membership_of(session, team_id, member.user_id);
  if (!row) return row.error();
  if (auto linked = link_row(session, *row); !linked) return linked.error();
  switchyard::erase(*row, "object_permission");
  touched.touched.push_back(member_of(team_id, member.user_id));
  out.user = shown_user(std::move(*user)), out.membership = std::move(*row);
  return out;
}

void list_member(Row& team, const NewMember& member) {
  auto members = members_of(team);
  const auto same = [&](const Value& old) { return is_same(old, member.user_id, member.email); };
  if (std::any_of(members.begin(), members.end(), same)) return;
  members.emplace_back(ValueMap{{"user_id", text_or_null(member.user_id)},
                                {"user_email", text_or_null(member.email)},
                                {"role", text_value(member.role)}});
  set(team, "members_with_roles", Value(std::move(members)));
}

Out<Row> leave_team(Session& session, const Call& call, const Row& team, const std::string& user_id,
                    const std::string& email, Reply& touched) {
  const std::string team_id = text_of(team, "team_id");
  auto members = members_of(team);
  const auto same = [&](const Value& member) { return is_same(member, user_id, email); };
  members.erase(std::remove_if(members.begin(), members.end(), same), members.end());
  ValueMap columns{{"members_with_roles", Value(std::move(members))}};
  for (std::string_view column : {"admins", "members"}) {
    auto ids = list_in(team, column);
    if (!contains(ids, user_id)) continue;
    ids.erase(std::remove(ids.begin(), ids.end(), user_id), ids.end());
    set(columns, column, list_of(ids));
  }
  auto row =
      update_row(session, call, "TeamTable", "team_id", at(team, "team_id"), std::move(columns), false);
  if (!row) return row;
  touched.touched.push_back({Touched::What::team, team_id});
  const auto where = one_membership(team_id, user_id);
  if (auto gone = session.remove("TeamMembership", where); !gone) return failed(gone.error());
  touched.touched.push_back(member_of(team_id, user_id));
  auto keys = session.select(Select{"VerificationToken", {where.begin(), where.end()}});
  if (!keys) return failed(keys.error());
  if (auto gone = delete_keys(session, call, *keys, touched); !gone) return gone.error();
  auto user = find_user(session, user_id, {});
  if (!user) return user;
  if (user->empty()) return row;
  auto teams = list_in(*user, "teams");
  teams.erase(std::remove(teams.begin(), teams.end(), team_id), teams.end());
  if (auto put = put_user_teams(session, call, *user, teams, touched); !put) return put.error();
  return row;
}

Out<void> set_member_budget(Session& session, const Call& call, const Row& team, const std::string& user_id,
                            ValueMap limits, Reply& touched) {
  const std::string team_id = text_of(team, "team_id");
  auto row = membership_of(session, team_id, user_id);
  if (!row) return row.error();
  const std::string shared(text_at(Value(object_in(team, "metadata")), "team_member_budget_id"));
  const std::string own = text_of(*row, "budget_id");
  touched.touched.push_back(member_of(team_id, user_id));
  if (!own.empty() && own != shared) {
    auto changed = update_row(session, call, "BudgetTable", "budget_id", text_value(own), std::move(limits));
    if (!changed) return changed.error();
    touched.touched.push_back({Touched::What::budget, own});
    return {};
  }
  // The team's common budget stays as it is for the others: this member gets a copy with the changes.
  if (!own.empty()) {
    auto common = find_row(session, "BudgetTable", "budget_id", text_value(own));
    if (!common) return common.error();
    for (auto& [name, value] : *common)
      if (at(limits, name).is_null() && name != "budget_reset_at") set(limits, name, value);
  }
  auto made = new_budget(session, call, std::move(limits));
  if (!made) return made.error();
  return put_membership(session, team_id, user_id, text_value(*made));
}

} // namespace switchyard::management
