// Access groups: /v1/access_group (rows of their own, assigned to teams and keys) and /access_group/* (names
// in the model_info.access_groups of database models). Store threads.
#include "management/attached.hpp"
#include "management/audit.hpp"
#include "management/models.hpp"
#include "management/secrets.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "AccessGroupTable";
constexpr Field k_fields[] = {{"access_group_name", Kind::text},   {"description", Kind::text},
                              {"access_model_names", Kind::texts}, {"access_mcp_server_ids", Kind::texts},
                              {"access_agent_ids", Kind::texts},   {"assigned_team_ids", Kind::texts},
                              {"assigned_key_ids", Kind::texts}};

Reply denied() { return detail(403, "Admin-only endpoint. Not allowed to access this."); }
Reply unknown(const std::string& id) { return detail_text(404, "Access group '" + id + "' not found"); }

/// Teams and keys carry the ids of their groups; both sides are written together.
struct Side {
  std::string_view list, table, key;
  Touched::What what;
};
constexpr Side k_sides[] = {{"assigned_team_ids", "TeamTable", "team_id", Touched::What::team},
                            {"assigned_key_ids", "VerificationToken", "token", Touched::What::key}};

Out<void> carry(Session& session, const Side& side, const std::vector<std::string>& ids,
                const std::string& group, bool add, std::vector<Touched>& touched) {
  auto rows = find_rows(session, side.table, side.key, ids);
  if (!rows) return rows.error();
  for (const auto& row : *rows) {
    auto groups = list_in(row, "access_group_ids");
    if (contains(groups, group) == add) continue;
    if (add)
      groups.push_back(group);
    else
      std::erase(groups, group);
    const Change change{"access_group_ids", list_of(groups)};
    const Condition where{std::string(side.key), "=", at(row, side.key)};
    if (auto done = session.update(side.table, {&change, 1}, {&where, 1}); !done) return failed(done.error());
    touched.push_back({side.what, text_of(row, side.key)});
  }
  return {};
}

/// Brings teams and keys from what the group was assigned to, to what it is.
Out<void> reassign(Session& session, const Row& before, const Row& after, std::vector<Touched>& touched) {
  const std::string group = text_of(after.empty() ? before : after, "access_group_id");
  for (const auto& side : k_sides) {
    const auto old = list_in(before, side.list), next = list_in(after, side.list);
    std::vector<std::string> gone;
    for (const auto& id : old)
      if (!contains(next, id)) gone.push_back(id);
    if (auto done = carry(session, side, gone, group, false, touched); !done) return done;
    if (auto done = carry(session, side, next, group, true, touched); !done) return done;
  }
  return {};
}

Out<void> check_teams(Session& session, const Body& body) {
  const auto ids = body.texts("assigned_team_ids");
  auto rows = find_rows(session, "TeamTable", "team_id", ids);
  if (!rows) return rows.error();
  std::string missing;
  for (const auto& id : ids)
    if (std::none_of(rows->begin(), rows->end(), [&](auto& row) { return text_of(row, "team_id") == id; }))
      missing += (missing.empty() ? "" : ", ") + id;
  if (!missing.empty()) return detail_text(400, "Unknown team ids: " + missing);
  return {};
}

Reply saved(Session& session, const Row& before, const Row& after, int status) {
  Reply reply = ok(Value(after));
  if (auto done = reassign(session, before, after, reply.touched); !done) return done.error();
  reply.status = status;
  return touching(std::move(reply), Touched::What::access_group, text_of(after, "access_group_id"));
}

Reply insert(Session& session, const Call& call, const Body& body) {
  const std::string name = body.text("access_group_name");
  if (auto fine = check_teams(session, body); !fine) return fine.error();
  Row row = columns_of(body, k_fields);
  for (const auto& field : k_fields)
    if (field.kind == Kind::texts && !body.has(field.name)) set(row, field.name, Value(ValueList{}));
  stamp(call, row);
  set(row, "access_group_id", text_value(new_id()));
  auto made = session.insert(k_table, row);
  if (!made && is_duplicate(made.error()))
    return detail_text(409, "Access group with name '" + name + "' already exists");
  if (!made) return failed(made.error());
  audit(session, call, k_table, "created", text_of(*made, "access_group_id"), Value(), Value(*made));
  return saved(session, {}, *made, 201);
}

