// /key/update and /key/bulk_update, and the rules of every change to a key. Store threads.
#include "management/audit.hpp"
#include "management/keys.hpp"
#include "management/secrets.hpp"

#include <switchyard/budget_window.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

/// Only proxy, team and organization admins change these; an owner may lower the numbers.
constexpr std::string_view k_guarded[] = {"max_budget",
                                          "soft_budget",
                                          "spend",
                                          "tpm_limit",
                                          "rpm_limit",
                                          "max_parallel_requests",
                                          "budget_duration",
                                          "budget_id",
                                          "budget_limits",
                                          "model_max_budget",
                                          "model_rpm_limit",
                                          "model_tpm_limit",
                                          "rpm_limit_type",
                                          "tpm_limit_type",
                                          "temp_budget_increase",
                                          "temp_budget_expiry",
                                          "budget_fallbacks",
                                          "allowed_routes",
                                          "allowed_passthrough_routes",
                                          "permissions",
                                          "blocked",
                                          "user_id",
                                          "team_id",
                                          "organization_id",
                                          "project_id",
                                          "agent_id",
                                          "duration",
                                          "enforced_params",
                                          "guardrails",
                                          "policies"};
/// Members of metadata that mean the same as fields, or that the request path trusts.
constexpr std::string_view k_guarded_metadata[] = {"service_account_id", "team_member_budget_id"};

Reply not_key_admin(const Call& call, std::string_view route, std::string_view field) {
  return forbidden("Only proxy admins, team admins, or org admins can call " + std::string(route) +
                   (field.empty() ? "" : " (" + std::string(field) + ")") +
                   ". user_role=" + call.caller.role + ", user_id=" + call.caller.user_id);
}

Out<void> check_move(Session& session, const Call& call, const Body& body, const Row& before) {
  if (call.caller.is_admin()) return {};
  const std::string id = body.text("team_id");
  if (id.empty() || id == text_of(before, "team_id")) return {};
  auto team = find_row(session, "TeamTable", "team_id", text_value(id));
  if (!team) return team.error();
  if (team->empty()) return refuse(400, "Unable to find team object in database. Team ID: " + id);
  if (auto may = need_team_admin(session, call, *team, "/key/update"); !may) return may;
  const std::string owner = body.text("user_id", text_of(before, "user_id"));
  if (!owner.empty() && team_role(*team, owner).empty())
    return refuse(400, "User=" + owner + " not assigned to team=" + id);
  return {};
}

Out<void> put_soft_budget(Session& session, const Call& call, const Body& body, const Row& before,
                          ValueMap& columns) {
  if (!body.given("soft_budget") || body.has("budget_id")) return {};
  auto* soft = body.find("soft_budget");
  const std::string id = text_of(before, "budget_id");
  if (!id.empty()) {
    auto row = update_row(session, call, "BudgetTable", "budget_id", text_value(id),
                          {{"soft_budget", soft ? *soft : Value()}});
    return row ? Out<void>() : Out<void>(row.error());
  }
  if (!soft) return {};
  auto made = new_budget(session, call, {{"soft_budget", *soft}});
  if (!made) return made.error();
  set(columns, "budget_id", text_value(*made));
  return {};
}

Out<void> put_times(const Call& call, const Body& body, const Row& before, ValueMap& columns) {
  if (body.given("duration")) {
    auto expires = expiry(call, body.text("duration"));
    if (!expires) return expires.error();
    set(columns, "expires", *expires);
  }
  if (body.given("budget_duration")) {
    auto reset = reset_time(call, body.text("budget_duration"));
    if (!reset) return reset.error();
    set(columns, "budget_reset_at", *reset);
  }
  if (!body.given("auto_rotate") && !body.given("rotation_interval")) return {};
  const std::string interval = body.text("rotation_interval", text_of(before, "rotation_interval"));
  const bool rotates = body.flag("auto_rotate", flag_of(before, "auto_rotate")) && !interval.empty();
  auto length = duration_of(interval);
  set(columns, "key_rotation_at",
      rotates && length ? text_value(storage::wire_time(call.now + *length)) : Value());
  return {};
}

