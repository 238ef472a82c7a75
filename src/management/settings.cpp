// Settings pages of the admin UI: defaults of users and teams, theme, UI switches, allowed IPs. Store
// threads.
#include "management/audit.hpp"
#include "management/config_rows.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

/// What may be set on a page, with the words that the page shows.
struct Item {
  std::string_view name;
  Kind kind;
  std::string_view description;
};
struct Page {
  std::string_view section_key, message, description;
  std::span<const Item> items;
};

constexpr Item k_user_items[] = {
    {"user_role", Kind::text, "Default role assigned to new users created"},
    {"max_budget", Kind::money, "Default maximum budget (in USD) for new users created"},
    {"budget_duration", Kind::text,
     "Default budget duration for new users (e.g. 'daily', 'weekly', 'monthly')"},
    {"models", Kind::texts, "Default list of models that new users can access"},
    {"teams", Kind::list, "Default teams for new users created"},
    {"available_teams", Kind::texts, "Teams that users may join by themselves"},
};
constexpr Item k_team_items[] = {
    {"models", Kind::texts, "Default list of models that new automatically created teams can access"},
    {"max_budget", Kind::money, "Default maximum budget (in USD) for new automatically created teams"},
    {"budget_duration", Kind::text, "Default budget duration for new automatically created teams"},
    {"tpm_limit", Kind::integer, "Default tpm limit for new automatically created teams"},
    {"rpm_limit", Kind::integer, "Default rpm limit for new automatically created teams"},
    {"team_member_permissions", Kind::texts, "Default permissions of team members"},
};
constexpr Item k_theme_items[] = {
    {"logo_url", Kind::text, "URL or path to custom logo image. Can be a local file path or HTTP/HTTPS URL"},
    {"favicon_url", Kind::text,
     "URL to custom favicon image. Must be an HTTP/HTTPS URL to a .ico, .png, or .svg file"},
};
constexpr Item k_ui_items[] = {
    {"disable_model_add_for_internal_users", Kind::flag,
     "If true, internal users cannot add models from the UI"},
    {"disable_team_admin_delete_team_user", Kind::flag,
     "Prevents Team Admins from deleting users from the teams they manage."},
    {"enabled_ui_pages_internal_users", Kind::texts,
     "List of page keys that internal users (non-admins) can see in the UI sidebar."},
    {"require_auth_for_public_ai_hub", Kind::flag,
     "If true, requires authentication for accessing the public AI Hub."},
    {"forward_client_headers_to_llm_api", Kind::flag, "Forwards client headers to the upstream LLM."},
    {"forward_llm_provider_auth_headers", Kind::flag, "Forwards provider auth headers to the upstream LLM."},
    {"disable_agents_for_internal_users", Kind::flag, "If true, internal users cannot access agents."},
    {"allow_agents_for_team_admins", Kind::flag,
     "If true, team admins are exempt from the agents disable restriction."},
    {"disable_vector_stores_for_internal_users", Kind::flag,
     "If true, internal users cannot access vector stores."},
    {"allow_vector_stores_for_team_admins", Kind::flag,
     "If true, team admins are exempt from the vector stores restriction."},
    {"scope_user_search_to_org", Kind::flag,
     "If enabled, the user search restricts results by organization."},
    {"disable_custom_api_keys", Kind::flag, "If true, users cannot specify custom key values."},
    {"enable_projects_ui", Kind::flag, "If true, the projects page is shown."},
    {"store_model_in_db", Kind::flag, "Models live in the database and can be edited"},
};
constexpr Page k_users{"default_internal_user_params", "Internal user settings updated successfully",
                       "Default parameters to apply when a new user signs in via SSO or is created on the "
                       "/user/new API endpoint",
                       k_user_items};
constexpr Page k_teams{
    "default_team_params", "Default team settings updated successfully",
    "Default parameters to apply when a new team is automatically created by LiteLLM via SSO Groups",
    k_team_items};
constexpr Page k_theme{"ui_theme_config", "UI theme settings updated successfully.",
                       "Configuration for UI theme customization", k_theme_items};
constexpr Page k_ui{"ui_settings", "UI settings updated successfully", "Configuration for UI-specific flags",
                    k_ui_items};

std::string_view json_type(Kind kind) {
  switch (kind) {
  case Kind::flag:
    return "boolean";
  case Kind::integer:
  case Kind::small:
    return "integer";
  case Kind::number:
  case Kind::money:
    return "number";
  case Kind::texts:
  case Kind::list:
    return "array";
  case Kind::object:
    return "object";
  default:
    return "string";
  }
}

