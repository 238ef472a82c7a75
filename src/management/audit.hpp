// Audit rows of management writes (litellm_settings.store_audit_logs). Store threads.
#pragma once

#include <switchyard/management.hpp>

#include <string_view>

namespace switchyard::management {

/// One row of AuditLog inside the open transaction, when the settings ask for it. `table` without the
/// prefix; `action`: created, updated, deleted, blocked, unblocked, rotated. Secrets are masked. A failure to
/// write it fails the transaction by throwing: what must be audited is not done silently.
void audit(storage::Session& session, const Call& call, std::string_view table, std::string_view action,
           std::string_view id, const Value& before, const Value& after);

/// The value with every secret inside (keys, tokens, passwords) replaced.
Value without_secrets(const Value& value);

} // namespace switchyard::management
