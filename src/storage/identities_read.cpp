// Single identity records and what hangs on them, after something was written. Store threads.
#include "identities_reader.hpp"
#include "identities_windows.hpp"

#include <switchyard/key_ring.hpp>

#include <map>

namespace switchyard::storage {
namespace {

using namespace identities;
using What = Touched::What;

/// The touched ids by kind; members as user ids by team.
struct Wanted {
  Ids keys, teams, users, organizations, projects, customers, tags, budgets, access_groups;
  std::map<std::string, Ids> members;
};

Wanted sorted(std::span<const Touched> touched) {
  Wanted out;
  for (auto& one : touched) {
    switch (one.what) {
    case What::key:
      out.keys.insert(one.id);
      break;
    case What::team:
      out.teams.insert(one.id);
      break;
    case What::user:
      out.users.insert(one.id);
      break;
    case What::organization:
      out.organizations.insert(one.id);
      break;
    case What::project:
      out.projects.insert(one.id);
      break;
    case What::customer:
      out.customers.insert(one.id);
      break;
    case What::tag:
      out.tags.insert(one.id);
      break;
    case What::budget:
      out.budgets.insert(one.id);
      break;
    case What::access_group:
      out.access_groups.insert(one.id);
      break;
    case What::member: {
      // Team ids may hold colons, user ids may too: every split is a candidate and unknown ones find no row.
      for (auto at = one.id.find(':'); at != std::string::npos; at = one.id.find(':', at + 1))
        out.members[one.id.substr(0, at)].insert(one.id.substr(at + 1));
      break;
    }
    case What::model:
    case What::config:
      break; // no records
    }
  }
  return out;
}

/// Teams whose metadata names one of the budgets as their members' default.
void add_teams_of(Reader& reader, const Ids& budgets, Ids& teams) {
  for (auto& budget : budgets) {
    const Value pattern("%\"" + budget + "\"%"); // a coarse sieve: team_of() looks closer
    auto rows = reader.session().query(
        "SELECT \"team_id\" FROM \"LiteLLM_TeamTable\" WHERE CAST(\"metadata\" AS TEXT) LIKE $1",
        {{pattern}});
    if (!rows) return reader.fail(rows.error());
    for (auto& row : *rows) teams.insert(Fields("TeamTable", row, "team_id").id());
  }
}

/// A budget touches everything that refers to it.
void expand_budgets(Reader& reader, Wanted& wanted) {
  if (wanted.budgets.empty()) return;
  const auto add = [&](const Source& from, Ids& to) {
    to.merge(reader.ids_where(from, "budget_id", wanted.budgets));
  };
  add(source::k_keys, wanted.keys);
  add(source::k_organizations, wanted.organizations);
  add(source::k_projects, wanted.projects);
  add(source::k_customers, wanted.customers);
  add(source::k_tags, wanted.tags);
  reader.some(source::k_members, "budget_id", wanted.budgets, [&](const Row& row) {
    wanted.members[Fields("", row, "team_id").id()].insert(Fields("", row, "user_id").id());
  });
  add_teams_of(reader, wanted.budgets, wanted.teams);
}

/// Rows as read, kept until the budgets that they name are known.
struct Found {
  Rows keys, rotated, teams, users, members, organizations, projects, customers, tags, access_groups;
  Ids budgets, aliases, active;
};

EachRow keep(Rows& rows, Ids& budgets) {
  return [&rows, &budgets](const Row& row) {
    if (auto id = Fields("", row, "budget_id").id(); !id.empty()) budgets.insert(id);
    rows.push_back(row);
  };
}

void find_keys(Reader& reader, const Wanted& wanted, WallTime now, Found& out) {
  const std::vector<Condition> in_grace = {{"revoke_at", ">", Value(wire_time(now))}};
  // Rotated hashes that were asked for, and those of the keys that were.
  Ids keys = wanted.keys;
  const auto rotated_row = [&](const Row& row) {
    out.rotated.push_back(row);
    keys.insert(Fields("", row, "active_token_id").id());
  };
  reader.some(source::k_rotated, "token", wanted.keys, rotated_row, in_grace);
  reader.some(source::k_rotated, "active_token_id", wanted.keys, rotated_row, in_grace);
  reader.some(source::k_keys, "token", keys, keep(out.keys, out.budgets));
}

void find_teams(Reader& reader, const Wanted& wanted, Found& out) {
  Ids teams = wanted.teams;
  for (auto& [team, users] : wanted.members) teams.insert(team); // for their members' default budget
  reader.some(source::k_teams, "team_id", teams, [&](const Row& row) {
    const Fields fields("TeamTable", row, "team_id");
    if (auto id = fields.text("model_id"); !id.empty()) out.aliases.insert(id);
    const Value metadata = fields.object("metadata");
    if (auto budget = metadata.find("team_member_budget_id"))
      if (auto id = budget->as_string(); id && !id->empty()) out.budgets.insert(*id);
    out.teams.push_back(row);
  });
  reader.some(source::k_members, "team_id", wanted.teams, keep(out.members, out.budgets));
  for (auto& [team, users] : wanted.members)
    if (!wanted.teams.contains(team))
      reader.some(source::k_members, "user_id", users, keep(out.members, out.budgets),
                  {{"team_id", "=", Value(team)}});
}

void find_others(Reader& reader, const Wanted& wanted, const PlaneSettings& settings, Found& out) {
  reader.some(source::k_users, "user_id", wanted.users, keep(out.users, out.budgets));
  reader.some(source::k_organizations, "organization_id", wanted.organizations,
              keep(out.organizations, out.budgets));
  reader.some(source::k_projects, "project_id", wanted.projects, keep(out.projects, out.budgets));
  reader.some(source::k_customers, "user_id", wanted.customers, keep(out.customers, out.budgets));
  reader.some(source::k_tags, "tag_name", wanted.tags, keep(out.tags, out.budgets));
  const auto group = [&](const Row& row) { out.access_groups.push_back(row); };
  reader.some(source::k_access_groups, "access_group_id", wanted.access_groups, group);
  reader.some(source::k_access_groups, "access_group_name", wanted.access_groups, group);
  if (!wanted.customers.empty() && !settings.max_end_user_budget_id.empty())
    out.budgets.insert(settings.max_end_user_budget_id);
}

void read_context(Reader& reader, const Found& found, Context& context) {
  reader.some(source::k_budgets, "budget_id", found.budgets, [&](const Row& row) {
    const Fields fields("BudgetTable", row, "budget_id");
    context.budgets[fields.id()] = budget_of(fields);
  });
  if (found.aliases.empty()) return;
  // The ids are integers there; the table has few rows.
  reader.all(source::k_aliases, {}, [&](const Row& row) {
    if (found.aliases.contains(Fields("", row, "id").id())) add_aliases(context.aliases, row);
  });
}

void build_keys(const Wanted& wanted, const Found& found, const Context& context, IdentitySet& out) {
  for (auto& id : wanted.keys) out.keys[id]; // gone, unless found below
  for (auto& row : found.keys) {
    auto key = key_of(row, context);
    out.keys[key->hash] = std::move(key);
  }
  for (auto& row : found.rotated) {
    const Fields fields("DeprecatedVerificationToken", row, "token");
    auto active = out.keys.find(fields.text("active_token_id"));
    const auto until = fields.time("revoke_at");
    if (active == out.keys.end() || !active->second || !until) continue;
    auto& old = out.keys[fields.id()];
    if (!old) old = rotated(*active->second, *until);
  }
}

void build_teams(const Wanted& wanted, const Found& found, const Context& context, IdentitySet& out) {
  for (auto& id : wanted.teams) out.teams[id];
  for (auto& row : found.teams) {
    auto team = team_of(row, context);
    out.teams[team->id] = std::move(team);
  }
  for (auto& row : found.members) {
    auto team = out.teams.find(Fields("", row, "team_id").id());
    const bool known = team != out.teams.end() && team->second;
    auto member = member_of(row, known ? member_budget_id(*team->second) : std::string(), context);
    out.members[member->entity->id] = std::move(member);
  }
  for (auto& [id, team] : out.teams)
    if (team && wanted.teams.contains(id)) add_default_members(out.members, *team, context);
  for (auto& [team_id, users] : wanted.members) {
    auto team = out.teams.find(team_id);
    if (team != out.teams.end() && team->second) {
      TeamRecord only = *team->second; // those who were asked for
      std::erase_if(only.members, [&users = users](auto& member) { return !users.contains(member.first); });
      add_default_members(out.members, only, context);
    }
    for (auto& user : users) out.members[member_id(team_id, user)]; // gone, unless found above
  }
}

template <class R, class Make>
void build(RecordMap<R>& out, const Ids& wanted, const Rows& rows, const Context& context, Make make) {
  for (auto& id : wanted) out[id];
  for (auto& row : rows) {
    auto record = make(row, context);
    const std::string id = record->entity->id;
    out[id] = std::move(record);
  }
}

} // namespace

Result<IdentitySetPtr> read_identities(Session& session, std::span<const Touched> touched,
                                       const PlaneSettings& settings, std::uint64_t version, WallTime now) {
  Reader reader(session);
  Wanted wanted = sorted(touched);
  expand_budgets(reader, wanted);
  Found found;
  find_keys(reader, wanted, now, found);
  find_teams(reader, wanted, found);
  find_others(reader, wanted, settings, found);
  Context context{settings, {}, {}, version};
  read_context(reader, found, context);
  if (!reader.ok()) return reader.state().error();
  auto out = std::make_shared<IdentitySet>();
  build_keys(wanted, found, context, *out);
  build_teams(wanted, found, context, *out);
  build(out->users, wanted.users, found.users, context, user_of);
  build(out->organizations, wanted.organizations, found.organizations, context, organization_of);
  build(out->projects, wanted.projects, found.projects, context, project_of);
  build(out->customers, wanted.customers, found.customers, context, customer_of);
  build(out->tags, wanted.tags, found.tags, context, tag_of);
  for (auto& id : wanted.access_groups) out->access_groups[id];
  for (auto& row : found.access_groups) add_access_group(out->access_groups, access_group_of(row));
  if (auto filled = fill_windows(session, *out, settings, now); !filled) return filled.error();
  index_aliases(*out);
  return IdentitySetPtr(std::move(out));
}

} // namespace switchyard::storage
