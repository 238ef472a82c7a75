// /model/new, update, delete: rows of ProxyModelTable, of everybody or of one team. Store threads.
#include "management/models.hpp"

#include "management/audit.hpp"
#include "management/routes.hpp"
#include "management/secrets.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "ProxyModelTable";
constexpr Field k_fields[] = {{"model_name", Kind::text, Home::input},
                              {"litellm_params", Kind::object, Home::input},
                              {"model_info", Kind::object, Home::input},
                              {"blocked", Kind::flag, Home::input}};

Reply denied(int status, std::string_view text) { return refuse_detail(status, text, "auth_error"); }

const ModelRow* configured(const Call& call, const std::string& id) {
  for (const auto& row : call.config->models)
    if (row.id == id) return &row;
  return nullptr;
}

Out<Row> find_team(Session& session, const std::string& id) {
  auto team = find_row(session, "TeamTable", "team_id", text_value(id));
  if (team && team->empty()) return denied(400, "Team id=" + id + " does not exist in db");
  return team;
}

/// Proxy admins may write every model, team admins those of their team.
Out<void> check_caller(Session& session, const Call& call, const std::string& team_id) {
  if (!team_id.empty()) {
    auto team = find_team(session, team_id);
    if (!team) return team.error();
    if (!administers(call, *team))
      return denied(403,
                    "Team ID=" + team_id + " does not match the API key's team ID=" +
                        (call.caller.team_id.empty() ? "None" : call.caller.team_id) +
                        ", OR you are not the admin for this team. Check `/user/info` to verify your team "
                        "admin status.");
    return {};
  }
  if (call.caller.is_admin()) return {};
  return denied(403,
                "User does not have permission to make this model call. Your role=" + role_of(call) +
                    ". You can only make model calls if you are a PROXY_ADMIN or if you are a team admin, by "
                    "specifying a team_id in the model_info.");
}

/// References are resolved with the server's own environment, credentials are everybody's: admins only.
Out<void> check_params(const Call& call, const ValueMap& params) {
  const Value& model = at(params, "model");
  if (!model.is_null() && (!model.as_string() || model.as_string()->empty()))
    return invalid("body", "litellm_params.model", "Input should be a valid string", "string_type");
  if (call.caller.is_admin()) return {};
  for (const auto& [name, value] : params) {
    const std::string text = value.as_string() ? *value.as_string() : to_json(value);
    if (name == "litellm_credential_name" || text.find("os.environ/") != std::string::npos ||
        text.find("oidc/") != std::string::npos)
      return denied(
          403,
          "Only proxy admins can use stored credentials and os.environ/ references. Field=litellm_params." +
              name);
  }
  return {};
}

Out<void> check_credential(Session& session, const Call& call, const ValueMap& params) {
  const Value& name = at(params, "litellm_credential_name");
  if (!name.as_string()) return {};
  const Value* list = call.config->document.find("credential_list");
  static const ValueList k_none;
  for (const auto& credential : list && list->as_list() ? *list->as_list() : k_none)
    if (text_at(credential, "credential_name") == *name.as_string()) return {};
  auto row = find_row(session, "CredentialsTable", "credential_name", name);
  if (!row) return row.error();
  if (row->empty())
    return refuse(400,
                  "Credential '" + *name.as_string() +
                      "' not found. Create it via /credentials before attaching it to a model.",
                  "validation_error", "litellm_credential_name");
  return {};
}

/// Another model of the team goes by the same public name.
Out<bool> has_sibling(Session& session, const std::string& team, const std::string& name,
                      const std::string& but) {
  auto rows = stored(session.select(
      Select{std::string(k_table), {{"model_name", "like", text_value("model_name_" + team + "_%")}}}));
  if (!rows) return rows.error();
  return std::any_of(rows->begin(), rows->end(), [&](const Row& row) {
    const ValueMap info = object_in(row, "model_info");
    return text_of(row, "model_id") != but && text_of(info, "team_id") == team &&
           text_of(info, "team_public_model_name") == name;
  });
}

/// What is written about a team's list of models.
struct Listing {
  std::string team, name, model_id;
};

Out<void> set_models(Session& session, const Call& call, const std::string& team,
                     const std::vector<std::string>& models, std::vector<Touched>& touched) {
  auto done = update_row(session, call, "TeamTable", "team_id", text_value(team),
                         {{"models", list_of(models)}}, false);
  if (!done) return done.error();
  touched.push_back({Touched::What::team, team});
  return {};
}

/// A team that may use everything keeps that beside the new name.
Out<void> enlist(Session& session, const Call& call, const Listing& what, std::vector<Touched>& touched) {
  auto team = find_row(session, "TeamTable", "team_id", text_value(what.team));
  if (!team) return team.error();
  auto models = list_in(*team, "models");
  if (team->empty() || contains(models, what.name)) return {};
  if (models.empty()) models.push_back("all-proxy-models");
  models.push_back(what.name);
  return set_models(session, call, what.team, models, touched);
}

