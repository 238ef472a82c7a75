// What a key's bodies may hold, and the rules that a new or changed key must keep: defaults, upper bounds,
// allocation. Store threads.
#pragma once

#include "management/access.hpp"
#include "management/fields.hpp"

#include <span>
#include <string_view>

namespace switchyard::management {

/// Fields of /key/generate; update and regenerate have them too.
std::span<const Field> key_fields();
/// The same with temp_budget_* and those of update and regenerate.
std::span<const Field> key_update_fields();

/// default_key_generate_params for what is null or empty.
void fill_defaults(const Call& call, Body& body);
/// upperbound_key_generate_params: `fill` sets what is null to the bound, what is above it is refused.
Out<void> keep_bounds(const Call& call, Body& body, bool fill);
/// key_generation_settings of team or personal keys. `team` empty = a personal key or an unknown team.
Out<void> keep_generation_settings(const Call& call, const Body& body, const Row& team, bool team_key);
/// Shapes inside lists and objects: budget_limits, model_max_budget, limit types, budget durations.
Out<void> check_shapes(const Call& call, const Body& body);
/// guaranteed_throughput: limits of the owner's keys together stay below the owner's. `key` = the row as it
/// will be.
Out<void> check_allocation(Session& session, const Row& key, const Row& team);
/// key_alias is nobody else's.
Out<void> check_alias(Session& session, std::string_view alias, std::string_view token);
/// enable_key_alias_format_validation.
Out<void> check_alias_form(const Call& call, std::string_view alias);
/// Rows that the ids name exist: organization, project, budget.
Out<void> check_references(Session& session, const Body& body);
/// Nobody but an admin makes a key that speaks as a proxy admin.
Out<void> check_owner(Session& session, const Call& call, std::string_view user_id);

/// `expires` for a duration: null for null, "" and "-1".
Out<Value> expiry(const Call& call, std::string_view duration);
/// Creates or changes the object permission row; sets object_permission_id.
Out<void> put_object_permission(Session& session, const Body& body, const Row& before, ValueMap& columns);

} // namespace switchyard::management