/// {"values", "field_schema": {description, properties}} of what is set.
Reply shown(const Page& page, const ValueMap& settings) {
  ValueMap values, properties;
  for (const auto& item : page.items) {
    const Value& value = at(settings, item.name);
    values.emplace_back(std::string(item.name),
                        value.is_null() && item.kind == Kind::flag ? Value(false) : value);
    ValueMap entry{{"description", text_value(item.description)}, {"type", text_value(json_type(item.kind))}};
    if (item.kind == Kind::texts)
      entry.emplace_back("items", Value(ValueMap{{"type", text_value("string")}}));
    properties.emplace_back(std::string(item.name), Value(std::move(entry)));
  }
  return ok(Value(ValueMap{{"values", Value(std::move(values))},
                           {"field_schema", Value(ValueMap{{"description", text_value(page.description)},
                                                           {"properties", Value(std::move(properties))}})}}));
}

bool read_page(const Call& call, const Page& page, Body& body, Reply& reply) {
  Value object;
  std::vector<Field> fields;
  for (const auto& item : page.items) fields.push_back({item.name, item.kind, Home::input});
  if (!read_object(call, object, reply)) return false;
  for (const auto& member : *object.as_map()) {
    const std::string& name = member.first;
    if (std::none_of(fields.begin(), fields.end(), [&](auto& field) { return field.name == name; }))
      return reply = invalid("body", name, "Extra inputs are not permitted", "extra_forbidden"), false;
  }
  return read_fields(object, fields, body, reply);
}

Out<void> check_writer(const Call& call) {
  if (!call.caller.is_admin()) return admin_only(call, 403);
  if (!stores_models(call)) return not_in_db();
  return {};
}

Reply saved(const Page& page, const ValueMap& settings, std::string_view name = "settings") {
  return ok(Value(ValueMap{{"message", text_value(page.message)},
                           {"status", text_value("success")},
                           {std::string(name), Value(settings)}}));
}

// -- pages that live in litellm_settings

Reply read_setting(Session& session, const Call& call, const Page& page) {
  auto section = whole_section(session, call, "litellm_settings");
  if (!section) return section.error();
  return shown(page, object_in(*section, page.section_key));
}

Reply write_setting(Session& session, const Call& call, const Page& page,
                    std::string_view answer = "settings") {
  Body body;
  Reply reply;
  if (auto fine = check_writer(call); !fine) return fine.error();
  if (!read_page(call, page, body, reply)) return reply;
  ValueMap given;
  for (const auto& [name, value] : body.all())
    if (!value.is_null()) given.emplace_back(name, value);
  if (body.has("budget_duration"))
    if (auto fine = reset_time(call, body.text("budget_duration")); !fine) return fine.error();
  return write(session, [&]() -> Reply {
    auto section = stored_section(session, "litellm_settings");
    if (!section) return section.error();
    const Value before(*section);
    set(*section, page.section_key, Value(given));
    if (auto fine = check_section(call, "litellm_settings", {{std::string(page.section_key), Value(given)}});
        !fine)
      return fine.error();
    auto row = store_section(session, "litellm_settings", std::move(*section));
    if (!row) return row.error();
    audit(session, call, "Config", "updated", "litellm_settings", before, at(*row, "param_value"));
    return touching_config(saved(page, given, answer), "litellm_settings");
  });
}

Reply users(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  return read_setting(session, call, k_users);
}
Reply teams(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  return read_setting(session, call, k_teams);
}
Reply theme(Session& session, const Call& call) { return read_setting(session, call, k_theme); }
Reply update_users(Session& session, const Call& call) { return write_setting(session, call, k_users); }
Reply update_teams(Session& session, const Call& call) { return write_setting(session, call, k_teams); }

/// The picture is fetched for everybody, so no local file and no other scheme.
Reply update_theme(Session& session, const Call& call) {
  Value object;
  Reply reply;
  if (!read_object(call, object, reply)) return reply;
  for (const char* name : {"logo_url", "favicon_url"}) {
    const auto url = text_at(object, name);
    const bool web =
        (url.starts_with("http://") && url.size() > 7) || (url.starts_with("https://") && url.size() > 8);
    if (!url.empty() && !web)
      return detail(
          400, "Invalid " + std::string(name) +
                   ": must be an http(s) URL with a host. Local filesystem paths and non-http schemes are "
                   "not allowed.");
  }
  return write_setting(session, call, k_theme, "theme_config");
}

// -- the page that has a table

Out<ValueMap> ui_settings(Session& session) {
  auto row = find_row(session, "UISettings", "id", text_value("ui_settings"));
  if (!row) return row.error();
  return object_in(*row, "ui_settings");
}