/// One key of an update: rights, rules, the row, the audit.
Out<Row> update_one(Session& session, const Call& call, Body& body, Reply& reply) {
  auto before = need_key(session, body.text("key"), "Key not found in database");
  if (!before) return before;
  if (auto may = check_update(session, call, body, *before, "/key/update"); !may) return may.error();
  auto columns = changed_columns(session, call, body, *before);
  if (!columns) return columns.error();
  auto after = update_row(session, call, "VerificationToken", "token", at(*before, "token"), *columns);
  if (!after) return after;
  auto team = find_row(session, "TeamTable", "team_id", at(*after, "team_id"));
  if (!team) return team;
  if (auto fits = check_allocation(session, *after, *team); !fits) return fits.error();
  audit(session, call, "VerificationToken", "updated", text_of(*after, "token"), Value(*before),
        Value(*after));
  reply.touched.push_back({Touched::What::key, text_of(*after, "token"), body.has("spend")});
  if (body.given("soft_budget") && at(*after, "budget_id").as_string())
    reply.touched.push_back({Touched::What::budget, text_of(*after, "budget_id")});
  return after;
}

/// One entry of a bulk update in a transaction of its own.
Reply update_item(Session& session, const Call& call, const Value& given, std::size_t index, Row& after) {
  constexpr Field k_item[] = {{"key", Kind::text, Home::input, true},
                              {"budget_id"},
                              {"max_budget", Kind::money},
                              {"team_id"},
                              {"tags", Kind::texts, Home::metadata}};
  Body item;
  Reply reply;
  const ValueList where{text_value("body"), text_value("keys"), Value(std::int64_t(index))};
  if (!read_fields(given, k_item, item, reply, where)) return reply;
  return write(session, [&]() -> Reply {
    Reply fine;
    auto row = update_one(session, call, item, fine);
    if (!row) return row.error();
    after = std::move(*row);
    return fine;
  });
}

} // namespace

Out<Row> need_key(Session& session, std::string_view key, std::string_view message) {
  auto row = find_row(session, "VerificationToken", "token", text_value(token_of(key)));
  if (row && row->empty()) return refuse(404, message, "not_found_error", "key");
  return row;
}

Out<void> check_guarded(const Call& call, const Body& body, const Row& before, std::string_view route) {
  for (auto name : k_guarded)
    if (body.given(name)) {
      auto* value = body.find(name);
      if (!is_no_raise(name, value ? *value : Value(), before)) return not_key_admin(call, route, name);
    }
  if (!body.given("metadata")) return {};
  const Value old(object_in(before, "metadata")), fresh(body.object("metadata"));
  const auto same = [&](std::string_view name) {
    auto *a = old.find(name), *b = fresh.find(name);
    return plain_text(a ? *a : Value()) == plain_text(b ? *b : Value());
  };
  for (auto name : k_guarded)
    if (!same(name)) return not_key_admin(call, route, "metadata." + std::string(name));
  for (auto name : k_guarded_metadata)
    if (!same(name)) return not_key_admin(call, route, "metadata." + std::string(name));
  return {};
}

