// /access_group/*: named groups of models, kept in model_info.access_groups of database models. Store
// threads.
#include "management/audit.hpp"
#include "management/models.hpp"

#include <switchyard/graph.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr Field k_fields[] = {{"access_group", Kind::text, Home::input},
                              {"model_names", Kind::texts, Home::input},
                              {"model_ids", Kind::texts, Home::input}};

Reply unknown(const std::string& group) { return detail(404, "Access group '" + group + "' not found"); }

std::vector<std::string> groups_of(const ValueMap& info) { return texts_of(&at(info, "access_groups")); }

Out<Rows> database_models(Session& session) {
  return stored(session.select(Select{"ProxyModelTable", {}, {{"model_name", false}}}));
}

struct Group {
  std::string name;
  std::vector<std::string> models;
  std::int64_t deployments = 0;
};

void note(std::vector<Group>& groups, const std::string& group, const std::string& model) {
  auto found = std::find_if(groups.begin(), groups.end(), [&](auto& known) { return known.name == group; });
  if (found == groups.end()) found = groups.insert(groups.end(), Group{group, {}, 0});
  if (!contains(found->models, model)) found->models.push_back(model);
  ++found->deployments;
}

/// Groups of the database, and of config.yaml when asked for.
Out<std::vector<Group>> all_groups(Session& session, const Call& call, bool configured) {
  std::vector<Group> out;
  auto rows = database_models(session);
  if (!rows) return rows.error();
  std::vector<std::string> seen;
  for (const auto& row : *rows) {
    seen.push_back(text_of(row, "model_id"));
    for (const auto& group : groups_of(object_in(row, "model_info")))
      note(out, group, text_of(row, "model_name"));
  }
  for (const auto& row : call.config->models)
    if (configured && !contains(seen, row.id))
      for (const auto& group : groups_of(row.model_info)) note(out, group, row.model_name);
  return out;
}

Value shown(const Group& group) {
  return Value(ValueMap{{"access_group", text_value(group.name)},
                        {"model_names", list_of(group.models)},
                        {"deployment_count", Value(group.deployments)}});
}

bool wanted(const Body& body, const Row& row) {
  if (body.has("model_ids")) return contains(body.texts("model_ids"), text_of(row, "model_id"));
  return contains(body.texts("model_names"), text_of(row, "model_name"));
}

/// Adds the group to the wanted rows and takes it from the others when asked; how many changed.
Out<std::int64_t> apply(Session& session, const Call& call, const std::string& group, const Body& body,
                        bool replace, std::vector<Touched>& touched) {
  auto rows = database_models(session);
  if (!rows) return rows.error();
  std::int64_t members = 0;
  for (const auto& row : *rows) {
    ValueMap info = object_in(row, "model_info");
    auto groups = groups_of(info);
    const bool in = wanted(body, row), was = contains(groups, group);
    members += in;
    if (in == was || (!in && !replace)) continue;
    if (in)
      groups.push_back(group);
    else
      std::erase(groups, group);
    set(info, "access_groups", list_of(groups));
    auto done = update_row(session, call, "ProxyModelTable", "model_id", at(row, "model_id"),
                           {{"model_info", Value(std::move(info))}});
    if (!done) return done.error();
    touched.push_back({Touched::What::model, text_of(row, "model_id")});
  }
  return Out<std::int64_t>(members);
}

Out<void> check_models(const Call& call, const Body& body) {
  if (!body.has("model_ids") && body.texts("model_names").empty())
    return detail(400, "Either model_names or model_ids must be provided and non-empty");
  if (body.has("model_ids") || !call.live.routing) return {};
  const auto known = call.live.routing->model_names(true);
  std::vector<std::string> missing;
  for (const auto& name : body.texts("model_names"))
    if (!contains(known, name)) missing.push_back(name);
  if (!missing.empty()) return detail(400, "Model(s) not found: " + python_list(missing));
  return {};
}

