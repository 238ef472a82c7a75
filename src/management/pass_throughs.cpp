// /config/pass_through_endpoint: routes that are passed on, in the database beside those of config.yaml.
// Store threads.
#include "management/attached.hpp"
#include "management/audit.hpp"
#include "management/config_rows.hpp"
#include "management/secrets.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_key = "pass_through_endpoints";
constexpr Field k_fields[] = {{"id", Kind::text, Home::input},
                              {"path", Kind::text, Home::input},
                              {"target", Kind::text, Home::input},
                              {"headers", Kind::object, Home::input},
                              {"default_query_params", Kind::object, Home::input},
                              {"include_subpath", Kind::flag, Home::input},
                              {"cost_per_request", Kind::money, Home::input},
                              {"timeout", Kind::number, Home::input},
                              {"auth", Kind::flag, Home::input},
                              {"guardrails", Kind::object, Home::input},
                              {"methods", Kind::texts, Home::input}};

ValueList list_in_section(const ValueMap& section) {
  auto* list = at(section, k_key).as_list();
  return list ? *list : ValueList();
}

/// With every member, as LiteLLM's model prints it.
Value shown(const Value& endpoint, bool from_config) {
  ValueMap out;
  for (auto& field : k_fields) {
    const Value* value = endpoint.find(field.name);
    Value fallback;
    if (field.name == "auth") fallback = Value(true);
    if (field.name == "include_subpath") fallback = Value(false);
    if (field.name == "cost_per_request") fallback = Value(0.0);
    if (field.kind == Kind::object && field.name != "guardrails") fallback = Value(ValueMap{});
    out.emplace_back(std::string(field.name), value && !value->is_null() ? *value : fallback);
  }
  out.emplace_back("is_from_config", Value(from_config));
  return Value(std::move(out));
}

Reply answer(ValueList endpoints) { return ok(Value(ValueMap{{"endpoints", Value(std::move(endpoints))}})); }

auto by_id(ValueList& list, std::string_view id) {
  return std::find_if(list.begin(), list.end(),
                      [&](auto& endpoint) { return text_at(endpoint, "id") == id; });
}

Reply show(Session& session, const Call& call) {
  auto section = stored_section(session, "general_settings");
  if (!section) return section.error();
  auto own = list_in_section(*section);
  const auto wanted = query_text(call, "endpoint_id");
  ValueList out;
  if (const Value* general = call.config->document.find("general_settings"); general && !wanted)
    if (auto* members = general->as_map())
      for (auto& endpoint : list_in_section(*members))
        if (std::none_of(own.begin(), own.end(),
                         [&](auto& other) { return text_at(other, "path") == text_at(endpoint, "path"); }))
          out.push_back(shown(endpoint, true));
  for (auto& endpoint : own)
    if (!wanted || text_at(endpoint, "id") == *wanted) out.push_back(shown(endpoint, false));
  return answer(std::move(out));
}

/// The list as `change` leaves it, when the loader takes it; answers with the endpoint that was meant.
template <class Change>
Reply rewrite(Session& session, const Call& call, Change change) {
  return write(session, [&]() -> Reply {
    auto section = stored_section(session, "general_settings");
    if (!section) return section.error();
    const Value before(*section);
    auto list = list_in_section(*section);
    Out<Value> meant = change(list);
    if (!meant) return meant.error();
    if (auto fine = check_section(call, "general_settings", {{std::string(k_key), Value(list)}}); !fine)
      return fine.error();
    set(*section, k_key, Value(std::move(list)));
    auto row = store_section(session, "general_settings", std::move(*section));
    if (!row) return row.error();
    audit(session, call, "Config", "updated", "general_settings", Value(), Value()); // headers hold keys
    return touching_config(answer({shown(*meant, false)}), "general_settings");
  });
}

/// The given members over `endpoint`.
Value with(const Body& body, Value endpoint) {
  for (auto& field : k_fields)
    if (body.has(field.name)) set(endpoint, std::string(field.name), *body.find(field.name));
  return endpoint;
}

bool read_endpoint(const Call& call, Body& body, Reply& reply, bool fresh) {
  if (!read_body(call, k_fields, body, reply)) return false;
  for (auto* name : {"path", "target"})
    if (fresh && !body.has(name)) return reply = invalid("body", name, "Field required"), false;
  return true;
}

Reply create(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!read_endpoint(call, body, reply, true)) return reply;
  if (!body.has("id")) body.put("id", text_value(new_id()));
  return rewrite(session, call, [&](ValueList& list) -> Out<Value> {
    if (by_id(list, body.text("id")) != list.end())
      return detail_text(400, "Endpoint with ID '" + body.text("id") + "' is there already");
    list.push_back(with(body, Value(ValueMap{})));
    return list.back();
  });
}

Reply update(Session& session, const Call& call) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 403);
  if (!stores_models(call)) return not_in_db();
  if (!read_endpoint(call, body, reply, false)) return reply;
  return rewrite(session, call, [&](ValueList& list) -> Out<Value> {
    if (list.empty()) return detail_text(404, "No pass-through endpoints found");
    auto found = by_id(list, call.argument);
    if (found == list.end()) return detail_text(404, "Endpoint with ID '" + call.argument + "' not found");
    return *found = with(body, *found);
  });
}

Reply remove(Session& session, const Call& call) {
  const auto id = query_text(call, "endpoint_id");
  if (!id) return invalid("query", "endpoint_id", "Field required");
  return rewrite(session, call, [&](ValueList& list) -> Out<Value> {
    if (list.empty()) return detail_text(400, "There are no pass-through endpoints setup.");
    auto found = by_id(list, *id);
    if (found == list.end())
      return detail_text(400, "Endpoint with ID '" + *id + "' was not found in pass-through endpoint list.");
    Value gone = *found;
    list.erase(found);
    return gone;
  });
}

/// Admins only, reading too: headers hold the keys of other services.
Reply all(Session& session, const Call& call) {
  if (!call.caller.is_admin()) return admin_only(call, 403);
  if (call.method == "GET") return show(session, call);
  if (!stores_models(call)) return not_in_db();
  return call.method == "POST" ? create(session, call) : remove(session, call);
}

constexpr Route k_routes[] = {
    {"/config/pass_through_endpoint", k_get | k_post | k_delete, all, "Routes that are passed on"},
    {"/config/pass_through_endpoint/{m}", k_post, update, "Change a route that is passed on"},
};

} // namespace

std::span<const Route> pass_through_routes() { return k_routes; }

} // namespace switchyard::management
