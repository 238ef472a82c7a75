// Config to actors: one deployment actor per row, one model_group actor per name, and the snapshot that names
// them. Runs on main's thread or a worker, never on a shard.
#pragma once

#include "actors/resolve.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <string>
#include <vector>

namespace switchyard::actors {

/// Every address ever made that may still be held; stop() ends and closes them.
struct Registry {
  std::vector<std::weak_ptr<DeploymentAddress>> deployments;
  std::vector<std::weak_ptr<GroupAddress>> groups;
  std::uint64_t last_number = 0;
  void forget_dead();
};

class GraphBuilder {
 public:
  GraphBuilder(caf::actor_system& system, const SupervisorHandle& supervisor, Registry& registry,
               const ProviderCalls& providers, const RoutingTable* previous,
               std::vector<std::string>& warnings)
      : system_(system), supervisor_(supervisor), registry_(registry), providers_(providers),
        previous_(previous), warnings_(warnings) {}

  std::shared_ptr<const RoutingTable> build(ConfigPtr config);

 private:
  /// The rows of one name, on their way to a Group.
  struct Draft {
    std::string name;
    std::vector<DeploymentPtr> rows;
  };
  /// A strategy and its arguments, for all models or for those of a routing group.
  struct Choice {
    const Strategy* strategy = nullptr;
    StrategyArgs args;
  };
  void choose_strategies();
  Choice choose(const std::string& site, const std::string& name, const StrategyArgs& args);
  std::shared_ptr<Roster> new_roster(const std::string& model) const;
  void finish_roster(Roster& roster) const;
  std::vector<Draft> draft_groups(const Config& config);
  DeploymentPtr make_deployment(const ModelRow& row);
  const KeptDeployment* kept(const std::string& id) const;
  RosterPtr make_roster(const Draft& draft, std::shared_ptr<GroupAddress> actor);
  std::shared_ptr<DeploymentAddress> deployment_actor(Facts facts);
  std::shared_ptr<GroupAddress> group_actor(const std::string& name);
  GroupPtr make_group(const std::string& name, RosterPtr roster, std::shared_ptr<GroupAddress> actor) const;
  void add_group(const Draft& draft);
  void add_models();
  void add_team_names();
  void add_aliases();
  void sort_patterns();
  GroupPtr borrow_group(const std::string& name, const std::string& home, std::shared_ptr<Roster> roster);
  void warn(const ModelRow& row, std::string_view text);

  caf::actor_system& system_;
  const SupervisorHandle& supervisor_;
  Registry& registry_;
  const ProviderCalls& providers_;
  const RoutingTable* previous_;
  std::vector<std::string>& warnings_;
  std::shared_ptr<RoutingTable> table_ = std::make_shared<RoutingTable>();
  Choice default_choice_;
  NameMap<Choice> choices_;                        ///< by model name, of routing_groups
  NameMap<RosterPtr> rosters_;                     ///< by group name
  NameMap<std::shared_ptr<DeploymentView>> views_; ///< by id
};

} // namespace switchyard::actors
