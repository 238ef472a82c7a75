// /user|team|tag|organization|customer|agent/daily/activity and /aggregated: which rows, and who may see
// them. Store threads.
#include "management/spend_daily.hpp"

#include "management/access.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr DailyKind k_users{"DailyUserSpend", "user_id", "user_id", "", "UserTable", "user_id", "user_email"};
constexpr DailyKind k_teams{"DailyTeamSpend", "team_id", "team_ids",  "exclude_team_ids",
                            "TeamTable",      "team_id", "team_alias"};
constexpr DailyKind k_tags{"DailyTagSpend", "tag", "tags", "exclude_tags", "", "", ""};
constexpr DailyKind k_organizations{"DailyOrganizationSpend",   "organization_id",   "organization_ids",
                                    "exclude_organization_ids", "OrganizationTable", "organization_id",
                                    "organization_alias"};
constexpr DailyKind k_customers{"DailyEndUserSpend", "end_user_id", "end_user_ids", "exclude_end_user_ids",
                                "EndUserTable",      "user_id",     "alias"};
constexpr DailyKind k_agents{"DailyAgentSpend", "agent_id", "agent_ids", "exclude_agent_ids",
                             "AgentsTable",     "agent_id", "agent_name"};

constexpr std::string_view k_of_own_keys =
    "api_key IN (SELECT token FROM \"LiteLLM_VerificationToken\" WHERE user_id = ?)";

std::vector<Value> values_of(const std::vector<std::string>& texts) {
  std::vector<Value> out;
  for (auto& text : texts) out.emplace_back(text);
  return out;
}

/// Teams whose member the caller is, by whether the caller administrates them.
Out<std::pair<std::vector<std::string>, std::vector<std::string>>> teams_of(Session& session,
                                                                            const Caller& caller) {
  std::vector<std::string> led, joined;
  auto user = find_row(session, "UserTable", "user_id", text_value(caller.user_id));
  if (!user) return user.error();
  auto teams = find_rows(session, "TeamTable", "team_id", list_in(*user, "teams"));
  if (!teams) return teams.error();
  for (auto& team : *teams)
    (team_role(team, caller.user_id) == "admin" ? led : joined).push_back(text_of(team, "team_id"));
  return std::pair(std::move(led), std::move(joined));
}

/// A team's admins see all of it, its members what their own keys did there.
Out<void> limit_to_own_teams(Session& session, const Call& call, Where& where) {
  auto teams = teams_of(session, call.caller);
  if (!teams) return teams.error();
  auto& [led, joined] = *teams;
  for (auto& wanted : query_texts(call, k_teams.ids))
    if (!contains(led, wanted) && !contains(joined, wanted))
      return forbidden("User does not belong to Team= " + wanted +
                       ". Call /user/info to see the user's teams");
  auto values = values_of(led);
  for (auto& value : values_of(joined)) values.push_back(value);
  values.push_back(text_value(call.caller.user_id));
  where.add(in_clause("team_id", led.size()) + " OR (" + in_clause("team_id", joined.size()) + " AND " +
                std::string(k_of_own_keys) + ")",
            std::move(values));
  return {};
}

Out<void> limit_to_own_organizations(Session& session, const Call& call, Where& where) {
  const Condition of_caller[] = {{"user_id", "=", text_value(call.caller.user_id)},
                                 {"user_role", "=", text_value("org_admin")}};
  Select what{"OrganizationMembership", {std::begin(of_caller), std::end(of_caller)}};
  auto rows = stored(session.select(what));
  if (!rows) return rows.error();
  const auto led = distinct(*rows, "organization_id");
  for (auto& wanted : query_texts(call, k_organizations.ids))
    if (!contains(led, wanted)) return forbidden("User is not an admin of organization_id=" + wanted);
  where.add(in_clause("organization_id", led.size()), values_of(led));
  return {};
}

Out<void> limit_to_own(Session& session, const DailyKind& kind, const Call& call, Where& where) {
  if (sees_all(call.caller)) return {};
  if (&kind == &k_teams) return limit_to_own_teams(session, call, where);
  if (&kind == &k_organizations) return limit_to_own_organizations(session, call, where);
  if (&kind != &k_users) {
    where.add(std::string(k_of_own_keys), {text_value(call.caller.user_id)});
    return {};
  }
  auto wanted = query_text(call, "user_id").value_or("");
  if (!wanted.empty() && wanted != call.caller.user_id)
    return forbidden("Non-admin users can only view their own spend data");
  where.add("user_id = ?", {text_value(call.caller.user_id)});
  return {};
}

