// Audit rows of management writes (litellm_settings.store_audit_logs). Store threads.
#include "management/audit.hpp"

#include "management/rows.hpp"
#include "management/secrets.hpp"

#include <switchyard/ascii.hpp>

#include <stdexcept>

namespace switchyard::management {
namespace {

bool is_secret(std::string_view name) {
  const std::string low = lower_case(name);
  for (std::string_view word : {"key", "token", "password", "authorization"})
    if (low == word) return true;
  for (std::string_view end : {"api_key", "_secret", "_token", "_password", "secret_key", "access_key",
                               "public_key", "private_key", "credentials"})
    if (low.ends_with(end)) return true;
  return false;
}

} // namespace

Value without_secrets(const Value& value) {
  if (auto* list = value.as_list()) {
    ValueList out;
    for (auto& part : *list) out.push_back(without_secrets(part));
    return Value(std::move(out));
  }
  auto* map = value.as_map();
  if (!map) return value;
  ValueMap out;
  for (auto& [name, member] : *map)
    out.emplace_back(name,
                     is_secret(name) && !member.is_null() ? text_value("*****") : without_secrets(member));
  return Value(std::move(out));
}

void audit(storage::Session& session, const Call& call, std::string_view table, std::string_view action,
           std::string_view id, const Value& before, const Value& after) {
  if (!call.config->plane->store_audit_logs) return;
  const auto& caller = call.caller;
  const Row row{{"id", text_value(new_id())},
                {"updated_at", text_value(storage::wire_time(call.now))},
                {"changed_by", text_value(call.changed_by.empty() ? caller.user_id : call.changed_by)},
                {"changed_by_api_key", text_value(caller.key_hash)},
                {"action", text_value(action)},
                {"table_name", text_value("LiteLLM_" + std::string(table))},
                {"object_id", text_value(id)},
                {"before_value", without_secrets(before)},
                {"updated_values", without_secrets(after)}};
  if (auto made = session.insert("AuditLog", row); !made)
    throw std::runtime_error("the audit log could not be written: " + made.error().message);
}

} // namespace switchyard::management
