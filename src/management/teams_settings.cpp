// A team's models, permissions of its members and callbacks. Store threads.
#include "management/audit.hpp"
#include "management/teams.hpp"

#include <algorithm>
#include <array>

namespace switchyard::management {
namespace {

constexpr std::array<std::string_view, 2> k_lists{"success_callback", "failure_callback"};

/// Runs a change of one team by somebody who may manage it; `change` gives the columns.
template <class Change>
Reply change_team(Session& session, const Call& call, std::string_view team_id, std::string_view route,
                  bool raises, Change&& change) {
  return write(session, [&]() -> Reply {
    auto team = need_team(session, team_id);
    if (!team) return team.error();
    if (auto may = need_team_admin(session, call, *team, route); !may) return may.error();
    auto may_raise = may_raise_team(session, call.caller, *team);
    if (!may_raise) return may_raise.error();
    if (raises && !*may_raise) return not_admin(call);
    Out<ValueMap> columns = change(*team);
    if (!columns) return columns.error();
    Reply touched;
    auto row = write_team(session, call, *team, std::move(*columns), touched);
    if (!row) return row.error();
    Reply done = ok(Value(std::move(*row)));
    done.touched = std::move(touched.touched);
    return done;
  });
}

Reply change_models(Session& session, const Call& call, bool add) {
  constexpr Field k_body[] = {{"team_id", Kind::text, Home::input, true},
                              {"models", Kind::texts, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  return change_team(session, call, body.text("team_id"), add ? "/team/model/add" : "/team/model/delete", add,
                     [&](const Row& team) -> Out<ValueMap> {
                       auto models = list_in(team, "models");
                       const bool had = !models.empty();
                       for (auto& model : body.texts("models")) {
                         models.erase(std::remove(models.begin(), models.end(), model), models.end());
                         if (add) models.push_back(model);
                       }
                       // An empty list means every model: a team that lost its last one has none.
                       if (had && models.empty()) models.emplace_back("no-default-models");
                       return ValueMap{{"models", list_of(models)}};
                     });
}

ValueMap callback_settings(const Row& team) {
  const Value metadata(object_in(team, "metadata"));
  auto* settings = metadata.find("callback_settings");
  ValueMap out = settings && settings->as_map() ? *settings->as_map() : ValueMap{};
  for (auto name : k_lists)
    if (!at(out, name).as_list()) set(out, name, Value(ValueList{}));
  if (!at(out, "callback_vars").as_map()) set(out, "callback_vars", Value(ValueMap{}));
  return out;
}

ValueMap with_callbacks(const Row& team, ValueMap settings) {
  auto metadata = object_in(team, "metadata");
  set(metadata, "callback_settings", Value(std::move(settings)));
  return {{"metadata", Value(std::move(metadata))}};
}

Out<ValueMap> add_callback(const Body& body, const Row& team) {
  auto settings = callback_settings(team);
  const std::string name = body.text("callback_name"),
                    type = body.text("callback_type", "success_and_failure");
  for (auto list : k_lists) {
    const auto kind = list.substr(0, list.find('_'));
    if (type.find(kind) == std::string::npos) continue;
    auto names = list_in(settings, list);
    if (contains(names, name))
      return refuse_detail(400, "callback_name = " + name + " already exists in " + std::string(list) +
                                    ", for team_id = " + text_of(team, "team_id") + ". Existing " +
                                    std::string(list) + " = " + python_list(names));
    names.push_back(name);
    set(settings, list, list_of(names));
  }
  auto vars = object_in(settings, "callback_vars");
  for (auto& [key, value] : body.object("callback_vars")) set(vars, key, value);
  set(settings, "callback_vars", Value(std::move(vars)));
  return with_callbacks(team, std::move(settings));
}

/// {"status","data"} around what a change answered.
Reply wrapped(Reply reply, std::string_view message, const Value* data = nullptr) {
  if (reply.status != 200) return reply;
  ValueMap out{{"status", text_value("success")}};
  if (!message.empty()) set(out, "message", text_value(message));
  auto row = parse_json(reply.body);
  set(out, "data", data ? *data : row ? std::move(*row) : Value());
  reply.body = to_json(Value(std::move(out)));
  return reply;
}

Reply show_callbacks(Session& session, const Call& call) {
  auto team = need_team(session, call.argument);
  if (!team) return team.error();
  // Their variables hold keys of logging services.
  if (auto may = need_team_admin(session, call, *team, "/team/callback"); !may) return may.error();
  const auto settings = callback_settings(*team);
  return ok(Value(ValueMap{{"status", text_value("success")},
                           {"data", Value(ValueMap{{"team_id", at(*team, "team_id")},
                                                   {"success_callbacks", at(settings, "success_callback")},
                                                   {"failure_callbacks", at(settings, "failure_callback")},
                                                   {"callback_vars", at(settings, "callback_vars")}})}}));
}

Out<void> check_permissions(const std::vector<std::string>& given) {
  const auto known = known_permissions();
  for (auto& name : given)
    if (!contains(known, name))
      return invalid("body", "team_member_permissions", "Input should be one of " + python_list(known),
                     "enum");
  return {};
}

} // namespace

Reply team_model_add(Session& session, const Call& call) { return change_models(session, call, true); }
Reply team_model_delete(Session& session, const Call& call) { return change_models(session, call, false); }

Reply team_permissions_list(Session& session, const Call& call) {
  auto team = need_team(session, query_text(call, "team_id").value_or(""));
  if (!team) return team.error();
  auto right = right_to_team(session, call.caller, *team);
  if (!right) return right.error();
  if (*right == TeamRight::none && !call.caller.may_read_all())
    return forbidden(
        "Call not allowed. User not proxy admin OR team admin. route=/team/permissions_list, team_id=" +
        text_of(*team, "team_id"));
  return ok(Value(ValueMap{{"team_id", at(*team, "team_id")},
                           {"team_member_permissions", list_of(member_permissions(*team))},
                           {"all_available_permissions", list_of(known_permissions())}}));
}

Reply team_permissions_update(Session& session, const Call& call) {
  constexpr Field k_body[] = {{"team_id", Kind::text, Home::input, true},
                              {"team_member_permissions", Kind::texts, Home::column, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  if (auto fine = check_permissions(body.texts("team_member_permissions")); !fine) return fine.error();
  return change_team(session, call, body.text("team_id"), "/team/permissions_update", false,
                     [&](const Row&) -> Out<ValueMap> { return columns_of(body, k_body); });
}

Reply team_callback(Session& session, const Call& call) {
  if (call.method == "GET") return show_callbacks(session, call);
  constexpr Field k_body[] = {{"callback_name", Kind::text, Home::input, true},
                              {"callback_type", Kind::text, Home::input},
                              {"callback_vars", Kind::object, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_body, body, reply)) return reply;
  const std::string type = body.text("callback_type", "success_and_failure");
  if (type != "success" && type != "failure" && type != "success_and_failure")
    return invalid("body", "callback_type", "Input should be 'success', 'failure' or 'success_and_failure'",
                   "literal_error");
  for (auto& [name, value] : body.object("callback_vars"))
    if (!value.as_string())
      return invalid("body", "callback_vars", "The value of " + name + " should be a valid string",
                     "string_type");
  return wrapped(change_team(session, call, call.argument, "/team/callback", false,
                             [&](const Row& team) { return add_callback(body, team); }),
                 {});
}

Reply team_disable_logging(Session& session, const Call& call) {
  const Value none(ValueMap{{"team_id", text_value(call.argument)},
                            {"success_callbacks", Value(ValueList{})},
                            {"failure_callbacks", Value(ValueList{})}});
  return wrapped(change_team(session, call, call.argument, "/team/disable_logging", false,
                             [](const Row& team) -> Out<ValueMap> {
                               auto settings = callback_settings(team);
                               for (auto name : k_lists) set(settings, name, Value(ValueList{}));
                               return with_callbacks(team, std::move(settings));
                             }),
                 "Logging disabled for team " + call.argument, &none);
}

} // namespace switchyard::management
