// Database rows to the records of identity.hpp. Pure, for the store's threads.
#include "identities_rows.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::storage::identities {
namespace {

EntityPtr entity_of(EntityKind kind, std::string id, Limits limits, Money spend, std::uint64_t version) {
  auto out = std::make_shared<Entity>();
  out->kind = kind;
  out->id = std::move(id);
  out->limits = std::move(limits);
  out->spend = spend;
  out->version = version;
  return out;
}

/// Entities whose limits all stand in their budget: organizations, projects, customers, tags.
EntityPtr tiered(EntityKind kind, const Fields& row, const Budget* budget, const Context& context) {
  return entity_of(kind, row.id(), budget ? budget->limits : Limits(), row.money("spend"), context.version);
}

const Budget* budget_of_row(const Fields& row, const Context& context) {
  return context.budget(row.spot(), "budget_id", row.text("budget_id"));
}

std::vector<std::string> metadata_texts(const Fields& row, const Value& metadata, std::string_view name) {
  return texts_of(row.spot(), "metadata." + std::string(name), metadata.find(name));
}

std::string logs_metadata(const Value& metadata) {
  const Value out = unpacked(metadata.find("spend_logs_metadata"));
  auto map = out.as_map();
  return map && !map->empty() ? to_json(out) : std::string();
}

/// Rates that only count while a model fails: when all that are set are marked so, since one flag is for both
/// and a hard limit must not become soft.
bool best_effort(const Limits& limits, const Value& metadata) {
  const bool rpm = text_at(metadata, "rpm_limit_type") == "dynamic";
  const bool tpm = text_at(metadata, "tpm_limit_type") == "dynamic";
  return (rpm || tpm) && (rpm || !limits.rpm) && (tpm || !limits.tpm);
}

std::optional<WallTime> expiry_of(const Fields& row) {
  auto value = row.find("expires");
  if (!value || value->is_null()) return {};
  const auto when = row.time("expires");
  return when ? when : WallTime(); // unreadable: not a key that lives for ever
}

using Members = std::vector<std::pair<std::string, std::string>>;

void add_member(Members& members, std::string user, std::string role) {
  const auto same = [&](auto& member) { return member.first == user; };
  if (user.empty() || std::any_of(members.begin(), members.end(), same)) return;
  members.emplace_back(std::move(user), std::move(role));
}

Members members_of(const Fields& row) {
  Members out;
  const Value roles = unpacked(row.find("members_with_roles"));
  if (auto list = roles.as_list())
    for (auto& member : *list)
      add_member(out, std::string(text_at(member, "user_id")),
                 text_at(member, "role") == "admin" ? "admin" : "user");
  else if (auto map = roles.as_map(); !roles.is_null() && (!map || !map->empty()))
    complain(row.spot(), "members_with_roles", "a list");
  // Rows from before members had roles.
  for (auto& user : row.texts("admins")) add_member(out, user, "admin");
  for (auto& user : row.texts("members")) add_member(out, user, "user");
  return out;
}

void read_key_texts(KeyRecord& out, const Fields& row) {
  out.hash = row.id();
  out.name = row.text("key_name");
  out.alias = row.text("key_alias");
  out.user_id = row.text("user_id");
  out.team_id = row.text("team_id");
  out.organization_id = row.text("organization_id");
  out.project_id = row.text("project_id");
  out.agent_id = row.text("agent_id");
  out.models = row.texts("models");
  out.allowed_routes = row.texts("allowed_routes");
  out.access_group_ids = row.texts("access_group_ids");
  out.aliases = pairs_of(row.spot(), "aliases", row.find("aliases"));
  out.blocked = row.flag("blocked");
  out.expires = expiry_of(row);
  out.metadata = row.object("metadata");
  out.permissions = row.object("permissions");
  out.router_settings = row.object("router_settings");
}

bool is_empty(const Value* value) {
  const Value plain = unpacked(value);
  auto map = plain.as_map();
  return plain.is_null() || (map && map->empty());
}

/// What both sides name wins: the row's own budgets over its tier's, metadata over columns.
ModelSources model_sources(const Fields& row, const Value& metadata, const Budget* budget) {
  const auto either = [&](std::string_view name) {
    auto in_metadata = metadata.find(name);
    return is_empty(in_metadata) ? row.find(name) : in_metadata;
  };
  ModelSources out{either("model_rpm_limit"), either("model_tpm_limit"), row.find("model_max_budget"),
                   row.find("model_spend")};
  if (budget && is_empty(out.budgets)) out.budgets = &budget->model_max_budget;
  return out;
}

} // namespace

