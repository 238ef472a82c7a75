// /credentials: named sets of secrets that models refer to. Kept encrypted, shown masked. Store threads.
#include "management/audit.hpp"
#include "management/models.hpp"
#include "management/secrets.hpp"

#include <switchyard/db_models.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "CredentialsTable";
constexpr Field k_fields[] = {{"credential_name", Kind::text, Home::input},
                              {"credential_values", Kind::object, Home::input},
                              {"credential_info", Kind::object, Home::input},
                              {"model_id", Kind::text, Home::input}};
/// Parameters of a row that are its credentials.
constexpr std::string_view k_secret_params[] = {"api_key",
                                                "api_base",
                                                "api_version",
                                                "organization",
                                                "azure_ad_token",
                                                "tenant_id",
                                                "client_id",
                                                "client_secret",
                                                "vertex_project",
                                                "vertex_location",
                                                "vertex_credentials",
                                                "aws_access_key_id",
                                                "aws_secret_access_key",
                                                "aws_session_token",
                                                "aws_region_name",
                                                "aws_role_name",
                                                "aws_session_name",
                                                "aws_profile_name",
                                                "region_name",
                                                "watsonx_region_name"};

Reply denied() { return detail(403, "Only the proxy admin can manage credentials"); }
Reply unknown(const std::string& name) {
  return refuse(404, "Credential not found. Got credential name: " + name);
}

Value shown(const std::string& name, const ValueMap& values, const Value& info) {
  return Value(ValueMap{{"credential_name", text_value(name)},
                        {"credential_values", Value(masked_all(values))},
                        {"credential_info", info.as_map() ? info : Value(ValueMap{})}});
}

Value done(std::string_view message) {
  return Value(ValueMap{{"success", Value(true)}, {"message", text_value(message)}});
}

/// Credentials of config.yaml; the database's copies that the loader laid over it come from the rows instead.
const ValueList& configured(const Call& call) {
  static const ValueList k_none;
  const Value* list = call.config->document.find("credential_list");
  return list && list->as_list() ? *list->as_list() : k_none;
}

/// The parameters of a model by its id: config.yaml's, else the database's. Empty = no such model.
Out<ValueMap> params_of(Session& session, const Call& call, const std::string& id, std::string& name) {
  for (const auto& row : call.config->models)
    if (row.id == id) return name = row.model_name, row.params.raw;
  auto row = find_row(session, "ProxyModelTable", "model_id", text_value(id));
  if (!row) return row.error();
  name = text_of(*row, "model_name");
  return unseal(call, object_in(*row, "litellm_params"));
}

ValueMap only_secrets(const ValueMap& params) {
  ValueMap out;
  for (const auto& [name, value] : params)
    if (std::find(std::begin(k_secret_params), std::end(k_secret_params), name) !=
            std::end(k_secret_params) &&
        !value.is_null())
      out.emplace_back(name, value);
  return out;
}

Out<ValueMap> values_of(Session& session, const Call& call, const Body& body) {
  if (!body.has("model_id")) {
    if (body.has("credential_values")) return body.object("credential_values");
    return refuse(400, "Credential values are required. Unable to infer credential values from model ID.");
  }
  std::string name;
  auto params = params_of(session, call, body.text("model_id"), name);
  if (!params) return params.error();
  if (name.empty()) return refuse(404, "Model not found");
  return only_secrets(*params);
}

Reply insert(Session& session, const Call& call, const Body& body) {
  const std::string name = body.text("credential_name");
  auto values = values_of(session, call, body);
  if (!values) return values.error();
  auto sealed = seal(call, *values);
  if (!sealed) return sealed.error();
  Row row{{"credential_id", text_value(new_id())},
          {"credential_name", text_value(name)},
          {"credential_values", Value(std::move(*sealed))},
          {"credential_info", Value(body.object("credential_info"))}};
  stamp(call, row);
  auto made = session.insert(k_table, row);
  if (!made && is_duplicate(made.error()))
    return refuse(400, "Credential with name " + name + " already exists", "bad_request", "credential_name");
  if (!made) return failed(made.error());
  audit(session, call, k_table, "created", name, Value(), Value(*made));
  return touching(ok(done("Credential created successfully")), Touched::What::config, name);
}

Reply list(Session& session, const Call& call) {
  if (!call.caller.is_admin()) return denied();
  auto rows = stored(session.select(Select{std::string(k_table), {}, {{"credential_name", false}}}));
  if (!rows) return rows.error();
  ValueList out;
  std::vector<std::string> names;
  for (const auto& row : *rows) {
    names.push_back(text_of(row, "credential_name"));
    out.push_back(
        shown(names.back(), unseal(call, object_in(row, "credential_values")), at(row, "credential_info")));
  }
  for (const auto& one : configured(call)) {
    const std::string name(text_at(one, "credential_name"));
    const Value *values = one.find("credential_values"), *info = one.find("credential_info");
    if (!contains(names, name))
      out.push_back(
          shown(name, values && values->as_map() ? *values->as_map() : ValueMap{}, info ? *info : Value()));
  }
  return ok(Value(ValueMap{{"success", Value(true)}, {"credentials", Value(std::move(out))}}));
}

Reply create_or_list(Session& session, const Call& call) {
  if (call.method == "GET") return list(session, call);
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return denied();
  if (!read_body(call, k_fields, body, reply)) return reply;
  if (body.text("credential_name").empty()) return invalid("body", "credential_name", "Field required");
  return write(session, [&] { return insert(session, call, body); });
}

