// Deleting, blocking, resetting and regenerating keys. Store threads.
#include "management/audit.hpp"
#include "management/keys.hpp"
#include "management/secrets.hpp"

#include <switchyard/budget_window.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

Reply only_admins(const Call& call, std::string_view route) {
  return forbidden("Only proxy admins, team admins, or org admins can call " + std::string(route) +
                   ". user_role=" + call.caller.role + ", user_id=" + call.caller.user_id);
}

Out<void> may_delete(Session& session, const Call& call, const Rows& rows) {
  for (auto& row : rows) {
    auto right = right_to_key(session, call.caller, row, "/key/delete", true);
    if (!right) return right.error();
    if (!right->allowed) return forbidden("You are not authorized to delete this key");
  }
  return {};
}

Reply set_blocked(Session& session, const Call& call, bool blocked) {
  constexpr Field k_body[] = {{"key", Kind::text, Home::input, true}};
  const std::string_view route = blocked ? "/key/block" : "/key/unblock";
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  const std::string key = body.text("key");
  if (!key.starts_with("sk-") && !is_hash(key))
    return refuse(400, "Invalid key format.", "bad_request_error", "key");
  return write(session, [&]() -> Reply {
    auto before = need_key(session, key, "Key not found in database");
    if (!before) return before.error();
    auto right = right_to_key(session, call.caller, *before, route, true);
    if (!right) return right.error();
    // The owner may lock his key but not undo what an admin did.
    if (!right->allowed || (!blocked && !right->admin)) return only_admins(call, route);
    auto after = update_row(session, call, "VerificationToken", "token", at(*before, "token"),
                            {{"blocked", Value(blocked)}});
    if (!after) return after.error();
    const std::string token = text_of(*after, "token");
    audit(session, call, "VerificationToken", blocked ? "blocked" : "unblocked", token, Value(*before),
          Value(*after));
    Reply done = ok(Value(std::move(*after)));
    done.touched.push_back({Touched::What::key, token});
    return done;
  });
}

Out<std::string> new_text(Session& session, const Call& call, const Body& body) {
  const std::string key = body.has("new_key") ? body.text("new_key") : new_key();
  if (auto fine = check_key_text(key, call); !fine) return fine.error();
  auto taken = find_row(session, "VerificationToken", "token", text_value(hash_of(key)));
  if (!taken) return taken.error();
  if (!taken->empty()) return refuse(400, "The key is in use already.", "bad_request_error", "new_key");
  return key;
}

/// The old hash works on until the grace period is over; older ones go on to the newest key.
Out<void> deprecate(Session& session, const Call& call, const std::string& old, const std::string& fresh,
                    const std::string& grace) {
  const Condition same{"active_token_id", "=", text_value(old)};
  const Change onto{"active_token_id", text_value(fresh)};
  if (auto moved = session.update("DeprecatedVerificationToken", {&onto, 1}, {&same, 1}); !moved)
    return failed(moved.error());
  if (auto gone = remove_rows(session, "DeprecatedVerificationToken", "token", {old, fresh}); !gone)
    return gone.error();
  if (grace.empty()) return {};
  auto until = after(grace, call.now);
  if (!until)
    return refuse(400, "grace_period: " + until.error().message, "bad_request_error", "grace_period");
  if (*until <= call.now) return {};
  const Row row{{"id", text_value(new_id())},
                {"token", text_value(old)},
                {"active_token_id", text_value(fresh)},
                {"revoke_at", text_value(storage::wire_time(*until))},
                {"created_at", text_value(storage::wire_time(call.now))}};
  auto made = insert_row(session, "DeprecatedVerificationToken", row);
  return made ? Out<void>() : Out<void>(made.error());
}

Out<void> move_mappings(Session& session, const std::string& old, const std::string& fresh) {
  const Condition same{"token", "=", text_value(old)};
  const Change onto{"token", text_value(fresh)};
  if (auto moved = session.update("JWTKeyMapping", {&onto, 1}, {&same, 1}); !moved)
    return failed(moved.error());
  return {};
}

/// The row under its new hash, with what hangs on it.
Out<Row> renew(Session& session, const Call& call, const Row& before, ValueMap columns,
               const std::string& key, const std::string& grace) {
  const std::string old = text_of(before, "token"), fresh = hash_of(key);
  const auto* count = at(before, "rotation_count").as_int();
  set(columns, "token", text_value(fresh));
  set(columns, "key_name", text_value(shown_key(key)));
  set(columns, "rotation_count", Value((count ? *count : 0) + 1));
  set(columns, "last_rotation_at", text_value(storage::wire_time(call.now)));
  auto row = update_row(session, call, "VerificationToken", "token", text_value(old), columns);
  if (!row) return row;
  if (auto moved = move_mappings(session, old, fresh); !moved) return moved.error();
  if (auto kept = deprecate(session, call, old, fresh, grace); !kept) return kept.error();
  if (auto linked = link_row(session, *row); !linked) return linked.error();
  audit(session, call, "VerificationToken", "rotated", fresh, Value(before), Value(*row));
  return row;
}

Reply regenerate(Session& session, const Call& call, Body& body, const std::string& given) {
  auto before = find_row(session, "VerificationToken", "token", text_value(token_of(given)));
  if (!before) return before.error();
  if (before->empty())
    return refuse_detail(404, "Key " + (is_hash(given) ? given : shown_key(given)) + " not found.");
  if (auto may = check_update(session, call, body, *before, "/key/regenerate"); !may) return may.error();
  auto columns = changed_columns(session, call, body, *before);
  if (!columns) return columns.error();
  auto key = new_text(session, call, body);
  if (!key) return key.error();
  const std::string old = text_of(*before, "token"), fresh = hash_of(*key);
  auto row = renew(session, call, *before, std::move(*columns), *key,
                   body.text("grace_period", call.config->plane->key_rotation_grace_period));
  if (!row) return row.error();
  Reply done = ok(Value(key_answer(body, *row, *key)));
  done.touched = {{Touched::What::key, old}, {Touched::What::key, fresh, body.has("spend")}};
  return done;
}

} // namespace

