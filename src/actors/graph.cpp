// The graph builder: rows to deployments, names to groups; keeps the actors whose identity did not change.
#include "actors/graph.hpp"

#include "actors/births.hpp"
#include "actors/facts.hpp"
#include "actors/model_group.hpp"

#include <switchyard/provider.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace switchyard::actors {

namespace {

constexpr std::size_t k_max_rows = 65535; ///< an Order holds 16-bit indices

} // namespace

std::shared_ptr<const RoutingTable> GraphBuilder::build(ConfigPtr config) {
  table_->config_ = std::move(config);
  table_->infer_ = providers_.infer;
  choose_strategies();
  registry_.forget_dead();
  for (const auto& draft : draft_groups(*table_->config_)) add_group(draft);
  add_models();
  add_team_names();
  add_aliases();
  sort_patterns();
  return table_;
}

void GraphBuilder::choose_strategies() {
  const auto& router = table_->config_->router;
  default_choice_ =
      choose("router_settings.routing_strategy", router.routing_strategy, router.routing_strategy_args);
  for (const auto& group : router.routing_groups) {
    const auto choice = choose("routing_groups." + group.group_name, group.routing_strategy, group.args);
    for (const auto& model : group.models) choices_.emplace(model, choice);
  }
}

GraphBuilder::Choice GraphBuilder::choose(const std::string& site, const std::string& name,
                                          const StrategyArgs& args) {
  if (const auto* strategy = find_strategy(name)) return {strategy, args};
  warnings_.push_back(site + ": \"" + name + "\" is not available; " + std::string(default_strategy().name) +
                      " is used");
  return {&default_strategy(), args};
}

/// An empty roster with the strategy of this model.
std::shared_ptr<Roster> GraphBuilder::new_roster(const std::string& model) const {
  const auto found = choices_.find(model);
  const auto& choice = found == choices_.end() ? default_choice_ : found->second;
  auto roster = std::make_shared<Roster>();
  roster->strategy = choice.strategy;
  roster->args = choice.args;
  return roster;
}

/// What depends on the rows, once they are in.
void GraphBuilder::finish_roster(Roster& roster) const {
  const auto& router = table_->config_->router;
  roster.match_any_tag = router.tag_filtering_match_any;
  roster.prompt_caching = router.prompt_caching;
  roster.affinity_ttl = to_millis(router.affinity_ttl);
  roster.health_routing = router.enable_health_check_routing && !router.allowed_fails_policy;
  const auto has_budget = [this](const Seat& seat) {
    const auto& target = seat.deployment->target;
    return providers_.budgets->deployment(seat.deployment->row.id) ||
           (target && providers_.budgets->provider(target->provider));
  };
  if (providers_.budgets && std::any_of(roster.seats.begin(), roster.seats.end(), has_budget))
    roster.budgets = providers_.budgets;
  roster.filters = filters_for(roster, router);
  roster.most_waiting = static_cast<std::size_t>(std::max(router.max_queued_requests, 0));
  roster.needs = needs_of(roster);
}

std::vector<GraphBuilder::Draft> GraphBuilder::draft_groups(const Config& config) {
  std::vector<Draft> drafts;
  NameMap<std::size_t> places;
  for (const auto& row : config.models) {
    auto deployment = make_deployment(row);
    if (!deployment) continue;
    const auto [place, fresh] = places.emplace(row.model_name, drafts.size());
    if (fresh) drafts.push_back(Draft{row.model_name, {}});
    auto& rows = drafts[place->second].rows;
    if (rows.size() < k_max_rows)
      rows.push_back(std::move(deployment));
    else
      warn(row, "skipped: a model takes at most 65535 rows");
  }
  return drafts;
}

