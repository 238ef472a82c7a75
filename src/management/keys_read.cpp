// What is known about keys: info, health. Store threads.
#include "management/keys.hpp"
#include "management/secrets.hpp"

namespace switchyard::management {
namespace {

Out<bool> may_read(Session& session, const Call& call, const Row& row) {
  auto right = right_to_key(session, call.caller, row, "/key/info", false);
  if (!right) return right.error();
  return right->allowed;
}

} // namespace

Reply key_info(Session& session, const Call& call) {
  const std::string key = query_text(call, "key").value_or("");
  auto row = need_key(session, key.empty() ? call.caller.key_hash : key, "Key not found in database");
  if (!row) return row.error();
  auto may = may_read(session, call, *row);
  if (!may) return may.error();
  if (!*may)
    return refuse(403, "You are not allowed to access this key's info. Your role=" + call.caller.role,
                  "auth_error", "key");
  if (auto linked = link_row(session, *row); !linked) return linked.error();
  return ok(Value(ValueMap{{"key", text_value(key.empty() ? call.caller.key_hash : key)},
                           {"info", Value(std::move(*row))}}));
}

Reply key_info_v2(Session& session, const Call& call) {
  constexpr Field k_body[] = {{"keys", Kind::texts, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  const auto given = body.texts("keys");
  std::vector<std::string> tokens;
  for (auto& key : given) tokens.push_back(token_of(key));
  auto rows = find_rows(session, "VerificationToken", "token", tokens);
  if (!rows) return rows.error();
  if (auto linked = link_rows(session, *rows); !linked) return linked.error();
  ValueList seen;
  for (auto& row : *rows) {
    auto may = may_read(session, call, row);
    if (!may) return may.error();
    if (*may) seen.emplace_back(std::move(row));
  }
  return ok(Value(ValueMap{{"key", list_of(given)}, {"info", Value(std::move(seen))}}));
}

Reply key_health(Session& session, const Call& call) {
  if (call.caller.is_master)
    return ok(Value(ValueMap{{"key", text_value("healthy")}, {"logging_callbacks", Value()}}));
  auto row = need_key(session, call.caller.key_hash, "Key not found in database");
  if (!row) return row.error();
  const Value metadata(object_in(*row, "metadata"));
  ValueList names;
  if (auto* logging = metadata.find("logging"); logging && logging->as_list())
    for (auto& callback : *logging->as_list())
      if (auto name = text_at(callback, "callback_name"); !name.empty()) names.push_back(text_value(name));
  if (names.empty())
    return ok(Value(ValueMap{{"key", text_value("healthy")}, {"logging_callbacks", Value()}}));
  ValueMap callbacks{{"callbacks", Value(std::move(names))},
                     {"status", text_value("unhealthy")},
                     {"details", text_value("This server does not send to a key's own callbacks.")}};
  return ok(
      Value(ValueMap{{"key", text_value("unhealthy")}, {"logging_callbacks", Value(std::move(callbacks))}}));
}

} // namespace switchyard::management