const Budget* Context::budget(Spot spot, std::string_view column, const std::string& id) const {
  if (id.empty()) return nullptr;
  auto found = budgets.find(id);
  if (found != budgets.end()) return &found->second;
  complain(spot, column, "a budget that exists");
  return nullptr;
}

Budget budget_of(const Fields& row) {
  return {limits_of(row), row.object("model_max_budget"), row.texts("allowed_models")};
}

std::shared_ptr<const KeyRecord> key_of(const Row& row_, const Context& context) {
  const Fields row("VerificationToken", row_, "token");
  auto out = std::make_shared<KeyRecord>();
  read_key_texts(*out, row);
  auto& metadata = out->metadata;
  out->guardrails = metadata_texts(row, metadata, "guardrails");
  out->tags = metadata_texts(row, metadata, "tags");
  out->enforced_params = metadata_texts(row, metadata, "enforced_params");
  auto account = metadata.find("service_account_id");
  out->service_account = account && !account->is_null();
  out->spend_logs_metadata = logs_metadata(metadata);
  auto budget = budget_of_row(row, context);
  Limits limits = limits_of(row);
  if (budget) fill_from(limits, budget->limits);
  limits.best_effort = best_effort(limits, metadata);
  add_increase(limits, row.spot(), metadata);
  auto models = model_sources(row, metadata, budget);
  models.alias = out->alias;
  out->model_limits = model_limits_of(EntityKind::key_model, out->hash, row.spot(), models, context.version);
  out->entity = entity_of(EntityKind::key, out->hash, std::move(limits), row.money("spend"), context.version);
  return out;
}

std::shared_ptr<const TeamRecord> team_of(const Row& row_, const Context& context) {
  const Fields row("TeamTable", row_, "team_id");
  auto out = std::make_shared<TeamRecord>();
  out->id = row.id();
  out->alias = row.text("team_alias");
  out->organization_id = row.text("organization_id");
  out->models = row.texts("models");
  out->default_member_models = row.texts("default_team_member_models");
  out->access_group_ids = row.texts("access_group_ids");
  out->member_permissions = row.texts("team_member_permissions");
  out->members = members_of(row);
  out->blocked = row.flag("blocked");
  out->metadata = row.object("metadata");
  out->router_settings = row.object("router_settings");
  auto& metadata = out->metadata;
  out->tags = metadata_texts(row, metadata, "tags");
  out->spend_logs_metadata = logs_metadata(metadata);
  if (auto found = context.aliases.find(row.text("model_id")); found != context.aliases.end())
    out->aliases = pairs_of(row.spot(), "model_aliases", &found->second);
  Limits limits = limits_of(row);
  limits.best_effort = best_effort(limits, metadata);
  add_increase(limits, row.spot(), metadata);
  out->model_limits = model_limits_of(EntityKind::team_model, out->id, row.spot(),
                                      model_sources(row, metadata, nullptr), context.version);
  out->entity = entity_of(EntityKind::team, out->id, std::move(limits), row.money("spend"), context.version);
  return out;
}

std::shared_ptr<const UserRecord> user_of(const Row& row_, const Context& context) {
  const Fields row("UserTable", row_, "user_id");
  auto out = std::make_shared<UserRecord>();
  out->id = row.id();
  out->email = row.text("user_email");
  out->role = row.text("user_role");
  out->models = row.texts("models");
  out->teams = row.texts("teams");
  out->metadata = row.object("metadata");
  out->model_limits = model_limits_of(EntityKind::user_model, out->id, row.spot(),
                                      model_sources(row, out->metadata, nullptr), context.version);
  out->entity = entity_of(EntityKind::user, out->id, limits_of(row), row.money("spend"), context.version);
  return out;
}

