// Keys that get new values by themselves (auto_rotate, rotation_interval). Store threads; whoever calls tells
// the new value first and writes it then, so that no key is replaced by one that nobody knows.
#include "management/keys.hpp"
#include "management/secrets.hpp"

#include <switchyard/budget_window.hpp>
#include <switchyard/management_jobs.hpp>

namespace switchyard::management {
namespace {

constexpr std::chrono::minutes k_claim{10};

Result<void> forget_replaced(Session& session, const Call& call) {
  const Condition over{"revoke_at", "<", text_value(storage::wire_time(call.now))};
  auto gone = session.remove("DeprecatedVerificationToken", {&over, 1});
  return gone ? Result<void>() : Result<void>(gone.error());
}

/// Due at their time, and at once when nobody has set one.
Result<Rows> due(Session& session, const Call& call, int most, bool at_once) {
  Select wanted{"VerificationToken"};
  wanted.where = {{"auto_rotate", "=", Value(true)}, {"rotation_interval", "is not null", {}}};
  if (at_once)
    wanted.where.push_back({"key_rotation_at", "is null", {}});
  else
    wanted.where.push_back({"key_rotation_at", "<=", text_value(storage::wire_time(call.now))});
  wanted.order = {{"token"}};
  wanted.limit = most;
  return session.select(wanted);
}

bool is_over(const Row& row, const Call& call) {
  const auto expires = storage::read_time(text_of(row, "expires"));
  return expires && *expires <= call.now;
}

Result<bool> claim(Session& session, const Call& call, const Row& row) {
  const Change later{"key_rotation_at", text_value(storage::wire_time(call.now + k_claim))};
  const bool unset = at(row, "key_rotation_at").is_null();
  const Condition where[] = {{"token", "=", at(row, "token")},
                             {"key_rotation_at", unset ? "is null" : "=", at(row, "key_rotation_at")}};
  auto claimed = session.update("VerificationToken", {&later, 1}, where);
  if (!claimed) return claimed.error();
  return !claimed->empty();
}

} // namespace

Result<storage::Rows> claim_due_keys(Session& session, const Call& call, int most) {
  if (auto gone = forget_replaced(session, call); !gone) return gone.error();
  Rows out;
  for (const bool at_once : {false, true}) {
    auto rows = due(session, call, most, at_once);
    if (!rows) return rows.error();
    for (auto& row : *rows) {
      if (is_over(row, call) || !duration_of(text_of(row, "rotation_interval"))) continue;
      auto ours = claim(session, call, row);
      if (!ours) return ours.error();
      if (*ours) out.push_back(std::move(row));
    }
  }
  return out;
}

Rotation plan_rotation(const Row& row, const Call& call) {
  Rotation out;
  out.key = new_key();
  Value until;
  if (auto& grace = call.config->plane->key_rotation_grace_period; !grace.empty())
    if (auto end = after(grace, call.now)) until = text_value(storage::wire_time(*end));
  ValueMap told{{"event", text_value("key_rotated")},
                {"key", text_value(out.key)},
                {"token_id", text_value(hash_of(out.key))},
                {"previous_token_id", at(row, "token")},
                {"previous_valid_until", until}};
  for (auto* column : {"key_alias", "user_id", "team_id"}) told.emplace_back(column, at(row, column));
  out.told = to_json(Value(std::move(told)));
  return out;
}

Result<std::vector<Touched>> rotate_key(Session& session, const Call& call, const Row& row,
                                        const std::string& key) {
  const std::string old = text_of(row, "token");
  const Reply done = write(session, [&]() -> Reply {
    auto before = find_row(session, "VerificationToken", "token", text_value(old));
    if (!before) return before.error();
    Reply reply = ok(Value());
    if (before->empty()) return reply;
    const auto next = call.now + *duration_of(text_of(row, "rotation_interval"));
    if (auto rotated = rotate(session, call, *before, key, next); !rotated) return rotated.error();
    reply.touched = {{Touched::What::key, old}, {Touched::What::key, hash_of(key)}};
    return reply;
  });
  if (done.status != 200) return Error(Errc::unavailable, "a new key cannot be written");
  return done.touched;
}

} // namespace switchyard::management