Out<void> delist(Session& session, const Call& call, const Listing& what, std::vector<Touched>& touched) {
  auto sibling = has_sibling(session, what.team, what.name, what.model_id);
  if (!sibling) return sibling.error();
  auto team = find_row(session, "TeamTable", "team_id", text_value(what.team));
  if (!team) return team.error();
  auto models = list_in(*team, "models");
  if (*sibling || !contains(models, what.name)) return {};
  std::erase(models, what.name);
  if (models.empty()) models.push_back("no-default-models"); // an empty list would open every model
  return set_models(session, call, what.team, models, touched);
}

struct Names {
  std::string internal, shown, team;
};

/// A team's model has a name of its own inside; outside the team's members say the public one.
Names names_of(const std::string& given, ValueMap& info) {
  Names out{given, given, text_of(info, "team_id")};
  if (out.team.empty()) return out;
  out.internal = "model_name_" + out.team + "_" + new_id();
  set(info, "team_public_model_name", text_value(given));
  return out;
}

Reply finish_write(Reply reply, std::vector<Touched> touched, const std::string& id) {
  touched.push_back({Touched::What::model, id});
  reply.touched = std::move(touched);
  return reply;
}

Reply insert(Session& session, const Call& call, const Body& body) {
  ValueMap info = body.object("model_info");
  const std::string id = text_of(info, "id").empty() ? new_id() : text_of(info, "id");
  const Names names = names_of(body.text("model_name"), info);
  set(info, "id", text_value(id));
  set(info, "db_model", Value(true));
  auto sealed = seal(call, body.object("litellm_params"));
  if (!sealed) return sealed.error();
  Row row{{"model_id", text_value(id)},
          {"model_name", text_value(names.internal)},
          {"litellm_params", Value(std::move(*sealed))},
          {"model_info", Value(std::move(info))},
          {"blocked", Value(body.flag("blocked"))}};
  stamp(call, row);
  auto made = session.insert(k_table, row);
  if (!made && is_duplicate(made.error())) return denied(400, "Model with id=" + id + " already exists");
  if (!made) return failed(made.error());
  std::vector<Touched> touched;
  if (!names.team.empty())
    if (auto done = enlist(session, call, {names.team, names.shown, id}, touched); !done) return done.error();
  audit(session, call, k_table, "created", id, Value(), Value(*made));
  return finish_write(ok(Value(std::move(*made))), std::move(touched), id);
}

Reply create(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  for (const char* name : {"model_name", "litellm_params"})
    if (!body.has(name)) return invalid("body", name, "Field required");
  const ValueMap params = body.object("litellm_params");
  if (at(params, "model").is_null()) return invalid("body", "litellm_params.model", "Field required");
  if (auto fine = check_caller(session, call, text_of(body.object("model_info"), "team_id")); !fine)
    return fine.error();
  if (auto fine = check_params(call, params); !fine) return fine.error();
  if (auto fine = check_credential(session, call, params); !fine) return fine.error();
  if (!stores_models(call)) return not_in_db();
  if (configured(call, text_of(body.object("model_info"), "id")))
    return denied(400, "Model with id=" + text_of(body.object("model_info"), "id") + " already exists");
  return write(session, [&] { return insert(session, call, body); });
}

/// Renames a team's model or moves it to another team; what stays out of the row's own name.
Out<void> rename(Session& session, const Call& call, const Body& body, const Row& before, ValueMap& columns,
                 ValueMap& info, std::vector<Touched>& touched) {
  const ValueMap old = object_in(before, "model_info");
  const std::string old_team = text_of(old, "team_id"), team = text_of(info, "team_id");
  const std::string old_name = text_of(old, "team_public_model_name");
  std::string name = body.text("model_name");
  if (team.empty()) {
    if (!name.empty()) set(columns, "model_name", text_value(name));
    return {};
  }
  if (name.empty()) name = old_name.empty() ? text_of(before, "model_name") : old_name;
  if (team != old_team) set(columns, "model_name", text_value("model_name_" + team + "_" + new_id()));
  set(info, "team_public_model_name", text_value(name));
  const std::string id = text_of(before, "model_id");
  if (auto done = enlist(session, call, {team, name, id}, touched); !done) return done;
  if (old_team.empty() || old_name.empty() || (old_team == team && old_name == name)) return {};
  return delist(session, call, {old_team, old_name, id}, touched);
}