std::shared_ptr<const MemberRecord> member_of(const Row& row_, const std::string& fallback,
                                              const Context& context) {
  const Fields row("TeamMembership", row_, "user_id");
  auto out = std::make_shared<MemberRecord>();
  std::string budget_id = row.text("budget_id");
  if (budget_id.empty()) budget_id = fallback;
  auto budget = context.budget(row.spot(), "budget_id", budget_id);
  if (budget) out->allowed_models = budget->allowed_models;
  out->entity = entity_of(EntityKind::member, member_id(row.text("team_id"), row.id()),
                          budget ? budget->limits : Limits(), row.money("spend"), context.version);
  out->model_limits = model_limits_of(EntityKind::member_model, out->entity->id, row.spot(),
                                      model_sources(row, {}, budget), context.version);
  return out;
}

std::shared_ptr<const OrganizationRecord> organization_of(const Row& row_, const Context& context) {
  const Fields row("OrganizationTable", row_, "organization_id");
  auto out = std::make_shared<OrganizationRecord>();
  out->id = row.id();
  out->alias = row.text("organization_alias");
  out->models = row.texts("models");
  out->metadata = row.object("metadata");
  auto budget = budget_of_row(row, context);
  out->model_limits = model_limits_of(EntityKind::organization_model, out->id, row.spot(),
                                      model_sources(row, out->metadata, budget), context.version);
  out->entity = tiered(EntityKind::organization, row, budget, context);
  return out;
}

std::shared_ptr<const ProjectRecord> project_of(const Row& row_, const Context& context) {
  const Fields row("ProjectTable", row_, "project_id");
  auto out = std::make_shared<ProjectRecord>();
  out->id = row.id();
  out->alias = row.text("project_alias");
  out->team_id = row.text("team_id");
  out->models = row.texts("models");
  out->blocked = row.flag("blocked");
  out->metadata = row.object("metadata");
  auto budget = budget_of_row(row, context);
  out->model_limits = model_limits_of(EntityKind::project_model, out->id, row.spot(),
                                      model_sources(row, out->metadata, budget), context.version);
  out->entity = tiered(EntityKind::project, row, budget, context);
  return out;
}

std::shared_ptr<const CustomerRecord> customer_of(const Row& row_, const Context& context) {
  const Fields row("EndUserTable", row_, "user_id");
  auto out = std::make_shared<CustomerRecord>();
  out->id = row.id();
  out->allowed_region = row.text("allowed_model_region");
  out->default_model = row.text("default_model");
  out->blocked = row.flag("blocked");
  auto& settings = context.settings;
  auto budget = budget_of_row(row, context);
  if (!budget)
    budget = context.budget({"config", row.id()}, "max_end_user_budget_id", settings.max_end_user_budget_id);
  Limits limits = budget ? budget->limits : Limits();
  if (!limits.max_budget) limits.max_budget = settings.max_end_user_budget;
  out->model_limits = model_limits_of(EntityKind::customer_model, out->id, row.spot(),
                                      model_sources(row, {}, budget), context.version);
  out->entity =
      entity_of(EntityKind::customer, out->id, std::move(limits), row.money("spend"), context.version);
  return out;
}

std::shared_ptr<const TagRecord> tag_of(const Row& row_, const Context& context) {
  const Fields row("TagTable", row_, "tag_name");
  auto out = std::make_shared<TagRecord>();
  out->models = row.texts("models");
  out->entity = tiered(EntityKind::tag, row, budget_of_row(row, context), context);
  return out;
}

std::shared_ptr<const AccessGroupRecord> access_group_of(const Row& row_) {
  const Fields row("AccessGroupTable", row_, "access_group_id");
  auto out = std::make_shared<AccessGroupRecord>();
  out->id = row.id();
  out->name = row.text("access_group_name");
  out->models = row.texts("access_model_names");
  return out;
}

std::string member_id(std::string_view team, std::string_view user) {
  return std::string(team).append(":").append(user);
}

std::string member_budget_id(const TeamRecord& team) {
  return std::string(text_at(team.metadata, "team_member_budget_id"));
}

std::shared_ptr<const KeyRecord> rotated(const KeyRecord& active, WallTime revoke_at) {
  auto out = std::make_shared<KeyRecord>(active);
  out->expires = active.expires ? std::min(*active.expires, revoke_at) : revoke_at;
  return out;
}

bool matters(const CustomerRecord& customer) {
  return customer.entity->limits.any() || !customer.model_limits.empty() || customer.blocked ||
         !customer.allowed_region.empty() || !customer.default_model.empty();
}

bool matters(const TagRecord& tag) { return tag.entity->limits.any() || !tag.models.empty(); }

} // namespace switchyard::storage::identities
