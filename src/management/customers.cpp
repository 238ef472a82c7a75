// /customer/* and /end_user/*: the users of our clients' products, with budgets of their own. Store threads.
#include "management/attached.hpp"
#include "management/audit.hpp"
#include "management/routes.hpp"

#include <switchyard/graph.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "EndUserTable";
constexpr Field k_fields[] = {{"user_id", Kind::text, Home::column, true},
                              {"alias", Kind::text},
                              {"blocked", Kind::flag},
                              {"spend", Kind::number},
                              {"allowed_model_region", Kind::text},
                              {"default_model", Kind::text},
                              {"budget_id", Kind::text, Home::input},
                              {"object_permission", Kind::object, Home::input}};
constexpr Field k_ids[] = {{"user_ids", Kind::texts, Home::input, true}};

Reply unknown(std::string_view id, std::string_view param) {
  return refuse(404, "End User Id=" + std::string(id) + " does not exist in db", "not_found", param);
}

/// "{'a', 'b'}", as Python prints a set of names.
std::string known_models(const std::vector<std::string>& names) {
  std::string list = python_list(names);
  list.front() = '{', list.back() = '}';
  return list;
}

Out<void> check(const Call& call, const Body& body) {
  const std::string region = body.text("allowed_model_region");
  if (!region.empty() && region != "eu" && region != "us")
    return invalid("body", "allowed_model_region", "Input should be 'eu' or 'us'", "literal_error");
  if (body.has("budget_id") && body.has("max_budget"))
    return invalid("body", "budget_id", "Value error, Set either 'max_budget' or 'budget_id', not both.",
                   "value_error");
  const std::string model = body.text("default_model");
  if (model.empty()) return {};
  if (!call.live.routing) return refuse_detail(422, "No models configured on proxy");
  const auto names = call.live.routing->model_names(false);
  if (!contains(names, model))
    return refuse(422, "{'error': \"Default Model not on proxy. Configure via `/model/new` or config.yaml. "
                       "Default_model=" +
                           model + ", proxy_model_names=" + known_models(names) + "\"}");
  return {};
}

/// The row's own columns that the body sets; null is as absent.
ValueMap columns(const Body& body) {
  ValueMap out;
  for (auto& [name, value] : columns_of(body, k_fields))
    if (body.has(name)) out.emplace_back(name, value);
  return out;
}

Out<void> attach(Session& session, const Call& call, const Body& body, const Row& before, ValueMap& into) {
  auto budget = attach_budget(session, call, body, text_of(before, "budget_id"));
  if (!budget) return budget.error();
  set(into, "budget_id", *budget);
  auto permission = attach_permission(session, body, text_of(before, "object_permission_id"));
  if (!permission) return permission.error();
  set(into, "object_permission_id", *permission);
  return {};
}

Reply linked(Session& session, Row row) {
  if (auto done = link_row(session, row); !done) return done.error();
  return ok(Value(std::move(row)));
}

Reply insert(Session& session, const Call& call, const Body& body) {
  const std::string id = body.text("user_id");
  Row row = columns(body);
  if (auto done = attach(session, call, body, {}, row); !done) return done.error();
  if (!body.has("blocked")) set(row, "blocked", Value(false));
  if (!body.has("spend")) set(row, "spend", Value(0.0));
  auto made = session.insert(k_table, row);
  if (!made && is_duplicate(made.error()))
    return refuse(400, "Customer already exists, passed user_id=" + id + ". Please pass a new user_id.",
                  "bad_request", "user_id");
  if (!made) return failed(made.error());
  audit(session, call, k_table, "created", id, Value(), Value(*made));
  return linked(session, std::move(*made));
}

Reply create(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 403);
  if (!read_with_budget(call, k_fields, body, reply)) return reply;
  if (auto fine = check(call, body); !fine) return fine.error();
  if (body.text("user_id").empty())
    return invalid("body", "user_id", "String should have at least 1 character", "string_too_short");
  reply = write(session, [&] { return insert(session, call, body); });
  return touching(std::move(reply), Touched::What::customer, body.text("user_id"));
}

/// Spend was given as well: ledgers take the row's.
Reply touched_customer(Reply reply, const Body& body) {
  reply = touching(std::move(reply), Touched::What::customer, body.text("user_id"));
  if (!reply.touched.empty()) reply.touched.back().spend_set = body.has("spend");
  return reply;
}

Reply change(Session& session, const Call& call, const Body& body) {
  const Value id = text_value(body.text("user_id"));
  auto before = find_row(session, k_table, "user_id", id);
  if (!before) return before.error();
  if (before->empty()) return unknown(body.text("user_id"), "user_id");
  ValueMap into = columns(body);
  if (auto done = attach(session, call, body, *before, into); !done) return done.error();
  const Condition where{"user_id", "=", id};
  auto rows = session.update(k_table, changes_of(std::move(into)), {&where, 1});
  if (!rows) return failed(rows.error());
  if (rows->empty()) return unknown(body.text("user_id"), "user_id");
  audit(session, call, k_table, "updated", body.text("user_id"), Value(*before), Value(rows->front()));
  return linked(session, std::move(rows->front()));
}

Reply update(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 403);
  if (!read_with_budget(call, k_fields, body, reply)) return reply;
  if (auto fine = check(call, body); !fine) return fine.error();
  return touched_customer(write(session, [&] { return change(session, call, body); }), body);
}

Value shown(const Row& row) {
  ValueMap out;
  for (const char* name : {"user_id", "blocked", "alias", "spend", "allowed_model_region", "default_model",
                           "litellm_budget_table", "object_permission"})
    out.emplace_back(name, at(row, name));
  return Value(std::move(out));
}