Out<Where> conditions(Session& session, const DailyKind& kind, const Call& call) {
  auto period = read_period(call);
  if (!period) return period.error();
  Where where;
  where.add("\"date\" >= ? AND \"date\" <= ?",
            {Value(day_text(period->first)), Value(day_text(period->last))});
  if (auto allowed = limit_to_own(session, kind, call, where); !allowed) return allowed.error();
  if (auto ids = query_texts(call, kind.ids); !ids.empty())
    where.add(in_clause(kind.column, ids.size()), values_of(ids));
  if (auto ids = kind.excluded.empty() ? std::vector<std::string>{} : query_texts(call, kind.excluded);
      !ids.empty())
    where.add("NOT (" + in_clause(kind.column, ids.size()) + ")", values_of(ids));
  if (auto model = query_text(call, "model"); model && !model->empty())
    where.add("model = ?", {text_value(*model)});
  if (auto key = query_text(call, "api_key"); key && !key->empty())
    where.add("api_key = ?", {text_value(hash_if_key(*key))});
  return where;
}

std::string from(const DailyKind& kind) { return " FROM \"LiteLLM_" + std::string(kind.table) + "\""; }

Reply reply_of(Session& session, const DailyKind& kind, const Out<Rows>& rows, std::int64_t page,
               std::int64_t pages) {
  if (!rows) return rows.error();
  auto results = daily_results(session, kind, *rows, page, pages);
  if (!results) return results.error();
  return ok(*results);
}

/// Rows page by page, the newest first; a day may be spread over two pages, as LiteLLM's are.
Reply paged(Session& session, const DailyKind& kind, const Call& call) {
  std::int64_t page = 0, size = 0;
  Reply reply;
  if (!query_number(call, "page", 1, 1, k_last_page, page, reply) ||
      !query_number(call, "page_size", 50, 1, 1000, size, reply))
    return reply;
  auto where = conditions(session, kind, call);
  if (!where) return where.error();
  auto counted = ask(session, "SELECT COUNT(*) AS n" + from(kind), *where);
  if (!counted) return counted.error();
  const auto total = counted->empty() ? 0 : count_of(counted->front(), "n");
  auto rows = ask(session, "SELECT *" + from(kind), *where,
                  "ORDER BY \"date\" DESC, id LIMIT " + std::to_string(size) + " OFFSET " +
                      std::to_string((page - 1) * size));
  return reply_of(session, kind, rows, page, (total + size - 1) / size);
}

/// All rows in one answer, summed by the database over what the tree does not show.
Reply aggregated(Session& session, const DailyKind& kind, const Call& call) {
  auto where = conditions(session, kind, call);
  if (!where) return where.error();
  std::string dimensions =
      "\"date\", " + std::string(kind.column) +
      ", api_key, model, model_group, custom_llm_provider, mcp_namespaced_tool_name, endpoint";
  std::string sums = ", SUM(spend) AS spend";
  for (auto count : {"prompt_tokens", "completion_tokens", "cache_read_input_tokens",
                     "cache_creation_input_tokens", "api_requests", "successful_requests", "failed_requests"})
    sums += ", CAST(SUM(" + std::string(count) + ") AS BIGINT) AS " + count;
  auto rows = ask(session, "SELECT " + dimensions + sums + from(kind), *where, "GROUP BY " + dimensions);
  return reply_of(session, kind, rows, 1, 1);
}

} // namespace

Reply user_daily(Session& s, const Call& call) { return paged(s, k_users, call); }
Reply user_daily_aggregated(Session& s, const Call& call) { return aggregated(s, k_users, call); }
Reply team_daily(Session& s, const Call& call) { return paged(s, k_teams, call); }
Reply team_daily_aggregated(Session& s, const Call& call) { return aggregated(s, k_teams, call); }
Reply tag_daily(Session& s, const Call& call) { return paged(s, k_tags, call); }
Reply tag_daily_aggregated(Session& s, const Call& call) { return aggregated(s, k_tags, call); }
Reply organization_daily(Session& s, const Call& call) { return paged(s, k_organizations, call); }
Reply organization_daily_aggregated(Session& s, const Call& call) {
  return aggregated(s, k_organizations, call);
}
Reply customer_daily(Session& s, const Call& call) { return paged(s, k_customers, call); }
Reply customer_daily_aggregated(Session& s, const Call& call) { return aggregated(s, k_customers, call); }
Reply agent_daily(Session& s, const Call& call) { return paged(s, k_agents, call); }
Reply agent_daily_aggregated(Session& s, const Call& call) { return aggregated(s, k_agents, call); }

} // namespace switchyard::management
