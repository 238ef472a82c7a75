// Sections of the configuration in the database, and /config/update that writes them. Store threads.
#include "management/config_rows.hpp"

#include "management/audit.hpp"
#include "management/routes.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "Config";
constexpr Field k_sections[] = {{"general_settings", Kind::object, Home::input},
                                {"litellm_settings", Kind::object, Home::input},
                                {"router_settings", Kind::object, Home::input},
                                {"environment_variables", Kind::object, Home::input}};
constexpr std::string_view k_only_in_file[] = {"master_key",
                                               "database_url",
                                               "key_management_system",
                                               "key_management_settings",
                                               "database_connection_pool_limit",
                                               "database_connection_timeout",
                                               "custom_auth",
                                               "encryption_algorithm"};

Reply wrong(std::string_view text, std::string_view param) {
  return refuse(400, text, "bad_request_error", param);
}

bool is_variable_name(std::string_view name) {
  constexpr std::string_view k_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  return !name.empty() && k_letters.find(name.front()) != std::string_view::npos &&
         name.find_first_not_of(std::string(k_letters) + "0123456789") == std::string_view::npos;
}

Out<void> check_variables(const ValueMap& variables) {
  for (const auto& [name, value] : variables) {
    if (!is_variable_name(name))
      return wrong("environment_variables: " + to_json(text_value(name)) + " is not a variable's name",
                   "environment_variables");
    if (!value.as_string() && !value.is_null())
      return wrong("environment_variables." + name + ": Input should be a valid string",
                   "environment_variables");
  }
  return {};
}

/// Only sections that we know; a misspelt one would be lost in silence.
Out<void> check_names(const Value& object) {
  for (const auto& section : *object.as_map()) {
    const std::string& name = section.first;
    const bool known = std::any_of(std::begin(k_sections), std::end(k_sections),
                                   [&](auto& field) { return field.name == name; });
    if (!known)
      return wrong(name + ": is not a section that can be stored. Known: general_settings, litellm_settings, "
                          "router_settings, environment_variables; models are added with /model/new",
                   name);
  }
  return {};
}

/// Callbacks of both lists, each once, in their order.
Value joined(const Value& old, const Value& next) {
  auto out = texts_of(&old);
  for (const auto& name : texts_of(&next))
    if (!contains(out, name)) out.push_back(name);
  return list_of(out);
}

/// Lays the written members over the stored ones; null removes.
void lay(ValueMap& section, const ValueMap& written, const ValueMap& in_force) {
  for (const auto& [name, value] : written) {
    if (value.is_null())
      switchyard::erase(section, name);
    else if (name == "success_callback" && value.as_list())
      set(section, name, joined(at(in_force, name), value));
    else
      set(section, name, value);
  }
  // a webhook without the alerting that uses it would be silent
  if (!at(written, "alert_to_webhook_url").is_null() && at(written, "alerting").is_null())
    set(section, "alerting", joined(at(in_force, "alerting"), list_of({"slack"})));
}

Out<void> save(Session& session, const Call& call, std::string_view name, const ValueMap& written) {
  auto section = stored_section(session, name);
  if (!section) return section.error();
  auto in_force = whole_section(session, call, name);
  if (!in_force) return in_force.error();
  const ValueMap before = *section;
  lay(*section, written, *in_force);
  auto row = store_section(session, name, std::move(*section));
  if (!row) return row.error();
  audit(session, call, k_table, before.empty() ? "created" : "updated", name,
        name == "environment_variables" ? Value() : Value(before),
        name == "environment_variables" ? Value() : at(*row, "param_value"));
  return {};
}

Reply update_all(Session& session, const Call& call, const Body& body) {
  Reply reply = ok(Value(ValueMap{{"message", text_value("Config updated successfully")}}));
  for (const auto& field : k_sections) {
    if (!body.has(field.name)) continue;
    ValueMap written = body.object(field.name);
    if (field.name == "environment_variables") {
      auto sealed = seal(call, written);
      if (!sealed) return sealed.error();
      written = std::move(*sealed);
    }
    if (auto done = save(session, call, field.name, written); !done) return done.error();
    reply = touching_config(std::move(reply), field.name);
  }
  return reply;
}

Reply update(Session& session, const Call& call) {
  Value object;
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 400);
  if (!stores_models(call)) return not_in_db();
  if (!read_object(call, object, reply)) return reply;
  if (auto fine = check_names(object); !fine) return fine.error();
  if (!read_fields(object, k_sections, body, reply)) return reply;
  for (const auto& [name, value] : body.object("general_settings"))
    if (only_in_file(name))
      return wrong("general_settings." + name +
                       " cannot be stored in the database: it is read before there is one",
                   "general_settings");
  if (auto fine = check_variables(body.object("environment_variables")); !fine) return fine.error();
  for (const char* name : {"general_settings", "litellm_settings", "router_settings"})
    if (auto fine = check_section(call, name, body.object(name)); !fine) return fine.error();
  return write(session, [&] { return update_all(session, call, body); });
}

Reply yaml(Session&, const Call&) { return ok(Value(ValueMap{{"hello", text_value("world")}})); }

constexpr Route k_routes[] = {
    {"/config/update", k_post, update, "Store parts of the configuration in the database"},
    {"/config/yaml", k_get, yaml, "A sample of the configuration's form"},
};

} // namespace

bool only_in_file(std::string_view field) {
  return std::find(std::begin(k_only_in_file), std::end(k_only_in_file), field) != std::end(k_only_in_file);
}

Out<ValueMap> stored_section(Session& session, std::string_view name) {
  auto row = find_row(session, k_table, "param_name", text_value(name));
  if (!row) return row.error();
  return object_in(*row, "param_value");
}

Out<Row> store_section(Session& session, std::string_view name, ValueMap section) {
  const Row row{{"param_name", text_value(name)}, {"param_value", Value(std::move(section))}};
  const Change change{"param_value", at(row, "param_value")};
  auto done = session.upsert(k_table, row, std::vector<std::string>{"param_name"}, {&change, 1});
  if (!done) return failed(done.error());
  return row;
}

Out<ValueMap> whole_section(Session& session, const Call& call, std::string_view name) {
  const Value* file = call.config->document.find(name);
  ValueMap out = file && file->as_map() ? *file->as_map() : ValueMap{};
  auto over = stored_section(session, name);
  if (!over) return over.error();
  for (auto& [key, value] : *over) set(out, key, std::move(value));
  return out;
}

Out<void> check_section(const Call& call, std::string_view name, const ValueMap& written) {
  ValueMap members;
  for (const auto& [key, value] : written)
    if (!value.is_null()) members.emplace_back(key, value);
  if (!call.live.check_config || members.empty()) return {};
  const auto problems = call.live.check_config({{std::string(name), Value(std::move(members))}});
  std::string text;
  for (const auto& line : problems) text += (text.empty() ? "" : "; ") + line;
  if (!text.empty()) return wrong(text, name);
  return {};
}

Reply touching_config(Reply reply, std::string_view section) {
  return touching(std::move(reply), Touched::What::config, std::string(section));
}

std::span<const Route> config_routes() {
  static const std::vector<Route> routes = [] {
    std::vector<Route> all(std::begin(k_routes), std::end(k_routes));
    for (auto part : {config_field_routes(), callback_routes(), settings_routes(), cost_setting_routes(),
                      pass_through_routes()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return routes;
}

} // namespace switchyard::management
