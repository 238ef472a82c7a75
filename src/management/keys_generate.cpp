// /key/generate and /key/service-account/generate. Store threads.
#include "management/audit.hpp"
#include "management/keys.hpp"
#include "management/mail.hpp"
#include "management/secrets.hpp"

#include <switchyard/budget_window.hpp>

#include <algorithm>

namespace switchyard::management {
namespace {

Out<void> choose_routes(Body& body) {
  struct Type {
    std::string_view name, routes;
  };
  constexpr Type k_types[] = {{"default", ""},
                              {"llm_api", "llm_api_routes"},
                              {"management", "management_routes"},
                              {"read_only", "info_routes"}};
  const std::string type = body.text("key_type", "default");
  const auto* found =
      std::find_if(std::begin(k_types), std::end(k_types), [&](auto& known) { return known.name == type; });
  if (found == std::end(k_types))
    return invalid("body", "key_type", "Input should be 'llm_api', 'management', 'read_only' or 'default'",
                   "enum");
  body.put("key_type", text_value(type));
  if (!found->routes.empty() && body.texts("allowed_routes").empty())
    body.put("allowed_routes", Value(ValueList{text_value(found->routes)}));
  return {};
}

/// What only proxy admins may give a new key.
Out<void> check_raised(Session& session, const Call& call, const Body& body, const Row& team) {
  if (!body.texts("allowed_routes").empty() || body.text("key_type") == "management")
    return forbidden("Only proxy admins can set allowed_routes.");
  for (auto& [name, value] : body.object("permissions"))
    if (name == "get_spend_routes" && value.as_bool() && *value.as_bool())
      return forbidden("Only proxy admins can set permissions.get_spend_routes.");
  if (body.number("spend").value_or(0) != 0) return forbidden("Only proxy admins can set spend.");
  const std::string organization = body.text("organization_id");
  if (organization.empty() || organization == call.caller.organization_id ||
      organization == text_of(team, "organization_id"))
    return {};
  auto admin = is_org_admin(session, call.caller, organization);
  if (!admin) return admin.error();
  if (*admin) return {};
  return forbidden("User is not a member of organization_id=" + organization);
}

Out<void> may_make_team_key(Session& session, const Call& call, const Body& body, const Row& team,
                            std::string_view route) {
  const std::string& me = call.caller.user_id;
  const std::string id = text_of(team, "team_id"), owner = body.text("user_id");
  auto right = right_to_team(session, call.caller, team);
  if (!right) return right.error();
  if (*right == TeamRight::manage) {
    if (!owner.empty() && owner != me && team_role(team, owner).empty())
      return refuse(400, "User=" + owner + " not assigned to team=" + id);
    return {};
  }
  if (team_role(team, me).empty()) return refuse(400, "User=" + me + " not assigned to team=" + id);
  if (!contains(member_permissions(team), route)) return no_team_permission(team, route);
  if (!owner.empty() && owner != me)
    return forbidden("User can only create keys for themselves. Got user_id=" + owner + ", Your ID=" + me);
  return {};
}

Out<void> may_make(Session& session, const Call& call, Body& body, const Row& team, bool service) {
  const auto& caller = call.caller;
  if (caller.is_admin()) return {};
  if (is_viewer(caller) || caller.user_id.empty()) return not_admin(call);
  const std::string team_id = body.text("team_id"), owner = body.text("user_id");
  if (!team_id.empty()) {
    if (team.empty()) return refuse(400, "Unable to find team object in database. Team ID: " + team_id);
    const auto* route = service ? "/key/service-account/generate" : "/key/generate";
    if (auto may = may_make_team_key(session, call, body, team, route); !may) return may;
  } else if (!owner.empty() && owner != caller.user_id) {
    return forbidden("User can only create keys for themselves. Got user_id=" + owner +
                     ", Your ID=" + caller.user_id);
  }
  if (team_id.empty() && call.config->plane->default_team_disabled)
    return forbidden("Personal keys are disabled on this proxy (default_team_disabled): pass a team_id.");
  if (!service && owner.empty()) body.put("user_id", text_value(caller.user_id));
  return check_raised(session, call, body, team);
}

Out<Row> team_for(Session& session, const Body& body, bool service) {
  if (service && !body.has("team_id"))
    return refuse(400,
                  "team_id is required for service account keys. Please specify `team_id` in the request "
                  "body.",
                  "bad_request_error", "team_id");
  if (!body.has("team_id")) return Row();
  auto team = find_row(session, "TeamTable", "team_id", *body.find("team_id"));
  if (team && team->empty() && service)
    return refuse(400, "Team not found for team_id=" + body.text("team_id"), "bad_request_error", "team_id");
  return team;
}

Reply generate(Session& session, const Call& call, bool service) {
  Body body;
  Reply reply;
  if (!read_body(call, key_fields(), body, reply)) return reply;
  if (service) body.drop("user_id");
  return write(session, [&]() -> Reply {
    fill_defaults(call, body);
    if (service) body.drop("user_id");
    auto team = team_for(session, body, service);
    if (!team) return team.error();
    if (auto may = may_make(session, call, body, *team, service); !may) return may.error();
    if (auto kept = keep_generation_settings(call, body, *team, body.has("team_id")); !kept)
      return kept.error();
    auto made = make_key(session, call, body, *team, service);
    if (!made) return made.error();
    Reply done = ok(Value(std::move(made->answer)));
    done.touched.push_back({Touched::What::key, text_of(made->row, "token")});
    done.headers = no_mail(body);
    return done;
  });
}

Out<void> check_new(Session& session, const Call& call, Body& body) {
  if (auto fine = keep_bounds(call, body, true); !fine) return fine;
  if (auto fine = check_shapes(call, body); !fine) return fine;
  if (auto fine = choose_routes(body); !fine) return fine;
  if (auto fine = check_references(session, body); !fine) return fine;
  if (auto fine = check_owner(session, call, body.text("user_id")); !fine) return fine;
  if (auto fine = check_alias_form(call, body.text("key_alias")); !fine) return fine;
  return check_alias(session, body.text("key_alias"), "");
}

Value soft_budget(const Call& call, const Body& body) {
  if (auto* given = body.find("soft_budget")) return *given;
  auto& usual = call.config->plane->soft_budget;
  return usual ? Value(usual->usd()) : Value();
}

/// The row of a new key, its budget included.
Out<Row> new_row(Session& session, const Call& call, Body& body, std::string_view key, bool service) {
  Row row = columns_of(body, key_fields());
  auto metadata = body.object("metadata");
  lay_metadata(body, key_fields(), metadata);
  if (service) set(metadata, "service_account_id", text_value(body.text("key_alias", shown_key(key))));
  set(row, "metadata", Value(std::move(metadata)));
  auto expires = expiry(call, body.text("duration"));
  if (!expires) return expires.error();
  auto reset = reset_time(call, body.text("budget_duration"));
  if (!reset) return reset.error();
  if (const auto soft = soft_budget(call, body); !soft.is_null() && !body.has("budget_id")) {
    auto budget = new_budget(session, call, {{"soft_budget", soft}});
    if (!budget) return budget.error();
    set(row, "budget_id", text_value(*budget));
  }
  if (body.flag("auto_rotate") && body.has("rotation_interval"))
    set(row, "key_rotation_at",
        text_value(storage::wire_time(call.now + *duration_of(body.text("rotation_interval")))));
  const Value now = text_value(storage::wire_time(call.now)), by = text_or_null(call.caller.user_id);
  set(row, "token", text_value(hash_of(key)));
  set(row, "key_name", text_value(shown_key(key)));
  set(row, "expires", *expires);
  set(row, "budget_reset_at", *reset);
  for (auto* column : {"created_at", "updated_at"}) set(row, column, now);
  for (auto* column : {"created_by", "updated_by"}) set(row, column, by);
  if (at(row, "spend").is_null()) set(row, "spend", Value(0.0));
  if (auto put = put_object_permission(session, body, {}, row); !put) return put.error();
  return row;
}

} // namespace

Out<void> check_key_text(std::string_view key, const Call& call) {
  if (!key.starts_with("sk-"))
    return refuse(400,
                  "Invalid key format. LiteLLM Virtual Key must start with 'sk-'. Received: " +
                      std::string(key.substr(0, std::min<std::size_t>(key.size() / 2, 4))) + "***",
                  "bad_request_error", "key");
  constexpr std::size_t k_longest = 1024;
  if (key.size() > k_longest ||
      !std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 127; }))
    return refuse(400,
                  "Invalid key format. A key is printable ASCII without spaces, 1024 characters at most.",
                  "bad_request_error", "key");
  if (hash_of(key) == hash_of(call.config->general.master_key.reveal()))
    return refuse(400, "The key is in use already.", "bad_request_error", "key");
  return {};
}

