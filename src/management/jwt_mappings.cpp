// /jwt/key/mapping/*: which virtual key stands for a claim of a JWT. Store threads.
#include "management/attached.hpp"
#include "management/audit.hpp"
#include "management/secrets.hpp"
#include "management/ui_session.hpp"

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "JWTKeyMapping";
constexpr Field k_new[] = {{"jwt_claim_name", Kind::text, Home::column, true},
                           {"jwt_claim_value", Kind::text, Home::column, true},
                           {"key", Kind::text, Home::input},
                           {"token", Kind::text, Home::input},
                           {"description", Kind::text}};
constexpr Field k_change[] = {{"id", Kind::text, Home::input, true},
                              {"jwt_claim_name", Kind::text},
                              {"jwt_claim_value", Kind::text},
                              {"key", Kind::text, Home::input},
                              {"token", Kind::text, Home::input},
                              {"description", Kind::text},
                              {"is_active", Kind::flag}};

/// The row without the key's hash.
Value shown(const Row& row) {
  ValueMap out;
  for (const char* name : {"id", "jwt_claim_name", "jwt_claim_value", "description", "is_active",
                           "created_at", "updated_at", "created_by", "updated_by"})
    out.emplace_back(name, at(row, name));
  return Value(std::move(out));
}

Reply not_found() { return detail_text(404, "Mapping not found"); }
Reply denied(std::string_view what) { return detail_text(403, "Only proxy admins can " + std::string(what)); }

/// The hash of the key that a body names; "" when it names none. The key must exist.
Out<std::string> hash_in(Session& session, const Body& body, bool required) {
  if (body.has("key") && body.has("token"))
    return detail_text(
        400, "Provide exactly one of `key` (the plaintext virtual key) or `token` (its SHA-256 hash).");
  if (body.has("token") && !is_hash(body.text("token")))
    return detail_text(
        400, "`token` must be the SHA-256 hash of a virtual key (64 lowercase hex characters). Pass "
             "the plaintext as `key` instead.");
  const std::string hash = body.has("token") ? body.text("token")
                           : body.has("key") ? hash_of(body.text("key"))
                                             : "";
  if (hash.empty() && !required) return hash;
  if (hash.empty())
    return detail_text(
        400, "Provide exactly one of `key` (the plaintext virtual key) or `token` (its SHA-256 hash).");
  auto row = find_row(session, "VerificationToken", "token", text_value(hash));
  if (!row) return row.error();
  if (row->empty()) return detail_text(400, "The provided key does not match an existing virtual key.");
  return hash;
}

Reply insert(Session& session, const Call& call, const Body& body) {
  auto hash = hash_in(session, body, true);
  if (!hash) return hash.error();
  Row row = columns_of(body, k_new);
  stamp(call, row);
  set(row, "id", text_value(new_id()));
  set(row, "token", text_value(*hash));
  set(row, "is_active", Value(true));
  auto made = session.insert(k_table, row);
  if (!made && is_duplicate(made.error()))
    return detail_text(409, "A mapping for claim '" + body.text("jwt_claim_name") + "' = '" +
                                body.text("jwt_claim_value") + "' already exists.");
  if (!made) return failed(made.error());
  audit(session, call, k_table, "created", text_of(*made, "id"), Value(), shown(*made));
  return touching(ok(shown(*made)), Touched::What::key, *hash);
}

Reply create(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return denied("create JWT key mappings");
  if (!read_body(call, k_new, body, reply)) return reply;
  return write(session, [&] { return insert(session, call, body); });
}

/// Another row has these claim values.
Out<bool> is_taken(Session& session, const Row& before, const ValueMap& columns) {
  const auto next = [&](const char* name) {
    return at(columns, name).is_null() ? at(before, name) : at(columns, name);
  };
  auto rows = stored(session.select(Select{std::string(k_table),
                                           {{"jwt_claim_name", "=", next("jwt_claim_name")},
                                            {"jwt_claim_value", "=", next("jwt_claim_value")},
                                            {"id", "!=", at(before, "id")}}}));
  if (!rows) return rows.error();
  return !rows->empty();
}