Reply ui(Session& session, const Call&) {
  auto settings = ui_settings(session);
  if (!settings) return settings.error();
  return shown(k_ui, *settings);
}

Reply update_ui(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return detail_text(403, "Only proxy admins can update UI settings.");
  if (!stores_models(call)) return not_in_db();
  if (!read_page(call, k_ui, body, reply)) return reply;
  return write(session, [&]() -> Reply {
    auto settings = ui_settings(session);
    if (!settings) return settings.error();
    const Value before(*settings);
    for (const auto& [name, value] : body.all()) set(*settings, name, value);
    const Row row{{"id", text_value("ui_settings")}, {"ui_settings", Value(*settings)}};
    const Change changes[] = {{"ui_settings", Value(*settings)}, {"updated_at", now_value(call)}};
    auto done = session.upsert("UISettings", row, std::vector<std::string>{"id"}, changes);
    if (!done) return failed(done.error());
    audit(session, call, "UISettings", "updated", "ui_settings", before, Value(*settings));
    return touching_config(saved(k_ui, *settings), "ui_settings");
  });
}

// -- allowed_ips of general_settings

Reply allowed_ips(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  auto section = whole_section(session, call, "general_settings");
  if (!section) return section.error();
  return ok(Value(ValueMap{{"data", at(*section, "allowed_ips")}}));
}

/// An address, or a network behind a slash.
bool is_address(std::string_view text) {
  constexpr std::size_t k_most = 49;
  return !text.empty() && text.size() <= k_most &&
         text.find_first_not_of("0123456789abcdefABCDEF.:/") == std::string_view::npos &&
         (text.find('.') != std::string_view::npos || text.find(':') != std::string_view::npos);
}

Reply change_ips(Session& session, const Call& call, const std::string& ip, bool add) {
  auto in_force = whole_section(session, call, "general_settings");
  if (!in_force) return in_force.error();
  auto section = stored_section(session, "general_settings");
  if (!section) return section.error();
  auto ips = texts_of(&at(*in_force, "allowed_ips"));
  if (add && contains(ips, ip)) return detail_text(400, "IP address already exists");
  if (!add && !contains(ips, ip)) return detail_text(404, "IP address not found");
  const Value before(*section);
  if (add)
    ips.push_back(ip);
  else
    std::erase(ips, ip);
  set(*section, "allowed_ips", list_of(ips));
  auto row = store_section(session, "general_settings", std::move(*section));
  if (!row) return row.error();
  audit(session, call, "Config", "updated", "general_settings", before, at(*row, "param_value"));
  return touching_config(
      ok(Value(
          ValueMap{{"message",
                    text_value("IP " + ip + (add ? " address added successfully" : " deleted successfully"))},
                   {"status", text_value("success")}})),
      "general_settings");
}

Reply write_ip(Session& session, const Call& call, bool add) {
  constexpr Field k_ip[] = {{"ip", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (auto fine = check_writer(call); !fine) return fine.error();
  if (!read_body(call, k_ip, body, reply)) return reply;
  const std::string ip = body.text("ip");
  if (add && !is_address(ip))
    return invalid("body", "ip", "Input should be an IP address or network", "value_error");
  return write(session, [&] { return change_ips(session, call, ip, add); });
}

Reply add_ip(Session& session, const Call& call) { return write_ip(session, call, true); }
Reply delete_ip(Session& session, const Call& call) { return write_ip(session, call, false); }

constexpr Route k_routes[] = {
    {"/add/allowed_ip", k_post, add_ip, "Let an address in"},
    {"/delete/allowed_ip", k_post | k_delete, delete_ip, "Shut an address out"},
    {"/get/allowed_ips", k_get, allowed_ips, "Addresses that may call"},
    {"/get/default_team_settings", k_get, teams, "Defaults of new teams"},
    {"/get/internal_user_settings", k_get, users, "Defaults of new users"},
    {"/get/ui_settings", k_get, ui, "Switches of the admin page"},
    {"/get/ui_theme_settings", k_get, theme, "Logo and icon"},
    {"/ui_settings/get", k_get, ui, "Switches of the admin page"},
    {"/ui_settings/update", k_patch, update_ui, "Set switches of the admin page"},
    {"/update/default_team_settings", k_patch, update_teams, "Set defaults of new teams"},
    {"/update/internal_user_settings", k_patch, update_users, "Set defaults of new users"},
    {"/update/ui_settings", k_patch, update_ui, "Set switches of the admin page"},
    {"/update/ui_theme_settings", k_patch, update_theme, "Set logo and icon"},
};

} // namespace

std::span<const Route> settings_routes() { return k_routes; }

} // namespace switchyard::management