ValueMap key_answer(const Body& body, const Row& row, std::string_view key) {
  ValueMap out;
  const Value metadata(object_in(row, "metadata"));
  for (auto& field : key_fields()) {
    const Value* value = field.home == Home::metadata ? metadata.find(field.name) : &at(row, field.name);
    if (field.home == Home::input && field.name != "metadata") value = body.find(field.name);
    out.emplace_back(std::string(field.name), value ? *value : Value());
  }
  for (auto* column : {"key_name", "expires", "token", "litellm_budget_table", "created_by", "updated_by",
                       "created_at", "updated_at", "budget_reset_at", "object_permission"})
    set(out, column, at(row, column));
  set(out, "key", text_value(key));
  set(out, "token_id", at(row, "token"));
  if (auto* soft = at(row, "litellm_budget_table").find("soft_budget")) set(out, "soft_budget", *soft);
  return out;
}

Out<MadeKey> make_key(Session& session, const Call& call, Body& body, const Row& team, bool service) {
  const Value team_metadata(object_in(team, "metadata"));
  if (auto duration = text_at(team_metadata, "team_member_key_duration");
      !duration.empty() && !body.has("duration") && !service)
    body.put("duration", text_value(duration));
  if (auto fine = check_new(session, call, body); !fine) return fine.error();
  MadeKey made;
  made.key = body.has("key") ? body.text("key") : new_key();
  if (auto fine = check_key_text(made.key, call); !fine) return fine.error();
  auto row = new_row(session, call, body, made.key, service);
  if (!row) return row.error();
  if (auto fits = check_allocation(session, *row, team); !fits) return fits.error();
  auto stored_row = session.insert("VerificationToken", *row);
  if (!stored_row && is_duplicate(stored_row.error()))
    return refuse(400, "The key is in use already.", "bad_request_error", "key");
  if (!stored_row) return failed(stored_row.error());
  made.row = std::move(*stored_row);
  if (auto linked = link_row(session, made.row); !linked) return linked.error();
  audit(session, call, "VerificationToken", "created", text_of(made.row, "token"), Value(), Value(made.row));
  made.answer = key_answer(body, made.row, made.key);
  return made;
}

Reply key_generate(Session& session, const Call& call) { return generate(session, call, false); }
Reply key_generate_service_account(Session& session, const Call& call) {
  return generate(session, call, true);
}

} // namespace switchyard::management
