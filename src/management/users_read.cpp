// /user/info, v2/user/info, list, filter/ui, available_roles. Store threads.
#include "management/members.hpp"
#include "management/secrets.hpp"
#include "management/sql_page.hpp"
#include "management/users.hpp"

#include <algorithm>
#include <array>

namespace switchyard::management {
namespace {

constexpr std::string_view k_ui_team = "litellm-dashboard";

Out<void> may_see(const Call& call, const std::string& user_id) {
  if (call.caller.may_read_all() || (!user_id.empty() && user_id == call.caller.user_id)) return {};
  return refuse(403,
                "key not allowed to access this user's info. user_id=" + user_id +
                    ", key's user_id=" + call.caller.user_id,
                "auth_error");
}

/// Rows of keys with their team's alias; sessions of the UI and, when asked, the master key left out.
Out<ValueList> shown_keys(Session& session, const Call& call, Rows keys) {
  std::vector<std::string> ids;
  for (auto& key : keys)
    if (auto id = text_of(key, "team_id"); !id.empty() && !contains(ids, id)) ids.push_back(std::move(id));
  auto teams = find_rows(session, "TeamTable", "team_id", ids);
  if (!teams) return teams.error();
  const bool hide = call.config->plane->disable_master_key_return;
  const std::string master = hide ? hash_of(call.config->general.master_key.reveal()) : "";
  ValueList out;
  for (auto& key : keys) {
    const std::string team_id = text_of(key, "team_id");
    if (team_id == k_ui_team || (hide && text_of(key, "token") == master)) continue;
    auto team = std::find_if(teams->begin(), teams->end(),
                             [&](auto& row) { return text_of(row, "team_id") == team_id; });
    set(key, "team_alias", team == teams->end() ? Value() : at(*team, "team_alias"));
    out.emplace_back(std::move(key));
  }
  return out;
}

Reply info_answer(Session& session, const Call& call, std::string_view id, const Row& user, Rows keys,
                  Rows teams) {
  auto shown = shown_keys(session, call, std::move(keys));
  if (!shown) return shown.error();
  return ok(Value(ValueMap{{"user_id", text_or_null(id)},
                           {"user_info", user.empty() ? Value() : Value(shown_user(user))},
                           {"keys", Value(std::move(*shown))},
                           {"teams", list_value(std::move(teams))}}));
}

Reply info_of_all(Session& session, const Call& call) {
  auto keys = session.select(Select{"VerificationToken", {}});
  if (!keys) return failed(keys.error());
  auto teams = session.select(Select{"TeamTable", {}});
  if (!teams) return failed(teams.error());
  return info_answer(session, call, {}, {}, std::move(*keys), std::move(*teams));
}

void add_list(const Call& call, Where& where, std::string_view parameter, std::string_view column) {
  const auto given = query_texts(call, parameter);
  if (given.empty()) return;
  std::vector<Value> values;
  for (auto& text : given) values.push_back(text_value(text));
  where.add(in_clause(column, values.size()), values);
}

Out<void> add_organizations(Session& session, const Call& call, Where& where) {
  const auto ids = query_texts(call, "organization_ids");
  if (!call.caller.may_read_all()) {
    if (ids.empty()) return not_admin(call);
    for (auto& id : ids) {
      auto leads = is_org_admin(session, call.caller, id);
      if (!leads) return leads.error();
      if (!*leads) return not_admin(call);
    }
  }
  if (ids.empty()) return {};
  std::vector<Value> values;
  for (auto& id : ids) values.push_back(text_value(id));
  where.add("\"user_id\" IN (SELECT \"user_id\" FROM \"LiteLLM_OrganizationMembership\" WHERE " +
                in_clause("organization_id", values.size()) + ")",
            values);
  return {};
}

Out<void> add_key_counts(Session& session, Rows& users) {
  if (users.empty()) return {};
  Where where;
  std::vector<Value> ids;
  for (auto& user : users) ids.push_back(at(user, "user_id"));
  where.add(in_clause("user_id", ids.size()), ids);
  where.add("\"team_id\" IS NULL OR \"team_id\" <> ?", {text_value(k_ui_team)});
  auto counts = session.query("SELECT \"user_id\", COUNT(*) AS n FROM \"LiteLLM_VerificationToken\"" +
                                  where.sql() + " GROUP BY \"user_id\"",
                              where.values());
  if (!counts) return failed(counts.error());
  for (auto& user : users) {
    Value count(std::int64_t{0});
    for (auto& row : *counts)
      if (text_of(row, "user_id") == text_of(user, "user_id")) count = at(row, "n");
    set(user, "key_count", std::move(count));
  }
  return {};
}

/// Admins, and who administers a team or an organization.
Out<bool> may_search(Session& session, const Caller& caller) {
  if (caller.may_read_all()) return true;
  if (caller.user_id.empty()) return false;
  auto teams = led_teams(session, caller.user_id);
  if (!teams) return teams.error();
  if (!teams->empty()) return true;
  const std::array<Condition, 2> where{Condition{"user_id", "=", text_value(caller.user_id)},
                                       Condition{"user_role", "=", text_value("org_admin")}};
  auto count = session.count("OrganizationMembership", where);
  if (!count) return failed(count.error());
  return *count > 0;
}

} // namespace

Reply user_info(Session& session, const Call& call) {
  std::string id = query_text(call, "user_id").value_or("");
  if (id.empty() && call.caller.is_admin()) return info_of_all(session, call);
  const bool asked = !id.empty();
  if (!asked) id = call.caller.user_id;
  if (auto may = may_see(call, id); !may) return may.error();
  auto user = find_row(session, "UserTable", "user_id", text_value(id));
  if (!user) return user.error();
  if (user->empty() && asked && id != call.caller.user_id)
    return refuse_detail(404, "User " + id + " not found");
  auto keys = find_rows(session, "VerificationToken", "user_id", {id});
  if (!keys) return keys.error();
  auto teams = find_rows(session, "TeamTable", "team_id", list_in(*user, "teams"));
  if (!teams) return teams.error();
  return info_answer(session, call, id, *user, std::move(*keys), std::move(*teams));
}

Reply user_info_v2(Session& session, const Call& call) {
  std::string id = query_text(call, "user_id").value_or("");
  if (id.empty()) id = call.caller.user_id;
  if (auto may = may_see(call, id); !may) return may.error();
  auto user = find_row(session, "UserTable", "user_id", text_value(id));
  if (!user) return user.error();
  if (user->empty()) return refuse_detail(404, "User " + id + " not found");
  if (auto linked = link_row(session, *user); !linked) return linked.error();
  switchyard::erase(*user, "litellm_budget_table"); // users hold their budget themselves
  return ok(Value(shown_user(std::move(*user))));
}

Reply user_roles(Session&, const Call&) {
  ValueMap out;
  for (auto& role : user_role_texts())
    set(out, role.name,
        Value(ValueMap{{"description", text_value(role.description)}, {"ui_label", text_value(role.label)}}));
  return ok(Value(std::move(out)));
}

Reply user_list(Session& session, const Call& call) {
  constexpr std::string_view k_sortable[] = {"user_id", "user_email", "created_at",
                                             "spend",   "user_alias", "user_role"};
  PageQuery query;
  Reply reply;
  if (!query_number(call, "page", 1, 1, k_last_page, query.page, reply) ||
      !query_number(call, "page_size", 25, 1, 100, query.size, reply))
    return reply;
  if (auto fine = read_sort(call, k_sortable, "created_at", query); !fine) return fine.error();
  query.table = "UserTable", query.id = "user_id";
  if (auto fine = add_organizations(session, call, query.where); !fine) return fine.error();
  add_list(call, query.where, "user_ids", "user_id");
  add_list(call, query.where, "sso_user_ids", "sso_user_id");
  if (auto role = query_text(call, "role"); role && !role->empty())
    query.where.add("\"user_role\" = ?", {text_value(*role)});
  if (auto email = query_text(call, "user_email"); email && !email->empty())
    add_like(query.where, "user_email", *email);
  if (auto team = query_text(call, "team"); team && !team->empty())
    add_holds(query.where, session, "teams", *team);
  auto page = read_page(session, query);
  if (!page) return page.error();
  if (auto counted = add_key_counts(session, page->rows); !counted) return counted.error();
  for (auto& row : page->rows) row = shown_user(std::move(row));
  return ok(page_of("users", list_value(std::move(page->rows)), page->total, query.page, query.size));
}

Reply user_filter(Session& session, const Call& call) {
  auto may = may_search(session, call.caller);
  if (!may) return may.error();
  if (!*may) return not_admin(call);
  PageQuery query;
  Reply reply;
  if (!query_number(call, "page", 1, 1, k_last_page, query.page, reply) ||
      !query_number(call, "page_size", 50, 1, 100, query.size, reply))
    return reply;
  query.table = "UserTable", query.id = "user_id", query.sort_by = "created_at", query.sort_order = "desc";
  for (std::string_view column : {"user_id", "user_email"})
    if (auto part = query_text(call, column); part && !part->empty()) add_like(query.where, column, *part);
  auto page = read_page(session, query);
  if (!page) return page.error();
  ValueList out;
  for (auto& row : page->rows)
    out.emplace_back(ValueMap{{"user_id", at(row, "user_id")},
                              {"user_email", at(row, "user_email")},
                              {"user_alias", at(row, "user_alias")}});
  return ok(Value(std::move(out)));
}

} // namespace switchyard::management
