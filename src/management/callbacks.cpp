// /get/config/callbacks and /config/callback/delete: which loggers and alerts are on. Secrets are shown
// masked. Store threads.
#include "management/audit.hpp"
#include "management/config_rows.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

/// A logger: its name, what the admin page calls it, the variables that it reads (comma-separated).
struct Callback {
  std::string_view name, title, variables;
};
constexpr Callback k_callbacks[] = {
    {"langfuse", "Langfuse", "LANGFUSE_PUBLIC_KEY,LANGFUSE_SECRET_KEY,LANGFUSE_HOST"},
    {"langfuse_otel", "Langfuse OTEL", "LANGFUSE_PUBLIC_KEY,LANGFUSE_SECRET_KEY,LANGFUSE_HOST"},
    {"otel", "OpenTelemetry", "OTEL_EXPORTER,OTEL_ENDPOINT,OTEL_HEADERS"},
    {"s3", "s3 Bucket (AWS)", "AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY,AWS_REGION_NAME"},
    {"openmeter", "OpenMeter", "OPENMETER_API_ENDPOINT,OPENMETER_API_KEY"},
    {"custom_callback_api", "Custom Callback API", "GENERIC_LOGGER_ENDPOINT"},
    {"generic_api", "Generic API", "GENERIC_LOGGER_ENDPOINT"},
    {"datadog", "Datadog", "DD_API_KEY,DD_SITE"},
    {"braintrust", "Braintrust", "BRAINTRUST_API_KEY"},
    {"langsmith", "Langsmith", "LANGSMITH_API_KEY,LANGSMITH_PROJECT,LANGSMITH_DEFAULT_RUN_NAME"},
    {"lago", "Lago Billing", "LAGO_API_BASE,LAGO_API_KEY,LAGO_API_EVENT_CODE"},
    {"traceloop", "Traceloop", "TRACELOOP_API_KEY"},
    {"arize", "Arize", "ARIZE_SPACE_KEY,ARIZE_API_KEY,ARIZE_ENDPOINT"},
    {"prometheus", "Prometheus", ""},
    {"slack", "Slack", "SLACK_WEBHOOK_URL"},
    {"smtp_email", "Email (SMTP)",
     "SMTP_HOST,SMTP_PORT,SMTP_USERNAME,SMTP_PASSWORD,SMTP_SENDER_EMAIL,TEST_EMAIL_ADDRESS,"
     "EMAIL_LOGO_URL,EMAIL_SUPPORT_CONTACT"},
};
constexpr std::string_view k_alert_types[] = {"llm_exceptions",  "llm_too_slow",  "llm_requests_hanging",
                                              "budget_alerts",   "spend_reports", "failed_tracking_spend",
                                              "db_exceptions",   "daily_reports", "cooldown_deployment",
                                              "new_model_added", "outage_alerts", "region_outage_alerts",
                                              "fallback_reports"};

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const auto part = list.substr(0, list.find(','));
    out.emplace_back(part);
    list.remove_prefix(std::min(list.size(), part.size() + 1));
  }
  return out;
}

const Callback* find_callback(std::string_view name) {
  const auto found = std::find_if(std::begin(k_callbacks), std::end(k_callbacks),
                                  [&](auto& one) { return one.name == name; });
  return found == std::end(k_callbacks) ? nullptr : found;
}

/// The variables' values as far as config.yaml and the database set them: secrets masked, the rest in full.
Value variables_of(const ValueMap& environment, std::string_view names) {
  ValueMap out;
  for (const auto& name : split(names)) {
    const Value& value = at(environment, name);
    const bool secret = name.find("KEY") != std::string::npos || name.find("PASSWORD") != std::string::npos ||
                        name.find("WEBHOOK") != std::string::npos ||
                        name.find("HEADERS") != std::string::npos || name.find("SECRET") != std::string::npos;
    out.emplace_back(name, value.as_string() && secret ? masked_value(*value.as_string()) : value);
  }
  return Value(std::move(out));
}

Value shown(const std::string& name, std::string_view type, const ValueMap& environment) {
  const Callback* known = find_callback(name);
  return Value(
      ValueMap{{"name", text_value(name)},
               {"variables", variables_of(environment, known ? known->variables : std::string_view())},
               {"type", text_value(type)}});
}

/// success_callback, failure_callback and callbacks (both) of litellm_settings.
Value callbacks_of(const ValueMap& settings, const ValueMap& environment) {
  constexpr std::pair<std::string_view, std::string_view> k_lists[] = {
      {"success_callback", "success"}, {"failure_callback", "failure"}, {"callbacks", "success_and_failure"}};
  ValueList out;
  for (const auto& [list, type] : k_lists)
    for (const auto& name : texts_of(&at(settings, list))) out.push_back(shown(name, type, environment));
  return Value(std::move(out));
}