/// Merges what the body gives into the row.
Reply merge(Session& session, const Call& call, const Body& body, const Row& before) {
  const std::string id = text_of(before, "model_id");
  auto sealed = seal(call, body.object("litellm_params"));
  if (!sealed) return sealed.error();
  ValueMap params = object_in(before, "litellm_params"), info = object_in(before, "model_info"), columns;
  for (auto& [name, value] : *sealed)
    if (!value.is_null()) set(params, name, std::move(value));
  for (const auto& [name, value] : body.object("model_info"))
    if (!value.is_null() && name != "id") set(info, name, value);
  std::vector<Touched> touched;
  if (auto done = rename(session, call, body, before, columns, info, touched); !done) return done.error();
  set(columns, "litellm_params", Value(std::move(params)));
  set(columns, "model_info", Value(std::move(info)));
  if (body.has("blocked")) set(columns, "blocked", Value(body.flag("blocked")));
  auto after = update_row(session, call, k_table, "model_id", text_value(id), std::move(columns));
  if (!after) return after.error();
  audit(session, call, k_table, "updated", id, Value(before), Value(*after));
  return finish_write(ok(Value(std::move(*after))), std::move(touched), id);
}

/// The checks that both ways of updating share.
Reply checked_merge(Session& session, const Call& call, const Body& body, const Row& before) {
  const std::string next = text_of(body.object("model_info"), "team_id");
  if (auto fine = check_caller(session, call, text_of(object_in(before, "model_info"), "team_id")); !fine)
    return fine.error();
  if (!next.empty())
    if (auto fine = check_caller(session, call, next); !fine) return fine.error();
  if (auto fine = check_params(call, body.object("litellm_params")); !fine) return fine.error();
  if (auto fine = check_credential(session, call, body.object("litellm_params")); !fine) return fine.error();
  if (body.has("blocked") && !call.caller.is_admin())
    return refuse(403, "Only proxy admins can change a model's blocked flag.", "auth_error", "blocked");
  return merge(session, call, body, before);
}

Reply update(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  if (!body.has("model_info"))
    return refuse(400, "Authentication Error, model_info not provided", "auth_error");
  const std::string id = text_of(body.object("model_info"), "id");
  if (id.empty()) return refuse(400, "Authentication Error, model_info.id not provided", "auth_error");
  return write(session, [&]() -> Reply {
    auto before = find_row(session, k_table, "model_id", text_value(id));
    if (!before) return before.error();
    if (before->empty() && configured(call, id))
      return denied(400, "Can't edit model. Model in config. Store model in db via `/model/new`. to edit.");
    if (before->empty()) return refuse(400, "Authentication Error, model not found", "auth_error");
    if (!stores_models(call)) return not_in_db();
    if (!body.has("litellm_params"))
      return refuse(400, "Authentication Error, litellm_params not provided", "auth_error");
    return checked_merge(session, call, body, *before);
  });
}

Reply patch(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  if (!stores_models(call))
    return refuse(400, "Model updates only supported for DB-stored models", "validation_error", "");
  return write(session, [&]() -> Reply {
    auto before = find_row(session, k_table, "model_id", text_value(call.argument));
    if (!before) return before.error();
    if (before->empty() && configured(call, call.argument))
      return refuse(400, "Cannot edit config-based model. Store model in DB via /model/new first.",
                    "validation_error", "");
    if (before->empty())
      return refuse(404, "Model " + call.argument + " not found on proxy.", "not_found_error", "");
    return checked_merge(session, call, body, *before);
  });
}

Reply remove_row(Session& session, const Call& call, const std::string& id) {
  auto row = find_row(session, k_table, "model_id", text_value(id));
  if (!row) return row.error();
  if (row->empty()) return denied(400, "Model with id=" + id + " not found in db");
  const ValueMap info = object_in(*row, "model_info");
  const std::string team = text_of(info, "team_id"), name = text_of(info, "team_public_model_name");
  if (auto fine = check_caller(session, call, team); !fine) return fine.error();
  if (!stores_models(call)) return not_in_db();
  if (auto gone = remove_rows(session, k_table, "model_id", {id}); !gone) return gone.error();
  std::vector<Touched> touched;
  if (!team.empty() && !name.empty())
    if (auto done = delist(session, call, {team, name, id}, touched); !done) return done.error();
  audit(session, call, k_table, "deleted", id, Value(*row), Value());
  Reply reply = ok(Value(ValueMap{{"message", text_value("Model: " + id + " deleted successfully")}}));
  return finish_write(std::move(reply), std::move(touched), id);
}

Reply remove(Session& session, const Call& call) {
  constexpr Field k_id[] = {{"id", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_id, body, reply)) return reply;
  return write(session, [&] { return remove_row(session, call, body.text("id")); });
}

constexpr Route k_routes[] = {
    {"/model/delete", k_post, remove, "Delete a database model"},
    {"/model/new", k_post, create, "Add a model to the database"},
    {"/model/update", k_post, update, "Change a database model"},
    {"/model/{m}/update", k_patch, patch, "Change parts of a database model"},
};

} // namespace

std::span<const Route> model_routes() {
  static const std::vector<Route> routes = [] {
    std::vector<Route> all(std::begin(k_routes), std::end(k_routes));
    for (auto part : {credential_routes(), access_group_routes(), model_group_routes()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return routes;
}

} // namespace switchyard::management