Reply by_name(Session& session, const Call& call) {
  if (!call.caller.is_admin()) return denied();
  auto row = find_row(session, k_table, "credential_name", text_value(call.argument));
  if (!row) return row.error();
  if (!row->empty())
    return ok(shown(call.argument, unseal(call, object_in(*row, "credential_values")),
                    at(*row, "credential_info")));
  for (const auto& one : configured(call)) {
    if (text_at(one, "credential_name") != call.argument) continue;
    const Value *values = one.find("credential_values"), *info = one.find("credential_info");
    return ok(shown(call.argument, values && values->as_map() ? *values->as_map() : ValueMap{},
                    info ? *info : Value()));
  }
  return unknown(call.argument);
}

Reply by_model(Session& session, const Call& call) {
  if (!call.caller.is_admin()) return denied();
  std::string name;
  auto params = params_of(session, call, call.argument, name);
  if (!params) return params.error();
  if (name.empty()) return refuse(404, "Model not found");
  return ok(shown(name + "-credential-" + call.argument, only_secrets(*params), Value()));
}

Reply change(Session& session, const Call& call, const Body& body) {
  auto before = find_row(session, k_table, "credential_name", text_value(call.argument));
  if (!before) return before.error();
  if (before->empty()) return refuse(404, "Credential not found in DB.");
  auto sealed = seal(call, body.object("credential_values"));
  if (!sealed) return sealed.error();
  ValueMap values = object_in(*before, "credential_values"), info = object_in(*before, "credential_info"),
           columns;
  for (auto& [name, value] : *sealed) set(values, name, std::move(value));
  for (const auto& [name, value] : body.object("credential_info")) set(info, name, value);
  const std::string name = body.text("credential_name", call.argument);
  if (name != call.argument) {
    auto taken = find_row(session, k_table, "credential_name", text_value(name));
    if (!taken) return taken.error();
    if (!taken->empty())
      return refuse(400, "Credential with name " + name + " already exists", "bad_request",
                    "credential_name");
    set(columns, "credential_name", text_value(name));
  }
  set(columns, "credential_values", Value(std::move(values)));
  set(columns, "credential_info", Value(std::move(info)));
  auto after =
      update_row(session, call, k_table, "credential_name", text_value(call.argument), std::move(columns));
  if (!after) return after.error();
  audit(session, call, k_table, "updated", call.argument, Value(*before), Value(*after));
  return touching(ok(done("Credential updated successfully")), Touched::What::config, name);
}

Reply remove(Session& session, const Call& call) {
  auto row = find_row(session, k_table, "credential_name", text_value(call.argument));
  if (!row) return row.error();
  if (row->empty()) return refuse(404, "Credential not found in DB.");
  if (auto gone = remove_rows(session, k_table, "credential_name", {call.argument}); !gone)
    return gone.error();
  audit(session, call, k_table, "deleted", call.argument, Value(*row), Value());
  return touching(ok(done("Credential deleted successfully")), Touched::What::config, call.argument);
}

Reply one(Session& session, const Call& call) {
  if (!call.caller.is_admin()) return denied();
  if (call.method == "DELETE") return write(session, [&] { return remove(session, call); });
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  return write(session, [&] { return change(session, call, body); });
}

/// One column of maps that hold encrypted strings.
struct Sealed {
  std::string_view table, key, column;
};
constexpr Sealed k_sealed[] = {{"ProxyModelTable", "model_id", "litellm_params"},
                               {"CredentialsTable", "credential_id", "credential_values"},
                               {"Config", "param_name", "param_value"}};

/// Writes every encrypted value anew in the configured format; a map that cannot be read whole stays.
Out<std::int64_t> reseal(Session& session, const Call& call, const Sealed& what) {
  auto rows = stored(session.select(Select{std::string(what.table)}));
  if (!rows) return rows.error();
  std::int64_t count = 0;
  for (const auto& row : *rows) {
    if (what.table == "Config" && text_of(row, what.key) != "environment_variables") continue;
    const ValueMap sealed = object_in(row, what.column), opened = unseal(call, sealed);
    if (sealed.empty() || opened.size() != sealed.size()) continue;
    auto again = seal(call, opened);
    if (!again) return again.error();
    const Change change{std::string(what.column), Value(std::move(*again))};
    const Condition where{std::string(what.key), "=", at(row, what.key)};
    if (auto saved = session.update(what.table, {&change, 1}, {&where, 1}); !saved)
      return failed(saved.error());
    ++count;
  }
  return Out<std::int64_t>(count);
}

Reply migrate_encryption(Session& session, const Call& call) {
  if (!call.caller.is_admin()) return denied();
  return write(session, [&]() -> Reply {
    ValueMap counts;
    for (const auto& what : k_sealed) {
      auto count = reseal(session, call, what);
      if (!count) return count.error();
      counts.emplace_back(std::string(what.table), Value(*count));
    }
    return ok(Value(ValueMap{{"success", Value(true)},
                             {"message", text_value("Re-encrypted stored values")},
                             {"migrated", Value(std::move(counts))}}));
  });
}

constexpr Route k_routes[] = {
    {"/credentials", k_get | k_post, create_or_list, "List credentials or store one"},
    {"/credentials/by_model/{m}", k_get, by_model, "The credentials of a model, masked"},
    {"/credentials/by_name/{m}", k_get, by_name, "One credential, masked"},
    {"/credentials/migrate-encryption", k_post, migrate_encryption,
     "Encrypt stored values in the current format"},
    {"/credentials/{m}", k_patch | k_delete, one, "Change or delete a credential"},
};

} // namespace

std::span<const Route> credential_routes() { return k_routes; }

} // namespace switchyard::management