Out<void> rotate(Session& session, const Call& call, const Row& before, const std::string& key,
                 WallTime next) {
  ValueMap columns{{"key_rotation_at", text_value(storage::wire_time(next))}};
  auto row =
      renew(session, call, before, std::move(columns), key, call.config->plane->key_rotation_grace_period);
  return row ? Out<void>() : Out<void>(row.error());
}

Out<void> delete_keys(Session& session, const Call& call, const Rows& rows, Reply& reply) {
  std::vector<std::string> tokens;
  for (auto& row : rows) {
    tokens.push_back(text_of(row, "token"));
    Row copy = row;
    set(copy, "id", text_value(new_id()));
    set(copy, "deleted_at", text_value(storage::wire_time(call.now)));
    set(copy, "deleted_by", text_or_null(call.caller.user_id));
    set(copy, "deleted_by_api_key", text_or_null(call.caller.key_hash));
    set(copy, "litellm_changed_by", text_or_null(call.changed_by));
    if (auto kept = insert_row(session, "DeletedVerificationToken", copy); !kept) return kept.error();
    audit(session, call, "VerificationToken", "deleted", tokens.back(), Value(row), Value());
    reply.touched.push_back({Touched::What::key, tokens.back()});
  }
  struct Child {
    std::string_view table, column;
  };
  constexpr Child k_children[] = {{"JWTKeyMapping", "token"},
                                  {"DeprecatedVerificationToken", "active_token_id"},
                                  {"VerificationToken", "token"}};
  for (auto& child : k_children)
    if (auto gone = remove_rows(session, child.table, child.column, tokens); !gone) return gone.error();
  return {};
}

Reply key_delete(Session& session, const Call& call) {
  constexpr Field k_body[] = {{"keys", Kind::texts, Home::input}, {"key_aliases", Kind::texts, Home::input}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  if (!body.has("keys") && !body.has("key_aliases"))
    return invalid("body", "keys", "At least one of keys or key_aliases must be provided", "value_error");
  return write(session, [&]() -> Reply {
    const bool by_alias = !body.has("keys");
    auto given = body.texts(by_alias ? "key_aliases" : "keys");
    std::vector<std::string> ids = given;
    if (!by_alias) std::transform(ids.begin(), ids.end(), ids.begin(), token_of);
    auto rows = find_rows(session, "VerificationToken", by_alias ? "key_alias" : "token", ids);
    if (!rows) return rows.error();
    if (rows->empty()) return refuse_detail(404, "No keys found");
    if (auto may = may_delete(session, call, *rows); !may) return may.error();
    Reply touched;
    if (auto gone = delete_keys(session, call, *rows, touched); !gone) return gone.error();
    const auto was_there = [&](const std::string& name) {
      return std::any_of(rows->begin(), rows->end(), [&](auto& row) {
        return by_alias ? text_of(row, "key_alias") == name : text_of(row, "token") == token_of(name);
      });
    };
    given.erase(std::remove_if(given.begin(), given.end(), [&](auto& name) { return !was_there(name); }),
                given.end());
    Reply done = ok(Value(ValueMap{{"deleted_keys", list_of(given)}}));
    done.touched = std::move(touched.touched);
    return done;
  });
}

Reply key_block(Session& session, const Call& call) { return set_blocked(session, call, true); }
Reply key_unblock(Session& session, const Call& call) { return set_blocked(session, call, false); }

Reply key_regenerate(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, key_update_fields(), body, reply)) return reply;
  if (body.has("new_master_key"))
    return refuse(400,
                  "The master key is general_settings.master_key: change it there, and keep the old one as "
                  "LITELLM_SALT_KEY so that stored credentials can still be read.",
                  "bad_request_error", "new_master_key");
  const std::string given = call.argument.empty() ? body.text("key") : call.argument;
  if (given.empty()) return invalid("body", "key", "Field required");
  body.drop("key");
  return write(session, [&]() -> Reply { return regenerate(session, call, body, given); });
}

Reply key_reset_spend(Session& session, const Call& call) {
  constexpr Field k_body[] = {{"reset_to", Kind::number, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  const double target = *body.number("reset_to");
  return write(session, [&]() -> Reply {
    auto before = need_key(session, call.argument, "Key not found in database");
    if (!before) return before.error();
    auto right = right_to_key(session, call.caller, *before, "/key/reset_spend", true);
    if (!right) return right.error();
    if (!right->admin) return only_admins(call, "/key/reset_spend");
    const double spend = number_of(*before, "spend");
    if (target < 0) return refuse_detail(400, "reset_to must be >= 0");
    if (target > spend)
      return refuse_detail(400, "reset_to must be <= current spend (" + python_float(spend) + ")");
    auto after = update_row(session, call, "VerificationToken", "token", at(*before, "token"),
                            {{"spend", Value(target)}});
    if (!after) return after.error();
    const std::string token = text_of(*after, "token");
    audit(session, call, "VerificationToken", "updated", token, Value(*before), Value(*after));
    Reply done = ok(Value(std::move(*after)));
    done.touched.push_back({Touched::What::key, token, true});
    return done;
  });
}

} // namespace switchyard::management
