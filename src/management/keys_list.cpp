// Lists of keys and of their aliases, page by page. Store threads.
#include "management/keys.hpp"
#include "management/members.hpp"
#include "management/secrets.hpp"
#include "management/sql_page.hpp"

namespace switchyard::management {
namespace {

constexpr std::string_view k_ui_team = "litellm-dashboard"; // sessions of the UI

/// Keys of `who`, with those of his teams and those that he made when asked.
Out<void> add_owner(Session& session, const Call& call, const std::string& who, Where& where) {
  std::string clause = "\"user_id\" = ?";
  std::vector<Value> values{text_value(who)};
  if (query_flag(call, "include_created_by_keys"))
    clause += " OR \"created_by\" = ?", values.push_back(text_value(who));
  if (query_flag(call, "include_team_keys")) {
    auto teams = led_teams(session, who);
    if (!teams) return teams.error();
    clause += " OR " + in_clause("team_id", teams->size());
    for (auto& id : *teams) values.push_back(text_value(id));
  }
  where.add(clause, std::move(values));
  return {};
}

/// True when the caller sees every key of the team or organization that he asks for.
Out<bool> sees_group(Session& session, const Call& call, const std::string& team_id,
                     const std::string& organization_id) {
  if (!team_id.empty()) {
    auto team = find_row(session, "TeamTable", "team_id", text_value(team_id));
    if (!team) return team.error();
    auto right = right_to_team(session, call.caller, *team);
    if (!right) return right.error();
    if (*right == TeamRight::manage) return true;
    const bool member = !team_role(*team, call.caller.user_id).empty();
    if (!member) return forbidden("You are not authorized to check this team's keys");
    return contains(member_permissions(*team), "/key/list");
  }
  return is_org_admin(session, call.caller, organization_id);
}

Out<void> add_visible(Session& session, const Call& call, Where& where) {
  const std::string asked = query_text(call, "user_id").value_or("");
  if (call.caller.may_read_all()) return asked.empty() ? Out<void>() : add_owner(session, call, asked, where);
  const std::string& me = call.caller.user_id;
  auto all = sees_group(session, call, query_text(call, "team_id").value_or(""),
                        query_text(call, "organization_id").value_or(""));
  if (!all) return all.error();
  if (*all) return asked.empty() ? Out<void>() : add_owner(session, call, asked, where);
  if (!asked.empty() && asked != me) return forbidden("You are not authorized to check another user's keys");
  if (!me.empty()) return add_owner(session, call, me, where);
  where.add("\"token\" = ?", {text_value(call.caller.key_hash)});
  return {};
}

Out<void> read_filters(Session& session, const Call& call, PageQuery& query) {
  query.where.add("\"team_id\" IS NULL OR \"team_id\" <> ?", {text_value(k_ui_team)});
  if (auto fine = add_visible(session, call, query.where); !fine) return fine;
  for (std::string_view column : {"team_id", "organization_id", "key_alias", "project_id"})
    if (auto given = query_text(call, column); given && !given->empty())
      query.where.add('"' + std::string(column) + "\" = ?", {text_value(*given)});
  if (auto key = query_text(call, "key_hash"); key && !key->empty())
    query.where.add("\"token\" = ?", {text_value(token_of(*key))});
  if (auto group = query_text(call, "access_group_id"); group && !group->empty())
    add_holds(query.where, session, "access_group_ids", *group);
  const std::string status = query_text(call, "status").value_or("");
  if (!status.empty() && status != "deleted")
    return refuse_detail(400, "Invalid status value. Currently only 'deleted' is supported.");
  query.table = status.empty() ? "VerificationToken" : "DeletedVerificationToken";
  query.id = status.empty() ? "token" : "id";
  return {};
}

Out<void> add_users(Session& session, Rows& rows) {
  std::vector<std::string> ids;
  for (auto& row : rows)
    if (auto id = text_of(row, "user_id"); !id.empty() && !contains(ids, id)) ids.push_back(std::move(id));
  auto users = find_rows(session, "UserTable", "user_id", ids);
  if (!users) return users.error();
  for (auto& row : rows) {
    Value found;
    for (auto& user : *users)
      if (text_of(user, "user_id") == text_of(row, "user_id")) {
        found = Value(shown_user(user));
      }
    set(row, "user", std::move(found));
  }
  return {};
}

} // namespace

Reply key_list(Session& session, const Call& call) {
  constexpr std::string_view k_sortable[] = {"spend",      "max_budget", "created_at",
                                             "updated_at", "token",      "key_alias"};
  PageQuery query;
  Reply reply;
  if (!query_number(call, "page", 1, 1, k_last_page, query.page, reply) ||
      !query_number(call, "size", 10, 1, 100, query.size, reply))
    return reply;
  if (auto fine = read_sort(call, k_sortable, "created_at", query); !fine) return fine.error();
  if (auto fine = read_filters(session, call, query); !fine) return fine.error();
  auto page = read_page(session, query);
  if (!page) return page.error();
  const auto expand = query_texts(call, "expand");
  ValueList keys;
  if (query_flag(call, "return_full_object") || !expand.empty()) {
    if (auto linked = link_rows(session, page->rows); !linked) return linked.error();
    if (contains(expand, "user"))
      if (auto added = add_users(session, page->rows); !added) return added.error();
    for (auto& row : page->rows) keys.emplace_back(std::move(row));
  } else {
    for (auto& row : page->rows) keys.push_back(at(row, "token"));
  }
  return ok(Value(ValueMap{{"keys", Value(std::move(keys))},
                           {"total_count", Value(page->total)},
                           {"current_page", Value(query.page)},
                           {"total_pages", Value(page->pages)}}));
}

Reply key_aliases(Session& session, const Call& call) {
  std::int64_t page = 1, size = 50;
  Reply reply;
  if (!query_number(call, "page", 1, 1, k_last_page, page, reply) ||
      !query_number(call, "size", 50, 1, 100, size, reply))
    return reply;
  Where where;
  where.add("\"key_alias\" IS NOT NULL AND \"key_alias\" <> ''");
  if (!call.caller.may_read_all()) where.add("\"user_id\" = ?", {text_value(call.caller.user_id)});
  if (auto search = query_text(call, "search"); search && !search->empty())
    add_like(where, "key_alias", *search);
  const std::string from = " FROM \"LiteLLM_VerificationToken\"" + where.sql();
  auto total = session.query("SELECT COUNT(DISTINCT \"key_alias\") AS n" + from, where.values());
  if (!total) return failed(total.error());
  auto rows = session.query("SELECT DISTINCT \"key_alias\"" + from + " ORDER BY \"key_alias\" LIMIT " +
                                std::to_string(size) + " OFFSET " + std::to_string((page - 1) * size),
                            where.values());
  if (!rows) return failed(rows.error());
  ValueList aliases;
  for (auto& row : *rows) aliases.push_back(at(row, "key_alias"));
  const auto* count = total->empty() ? nullptr : at(total->front(), "n").as_int();
  const std::int64_t all = count ? *count : 0;
  return ok(Value(ValueMap{{"aliases", Value(std::move(aliases))},
                           {"total_count", Value(all)},
                           {"current_page", Value(page)},
                           {"total_pages", Value((all + size - 1) / size)},
                           {"size", Value(size)}}));
}

} // namespace switchyard::management
