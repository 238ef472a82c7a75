// Setters for the settings of keys, budgets and spend (PlaneSettings). Pure.
#pragma once

#include "config/keys.hpp"

#include <switchyard/plane.hpp>

namespace switchyard::config {

inline Problem read(const Value& value, Value& out) { return out = value, Problem(); }

Problem check_duration(const Value& value);

template <auto Member>
Problem put_plane(const Value& value, Target& target) {
  return read(value, target.plane->*Member);
}
/// A period such as 30d; the problem says what it may be.
template <auto Member>
Problem put_duration(const Value& value, Target& target) {
  if (Problem problem = check_duration(value); !problem.empty()) return problem;
  return read(value, target.plane->*Member);
}

Problem put_provider_budgets(const Value& value, Target& target);
Problem put_budget_policy(const Value& value, Target& target);
Problem put_budget_status(const Value& value, Target& target);
Problem put_token_type(const Value& value, Target& target);
Problem put_encryption(const Value& value, Target& target);
Problem put_discounts(const Value& value, Target& target);
Problem put_margins(const Value& value, Target& target);
Problem put_header_mappings(const Value& value, Target& target);
Problem put_service_accounts(const Value& value, Target& target);
Problem put_pass_through(const Value& value, Target& target);
Problem put_files_settings(const Value& value, Target& target);
Problem put_finetune_settings(const Value& value, Target& target);
Problem put_tag_budgets(const Value& value, Target& target);
Problem put_max_parallel(const Value& value, Target& target);
Problem put_key_hook(const Value& value, Target& target);
Problem put_rotation_hook(const Value& value, Target& target);
Problem put_db_objects(const Value& value, Target& target);
Problem put_custom_auth(const Value& value, Target& target);
Problem put_custom_auth_settings(const Value& value, Target& target);

} // namespace switchyard::config
