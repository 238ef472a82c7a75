// Paged and by-id reading of identity tables. Store threads.
#include "identities_reader.hpp"

#include <switchyard/log.hpp>

namespace switchyard::storage::identities {
namespace {

constexpr std::int64_t k_page = 2000;
constexpr std::size_t k_ids_per_statement = 500;

Value list_value(Ids::const_iterator from, Ids::const_iterator to) {
  ValueList list;
  for (; from != to; ++from) list.emplace_back(*from);
  return Value(std::move(list));
}

} // namespace

namespace source {
const Source k_keys{"VerificationToken",
                    "token",
                    {"token",
                     "key_name",
                     "key_alias",
                     "spend",
                     "expires",
                     "models",
                     "aliases",
                     "router_settings",
                     "user_id",
                     "team_id",
                     "agent_id",
                     "project_id",
                     "permissions",
                     "max_parallel_requests",
                     "metadata",
                     "blocked",
                     "tpm_limit",
                     "rpm_limit",
                     "max_budget",
                     "budget_duration",
                     "budget_reset_at",
                     "allowed_routes",
                     "access_group_ids",
                     "model_spend",
                     "model_max_budget",
                     "budget_id",
                     "organization_id",
                     "budget_limits"}};
const Source k_teams{"TeamTable", "team_id", {}};
const Source k_users{"UserTable",
                     "user_id",
                     {"user_id", "teams", "user_role", "max_budget", "spend", "user_email", "models",
                      "metadata", "max_parallel_requests", "tpm_limit", "rpm_limit", "budget_duration",
                      "budget_reset_at", "model_max_budget", "model_spend"}};
const Source k_members{"TeamMembership", "user_id", {"user_id", "team_id", "spend", "budget_id"}, false};
const Source k_organizations{"OrganizationTable", "organization_id", {}};
const Source k_projects{"ProjectTable", "project_id", {}};
const Source k_customers{"EndUserTable", "user_id", {}};
const Source k_tags{"TagTable", "tag_name", {"tag_name", "models", "spend", "budget_id"}};
const Source k_access_groups{
    "AccessGroupTable", "access_group_id", {"access_group_id", "access_group_name", "access_model_names"}};
const Source k_budgets{"BudgetTable", "budget_id", {}};
const Source k_aliases{"ModelTable", "id", {}};
const Source k_rotated{"DeprecatedVerificationToken", "id", {"id", "token", "active_token_id", "revoke_at"}};
} // namespace source

void Reader::fail(const Error& error) {
  if (state_) state_ = error;
}

Rows Reader::select(Select what) {
  if (!state_) return {};
  auto rows = session_.select(what);
  if (rows) return std::move(*rows);
  // An older LiteLLM's database: nothing of that kind exists there.
  if (rows.error().extra().type != "missing_table") state_ = rows.error();
  return {};
}

void Reader::all(const Source& source, std::vector<Condition> where, const EachRow& each) {
  const std::string id(source.id);
  Value last;
  while (state_) {
    std::vector<Condition> page = where;
    if (!last.is_null()) page.push_back({id, ">", last});
    const Rows rows = select({std::string(source.table), page, {{id}}, k_page, 0, source.columns});
    const bool full = rows.size() == static_cast<std::size_t>(k_page);
    if (rows.empty()) return;
    const Fields end(source.table, rows.back(), source.id);
    auto found = end.find(source.id);
    if (!found || found->is_null()) return fail(Error(Errc::internal_server, "a row without its id"));
    last = *found;
    const bool cut = full && !source.unique; // the last id's rows may go on behind the page
    for (auto& row : rows)
      if (!cut || Fields(source.table, row, source.id).id() != end.id()) each(row);
    if (cut) {
      where.push_back({id, "=", last});
      for (auto& row : select({std::string(source.table), where, {}, -1, 0, source.columns})) each(row);
      where.pop_back();
    }
    if (!full) return;
  }
}

void Reader::some(const Source& source, std::string_view column, const Ids& ids, const EachRow& each,
                  std::vector<Condition> where) {
  where.push_back({std::string(column), "in", {}});
  for (auto from = ids.begin(); from != ids.end() && state_;) {
    auto to = from;
    for (std::size_t n = 0; n < k_ids_per_statement && to != ids.end(); ++n) ++to;
    where.back().value = list_value(from, to);
    for (auto& row : select({std::string(source.table), where, {}, -1, 0, source.columns})) each(row);
    from = to;
  }
}

Ids Reader::ids_where(const Source& source, std::string_view column, const Ids& ids) {
  Ids out;
  const Source narrow{source.table, source.id, {std::string(source.id)}, source.unique};
  some(narrow, column, ids, [&](const Row& row) { out.insert(Fields(source.table, row, source.id).id()); });
  return out;
}

void add_aliases(TeamAliases& aliases, const Row& row) {
  const Fields fields("ModelTable", row, "id");
  // Prisma calls the column "aliases" model_aliases in its own language only.
  aliases[fields.id()] = fields.object("aliases");
}

void add_default_members(RecordMap<MemberRecord>& members, const TeamRecord& team, const Context& context) {
  const std::string budget = member_budget_id(team);
  if (budget.empty()) return;
  for (auto& [user, role] : team.members) {
    auto& member = members[member_id(team.id, user)];
    if (!member) member = member_of({{"user_id", Value(user)}, {"team_id", Value(team.id)}}, budget, context);
  }
}

void add_access_group(RecordMap<AccessGroupRecord>& groups, std::shared_ptr<const AccessGroupRecord> group) {
  if (!group->name.empty()) groups[group->name] = group;
  groups[group->id] = std::move(group);
}

} // namespace switchyard::storage::identities
