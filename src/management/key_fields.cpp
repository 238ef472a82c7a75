// Which fields a key's bodies may hold and where they live; defaults and upper bounds of the configuration.
// Store threads.
#include "management/key_fields.hpp"

#include "management/attached.hpp"
#include "management/secrets.hpp"

#include <switchyard/budget_window.hpp>

#include <array>

namespace switchyard::management {
namespace {

constexpr Field k_fields[] = {
    {"key_alias"},
    {"models", Kind::texts},
    {"spend", Kind::money},
    {"max_budget", Kind::money},
    {"budget_duration"},
    {"budget_id"},
    {"budget_limits", Kind::list},
    {"user_id"},
    {"team_id"},
    {"agent_id"},
    {"organization_id"},
    {"project_id"},
    {"max_parallel_requests", Kind::small},
    {"tpm_limit", Kind::integer},
    {"rpm_limit", Kind::integer},
    {"model_max_budget", Kind::object},
    {"allowed_cache_controls", Kind::texts},
    {"config", Kind::object},
    {"permissions", Kind::object},
    {"blocked", Kind::flag},
    {"aliases", Kind::object},
    {"allowed_routes", Kind::texts},
    {"router_settings", Kind::object},
    {"access_group_ids", Kind::texts},
    {"auto_rotate", Kind::flag},
    {"rotation_interval"},
    {"metadata", Kind::object, Home::input},
    {"model_rpm_limit", Kind::object, Home::metadata},
    {"model_tpm_limit", Kind::object, Home::metadata},
    {"rpm_limit_type", Kind::text, Home::metadata},
    {"tpm_limit_type", Kind::text, Home::metadata},
    {"enforced_params", Kind::texts, Home::metadata},
    {"tags", Kind::texts, Home::metadata},
    {"guardrails", Kind::texts, Home::metadata},
    {"policies", Kind::texts, Home::metadata},
    {"prompts", Kind::texts, Home::metadata},
    {"logging", Kind::list, Home::metadata},
    {"budget_fallbacks", Kind::object, Home::metadata},
    {"allowed_passthrough_routes", Kind::list, Home::metadata},
    {"allowed_vector_store_indexes", Kind::list, Home::metadata},
    {"secret_manager_settings", Kind::object, Home::metadata},
    {"team_member_key_duration", Kind::text, Home::metadata},
    {"enforced_batch_output_expires_after", Kind::object, Home::metadata},
    {"enforced_file_expires_after", Kind::object, Home::metadata},
    {"duration", Kind::text, Home::input},
    {"soft_budget", Kind::money, Home::input},
    {"object_permission", Kind::object, Home::input},
    {"key", Kind::text, Home::input},
    {"key_type", Kind::text, Home::input},
    {"send_invite_email", Kind::flag, Home::input},
};
constexpr Field k_update_only[] = {
    {"temp_budget_increase", Kind::money, Home::metadata},
    {"temp_budget_expiry", Kind::text, Home::metadata},
    {"new_key", Kind::text, Home::input},
    {"grace_period", Kind::text, Home::input},
    {"new_master_key", Kind::text, Home::input},
};
constexpr std::size_t k_count = std::size(k_fields), k_extra = std::size(k_update_only);

constexpr auto k_all = [] {
  std::array<Field, k_count + k_extra> all{};
  for (std::size_t i = 0; i < k_count; ++i) all[i] = k_fields[i];
  for (std::size_t i = 0; i < k_extra; ++i) all[k_count + i] = k_update_only[i];
  return all;
}();

bool is_empty(const Value* value) {
  if (!value) return true;
  if (auto* list = value->as_list()) return list->empty();
  if (auto* map = value->as_map()) return map->empty();
  return false;
}

std::string shown(const Value& value) {
  if (auto* text = value.as_string()) return *text;
  double number = 0;
  return !value.as_int() && value.number(number) ? python_float(number) : to_json(value);
}

/// -1 below, 0 equal, 1 above the bound; durations by their length.
int compare(std::string_view name, const Value& value, const Value& bound) {
  double mine = 0, most = 0;
  if (name.ends_with("duration")) {
    auto a = duration_of(value.as_string() ? *value.as_string() : std::string());
    auto b = duration_of(bound.as_string() ? *bound.as_string() : std::string());
    if (!b) return 0;
    if (!a)
      return value.as_string() && *value.as_string() == "-1" ? 1 : 0; // the grammar is checked elsewhere
    mine = static_cast<double>(a->count()), most = static_cast<double>(b->count());
  } else if (!value.number(mine) || !bound.number(most)) {
    return 0;
  }
  return mine < most ? -1 : mine > most;
}

const Value* settings_of(const Call& call, std::string_view kind) {
  return call.config->plane->key_generation_settings.find(kind);
}

} // namespace

std::span<const Field> key_fields() { return k_fields; }
std::span<const Field> key_update_fields() { return k_all; }

void fill_defaults(const Call& call, Body& body) {
  constexpr std::string_view k_filled[] = {
      "max_budget", "user_id",   "team_id",         "max_parallel_requests",
      "tpm_limit",  "rpm_limit", "budget_duration", "duration",
      "models",     "metadata"};
  for (auto name : k_filled) {
    auto* preset = call.config->plane->default_key_generate_params.find(name);
    if (preset && !preset->is_null() && is_empty(body.find(name))) body.put(name, *preset);
  }
}

Out<void> keep_bounds(const Call& call, Body& body, bool fill) {
  constexpr std::string_view k_bounded[] = {
      "max_budget", "budget_duration", "duration", "max_parallel_requests", "tpm_limit", "rpm_limit"};
  for (auto name : k_bounded) {
    auto* bound = call.config->plane->upperbound_key_generate_params.find(name);
    if (!bound || bound->is_null()) continue;
    auto* value = body.find(name);
    if (!value) {
      // An update that sets a limit to null lifts it, so the bound takes its place there too.
      if (fill || body.given(name)) body.put(name, *bound);
    } else if (compare(name, *value, *bound) > 0) {
      return refuse_detail(400, std::string(name) + " is over max limit set in config - user_value=" +
                                    shown(*value) + "; max_value=" + shown(*bound));
    }
  }
  return {};
}

Out<void> keep_generation_settings(const Call& call, const Body& body, const Row& team, bool team_key) {
  if (call.config->plane->key_generation_settings.is_null()) return {};
  const auto& caller = call.caller;
  if (team_key && team.empty())
    return refuse(400, "Unable to find team object in database. Team ID: " + body.text("team_id"));
  auto* settings = settings_of(call, team_key ? "team_key_generation" : "personal_key_generation");
  if (!settings || (team_key && caller.is_admin())) return {};
  const auto* roles = settings->find(team_key ? "allowed_team_member_roles" : "allowed_user_roles");
  const auto allowed = texts_of(roles);
  const std::string role = team_key ? team_role(team, caller.user_id) : caller.role;
  if (roles && !roles->is_null() && !contains(allowed, role)) {
    if (team_key)
      return refuse(400,
                    "Team member role " + role + " not in allowed_team_member_roles=" + python_list(allowed));
    return refuse(400, "Personal key creation has been restricted by admin. Allowed roles=" +
                           python_list(allowed) + ". Your role=" + role);
  }
  for (auto& name : texts_of(settings->find("required_params")))
    if (is_empty(body.find(name))) return refuse(400, "Required param " + name + " not in data");
  return {};
}

Out<Value> expiry(const Call& call, std::string_view duration) {
  if (duration.empty() || duration == "-1") return Value();
  auto when = after(duration, call.now);
  if (!when) return refuse(400, "duration: " + when.error().message, "bad_request_error", "duration");
  return text_value(storage::wire_time(*when));
}

Out<void> put_object_permission(Session& session, const Body& body, const Row& before, ValueMap& columns) {
  if (!body.has("object_permission")) return {};
  Body parts;
  Reply reply;
  const ValueList where{text_value("body"), text_value("object_permission")};
  if (!read_fields(*body.find("object_permission"), permission_fields(), parts, reply, where)) return reply;
  auto row = columns_of(parts, permission_fields());
  const std::string old = text_of(before, "object_permission_id");
  if (!old.empty() && !row.empty()) {
    const Condition same{"object_permission_id", "=", text_value(old)};
    auto done = session.update("ObjectPermissionTable", changes_of(std::move(row)), {&same, 1});
    return done ? Out<void>() : Out<void>(failed(done.error()));
  }
  const std::string id = new_id();
  set(row, "object_permission_id", text_value(id));
  if (auto made = insert_row(session, "ObjectPermissionTable", row); !made) return made.error();
  set(columns, "object_permission_id", text_value(id));
  return {};
}

} // namespace switchyard::management