Reply saved(const std::string& group, const Body& body, std::int64_t count, std::vector<Touched> touched) {
  Reply reply = ok(Value(ValueMap{{"access_group", text_value(group)},
                                  {"model_names", list_of(body.texts("model_names"))},
                                  {"models_updated", Value(count)}}));
  touched.push_back({Touched::What::access_group, group});
  reply.touched = std::move(touched);
  return reply;
}

Reply save(Session& session, const Call& call, const std::string& group, const Body& body, bool fresh) {
  auto groups = all_groups(session, call, false);
  if (!groups) return groups.error();
  const bool there =
      std::any_of(groups->begin(), groups->end(), [&](auto& known) { return known.name == group; });
  if (fresh && there)
    return detail(409, "Access group '" + group + "' already exists. Use PUT /access_group/" + group +
                           "/update to modify it.");
  if (!fresh && !there) return unknown(group);
  std::vector<Touched> touched;
  auto count = apply(session, call, group, body, !fresh, touched);
  if (!count) return count.error();
  if (*count == 0)
    return detail(400, "No database models match: models of config.yaml have their access_groups there");
  audit(session, call, "ProxyModelTable", fresh ? "created" : "updated", group, Value(), Value(body.all()));
  return saved(group, body, *count, std::move(touched));
}

Reply write_group(Session& session, const Call& call, const std::string& path_group, bool fresh) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 403);
  if (!read_body(call, k_fields, body, reply)) return reply;
  const std::string group = fresh ? body.text("access_group") : path_group;
  if (group.find_first_not_of(" \t") == std::string::npos)
    return detail(400, "access_group is required and cannot be empty");
  if (auto fine = check_models(call, body); !fine) return fine.error();
  return write(session, [&] { return save(session, call, group, body, fresh); });
}

Reply create(Session& session, const Call& call) { return write_group(session, call, "", true); }
Reply update(Session& session, const Call& call) { return write_group(session, call, call.argument, false); }

Reply list(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  auto groups = all_groups(session, call, true);
  if (!groups) return groups.error();
  ValueList out;
  for (const auto& group : *groups) out.push_back(shown(group));
  return ok(Value(ValueMap{{"access_groups", Value(std::move(out))}}));
}

Reply info(Session& session, const Call& call) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  auto groups = all_groups(session, call, true);
  if (!groups) return groups.error();
  for (const auto& group : *groups)
    if (group.name == call.argument) return ok(shown(group));
  return unknown(call.argument);
}

Reply remove(Session& session, const Call& call) {
  if (!call.caller.is_admin()) return admin_only(call, 403);
  return write(session, [&]() -> Reply {
    auto groups = all_groups(session, call, false);
    if (!groups) return groups.error();
    const bool there =
        std::any_of(groups->begin(), groups->end(), [&](auto& known) { return known.name == call.argument; });
    if (!there) return unknown(call.argument);
    std::vector<Touched> touched;
    if (auto count = apply(session, call, call.argument, Body(), true, touched); !count) return count.error();
    audit(session, call, "ProxyModelTable", "deleted", call.argument, Value(), Value());
    const auto changed = static_cast<std::int64_t>(touched.size());
    Reply reply = ok(Value(
        ValueMap{{"access_group", text_value(call.argument)},
                 {"models_updated", Value(changed)},
                 {"message", text_value("Access group '" + call.argument + "' deleted successfully")}}));
    reply.touched = std::move(touched);
    return touching(std::move(reply), Touched::What::access_group, call.argument);
  });
}

constexpr Route k_routes[] = {
    {"/access_group/list", k_get, list, "Groups of models"},
    {"/access_group/new", k_post, create, "Group models"},
    {"/access_group/{m}/delete", k_delete, remove, "Delete a group of models"},
    {"/access_group/{m}/info", k_get, info, "One group of models"},
    {"/access_group/{m}/update", k_put, update, "Replace the models of a group"},
};

} // namespace

std::span<const Route> model_group_routes() { return k_routes; }

} // namespace switchyard::management
