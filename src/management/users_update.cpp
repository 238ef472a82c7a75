// /user/update, bulk_update and delete. Store threads.
#include "management/audit.hpp"
#include "management/key_fields.hpp"
#include "management/keys.hpp"
#include "management/members.hpp"
#include "management/secrets.hpp"
#include "management/users.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::size_t k_most_at_once = 500;

/// What users may change about themselves; everything else must stay or sink.
bool is_own(std::string_view name) { return name == "user_alias" || name == "password" || name == "user_id"; }

Out<void> may_update(const Call& call, const Body& body, const Row& before) {
  const auto& caller = call.caller;
  if (caller.is_admin()) return {};
  if (body.has("user_role") && body.text("user_role") != text_of(before, "user_role"))
    return forbidden("Only proxy admins can modify user roles.");
  if (is_viewer(caller) || caller.user_id.empty() || text_of(before, "user_id") != caller.user_id)
    return not_admin(call);
  for (auto& [name, value] : body.all())
    if (!is_own(name) && !is_no_raise(name, value, before))
      return forbidden("Only proxy admins can change " + name + " of a user. user_role=" + caller.role +
                       ", user_id=" + caller.user_id);
  return {};
}

/// The row that user_id or user_email names; an unknown email makes a new one.
Out<Row> row_for(Session& session, const Call& call, const Body& body) {
  const std::string id = body.text("user_id"), email = body.text("user_email");
  auto row = find_user(session, id, email);
  if (!row || !row->empty()) return row;
  if (!id.empty()) return refuse_detail(404, "User " + id + " not found");
  if (!call.caller.is_admin()) return not_admin(call);
  const Value now = text_value(storage::wire_time(call.now));
  const std::string fresh = new_id();
  auto made = insert_row(session, "UserTable",
                         {{"user_id", text_value(fresh)},
                          {"user_email", text_value(email)},
                          {"created_at", now},
                          {"updated_at", now}});
  if (made) audit(session, call, "UserTable", "created", fresh, Value(), Value(shown_user(*made)));
  return made;
}

Out<Row> update_one(Session& session, const Call& call, Body& body, Reply& touched) {
  auto before = row_for(session, call, body);
  if (!before) return before;
  const std::string id = text_of(*before, "user_id");
  if (auto may = may_update(call, body, *before); !may) return may.error();
  if (auto fine = check_user(call, body); !fine) return fine.error();
  if (auto fine = check_references(session, body); !fine) return fine.error();
  if (auto fine = check_email(session, body.text("user_email"), id); !fine) return fine.error();
  auto columns = user_columns(session, call, body, *before);
  if (!columns) return columns.error();
  switchyard::erase(*columns, "user_id");
  auto row = update_row(session, call, "UserTable", "user_id", text_value(id), std::move(*columns), false);
  if (!row) return row;
  audit(session, call, "UserTable", "updated", id, Value(shown_user(*before)), Value(shown_user(*row)));
  touched.touched.push_back({Touched::What::user, id, body.has("spend")});
  return shown_user(std::move(*row));
}

/// Bodies of a bulk update: the given ones, or the same for every user.
Out<ValueList> bulk_items(Session& session, const Body& body) {
  if (!body.flag("all_users")) {
    auto* users = body.find("users");
    if (!users || users->as_list()->empty()) return refuse_detail(400, "No users provided for update");
    if (users->as_list()->size() > k_most_at_once)
      return refuse_detail(400, "Maximum 500 users can be updated at once");
    return *users->as_list();
  }
  if (!body.has("user_updates"))
    return refuse_detail(400, "user_updates must be provided when all_users is true");
  Select what{"UserTable", {}};
  what.columns = {"user_id"};
  auto rows = session.select(what);
  if (!rows) return failed(rows.error());
  ValueList out;
  for (auto& row : *rows) {
    auto item = body.object("user_updates");
    switchyard::erase(item, "user_email"); // one address cannot be everybody's
    set(item, "user_id", at(row, "user_id"));
    out.emplace_back(std::move(item));
  }
  return out;
}

std::string problem_in(const Reply& reply) {
  auto body = parse_json(reply.body);
  auto* error = body ? body->find("error") : nullptr;
  return error ? std::string(text_at(*error, "message")) : reply.body;
}

