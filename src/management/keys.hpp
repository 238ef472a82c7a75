// The handlers of /key/* and what they share. Store threads.
#pragma once

#include "management/key_fields.hpp"

#include <string>
#include <string_view>

namespace switchyard::management {

Reply key_generate(Session& session, const Call& call);
Reply key_generate_service_account(Session& session, const Call& call);
Reply key_update(Session& session, const Call& call);
Reply key_bulk_update(Session& session, const Call& call);
Reply key_delete(Session& session, const Call& call);
Reply key_block(Session& session, const Call& call);
Reply key_unblock(Session& session, const Call& call);
Reply key_regenerate(Session& session, const Call& call);
Reply key_reset_spend(Session& session, const Call& call);
Reply key_info(Session& session, const Call& call);
Reply key_info_v2(Session& session, const Call& call);
Reply key_list(Session& session, const Call& call);
Reply key_aliases(Session& session, const Call& call);
Reply key_health(Session& session, const Call& call);

/// A new key: its text, the row as stored and the answer of /key/generate.
struct MadeKey {
  std::string key;
  Row row;
  ValueMap answer;
};
/// Writes a key out of a checked body; `caller_may` was decided. Inside a transaction.
Out<MadeKey> make_key(Session& session, const Call& call, Body& body, const Row& team, bool service);
/// Every field of a request with the row's values, as /key/generate answers.
ValueMap key_answer(const Body& body, const Row& row, std::string_view key);
/// Text for a key's own value: starts with sk-, printable.
Out<void> check_key_text(std::string_view key, const Call& call);
/// Columns for given fields of an update, metadata and times included; `columns` is laid over `before`.
Out<ValueMap> changed_columns(Session& session, const Call& call, const Body& body, const Row& before);
/// The row of a key or hash, {404} when there is none.
Out<Row> need_key(Session& session, std::string_view key, std::string_view message);
/// Refuses what only admins may change about a key, naming the first such field.
Out<void> check_guarded(const Call& call, const Body& body, const Row& before, std::string_view route);
/// The bodies' rules of update and regenerate together: rights, shapes, bounds, references, aliases.
Out<void> check_update(Session& session, const Call& call, Body& body, const Row& before,
                       std::string_view route);
/// Gives a key the value `key`, the old one its grace period. Inside a transaction.
Out<void> rotate(Session& session, const Call& call, const Row& before, const std::string& key,
                 WallTime next);
/// Copies rows to DeletedVerificationToken and removes them with what refers to them; touches them.
Out<void> delete_keys(Session& session, const Call& call, const Rows& rows, Reply& reply);

} // namespace switchyard::management
