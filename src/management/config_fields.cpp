// /config/list and /config/field/*: single members of general_settings in the database. Store threads.
#include "management/audit.hpp"
#include "management/config_rows.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_section = "general_settings";

/// LiteLLM's ConfigGeneralSettings: what may be set one by one. A type name = shown by /config/list.
struct Setting {
  std::string_view name;
  Kind kind;
  std::string_view shown_as = {}, description = {};
};
constexpr Setting k_settings[] = {
    {"completion_model", Kind::text},
    {"max_parallel_requests", Kind::integer, "Integer", "maximum parallel requests for each api key"},
    {"global_max_parallel_requests", Kind::integer, "Integer",
     "global max parallel requests to allow for a proxy instance."},
    {"max_request_size_mb", Kind::integer, "Integer",
     "max request size in MB, if a request is larger than this size it will be rejected"},
    {"max_response_size_mb", Kind::integer, "Integer",
     "max response size in MB, if a response is larger than this size it will be rejected"},
    {"infer_model_from_keys", Kind::flag},
    {"background_health_checks", Kind::flag},
    {"health_check_interval", Kind::number},
    {"health_check_details", Kind::flag},
    {"alerting", Kind::list},
    {"alert_types", Kind::list},
    {"alert_to_webhook_url", Kind::object},
    {"alerting_args", Kind::object},
    {"alerting_threshold", Kind::integer},
    {"ui_access_mode", Kind::any},
    {"allowed_routes", Kind::texts},
    {"public_routes", Kind::texts},
    {"admin_only_routes", Kind::texts},
    {"allowed_ips", Kind::texts},
    {"enable_public_model_hub", Kind::flag},
    {"pass_through_endpoints", Kind::list, "PydanticModel",
     "Set-up pass-through endpoints for provider-specific endpoints. Docs - "
     "https://docs.litellm.ai/docs/proxy/pass_through"},
    {"store_prompts_in_spend_logs", Kind::flag, "Boolean",
     "If True, stores prompts and responses in spend logs"},
    {"maximum_spend_logs_retention_period", Kind::text, "String",
     "Maximum retention period for spend logs (e.g. '7d'). Older logs are deleted."},
    {"maximum_spend_logs_retention_interval", Kind::text},
    {"mcp_internal_ip_ranges", Kind::texts, "List", "IP ranges of the internal network"},
    {"mcp_trusted_proxy_ranges", Kind::texts, "List", "IP ranges of trusted proxies"},
    {"always_include_stream_usage", Kind::flag, "Boolean", "Streams end with usage"},
    {"forward_client_headers_to_llm_api", Kind::flag, "Boolean", "Forward client headers to the provider"},
    {"use_x_forwarded_for", Kind::flag},
    {"enforce_user_param", Kind::flag},
    {"enforced_params", Kind::texts},
    {"disable_spend_logs", Kind::flag},
    {"disable_error_logs", Kind::flag},
    {"disable_reset_budget", Kind::flag},
    {"disable_adding_master_key_hash_to_db", Kind::flag},
    {"allow_requests_on_db_unavailable", Kind::flag},
    {"default_team_disabled", Kind::flag},
    {"proxy_batch_write_at", Kind::integer},
    {"proxy_budget_rescheduler_min_time", Kind::integer},
    {"proxy_budget_rescheduler_max_time", Kind::integer},
    {"user_header_name", Kind::text},
    {"user_header_mappings", Kind::list},
    {"litellm_key_header_name", Kind::text},
    {"supported_db_objects", Kind::list},
    {"allow_client_side_credentials", Kind::flag},
    {"token_rate_limit_type", Kind::text},
    {"budget_exceeded_status", Kind::integer},
    {"budget_policy", Kind::text},
};

const Setting* find_setting(std::string_view name) {
  const auto found =
      std::find_if(std::begin(k_settings), std::end(k_settings), [&](auto& one) { return one.name == name; });
  return found == std::end(k_settings) ? nullptr : found;
}

std::string_view python_type(const Value& value) {
  constexpr std::string_view k_names[] = {"NoneType", "bool", "int", "float", "str", "list", "dict"};
  return k_names[value.data().index()];
}

/// The setting that a body or query names; admins only.
Out<const Setting*> named(const Call& call, const std::string& name) {
  if (const Setting* setting = find_setting(name); setting && !only_in_file(name)) return setting;
  (void)call;
  return detail(400, "Invalid field=" + name + " passed in.");
}

Out<Value> checked(const Call& call, const Setting& setting, const Value& given) {
  const Field table[] = {{setting.name, setting.kind, Home::input}};
  Body body;
  Reply reply;
  if (!read_fields(Value(ValueMap{{std::string(setting.name), given}}), table, body, reply))
    return detail(400,
                  "Invalid type of field value=<class '" + std::string(python_type(given)) + "'> passed in.");
  const Value* value = body.find(setting.name);
  ValueMap written{{std::string(setting.name), value ? *value : Value()}};
  if (auto fine = check_section(call, k_section, written); !fine) return fine.error();
  return written.front().second;
}