Value alerts_of(const ValueMap& general, const ValueMap& environment) {
  ValueList out, types;
  if (contains(texts_of(&at(general, "alerting")), "slack")) {
    for (const auto type : k_alert_types) types.push_back(text_value(type));
    ValueMap slack{{"name", text_value("slack")},
                   {"variables", variables_of(environment, "SLACK_WEBHOOK_URL")}};
    const Value& active = at(general, "alert_types");
    slack.emplace_back("active_alerts", active.as_list() ? active : Value(types));
    ValueMap hooks;
    const Value& urls = at(general, "alert_to_webhook_url");
    for (const auto& [type, url] : urls.as_map() ? *urls.as_map() : ValueMap{})
      hooks.emplace_back(type, url.as_string() ? masked_value(*url.as_string()) : text_value("****"));
    slack.emplace_back("alerts_to_webhook", Value(std::move(hooks)));
    out.emplace_back(std::move(slack));
  }
  out.emplace_back(
      ValueMap{{"name", text_value("email")},
               {"variables", variables_of(environment, find_callback("smtp_email")->variables)}});
  return Value(std::move(out));
}

Value available() {
  ValueMap out;
  for (const auto& one : k_callbacks)
    out.emplace_back(std::string(one.name),
                     Value(ValueMap{{"litellm_callback_name", text_value(one.name)},
                                    {"litellm_callback_params", list_of(split(one.variables))},
                                    {"ui_callback_name", text_value(one.title)}}));
  return Value(std::move(out));
}

Reply info(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 400);
  ValueMap sections[4];
  constexpr std::string_view k_names[] = {"litellm_settings", "general_settings", "router_settings",
                                          "environment_variables"};
  for (std::size_t i = 0; i < std::size(k_names); ++i) {
    auto section = i < 3 ? whole_section(session, call, k_names[i]) : stored_section(session, k_names[i]);
    if (!section) return section.error();
    sections[i] = std::move(*section);
  }
  const Value* file = call.config->document.find("environment_variables");
  ValueMap environment = file && file->as_map() ? *file->as_map() : ValueMap{};
  for (auto& [name, value] : unseal(call, sections[3])) set(environment, name, std::move(value));
  return ok(Value(ValueMap{{"status", text_value("success")},
                           {"callbacks", callbacks_of(sections[0], environment)},
                           {"alerts", alerts_of(sections[1], environment)},
                           {"router_settings", without_secrets(Value(sections[2]))},
                           {"available_callbacks", available()}}));
}

Reply remove_callback(Session& session, const Call& call, const std::string& name) {
  auto in_force = whole_section(session, call, "litellm_settings");
  if (!in_force) return in_force.error();
  auto section = stored_section(session, "litellm_settings");
  if (!section) return section.error();
  const Value before(*section);
  bool found = false;
  for (const char* list : {"success_callback", "failure_callback", "callbacks"}) {
    auto names = texts_of(&at(*in_force, list));
    if (!contains(names, name)) continue;
    found = true;
    std::erase(names, name);
    set(*section, list, list_of(names));
    set(*in_force, list, list_of(names));
  }
  if (!found) return detail(404, "Callback '" + name + "' not found in active callbacks");
  auto row = store_section(session, "litellm_settings", std::move(*section));
  if (!row) return row.error();
  audit(session, call, "Config", "updated", "litellm_settings", before, at(*row, "param_value"));
  const Value& left = at(*in_force, "success_callback");
  return touching_config(
      ok(Value(ValueMap{{"message", text_value("Successfully deleted callback: " + name)},
                        {"removed_callback", text_value(name)},
                        {"remaining_callbacks", left.as_list() ? left : Value(ValueList{})},
                        {"deleted_at", now_value(call)}})),
      "litellm_settings");
}

Reply remove(Session& session, const Call& call) {
  constexpr Field k_name[] = {{"callback_name", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 400);
  if (!stores_models(call)) return not_in_db();
  if (!read_body(call, k_name, body, reply)) return reply;
  return write(session, [&] { return remove_callback(session, call, body.text("callback_name")); });
}

constexpr Route k_routes[] = {
    {"/config/callback/delete", k_post, remove, "Switch a logger off"},
    {"/get/config/callbacks", k_get, info, "Loggers and alerts"},
};

} // namespace

std::span<const Route> callback_routes() { return k_routes; }

} // namespace switchyard::management