DeploymentPtr GraphBuilder::make_deployment(const ModelRow& row) {
  auto deployment = std::make_shared<Deployment>();
  deployment->row = row;
  deployment->pattern = is_pattern(row.model_name);
  if (row.params.model != "*") {
    auto target = providers_.prepare(row);
    if (!target) return warn(row, "skipped: " + target.error().message), nullptr;
    deployment->target = *target;
  }
  if (providers_.price) providers_.price(*deployment);
  if (providers_.takes) deployment->takes_response_format = providers_.takes(*deployment, "response_format");
  if (auto* listed = deployment->price.get(); listed && listed->max_input_tokens > 0)
    deployment->row.max_input_tokens = row.max_input_tokens.value_or(listed->max_input_tokens);
  if (auto* old = kept(row.id)) deployment->view = old->view;
  const auto [known, fresh] = views_.emplace(row.id, deployment->view);
  if (!fresh) warn(row, "id " + row.id + " is used twice: both rows share one state");
  deployment->view = known->second;
  return deployment;
}

/// Already in this snapshot (an id given twice), or taken over from the previous one.
const KeptDeployment* GraphBuilder::kept(const std::string& id) const {
  if (auto here = table_->deployments_.find(id); here != table_->deployments_.end()) return &here->second;
  if (!previous_) return nullptr;
  auto before = previous_->deployments_.find(id);
  return before == previous_->deployments_.end() ? nullptr : &before->second;
}

std::shared_ptr<DeploymentAddress> GraphBuilder::deployment_actor(Facts facts) {
  if (auto* old = kept(facts.id)) {
    facts.number = old->address->number;
    watch_deployment(supervisor_, system_, old->address, facts, false);
    return old->address;
  }
  auto address = std::make_shared<DeploymentAddress>(++registry_.last_number);
  registry_.deployments.push_back(address);
  facts.number = address->number;
  watch_deployment(supervisor_, system_, address, facts, true);
  return address;
}

std::shared_ptr<GroupAddress> GraphBuilder::group_actor(const std::string& name) {
  if (previous_)
    if (auto old = previous_->group_actors_.find(name); old != previous_->group_actors_.end())
      return old->second;
  auto address = std::make_shared<GroupAddress>(++registry_.last_number);
  registry_.groups.push_back(address);
  watch_group(supervisor_, system_, address, name);
  return address;
}

RosterPtr GraphBuilder::make_roster(const Draft& draft, std::shared_ptr<GroupAddress> actor) {
  auto roster = new_roster(draft.name);
  roster->group = std::move(actor);
  for (const auto& deployment : draft.rows) {
    const bool alone = draft.rows.size() == 1;
    const auto facts = facts_of(*deployment, table_->config_->router, *roster, alone);
    auto address = deployment_actor(facts);
    table_->deployments_.emplace(facts.id, KeptDeployment{address, deployment->view});
    roster->seats.push_back(make_seat(deployment, std::move(address)));
    roster->seats.back().limits = facts.limits;
  }
  finish_roster(*roster);
  return roster;
}

GroupPtr GraphBuilder::make_group(const std::string& name, RosterPtr roster,
                                  std::shared_ptr<GroupAddress> actor) const {
  auto group = std::make_shared<Group>();
  group->name = name;
  group->pattern = is_pattern(name);
  group->strategy = roster->strategy->name;
  group->needs = roster->needs;
  for (const auto& seat : roster->seats) {
    group->deployments.push_back(seat.deployment);
    group->health.emplace_back(seat.address);
  }
  group->view = actor->view;
  auto door = std::make_shared<GroupDoor>(std::move(actor), std::move(roster));
  group->poke = Mailbox<Poke>(door);
  group->pick = Mailbox<Pick>(std::move(door));
  return group;
}

void GraphBuilder::add_group(const Draft& draft) {
  auto actor = group_actor(draft.name);
  auto roster = make_roster(draft, actor);
  auto group = make_group(draft.name, roster, actor);
  for (std::size_t i = 0; i < draft.rows.size(); ++i)
    table_->ids_.emplace(draft.rows[i]->row.id, RoutingTable::Row{group, static_cast<std::int32_t>(i)});
  if (group->pattern)
    table_->patterns_.push_back({Pattern(draft.name), group});
  else
    table_->names_.emplace(draft.name, group);
  table_->group_actors_.emplace(draft.name, std::move(actor));
  rosters_.emplace(draft.name, std::move(roster));
  table_->groups_.push_back(std::move(group));
}