Out<void> check_update(Session& session, const Call& call, Body& body, const Row& before,
                       std::string_view route) {
  auto right = right_to_key(session, call.caller, before, route, true);
  if (!right) return right.error();
  if (!right->allowed) {
    if (const auto team_id = text_of(before, "team_id"); !team_id.empty()) {
      auto team = find_row(session, "TeamTable", "team_id", text_value(team_id));
      if (!team) return team.error();
      if (!team_role(*team, call.caller.user_id).empty()) return no_team_permission(*team, route);
    }
    return forbidden("You are not authorized to change this key. user_role=" + call.caller.role +
                     ", user_id=" + call.caller.user_id);
  }
  if (auto fine = check_owner(session, call, text_of(before, "user_id")); !fine) return fine;
  if (!right->admin)
    if (auto fine = check_guarded(call, body, before, route); !fine) return fine;
  if (!call.caller.is_admin())
    for (auto name : {"spend", "allowed_routes", "permissions", "organization_id", "budget_id"})
      if (body.given(name) && !is_no_raise(name, body.find(name) ? *body.find(name) : Value(), before))
        return forbidden("Only proxy admins can set " + std::string(name) + ".");
  if (auto fine = check_move(session, call, body, before); !fine) return fine;
  if (auto fine = check_owner(session, call, body.text("user_id")); !fine) return fine;
  if (auto fine = keep_bounds(call, body, false); !fine) return fine;
  if (auto fine = check_shapes(call, body); !fine) return fine;
  if (auto fine = check_references(session, body); !fine) return fine;
  const std::string alias = body.text("key_alias");
  if (alias != text_of(before, "key_alias"))
    if (auto fine = check_alias_form(call, alias); !fine) return fine;
  return check_alias(session, alias, text_of(before, "token"));
}

Out<ValueMap> changed_columns(Session& session, const Call& call, const Body& body, const Row& before) {
  ValueMap columns = columns_of(body, key_update_fields());
  if (body.given("spend") && !body.has("spend")) switchyard::erase(columns, "spend");
  auto metadata = body.given("metadata") ? body.object("metadata") : object_in(before, "metadata");
  if (lay_metadata(body, key_update_fields(), metadata) || body.given("metadata"))
    set(columns, "metadata", Value(std::move(metadata)));
  if (auto put = put_times(call, body, before, columns); !put) return put.error();
  if (auto put = put_soft_budget(session, call, body, before, columns); !put) return put.error();
  if (auto put = put_object_permission(session, body, before, columns); !put) return put.error();
  return columns;
}

Reply key_update(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, key_update_fields(), body, reply)) return reply;
  if (!body.has("key")) return invalid("body", "key", "Field required");
  return write(session, [&]() -> Reply {
    Reply touched;
    auto row = update_one(session, call, body, touched);
    if (!row) return row.error();
    Row answer = std::move(*row);
    set(answer, "key", *body.find("key"));
    Reply done = ok(Value(std::move(answer)));
    done.touched = std::move(touched.touched);
    return done;
  });
}

Reply key_bulk_update(Session& session, const Call& call) {
  constexpr std::size_t k_most = 500;
  constexpr Field k_body[] = {{"keys", Kind::list, Home::input, true}};
  Body body;
  Reply reply;
  if (auto may = need_admin(call); !may) return may.error();
  if (!read_body(call, k_body, body, reply)) return reply;
  const ValueList items = *body.find("keys")->as_list();
  if (items.empty()) return refuse_detail(400, "No keys provided for update");
  if (items.size() > k_most)
    return refuse_detail(400, "Maximum 500 keys can be updated at once. Found " +
                                  std::to_string(items.size()) + " keys.");
  ValueList done, failures;
  std::vector<Touched> touched;
  for (std::size_t i = 0; i < items.size(); ++i) {
    Row after;
    const Reply one = update_item(session, call, items[i], i, after);
    const Value key = items[i].find("key") ? *items[i].find("key") : Value();
    if (one.status < 400)
      done.emplace_back(ValueMap{{"key", key}, {"key_info", Value(std::move(after))}});
    else
      failures.emplace_back(
          ValueMap{{"key", key}, {"key_info", Value()}, {"failed_reason", text_value(one.body)}});
    touched.insert(touched.end(), one.touched.begin(), one.touched.end());
  }
  Reply answer = ok(Value(ValueMap{{"total_requested", Value(std::int64_t(items.size()))},
                                   {"successful_updates", Value(std::move(done))},
                                   {"failed_updates", Value(std::move(failures))}}));
  answer.touched = std::move(touched);
  return answer;
}

} // namespace switchyard::management