Reply info(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  const auto id = query_text(call, "end_user_id");
  if (!id) return invalid("query", "end_user_id", "Field required");
  auto row = find_row(session, k_table, "user_id", text_value(*id));
  if (!row) return row.error();
  if (row->empty()) return unknown(*id, "end_user_id");
  if (auto done = link_row(session, *row); !done) return done.error();
  return ok(shown(*row));
}

Reply list(Session& session, const Call& call) {
  if (!call.caller.may_read_all())
    return refuse_detail(401, "Admin-only endpoint. Your user role=" + role_of(call));
  auto rows = stored(session.select(Select{std::string(k_table), {}, {{"user_id", false}}}));
  if (!rows) return rows.error();
  if (auto done = link_rows(session, *rows); !done) return done.error();
  ValueList out;
  for (const auto& row : *rows) out.push_back(shown(row));
  return ok(Value(std::move(out)));
}

Reply remove_all(Session& session, const Call& call, const std::vector<std::string>& ids) {
  auto rows = find_rows(session, k_table, "user_id", ids);
  if (!rows) return rows.error();
  std::string missing;
  for (const auto& id : ids)
    if (std::none_of(rows->begin(), rows->end(), [&](auto& row) { return text_of(row, "user_id") == id; }))
      missing += (missing.empty() ? "" : ", ") + id;
  if (!missing.empty())
    return refuse(404, "End User Id(s)=" + missing + " do not exist in db", "not_found", "user_ids");
  auto gone = remove_rows(session, k_table, "user_id", ids);
  if (!gone) return gone.error();
  for (const auto& row : *rows)
    audit(session, call, k_table, "deleted", text_of(row, "user_id"), Value(row), Value());
  return ok(Value(
      ValueMap{{"deleted_customers", Value(*gone)},
               {"message", text_value("Successfully deleted customers with ids: " + python_list(ids))}}));
}

/// The ids of a body; an admin's.
bool read_ids(const Call& call, std::vector<std::string>& ids, Reply& reply) {
  Body body;
  if (!call.caller.is_admin()) return reply = admin_only(call, 403), false;
  if (!read_body(call, k_ids, body, reply)) return false;
  ids = body.texts("user_ids");
  return true;
}

Reply touching_all(Reply reply, const std::vector<std::string>& ids) {
  for (const auto& id : ids) reply = touching(std::move(reply), Touched::What::customer, id);
  return reply;
}

Reply remove(Session& session, const Call& call) {
  std::vector<std::string> ids;
  Reply reply;
  if (!read_ids(call, ids, reply)) return reply;
  if (ids.empty()) return refuse(500, "Internal Server Error, user_id is required, passed user_id = []");
  return touching_all(write(session, [&] { return remove_all(session, call, ids); }), ids);
}

Reply block_all(Session& session, const Call& call, const std::vector<std::string>& ids) {
  Rows rows;
  const Change blocked{"blocked", Value(true)};
  for (const auto& id : ids) {
    auto done = session.upsert(k_table,
                               {{"user_id", text_value(id)}, {"spend", Value(0.0)}, {"blocked", Value(true)}},
                               std::vector<std::string>{"user_id"}, {&blocked, 1});
    if (!done) return failed(done.error());
    audit(session, call, k_table, "blocked", id, Value(), Value(ValueMap{{"blocked", Value(true)}}));
  }
  auto all = find_rows(session, k_table, "user_id", ids);
  if (!all) return all.error();
  return ok(Value(ValueMap{{"blocked_users", list_value(std::move(*all))}}));
}

Reply block(Session& session, const Call& call) {
  std::vector<std::string> ids;
  Reply reply;
  if (!read_ids(call, ids, reply)) return reply;
  return touching_all(write(session, [&] { return block_all(session, call, ids); }), ids);
}

/// LiteLLM's list of the blocked_user_check callback, which we do not have; /customer/update unblocks.
Reply unblock(Session&, const Call& call) {
  std::vector<std::string> ids;
  Reply reply;
  if (!read_ids(call, ids, reply)) return reply;
  return detail(400, "Blocked user check was never set. This call has no effect.");
}

constexpr Route k_routes[] = {
    {"/customer/block", k_post, block, "Refuse calls of customers"},
    {"/customer/delete", k_post, remove, "Delete customers"},
    {"/customer/info", k_get, info, "One customer"},
    {"/customer/list", k_get, list, "All customers"},
    {"/customer/new", k_post, create, "Create a customer"},
    {"/customer/unblock", k_post, unblock, "Has no effect, as in LiteLLM; see /customer/update"},
    {"/customer/update", k_post, update, "Change a customer"},
    {"/end_user/block", k_post, block, "Refuse calls of customers"},
    {"/end_user/delete", k_post, remove, "Delete customers"},
    {"/end_user/info", k_get, info, "One customer"},
    {"/end_user/list", k_get, list, "All customers"},
    {"/end_user/new", k_post, create, "Create a customer"},
    {"/end_user/unblock", k_post, unblock, "Has no effect, as in LiteLLM; see /end_user/update"},
    {"/end_user/update", k_post, update, "Change a customer"},
    {"/user/block", k_post, block, "Refuse calls of customers"},
    {"/user/unblock", k_post, unblock, "Has no effect, as in LiteLLM; see /customer/update"},
};

} // namespace

std::span<const Route> customer_routes() { return k_routes; }

} // namespace switchyard::management