bool read_name(const Call& call, std::string& name, Body& body, Reply& reply) {
  constexpr Field k_fields[] = {{"field_name", Kind::text, Home::input, true},
                                {"field_value", Kind::any, Home::input},
                                {"config_type", Kind::text, Home::input}};
  if (!call.caller.is_admin()) return reply = admin_only(call, 400), false;
  if (!read_body(call, k_fields, body, reply)) return false;
  if (body.text("config_type", k_section) != k_section)
    return reply = invalid("body", "config_type", "Input should be 'general_settings'", "literal_error"),
           false;
  name = body.text("field_name");
  return true;
}

Reply saved(Session& session, const Call& call, ValueMap section, const Value& before) {
  auto row = store_section(session, k_section, std::move(section));
  if (!row) return row.error();
  audit(session, call, "Config", "updated", k_section, before, at(*row, "param_value"));
  return touching_config(ok(Value(*row)), k_section);
}

Reply update(Session& session, const Call& call) {
  std::string name;
  Body body;
  Reply reply;
  if (!read_name(call, name, body, reply)) return reply;
  auto setting = named(call, name);
  if (!setting) return setting.error();
  if (!body.given("field_value")) return invalid("body", "field_value", "Field required");
  auto value = checked(call, **setting, body.find("field_value") ? *body.find("field_value") : Value());
  if (!value) return value.error();
  return write(session, [&]() -> Reply {
    auto section = stored_section(session, k_section);
    if (!section) return section.error();
    const Value before(*section);
    set(*section, name, *value);
    return saved(session, call, std::move(*section), before);
  });
}

Reply remove(Session& session, const Call& call) {
  std::string name;
  Body body;
  Reply reply;
  if (!read_name(call, name, body, reply)) return reply;
  if (auto setting = named(call, name); !setting) return setting.error();
  return write(session, [&]() -> Reply {
    auto section = stored_section(session, k_section);
    if (!section) return section.error();
    if (section->empty()) return detail(400, "Field name=" + name + " not in config");
    const Value before(*section);
    switchyard::erase(*section, name);
    return saved(session, call, std::move(*section), before);
  });
}

Reply info(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 400);
  const auto name = query_text(call, "field_name");
  if (!name) return invalid("query", "field_name", "Field required");
  if (auto setting = named(call, *name); !setting) return setting.error();
  auto section = stored_section(session, k_section);
  if (!section) return section.error();
  const bool there =
      std::any_of(section->begin(), section->end(), [&](auto& member) { return member.first == *name; });
  if (!there) return detail(400, "Field name=" + *name + " not in DB");
  return ok(Value(
      ValueMap{{"field_name", text_value(*name)}, {"field_value", without_secrets(at(*section, *name))}}));
}

/// {field_name, field_type, ...} of pass-through endpoints.
Value nested() {
  constexpr std::pair<std::string_view, std::string_view> k_fields[] = {
      {"path", "str"}, {"target", "str"}, {"headers", "dict"}};
  ValueList out;
  for (const auto& [name, type] : k_fields)
    out.emplace_back(ValueMap{{"field_name", text_value(name)},
                              {"field_type", text_value(type)},
                              {"field_description", text_value("")},
                              {"field_default_value", Value()},
                              {"stored_in_db", Value()}});
  return Value(std::move(out));
}

Value row_of(const Setting& setting, const ValueMap& in_db, const ValueMap& in_force) {
  const bool here = !at(in_db, setting.name).is_null(), anywhere = !at(in_force, setting.name).is_null();
  return Value(ValueMap{{"field_name", text_value(setting.name)},
                        {"field_type", text_value(setting.shown_as)},
                        {"field_description", text_value(setting.description)},
                        {"field_value", without_secrets(at(in_force, setting.name))},
                        {"stored_in_db", here || anywhere ? Value(here) : Value()},
                        {"field_default_value", Value()},
                        {"premium_field", Value(false)},
                        {"nested_fields", setting.shown_as == "PydanticModel" ? nested() : Value()}});
}

Reply list(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 400);
  const auto type = query_text(call, "config_type");
  if (!type) return invalid("query", "config_type", "Field required");
  if (*type != k_section)
    return invalid("query", "config_type", "Input should be 'general_settings'", "literal_error");
  auto in_db = stored_section(session, k_section);
  if (!in_db) return in_db.error();
  auto in_force = whole_section(session, call, k_section);
  if (!in_force) return in_force.error();
  ValueList out;
  for (const auto& setting : k_settings)
    if (!setting.shown_as.empty()) out.push_back(row_of(setting, *in_db, *in_force));
  return ok(Value(std::move(out)));
}

constexpr Route k_routes[] = {
    {"/config/field/delete", k_post, remove, "Forget a stored setting"},
    {"/config/field/info", k_get, info, "A stored setting"},
    {"/config/field/update", k_post, update, "Store a setting"},
    {"/config/list", k_get, list, "Settings that can be stored"},
};

} // namespace

std::span<const Route> config_field_routes() { return k_routes; }

} // namespace switchyard::management
