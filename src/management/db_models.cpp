// Models, credentials and settings of the database as parts of a configuration document. Store threads.
#include "management/cost_map_reload.hpp"

#include <switchyard/at_rest.hpp>
#include <switchyard/db_models.hpp>
#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

struct Reader {
  const Secret& material;
  std::vector<std::string>& warnings;

  /// The strings of a map, decrypted; other members as they are.
  ValueMap open(const Value* sealed, const std::string& owner) {
    ValueMap out;
    if (!sealed || !sealed->as_map()) return out;
    for (const auto& [name, value] : *sealed->as_map()) {
      if (!value.as_string() || value.as_string()->empty()) {
        out.emplace_back(name, value);
        continue;
      }
      auto text = at_rest::decrypt(*value.as_string(), material);
      if (text)
        out.emplace_back(name, Value(std::move(*text)));
      else if (text.error().code == Errc::bad_request)
        out.emplace_back(name, value); // written in plain, by hand or by an old version
      else
        warnings.push_back("Unable to decrypt value=" + name + " of " + owner + ": " + text.error().message);
    }
    return out;
  }
};

ValueMap map_of(const Value* value) { return value && value->as_map() ? *value->as_map() : ValueMap{}; }

bool is_true(const storage::Row& row, std::string_view column) {
  const auto found = std::find_if(row.begin(), row.end(), [&](auto& field) { return field.first == column; });
  return found != row.end() && found->second.as_bool() && *found->second.as_bool();
}

Value model_entry(Reader& reader, const Value& row) {
  const std::string name(text_at(row, "model_name")), id(text_at(row, "model_id"));
  ValueMap info = map_of(row.find("model_info"));
  set(info, "id", Value(id));
  set(info, "db_model", Value(true));
  return Value(ValueMap{
      {"model_name", Value(name)},
      {"litellm_params", Value(reader.open(row.find("litellm_params"), "model " + name + " (" + id + ")"))},
      {"model_info", Value(std::move(info))}});
}

Value credential_entry(Reader& reader, const Value& row) {
  const std::string name(text_at(row, "credential_name"));
  return Value(
      ValueMap{{"credential_name", Value(name)},
               {"credential_values", Value(reader.open(row.find("credential_values"), "credential " + name))},
               {"credential_info", Value(map_of(row.find("credential_info")))}});
}

Value& member(Value& object, const std::string& name, Value initial) {
  if (!object.find(name) || object.find(name)->is_null()) set(object, name, std::move(initial));
  return const_cast<Value&>(*object.find(name));
}

void append_models(Value& document, const ValueList& entries) {
  if (entries.empty()) return;
  if (auto* list = std::get_if<ValueList>(&member(document, "model_list", Value(ValueList{})).data()))
    list->insert(list->end(), entries.begin(), entries.end());
}

/// The loader takes the first credential of a name, so the database's come first.
void prepend_credentials(Value& document, const ValueList& entries) {
  if (entries.empty()) return;
  if (auto* list = std::get_if<ValueList>(&member(document, "credential_list", Value(ValueList{})).data()))
    list->insert(list->begin(), entries.begin(), entries.end());
}

/// Those of the file go on beside the database's, which win by path.
Value joined_endpoints(const Value& section, const Value& stored) {
  constexpr std::string_view k_key = "pass_through_endpoints";
  auto* file = section.find(k_key) ? section.find(k_key)->as_list() : nullptr;
  auto* own = stored.as_list();
  if (!file || !own) return stored;
  ValueList out = *own;
  for (auto& endpoint : *file)
    if (std::none_of(own->begin(), own->end(),
                     [&](auto& other) { return text_at(other, "path") == text_at(endpoint, "path"); }))
      out.push_back(endpoint);
  return Value(std::move(out));
}

} // namespace

Result<DbModels> load_models(storage::Session& session, const Secret& material) {
  DbModels out;
  Reader reader{material, out.warnings};
  auto models = session.select({"ProxyModelTable", {}, {{"created_at", false}, {"model_id", false}}});
  if (!models) return models.error();
  for (const auto& row : *models)
    if (!is_true(row, "blocked")) out.model_list.push_back(model_entry(reader, Value(row)));
  auto credentials = session.select({"CredentialsTable", {}, {{"credential_name", false}}});
  if (!credentials) return credentials.error();
  for (const auto& row : *credentials) out.credential_list.push_back(credential_entry(reader, Value(row)));
  return out;
}

Result<DbConfig> load_config(storage::Session& session, const Secret& material) {
  auto rows = session.select({"Config", {}, {{"param_name", false}}});
  if (!rows) return rows.error();
  DbConfig out;
  Reader reader{material, out.warnings};
  for (const auto& row : *rows) {
    const Value entry(row);
    const std::string name(text_at(entry, "param_name"));
    const Value* value = entry.find("param_value");
    if (!value || value->is_null() || is_price_schedule(name)) continue;
    if (name == "environment_variables")
      out.sections.emplace_back(name, Value(reader.open(value, name)));
    else
      out.sections.emplace_back(name, *value);
  }
  return out;
}

void lay_over(Value& document, const DbModels& models, const DbConfig& config) {
  append_models(document, models.model_list);
  prepend_credentials(document, models.credential_list);
  for (const auto& [name, value] : config.sections) {
    if (!value.as_map()) {
      set(document, name, value);
      continue;
    }
    Value& section = member(document, name, Value(ValueMap{}));
    for (const auto& [key, setting] : *value.as_map())
      set(section, key, key == "pass_through_endpoints" ? joined_endpoints(section, setting) : setting);
  }
}

} // namespace switchyard::management