/// Rows can also be asked for by their litellm_params.model: all rows that have it, whatever their groups.
/// Such a group borrows the actor of its first row's group.
void GraphBuilder::add_models() {
  NameMap<std::pair<std::string, std::shared_ptr<Roster>>> by_model;
  for (const auto& group : table_->groups_) {
    for (const auto& seat : rosters_.find(group->name)->second->seats) {
      const auto& model = seat.deployment->row.params.model;
      if (is_pattern(model) || table_->names_.count(model) != 0) continue;
      auto& [home, roster] = by_model[model];
      if (!roster) home = group->name, roster = new_roster(home);
      roster->seats.push_back(seat);
    }
  }
  for (auto& [model, home_and_roster] : by_model) {
    auto& [home, roster] = home_and_roster;
    table_->models_.emplace(model, borrow_group(model, home, std::move(roster)));
  }
}

/// A group whose rows are other groups': it shares the actor of `home`.
GroupPtr GraphBuilder::borrow_group(const std::string& name, const std::string& home,
                                    std::shared_ptr<Roster> roster) {
  const auto& actor = table_->group_actors_.find(home)->second;
  roster->group = actor;
  finish_roster(*roster);
  return make_group(name, std::move(roster), actor);
}

/// model_info.team_public_model_name: for the team its own rows of that name, beside everybody's.
void GraphBuilder::add_team_names() {
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::shared_ptr<Roster>>> drafts;
  for (const auto& group : table_->groups_)
    for (const auto& seat : rosters_.find(group->name)->second->seats) {
      const auto& row = seat.deployment->row;
      if (row.team_id.empty() || row.team_public_name.empty()) continue;
      auto& [home, roster] = drafts[{row.team_id, row.team_public_name}];
      if (!roster) home = group->name, roster = new_roster(row.team_public_name);
      roster->seats.push_back(seat);
    }
  for (auto& [key, draft] : drafts) {
    const auto& [team, name] = key;
    if (const auto shared = rosters_.find(name); shared != rosters_.end())
      for (const auto& seat : shared->second->seats)
        if (seat.deployment->row.team_public_name != name) draft.second->seats.push_back(seat);
    auto group = borrow_group(name, draft.first, std::move(draft.second));
    auto& names = table_->teams_[team];
    if (group->pattern)
      names.patterns.push_back({Pattern(name), std::move(group)});
    else
      names.groups.emplace(name, std::move(group));
  }
}

void GraphBuilder::add_aliases() {
  for (const auto& [alias, model] : table_->config_->litellm.model_alias_map)
    table_->model_aliases_.emplace(alias, model);
  for (const auto& alias : table_->config_->router.model_group_alias)
    table_->group_aliases_.emplace(alias.alias, alias.model);
}

void GraphBuilder::sort_patterns() {
  const auto more_specific = [](const auto& a, const auto& b) {
    return a.pattern.more_specific_than(b.pattern);
  };
  std::stable_sort(table_->patterns_.begin(), table_->patterns_.end(), more_specific);
  for (auto& [team, names] : table_->teams_)
    std::stable_sort(names.patterns.begin(), names.patterns.end(), more_specific);
}

void GraphBuilder::warn(const ModelRow& row, std::string_view text) {
  const auto& files = table_->config_->files;
  std::string line;
  if (row.place.file < files.size())
    line = files[row.place.file] + ":" + std::to_string(row.place.line) + ": ";
  warnings_.push_back(line.append("model \"").append(row.model_name).append("\" ").append(text));
}

void Registry::forget_dead() {
  std::erase_if(deployments, [](const auto& address) { return address.expired(); });
  std::erase_if(groups, [](const auto& address) { return address.expired(); });
}

} // namespace switchyard::actors
