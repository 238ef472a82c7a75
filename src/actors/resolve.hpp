// The routing snapshot: names to groups, and the addresses that the next snapshot may keep. Immutable once
// the builder let go of it; read on every shard.
#pragma once

#include "actors/pattern.hpp"
#include "actors/roster.hpp"

#include <switchyard/actor_runtime.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace switchyard::actors {

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>{}(name); }
};
template <class T>
using NameMap = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

/// A deployment that outlives its snapshot when the next one has the same id.
struct KeptDeployment {
  std::shared_ptr<DeploymentAddress> address;
  std::shared_ptr<DeploymentView> view;
};

class RoutingTable final : public Routing {
 public:
  Resolved resolve(std::string_view name) const override;
  Resolved resolve_for(std::string_view team, std::string_view name) const override;
  std::span<const GroupPtr> groups() const override { return groups_; }
  std::vector<std::string> model_names(bool with_patterns) const override;
  std::vector<std::string> team_names(std::string_view team) const override;
  const Config& config() const override { return *config_; }

 private:
  friend class GraphBuilder;
  struct PatternGroup {
    Pattern pattern;
    GroupPtr group;
  };
  /// What rows with a team_public_model_name are called by their team.
  struct TeamNames {
    NameMap<GroupPtr> groups;
    std::vector<PatternGroup> patterns; ///< most specific first
  };
  struct Row {
    GroupPtr group;
    std::int32_t only = -1;
  };
  Resolved first() const;
  std::string_view alias_target(std::string_view name) const;
  Resolved match(std::string_view name) const;

  ConfigPtr config_;
  std::function<std::string_view(std::string_view)> infer_;
  std::vector<GroupPtr> groups_;
  NameMap<Row> ids_;
  NameMap<GroupPtr> names_;            ///< exact names
  NameMap<std::string> model_aliases_; ///< litellm_settings.model_alias_map
  NameMap<std::string> group_aliases_; ///< router_settings.model_group_alias
  std::vector<PatternGroup> patterns_; ///< most specific first
  NameMap<TeamNames> teams_;
  NameMap<GroupPtr> models_; ///< by litellm_params.model
  NameMap<KeptDeployment> deployments_;
  NameMap<std::shared_ptr<GroupAddress>> group_actors_;
};

} // namespace switchyard::actors