Reply change(Session& session, const Call& call, const Body& body) {
  const Value id = text_value(body.text("id"));
  auto before = find_row(session, k_table, "id", id);
  if (!before) return before.error();
  if (before->empty()) return not_found();
  auto hash = hash_in(session, body, false);
  if (!hash) return hash.error();
  ValueMap columns;
  for (auto& [name, value] : columns_of(body, k_change))
    if (body.has(name) || name == "description") columns.emplace_back(name, value);
  if (!hash->empty()) set(columns, "token", text_value(*hash));
  auto taken = is_taken(session, *before, columns);
  if (!taken) return taken.error();
  if (*taken) return detail_text(409, "A mapping with those claim values already exists.");
  auto after = update_row(session, call, k_table, "id", id, std::move(columns));
  if (!after) return after.error();
  audit(session, call, k_table, "updated", text_of(*after, "id"), shown(*before), shown(*after));
  Reply reply = touching(ok(shown(*after)), Touched::What::key, text_of(*before, "token"));
  return touching(std::move(reply), Touched::What::key, text_of(*after, "token"));
}

Reply update(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return denied("update JWT key mappings");
  if (!read_body(call, k_change, body, reply)) return reply;
  return write(session, [&] { return change(session, call, body); });
}

Reply remove(Session& session, const Call& call) {
  constexpr Field k_id[] = {{"id", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return denied("delete JWT key mappings");
  if (!read_body(call, k_id, body, reply)) return reply;
  return write(session, [&]() -> Reply {
    auto row = find_row(session, k_table, "id", text_value(body.text("id")));
    if (!row) return row.error();
    if (row->empty()) return not_found();
    if (auto gone = remove_rows(session, k_table, "id", {body.text("id")}); !gone) return gone.error();
    audit(session, call, k_table, "deleted", body.text("id"), shown(*row), Value());
    return touching(ok(Value(ValueMap{{"status", text_value("success")}})), Touched::What::key,
                    text_of(*row, "token"));
  });
}

Reply list(Session& session, const Call& call) {
  std::int64_t page = 1, size = 50;
  Reply reply;
  if (!call.caller.may_read_all()) return denied("list JWT key mappings");
  if (!query_number(call, "page", 1, 1, 1'000'000'000, page, reply) ||
      !query_number(call, "size", 50, 1, 100, size, reply))
    return reply;
  auto total = stored(session.count(k_table));
  if (!total) return total.error();
  Select what{std::string(k_table), {}, {{"created_at", true}, {"id", false}}};
  what.limit = size, what.offset = (page - 1) * size;
  auto rows = stored(session.select(what));
  if (!rows) return rows.error();
  ValueList mappings;
  for (const auto& row : *rows) mappings.push_back(shown(row));
  return ok(Value(ValueMap{{"mappings", Value(std::move(mappings))},
                           {"total_count", Value(*total)},
                           {"current_page", Value(page)},
                           {"total_pages", Value((*total + size - 1) / size)}}));
}

Reply info(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return denied("get JWT key mapping info");
  const auto id = query_text(call, "id");
  if (!id) return invalid("query", "id", "Field required");
  auto row = find_row(session, k_table, "id", text_value(*id));
  if (!row) return row.error();
  return row->empty() ? not_found() : ok(shown(*row));
}

constexpr Route k_routes[] = {
    {"/jwt/key/mapping/delete", k_post, remove, "Delete a mapping of a JWT claim"},
    {"/jwt/key/mapping/info", k_get, info, "One mapping of a JWT claim"},
    {"/jwt/key/mapping/list", k_get, list, "Mappings of JWT claims"},
    {"/jwt/key/mapping/new", k_post, create, "Map a JWT claim to a key"},
    {"/jwt/key/mapping/update", k_post, update, "Change a mapping of a JWT claim"},
};

} // namespace

std::span<const Route> jwt_mapping_routes() { return k_routes; }

} // namespace switchyard::management
