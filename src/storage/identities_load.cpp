// The whole set of identity records, read in pages. Store threads.
#include "identities_reader.hpp"
#include "identities_windows.hpp"

#include <switchyard/key_ring.hpp>

namespace switchyard::storage {
namespace {

using namespace identities;

/// What others refer to comes first.
void load_context(Reader& reader, Context& context) {
  reader.all(source::k_budgets, {}, [&](const Row& row) {
    const Fields fields("BudgetTable", row, "budget_id");
    context.budgets[fields.id()] = budget_of(fields);
  });
  reader.all(source::k_aliases, {}, [&](const Row& row) { add_aliases(context.aliases, row); });
}

void load_keys(Reader& reader, const Context& context, WallTime now, IdentitySet& out) {
  if (auto count = reader.session().count(source::k_keys.table)) out.keys.reserve(std::size_t(*count));
  reader.all(source::k_keys, {}, [&](const Row& row) {
    auto key = key_of(row, context);
    out.keys.emplace(key->hash, std::move(key));
  });
  reader.all(source::k_rotated, {{"revoke_at", ">", Value(wire_time(now))}}, [&](const Row& row) {
    const Fields fields("DeprecatedVerificationToken", row, "token");
    auto active = out.keys.find(fields.text("active_token_id"));
    const auto until = fields.time("revoke_at");
    if (active != out.keys.end() && until) out.keys.emplace(fields.id(), rotated(*active->second, *until));
  });
}

void load_teams(Reader& reader, const Context& context, IdentitySet& out) {
  reader.all(source::k_teams, {}, [&](const Row& row) {
    auto team = team_of(row, context);
    out.teams.emplace(team->id, std::move(team));
  });
  reader.all(source::k_members, {}, [&](const Row& row) {
    const Fields fields("TeamMembership", row, "team_id");
    auto team = out.teams.find(fields.id());
    const std::string fallback = team == out.teams.end() ? std::string() : member_budget_id(*team->second);
    auto member = member_of(row, fallback, context);
    out.members.emplace(member->entity->id, std::move(member));
  });
  for (auto& [id, team] : out.teams) add_default_members(out.members, *team, context);
}

/// Only rows that say something: there may be millions of others.
void load_customers(Reader& reader, const Context& context, IdentitySet& out) {
  const std::vector<Condition> telling = {{"budget_id", "is not null", {}},
                                          {"allowed_model_region", "is not null", {}},
                                          {"default_model", "is not null", {}},
                                          {"blocked", "=", Value(true)}};
  for (auto& condition : telling)
    reader.all(source::k_customers, {condition}, [&](const Row& row) {
      auto customer = customer_of(row, context);
      if (matters(*customer)) out.customers.emplace(customer->id, std::move(customer));
    });
}

void load_others(Reader& reader, const Context& context, IdentitySet& out) {
  reader.all(source::k_users, {}, [&](const Row& row) {
    auto user = user_of(row, context);
    out.users.emplace(user->id, std::move(user));
  });
  reader.all(source::k_organizations, {}, [&](const Row& row) {
    auto organization = organization_of(row, context);
    out.organizations.emplace(organization->id, std::move(organization));
  });
  reader.all(source::k_projects, {}, [&](const Row& row) {
    auto project = project_of(row, context);
    out.projects.emplace(project->id, std::move(project));
  });
  reader.all(source::k_tags, {}, [&](const Row& row) {
    auto tag = tag_of(row, context);
    if (matters(*tag)) out.tags.emplace(tag->entity->id, std::move(tag));
  });
  reader.all(source::k_access_groups, {},
             [&](const Row& row) { add_access_group(out.access_groups, access_group_of(row)); });
}

} // namespace

Result<IdentitySetPtr> load_identities(Session& session, const PlaneSettings& settings, std::uint64_t version,
                                       WallTime now) {
  auto out = std::make_shared<IdentitySet>();
  Reader reader(session);
  Context context{settings, {}, {}, version};
  load_context(reader, context);
  load_keys(reader, context, now, *out);
  load_teams(reader, context, *out);
  load_customers(reader, context, *out);
  load_others(reader, context, *out);
  if (!reader.ok()) return reader.state().error();
  if (auto filled = fill_windows(session, *out, settings, now); !filled) return filled.error();
  index_aliases(*out);
  return IdentitySetPtr(std::move(out));
}

} // namespace switchyard::storage