/// One entry of a bulk update in a transaction of its own.
Reply update_item(Session& session, const Call& call, const Value& given, Value& result) {
  Body item;
  Reply one;
  Row row;
  if (read_fields(given, user_fields(), item, one, {text_value("body"), text_value("users")})) {
    if (!item.has("user_id") && !item.has("user_email"))
      one = refuse_detail(400, "Either user_id or user_email must be provided");
    else
      one = write(session, [&]() -> Reply {
        Reply fine;
        auto updated = update_one(session, call, item, fine);
        if (!updated) return updated.error();
        row = std::move(*updated);
        return fine;
      });
  }
  const bool fine = one.status < 400;
  result =
      Value(ValueMap{{"user_id", fine ? at(row, "user_id") : text_or_null(item.text("user_id"))},
                     {"user_email", fine ? at(row, "user_email") : text_or_null(item.text("user_email"))},
                     {"success", Value(fine)},
                     {"error", fine ? Value() : text_value(problem_in(one))}});
  set(result, "updated_user", fine ? Value(std::move(row)) : Value());
  return one;
}

/// Places of a user beside teams and keys.
Out<void> forget_user(Session& session, const std::vector<std::string>& ids) {
  struct Place {
    std::string_view table, column;
  };
  constexpr Place k_places[] = {{"InvitationLink", "user_id"},    {"InvitationLink", "created_by"},
                                {"InvitationLink", "updated_by"}, {"OrganizationMembership", "user_id"},
                                {"TeamMembership", "user_id"},    {"UserTable", "user_id"}};
  for (auto& place : k_places)
    if (auto gone = remove_rows(session, place.table, place.column, ids); !gone) return gone.error();
  return {};
}

Out<void> leave_teams(Session& session, const Call& call, const Row& user, Reply& touched) {
  const std::string id = text_of(user, "user_id");
  auto teams = find_rows(session, "TeamTable", "team_id", list_in(user, "teams"));
  if (!teams) return teams.error();
  for (auto& team : *teams) {
    auto row = leave_team(session, call, team, id, text_of(user, "user_email"), touched);
    if (!row) return row.error();
  }
  return {};
}

} // namespace

Reply user_update(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, user_fields(), body, reply)) return reply;
  if (!body.has("user_id") && !body.has("user_email"))
    return invalid("body", "user_id", "Either user_id or user_email must be provided", "value_error");
  return write(session, [&]() -> Reply {
    Reply touched;
    auto row = update_one(session, call, body, touched);
    if (!row) return row.error();
    const Value id = at(*row, "user_id");
    Reply done = ok(Value(ValueMap{{"user_id", id}, {"data", Value(std::move(*row))}}));
    done.touched = std::move(touched.touched);
    return done;
  });
}

Reply user_bulk_update(Session& session, const Call& call) {
  constexpr Field k_body[] = {{"users", Kind::list, Home::input},
                              {"all_users", Kind::flag, Home::input},
                              {"user_updates", Kind::object, Home::input}};
  Body body;
  Reply reply;
  if (auto may = need_admin(call); !may) return may.error();
  if (!read_body(call, k_body, body, reply)) return reply;
  auto items = bulk_items(session, body);
  if (!items) return items.error();
  ValueList results;
  std::vector<Touched> touched;
  std::int64_t done = 0;
  for (auto& given : *items) {
    Value result;
    const Reply one = update_item(session, call, given, result);
    done += one.status < 400;
    touched.insert(touched.end(), one.touched.begin(), one.touched.end());
    results.push_back(std::move(result));
  }
  const auto total = static_cast<std::int64_t>(items->size());
  Reply answer = ok(Value(ValueMap{{"results", Value(std::move(results))},
                                   {"total_requested", Value(total)},
                                   {"successful_updates", Value(done)},
                                   {"failed_updates", Value(total - done)}}));
  answer.touched = std::move(touched);
  return answer;
}

Reply user_delete(Session& session, const Call& call) {
  constexpr Field k_body[] = {{"user_ids", Kind::texts, Home::input, true}};
  Body body;
  Reply reply;
  if (auto may = need_admin(call); !may) return may.error();
  if (!read_body(call, k_body, body, reply)) return reply;
  return write(session, [&]() -> Reply {
    Reply touched;
    std::vector<std::string> ids;
    for (auto& id : body.texts("user_ids")) {
      if (contains(ids, id)) continue;
      auto user = find_row(session, "UserTable", "user_id", text_value(id));
      if (!user) return user.error();
      if (user->empty()) return refuse_detail(404, "User not found, passed user_id=" + id);
      if (auto left = leave_teams(session, call, *user, touched); !left) return left.error();
      audit(session, call, "UserTable", "deleted", id, Value(shown_user(*user)), Value());
      touched.touched.push_back({Touched::What::user, id});
      ids.push_back(id);
    }
    auto keys = find_rows(session, "VerificationToken", "user_id", ids);
    if (!keys) return keys.error();
    if (auto gone = delete_keys(session, call, *keys, touched); !gone) return gone.error();
    if (auto gone = forget_user(session, ids); !gone) return gone.error();
    Reply done = ok(Value(static_cast<std::int64_t>(ids.size())));
    done.touched = std::move(touched.touched);
    return done;
  });
}

} // namespace switchyard::management