Reply create(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return denied();
  if (!read_body(call, k_fields, body, reply)) return reply;
  if (body.text("access_group_name").empty()) return invalid("body", "access_group_name", "Field required");
  return write(session, [&] { return insert(session, call, body); });
}

Reply list_or_create(Session& session, const Call& call) {
  if (call.method != "GET") return create(session, call);
  if (!call.caller.may_read_all()) return denied();
  auto rows = stored(session.select(Select{std::string(k_table), {}, {{"created_at", true}}}));
  if (!rows) return rows.error();
  return ok(list_value(std::move(*rows)));
}

Reply change(Session& session, const Call& call, const Body& body) {
  const Value id = text_value(call.argument);
  auto before = find_row(session, k_table, "access_group_id", id);
  if (!before) return before.error();
  if (before->empty()) return unknown(call.argument);
  if (auto fine = check_teams(session, body); !fine) return fine.error();
  ValueMap into = columns_of(body, k_fields);
  if (at(into, "access_group_name").is_null()) switchyard::erase(into, "access_group_name");
  if (body.has("access_group_name")) {
    const std::string name = body.text("access_group_name");
    auto taken = find_row(session, k_table, "access_group_name", text_value(name));
    if (!taken) return taken.error();
    if (!taken->empty() && text_of(*taken, "access_group_id") != call.argument)
      return detail_text(409, "Access group with name '" + name + "' already exists");
  }
  auto after = update_row(session, call, k_table, "access_group_id", id, std::move(into));
  if (!after) return after.error();
  audit(session, call, k_table, "updated", call.argument, Value(*before), Value(*after));
  Reply reply = saved(session, *before, *after, 200);
  return touching(std::move(reply), Touched::What::access_group, text_of(*before, "access_group_name"));
}

Reply remove_one(Session& session, const Call& call) {
  auto row = find_row(session, k_table, "access_group_id", text_value(call.argument));
  if (!row) return row.error();
  if (row->empty()) return unknown(call.argument);
  Reply reply;
  reply.status = 204;
  if (auto done = reassign(session, *row, {}, reply.touched); !done) return done.error();
  if (auto gone = remove_rows(session, k_table, "access_group_id", {call.argument}); !gone)
    return gone.error();
  audit(session, call, k_table, "deleted", call.argument, Value(*row), Value());
  reply = touching(std::move(reply), Touched::What::access_group, call.argument);
  return touching(std::move(reply), Touched::What::access_group, text_of(*row, "access_group_name"));
}

Reply one(Session& session, const Call& call) {
  if (call.method == "GET" ? !call.caller.may_read_all() : !call.caller.is_admin()) return denied();
  if (call.method == "DELETE") return write(session, [&] { return remove_one(session, call); });
  if (call.method == "PUT") {
    Body body;
    Reply reply;
    if (!read_body(call, k_fields, body, reply)) return reply;
    return write(session, [&] { return change(session, call, body); });
  }
  auto row = find_row(session, k_table, "access_group_id", text_value(call.argument));
  if (!row) return row.error();
  return row->empty() ? unknown(call.argument) : ok(Value(std::move(*row)));
}

constexpr Route k_routes[] = {
    {"/v1/access_group", k_get | k_post, list_or_create, "All access groups, or create one"},
    {"/v1/access_group/{m}", k_get | k_put | k_delete, one, "Read, change or delete an access group"},
    {"/v1/unified_access_group", k_get | k_post, list_or_create, "All access groups, or create one"},
    {"/v1/unified_access_group/{m}", k_get | k_put | k_delete, one, "Read, change or delete an access group"},
};

} // namespace

std::span<const Route> access_group_routes() { return k_routes; }

} // namespace switchyard::management
